"""Expressions of a Python file: which keys they read, and from what."""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod

from ppodiag.runtime.code import ANYTHING, MODULE, NOTHING, Class, Code, RawRead, Sink, Term
from ppodiag.runtime.facts import SourcePlace, plain
from ppodiag.runtime.scopes import Scope, fill, listed, look_up

_DOTTED = re.compile(r"[./]?[A-Za-z_][\w-]*(?:[./][\w-]+)*")
LONGEST_WORD = 100


class Expressions(ABC):
    """Walks one file's expressions and notes what it finds in `code`."""

    owner: Class | None = None

    def __init__(self, code: Code, path: str, lines: dict[int, int] | None = None) -> None:
        """Args: code: is added to; path: the file; lines: of the text walked, to the file's."""
        self.code = code
        self.path = path
        self.lines = lines
        self.scope = self.new_scope("module", None)

    def new_scope(self, kind: str, parent: Scope | None) -> Scope:
        """A scope with a number of its own."""
        self.code.scopes += 1
        return Scope(self.code.scopes, kind, parent)

    def place(self, node: ast.AST) -> SourcePlace:
        """Where a node begins; a long one is cut at its first line."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1
        end = getattr(node, "end_col_offset", None) or column
        if getattr(node, "end_lineno", line) != line:
            end = column
        shown = self.lines.get(line, 1) if self.lines is not None else line
        return SourcePlace(self.path, shown, column, max(column + 1, end + 1))

    def word(self, text: str, node: ast.AST) -> None:
        """Note a string that may name a key, or keys with dots between."""
        if len(text) > LONGEST_WORD:
            return
        if not _DOTTED.fullmatch(text):
            self.code.words.setdefault(plain(text), self.place(node))
            return
        for part in re.split(r"[./]", text):
            self.code.words.setdefault(plain(part), self.place(node))

    def read(
        self, term: Term, name: str, node: ast.AST, sink: Sink | None, default: bool = False
    ) -> Term:
        """Note that a key is read from a value; what it holds."""
        name = plain(name)
        if term != MODULE and term != NOTHING:
            self.code.reads.append(RawRead(term, name, self.place(node), default, sink))
        return ("k", term, name)

    def whole(self, term: Term, node: ast.AST, *, iterated: bool = False) -> None:
        """Note that a value is used as a whole."""
        if term[0] not in "?0m":
            self.code.wholes.append((term, self.place(node), iterated))

    def flow(self, target: Term, term: Term) -> None:
        """Note that a target holds what a term gives."""
        if target[0] == "s":
            self.code.stored.add(target[1])
        self.code.flows.append((target, term))

    def strings(self, node: ast.expr) -> tuple[str, ...]:
        """The strings that an expression may be, where all of them are known; else none."""
        if isinstance(node, ast.Constant):
            return (node.value,) if isinstance(node.value, str) else ()
        if isinstance(node, ast.Name):
            return look_up(self.scope, node.id) or ()
        if isinstance(node, ast.IfExp):
            one, other = self.strings(node.body), self.strings(node.orelse)
            return one + other if one and other else ()
        return ()

    def pattern(self, node: ast.expr) -> None:
        """Note a key that is put together: f"{kind}_steps" may be any key that ends so."""
        if isinstance(node, ast.JoinedStr):
            parts = [
                re.escape(plain(v.value))
                if isinstance(v, ast.Constant) and isinstance(v.value, str)
                else ".*"
                for v in node.values
            ]
            if any(part != ".*" for part in parts):
                self.code.patterns.add("".join(parts))

    def expr(self, node: ast.expr | None, sink: Sink | None = None) -> Term:
        """Where the value of an expression comes from; `sink`: where that value is put at once."""
        if node is None:
            return NOTHING
        method = getattr(self, f"on_{type(node).__name__.lower()}", None)
        if method is not None:
            term: Term = method(node, sink)
            return term
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.expr(child)
        return NOTHING if isinstance(node, ast.Constant | ast.UnaryOp | ast.Compare) else ANYTHING

    def on_constant(self, node: ast.Constant, sink: Sink | None) -> Term:
        """A string may name a key."""
        if isinstance(node.value, str):
            self.word(node.value, node)
        return NOTHING

    def on_name(self, node: ast.Name, sink: Sink | None) -> Term:
        """The variable, from the innermost scope that assigns it."""
        scope: Scope | None = self.scope
        own = True
        while scope is not None:
            if node.id in scope.names and (own or scope.kind != "class"):
                key = (scope.number, node.id)
                self.code.loads.setdefault(key, []).append(sink)
                self.code.named.add(node.id)
                return ("v", key)
            if node.id in scope.imports:
                self.code.named.add(node.id)
                if self.is_own(scope.imports[node.id]):
                    return ("s", node.id)
                return MODULE
            own, scope = False, scope.parent
        self.code.named.add(node.id)
        return ("s", node.id)

    def is_own(self, module: str) -> bool:
        """Whether a module is one of the runtime's files."""
        return module.startswith(".") or module.split(".")[0] in self.code.modules

    def on_attribute(self, node: ast.Attribute, sink: Sink | None) -> Term:
        """A key of a namespace, an attribute of the object itself, or a part of a module."""
        self.code.attributes.setdefault(node.attr, []).append(sink)
        self.code.named.add(node.attr)
        if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
            self.expr(node.value)
            if node.attr == "__dict__":
                self.code.open_classes.add(self.path)
            return self.read(("self",), node.attr, node, sink)
        base = self.expr(node.value)
        if node.attr == "__dict__":
            return base
        return MODULE if base == MODULE else self.read(base, node.attr, node, sink)

    def on_subscript(self, node: ast.Subscript, sink: Sink | None) -> Term:
        """A key, an element of a list (which counts as the list), or any key at all."""
        base = self.expr(node.value)
        if isinstance(node.slice, ast.Slice | ast.UnaryOp) or (
            isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int)
        ):
            self.expr(node.slice)
            return base
        return self.keyed(base, node.slice, node, sink)

    def keyed(
        self,
        base: Term,
        key: ast.expr,
        node: ast.AST,
        sink: Sink | None,
        default: bool = False,
    ) -> Term:
        """Reading by a key that may be known, put together or any."""
        names = self.strings(key)
        if not isinstance(key, ast.Constant):
            self.expr(key)
        if not names:
            self.pattern(key)
            if base[0] not in "?0m":
                self.code.picks.append((base, self.place(node)))
            return ("d", base)
        terms = tuple(self.dotted(base, name, node, sink, default) for name in names)
        return terms[0] if len(terms) == 1 else ("|", *terms)

    def dotted(
        self, base: Term, name: str, node: ast.AST, sink: Sink | None, default: bool
    ) -> Term:
        """A key, and where it has dots also the keys that they may part."""
        if "." in name or "/" in name:
            self.word(name, node)
        return self.read(base, name, node, sink, default)

    def on_boolop(self, node: ast.BoolOp, sink: Sink | None) -> Term:
        """`a or b` is one of both."""
        return ("|", *(self.expr(value, sink) for value in node.values))

    def on_ifexp(self, node: ast.IfExp, sink: Sink | None) -> Term:
        """One of both branches."""
        self.expr(node.test)
        return ("|", self.expr(node.body, sink), self.expr(node.orelse, sink))

    def on_binop(self, node: ast.BinOp, sink: Sink | None) -> Term:
        """`a | b` and `a + b` hold what both hold; other operators make numbers."""
        left, right = self.expr(node.left), self.expr(node.right)
        if isinstance(node.op, ast.BitOr | ast.Add):
            return ("|", left, right)
        return NOTHING

    def on_namedexpr(self, node: ast.NamedExpr, sink: Sink | None) -> Term:
        """Assigned, and used as well."""
        term = self.expr(node.value)
        self.flow(("v", (self.scope.number, node.target.id)), term)
        return term

    def on_compare(self, node: ast.Compare, sink: Sink | None) -> Term:
        """`"key" in block` reads the key; other comparisons read their parts."""
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn):
            names = self.strings(node.left)
            block = self.expr(node.comparators[0])
            if names:
                for name in names:
                    self.read(block, name, node, None)
                return NOTHING
            self.expr(node.left)
            return NOTHING
        for value in (node.left, *node.comparators):
            self.expr(value)
        return NOTHING

    def on_dict(self, node: ast.Dict, sink: Sink | None) -> Term:
        """A block made here: what it holds is stored under its keys, `**` gives its own."""
        terms: list[Term] = [ANYTHING]
        for key, value in zip(node.keys, node.values, strict=True):
            term = self.expr(value)
            if key is None:
                terms.append(term)
                continue
            names = self.strings(key)
            for name in names:
                self.flow(("s", plain(name)), term)
                if _is_plain(value):
                    self.word(name, key)
            if not names:
                self.expr(key)
                self.whole(term, value)
        return ("|", *terms)

    def on_tuple(self, node: ast.Tuple | ast.List | ast.Set, sink: Sink | None) -> Term:
        """Counts as each of its elements."""
        return ("|", ANYTHING, *(self.expr(element) for element in node.elts))

    on_list = on_set = on_tuple

    def on_starred(self, node: ast.Starred, sink: Sink | None) -> Term:
        """Counts as what it goes through."""
        term = self.expr(node.value)
        self.whole(term, node, iterated=True)
        return term

    def on_joinedstr(self, node: ast.JoinedStr, sink: Sink | None) -> Term:
        """A text made of values: its own words name no key."""
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                self.expr(value.value)
        return NOTHING

    def on_await(self, node: ast.Await, sink: Sink | None) -> Term:
        """What is awaited."""
        return self.expr(node.value, sink)

    def on_yield(self, node: ast.Yield | ast.YieldFrom, sink: Sink | None) -> Term:
        """Whoever takes it may read all of it."""
        self.whole(self.expr(node.value), node)
        return ANYTHING

    on_yieldfrom = on_yield

    def on_lambda(self, node: ast.Lambda, sink: Sink | None) -> Term:
        """Its own scope; whoever calls it may read all of what it returns."""
        outer, self.scope = self.scope, self.new_scope("function", self.scope)
        names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        fill(self.scope, [ast.Expr(node.body)], names)
        for name in names:
            self.flow(("v", (self.scope.number, name)), ANYTHING)
        self.whole(self.expr(node.body), node)
        self.scope = outer
        return NOTHING

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Term:
        """The elements; what is gone through is used as a whole."""
        self.generators(node.generators)
        return ("|", ANYTHING, self.expr(node.elt))

    def on_listcomp(self, node: ast.ListComp, sink: Sink | None) -> Term:
        """A list of the elements."""
        return self.comprehension(node)

    def on_setcomp(self, node: ast.SetComp, sink: Sink | None) -> Term:
        """A set of the elements."""
        return self.comprehension(node)

    def on_generatorexp(self, node: ast.GeneratorExp, sink: Sink | None) -> Term:
        """The elements, one by one."""
        return self.comprehension(node)

    def on_dictcomp(self, node: ast.DictComp, sink: Sink | None) -> Term:
        """A block made of another."""
        self.generators(node.generators)
        self.expr(node.key)
        return ("|", ANYTHING, self.expr(node.value))

    def generators(self, generators: list[ast.comprehension]) -> None:
        """The loops of a comprehension."""
        for generator in generators:
            self.loop(generator.target, generator.iter)
            for condition in generator.ifs:
                self.expr(condition)

    def loop(self, target: ast.expr, iterable: ast.expr) -> None:
        """Going through something: it is used as a whole, the target holds a part of it."""
        term = self.expr(iterable)
        if listed(self.scope, iterable) is None:
            self.whole(term, iterable, iterated=True)
        self.assign(target, ("|", ANYTHING, term))

    @abstractmethod
    def assign(self, target: ast.expr, term: Term) -> None:
        """A target holds a value; the statements know how."""


_TYPES = ("int", "float", "str", "bool", "list", "dict", "tuple", "None", "True", "False")


def _is_plain(value: ast.expr) -> bool:
    """Whether a value in a table of names is a constant or a type, so that its keys may be keys."""
    names = [n for n in ast.walk(value) if isinstance(n, ast.Name | ast.Attribute | ast.Call)]
    return all(isinstance(name, ast.Name) and name.id in _TYPES for name in names)
