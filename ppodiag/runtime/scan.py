"""Statements of a Python file: what its variables hold, and its functions and classes."""

from __future__ import annotations

import ast

from ppodiag.runtime.calls import Calls
from ppodiag.runtime.code import ANYTHING, Class, Code, Function, Sink, Term
from ppodiag.runtime.facts import plain
from ppodiag.runtime.names import ROOTS
from ppodiag.runtime.scopes import Scope, fill


def scan_python(tree: ast.Module, code: Code, path: str, lines: dict[int, int] | None) -> None:
    """Add what a file says to `code`.

    Args:
        tree: the file's syntax.
        code: of all files.
        path: the file.
        lines: of the text that was parsed, to the file's, where they differ (notebooks).
    """
    scanner = Scanner(code, path, lines)
    fill(scanner.scope, tree.body, [])
    scanner.body(tree.body)


class Scanner(Calls):
    """Walks statements."""

    def body(self, body: list[ast.stmt]) -> None:
        """Walk statements; texts that stand alone are documentation."""
        for statement in body:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        """Walk one statement."""
        method = getattr(self, f"do_{type(node).__name__.lower()}", None)
        if method is not None:
            method(node)
            return
        for field in ast.iter_child_nodes(node):
            if isinstance(field, ast.expr):
                self.expr(field)
            elif isinstance(field, ast.stmt):
                self.statement(field)
            elif isinstance(field, ast.ExceptHandler):
                self.expr(field.type)
                self.body(field.body)

    def do_import(self, node: ast.Import) -> None:
        """Known to the scope already."""

    do_importfrom = do_global = do_nonlocal = do_import

    def do_assign(self, node: ast.Assign) -> None:
        """A value for one or more targets."""
        sink = self.sink(node.targets[0]) if len(node.targets) == 1 else None
        target = node.targets[0]
        if (
            isinstance(target, ast.Tuple)
            and isinstance(node.value, ast.Tuple)
            and len(target.elts) == len(node.value.elts)
            and len(node.targets) == 1
        ):
            for part, value in zip(target.elts, node.value.elts, strict=True):
                self.assign(part, self.expr(value, self.sink(part)))
            return
        term = self.expr(node.value, sink)
        for target in node.targets:
            self.assign(target, term)
            if term[0] == "c" and self.may_load(target, node.value):
                self.code.sites += 1
                self.assign(target, ("u", term[1], self.code.sites))

    def may_load(self, target: ast.expr, value: ast.expr) -> bool:
        """Whether `config = read_settings(path)` may load the configuration with unseen code."""
        name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
        words = ast.unparse(value.func).lower() if isinstance(value, ast.Call) else ""
        return name in ROOTS and any(word in words for word in ("load", "read", "parse", "file"))

    def do_annassign(self, node: ast.AnnAssign) -> None:
        """A value with a type; in a class a field, which may be filled from outside."""
        term = self.expr(node.value, self.sink(node.target)) if node.value else ANYTHING
        if self.scope.kind == "class" and isinstance(node.target, ast.Name):
            self.word(node.target.id, node.target)
            if self.owner is not None:
                self.owner.fields.append(node.target.id)
        self.assign(node.target, term)

    def do_augassign(self, node: ast.AugAssign) -> None:
        """`a |= b` adds to what a holds; the target is read."""
        term = self.expr(node.value)
        load = ast.copy_location(_loaded(node.target), node.target)
        self.expr(load)
        if isinstance(node.op, ast.BitOr):
            self.assign(node.target, term)

    def sink(self, target: ast.expr) -> Sink | None:
        """Where a value stays that is assigned to a target: a variable or an attribute of self."""
        if isinstance(target, ast.Name) and self.scope.kind == "function":
            return ("v", (self.scope.number, target.id), self.place(target))
        if (
            isinstance(target, ast.Attribute)
            and isinstance(target.value, ast.Name)
            and target.value.id == "self"
            and (self.owner is None or not self.owner.bases)
        ):
            return ("a", target.attr, self.place(target))
        return None

    def assign(self, target: ast.expr, term: Term) -> None:
        """Note what a target holds."""
        if isinstance(target, ast.Name):
            key = (self.scope.number, target.id)
            self.flow(("v", key) if target.id in self.scope.names else ("s", target.id), term)
            if self.scope.kind != "function" and term[0] != "0":
                self.flow(("s", target.id), term)
        elif isinstance(target, ast.Attribute):
            self.expr(target.value)
            self.code.assigned.add(target.attr)
            self.flow(("s", plain(target.attr)), term)
        elif isinstance(target, ast.Subscript):
            self.expr(target.value)
            found = self.strings(target.slice)
            for name in found:
                self.flow(("s", plain(name)), term)
            if not found:
                self.expr(target.slice)
                self.whole(term, target)
        elif isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self.assign(part, ("|", ANYTHING, term))
        elif isinstance(target, ast.Starred):
            self.assign(target.value, ("|", ANYTHING, term))

    def do_delete(self, node: ast.Delete) -> None:
        """Taking a key away reads no more than its block."""
        for target in node.targets:
            if isinstance(target, ast.Subscript | ast.Attribute):
                self.expr(target.value)

    def do_for(self, node: ast.For | ast.AsyncFor) -> None:
        """Going through something."""
        self.loop(node.target, node.iter)
        self.body(node.body)
        self.body(node.orelse)

    do_asyncfor = do_for

    def do_with(self, node: ast.With | ast.AsyncWith) -> None:
        """What is entered may be what is named."""
        for item in node.items:
            term = self.expr(item.context_expr)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, ("|", ANYTHING, term))
        self.body(node.body)

    do_asyncwith = do_with

    def do_return(self, node: ast.Return) -> None:
        """What callers get."""
        if node.value is None:
            return
        term = self.expr(node.value)
        function = self.scope.function
        self.code.flows.append((("r", function), term))
        if term[0] not in "?0m":
            self.code.returns.append((function, term, self.place(node)))

    def do_match(self, node: ast.Match) -> None:
        """Patterns of mappings read their keys."""
        subject = self.expr(node.subject)
        for case in node.cases:
            self.match(case.pattern, subject)
            self.expr(case.guard)
            self.body(case.body)

    def match(self, pattern: ast.pattern, term: Term) -> None:
        """What a pattern reads of a value."""
        if isinstance(pattern, ast.MatchMapping):
            for key, inner in zip(pattern.keys, pattern.patterns, strict=True):
                self.match(inner, self.keyed(term, key, key, None))
            if pattern.rest:
                self.assign(ast.Name(pattern.rest), term)
        elif isinstance(pattern, ast.MatchClass):
            for name, inner in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
                self.match(inner, self.read(term, name, pattern, None))
        elif isinstance(pattern, ast.MatchAs):
            if pattern.pattern is not None:
                self.match(pattern.pattern, term)
            if pattern.name:
                self.assign(ast.Name(pattern.name), term)
        elif isinstance(pattern, ast.MatchValue):
            self.expr(pattern.value)
        elif isinstance(pattern, ast.MatchOr | ast.MatchSequence):
            for inner in pattern.patterns:
                self.match(inner, term)

    def do_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """A function: its parameters, its body in a scope of its own."""
        arguments = node.args
        for default in (*arguments.defaults, *arguments.kw_defaults):
            self.expr(default)
        decorators = [ast.unparse(d) for d in node.decorator_list]
        for decorator in node.decorator_list:
            self.expr(decorator)
        positional = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        if self.scope.kind == "class" and "staticmethod" not in decorators:
            positional = positional[1:]
        outer, owner = self.scope, self.owner
        self.scope = self.new_scope("function", outer)
        self.scope.function = node.name
        function = Function(
            node.name,
            self.scope.number,
            positional,
            [a.arg for a in arguments.kwonlyargs],
            arguments.vararg.arg if arguments.vararg else None,
            arguments.kwarg.arg if arguments.kwarg else None,
            _is_stub(node.body),
        )
        self.register(function, outer, decorators)
        every = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        every += [name for name in (function.rest, function.rest_names) if name]
        fill(self.scope, node.body, every)
        self.body(node.body)
        self.scope, self.owner = outer, owner

    do_asyncfunctiondef = do_functiondef

    def register(self, function: Function, outer: Scope, decorators: list[str]) -> None:
        """Make a function known by its name."""
        self.code.functions.setdefault(function.name, []).append(function)
        if outer.kind == "class" and self.owner is not None and function.name == "__init__":
            self.owner.init = function
        if any("property" in d for d in decorators):
            self.flow(("s", function.name), ("r", function.name))
        if any("hydra.main" in d or d.startswith("main(") for d in decorators):
            self.code.sites += 1
            for name in function.positional[:1]:
                self.flow(("v", (function.scope, name)), ("L", self.code.sites))

    def do_classdef(self, node: ast.ClassDef) -> None:
        """A class: its fields and functions."""
        for part in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
            self.expr(part)
        outer, owner = self.scope, self.owner
        bases = [b.rpartition(".")[2] for b in map(ast.unparse, node.bases)]
        inert = ("object", "ABC", "Module", "Protocol")
        self.owner = Class(node.name, [b for b in bases if b not in inert])
        self.code.classes.setdefault(node.name, []).append(self.owner)
        self.scope = self.new_scope("class", outer)
        fill(self.scope, node.body, [])
        self.body(node.body)
        self.scope, self.owner = outer, owner


def _is_stub(body: list[ast.stmt]) -> bool:
    """Whether a function's body is documentation, `...`, `pass` or a refusal alone."""
    return all(
        isinstance(s, ast.Pass | ast.Raise)
        or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
        for s in body
    )


def _loaded(target: ast.expr) -> ast.expr:
    """The target of an assignment as something that is read."""
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Load())
    if isinstance(target, ast.Attribute):
        return ast.Attribute(target.value, target.attr, ast.Load())
    if isinstance(target, ast.Subscript):
        return ast.Subscript(target.value, target.slice, ast.Load())
    return target
