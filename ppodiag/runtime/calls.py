"""Calls: accessors, copies, loaders, logs, options, and the runtime's own functions."""

from __future__ import annotations

import ast

from ppodiag.runtime import names
from ppodiag.runtime.code import ANYTHING, MODULE, NOTHING, RawCall, Sink, Term
from ppodiag.runtime.expressions import Expressions
from ppodiag.runtime.scopes import Scope


class Calls(Expressions):
    """Walks calls."""

    def on_call(self, node: ast.Call, sink: Sink | None) -> Term:
        """What a call gives, by the function's name."""
        function = node.func
        name = _name(function)
        if name in names.ACCESSORS and isinstance(function, ast.Attribute) and node.args:
            return self.accessor(function.value, node.args[0], node.args[1:], node, sink)
        if name in names.ATTRIBUTE_ACCESSORS and len(node.args) > 1:
            return self.accessor(node.args[0], node.args[1], node.args[2:], node, sink)
        receiver, how = self.called(function)
        if name in names.OPTIONS:
            self.option(node)
        if name in names.LOADERS and self.origin(function) in names.LOADING:
            self.code.sites += 1
            self.arguments(node)
            again = ("x", self.expr(node.args[0])) if node.args else NOTHING  # loads(dumps(block))
            return ("|", ("L", self.code.sites), again)
        if name == "update" or (name == "init" and _root(function) in names.RECORDERS):
            return self.update(node, function, receiver)
        if name in names.CASTS and isinstance(function, ast.Name):
            for argument in node.args:
                self.expr(argument, sink if len(node.args) == 1 else None)
            self.arguments(ast.Call(function, [], node.keywords))
            return NOTHING
        if name in names.SAME:
            return self.same(node, receiver, sink)
        if name in names.THROUGH:
            return self.through(node, receiver)
        return self.general(node, name, how, receiver)

    def origin(self, function: ast.expr) -> str:
        """The module or object that a function is taken from: `json` of `json.load`, and of `load`."""
        root = _root(function)
        if isinstance(function, ast.Name) and function.id in names.LOADERS:
            scope: Scope | None = self.scope
            while scope is not None:
                if root in scope.imports:
                    return scope.imports[root]
                scope = scope.parent
        return root

    def accessor(
        self,
        base: ast.expr,
        key: ast.expr,
        defaults: list[ast.expr],
        node: ast.Call,
        sink: Sink | None,
    ) -> Term:
        """`get`, `pop`, `setdefault` and `getattr` read a key."""
        if isinstance(base, ast.Name) and base.id in ("self", "cls") and _name(node.func) != "get":
            self.expr(base)
            for attribute in self.strings(key):
                self.code.attributes.setdefault(attribute, []).append(sink)
        block = self.expr(base)
        found = self.keyed(block, key, node, sink, default=bool(defaults or node.keywords))
        others = [self.expr(default, sink) for default in defaults]
        others += [self.expr(word.value) for word in node.keywords]
        return ("|", found, *others) if others else found

    def called(self, function: ast.expr) -> tuple[Term, str]:
        """The receiver, and whose function it may be: see `RawCall.how`."""
        if isinstance(function, ast.Name):
            scope = self.scope
            while scope.parent is not None and function.id not in scope.names:
                scope = scope.parent
            if function.id in scope.imports and not self.is_own(scope.imports[function.id]):
                return NOTHING, "outside"
            return NOTHING, "name"
        if isinstance(function, ast.Attribute):
            value = function.value
            if isinstance(value, ast.Name) and value.id in ("self", "cls"):
                self.expr(value)
                self.code.attributes.setdefault(function.attr, []).append(None)
                return NOTHING, "self"
            if isinstance(value, ast.Call) and _name(value.func) == "super":
                return NOTHING, "super"
            self.code.attributes.setdefault(function.attr, []).append(None)
            receiver = self.expr(value)
            return receiver, "outside" if receiver == MODULE else "object"
        self.expr(function)
        return NOTHING, "outside"

    def option(self, node: ast.Call) -> None:
        """An option of a command line reads the key of its name."""
        for argument in node.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                for part in argument.value.split("/"):
                    self.word(part.lstrip("-"), argument)

    def arguments(self, node: ast.Call) -> None:
        """Walk the arguments for what they read, no more."""
        for argument in node.args[1:]:
            self.expr(argument)
        for word in node.keywords:
            self.expr(word.value)

    def update(self, node: ast.Call, function: ast.expr, receiver: Term) -> Term:
        """`a.update(b)`: from now on `a` holds what `b` holds, unless `a` is a run's record."""
        terms = [self.expr(argument) for argument in node.args]
        named = [(word.arg, self.expr(word.value)) for word in node.keywords]
        if _root(function) in names.RECORDERS:
            return NOTHING
        target = ("v", receiver[1]) if receiver[0] == "v" else None
        if receiver[0] == "k" and isinstance(receiver[2], str):
            target = ("s", receiver[2])
        for term in terms:
            if target is None or target == ("s", "__dict__"):
                self.whole(term, node)
            else:
                self.flow(target, term)
        for keyword, term in named:
            if keyword is None:
                self.whole(term, node)
            else:
                self.flow(("s", keyword), term)
        return ("|", receiver, *terms)

    def same(self, node: ast.Call, receiver: Term, sink: Sink | None) -> Term:
        """A copy, or the same in another dress."""
        if _name(node.func) in ("vars", "asdict"):
            self.code.open_classes.add(self.path)
        terms = [self.expr(argument) for argument in node.args]
        for word in node.keywords:
            term = self.expr(word.value)
            if word.arg is None:
                terms.append(term)
            else:
                self.flow(("s", word.arg), term)
        if receiver not in (MODULE, NOTHING):
            terms.append(receiver)
        return ("|", ANYTHING, *terms)

    def through(self, node: ast.Call, receiver: Term) -> Term:
        """Goes through what it is given."""
        terms = [self.expr(argument) for argument in node.args]
        if receiver not in (MODULE, NOTHING):
            terms.append(receiver)
        for word in node.keywords:
            self.expr(word.value)
        for term in terms:
            self.whole(term, node, iterated=True)
        return ("|", ANYTHING, *terms)

    def general(self, node: ast.Call, name: str, how: str, receiver: Term) -> Term:
        """Any other function: the runtime's own, or one that may read all that it is given."""
        number = len(self.code.calls)
        bases = self.owner.bases if how == "super" and self.owner is not None else []
        call = RawCall(name, how, receiver, [], [], [], self.place(node), bases)
        self.code.calls.append(call)
        for position, argument in enumerate(node.args):
            if isinstance(argument, ast.Starred):
                call.starred.append(self.expr(argument.value))
            else:
                call.arguments.append(
                    self.expr(argument, ("p", number, position, self.place(argument)))
                )
        for word in node.keywords:
            sink: Sink | None = ("p", number, word.arg, self.place(word.value))
            call.names.append((word.arg, self.expr(word.value, sink if word.arg else None)))
            if word.arg is None and isinstance(word.value, ast.Name):
                for guess in names.guesses(word.value.id):  # f(**ppo) may take the block ppo
                    self.whole(("k", ANYTHING, guess), word.value)
        return ("c", number)


def _name(function: ast.expr) -> str:
    """The last part of a function's name."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _root(function: ast.expr) -> str:
    """The first part of a function's name: `json` of `json.load`."""
    while isinstance(function, ast.Attribute):
        function = function.value
    return function.id if isinstance(function, ast.Name) else ""
