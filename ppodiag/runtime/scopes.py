"""The names of a function or module: which are its own, and which hold nothing but known strings."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
MOST_STRINGS = 200


@dataclass(slots=True)
class Scope:
    """One module, class, function or lambda.

    Attributes:
        number: differs from that of every other scope in all files.
        kind: module, class or function.
        names: assigned in it.
        strings: names that hold constant strings only, with these; a loop's variable over such a
            list included.
        lists: names that hold constant lists of strings.
        imports: name to the module that it comes from.
    """

    number: int
    kind: str
    parent: Scope | None
    names: set[str] = field(default_factory=set)
    strings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    function: str = ""


def own_nodes(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Every node of a body without what lies in functions and classes within."""
    stack: list[ast.AST] = list(reversed(body))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, _NESTED):
            stack.extend(reversed(list(ast.iter_child_nodes(node))))


def fill(scope: Scope, body: list[ast.stmt], parameters: list[str]) -> None:
    """Find the scope's own names, imports and constant strings."""
    scope.names.update(parameters)
    values: dict[str, list[ast.expr | None]] = {name: [None] for name in parameters}
    outer: set[str] = set()
    for node in own_nodes(body):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            scope.names.add(node.id)
            values.setdefault(node.id, [])
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            scope.names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            _imports(scope, node)
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            scope.names.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            scope.names.add(node.rest)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            scope.names.add(node.name)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            outer.update(node.names)
    scope.names -= outer
    for node in own_nodes(body):
        _values(node, values)
    for name, found in values.items():
        if name in scope.names:
            _constants(scope, name, found)


def _imports(scope: Scope, node: ast.Import | ast.ImportFrom) -> None:
    for alias in node.names:
        if isinstance(node, ast.Import):
            name = alias.asname or alias.name.split(".")[0]
            scope.imports[name] = alias.name
        else:
            scope.imports[alias.asname or alias.name] = "." * node.level + (node.module or "")


def _values(node: ast.AST, values: dict[str, list[ast.expr | None]]) -> None:
    """Note what each name is given; None: something that is no constant."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            _give(target, node.value, values)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
        _give(node.target, node.value, values)
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        _give(node.target, ast.Starred(node.iter), values)
    elif isinstance(node, ast.AugAssign):
        _give(node.target, None, values)
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        _give(node.optional_vars, None, values)


def _give(
    target: ast.expr, value: ast.expr | None, values: dict[str, list[ast.expr | None]]
) -> None:
    if isinstance(target, ast.Name):
        values.setdefault(target.id, []).append(value)
    elif isinstance(target, ast.Tuple | ast.List):
        for position, part in enumerate(target.elts):
            _give(part, _column(value, position), values)


def _column(value: ast.expr | None, position: int) -> ast.expr | None:
    """What `for a, b in [("x", 1), ("y", 2)]` gives to the name at a position."""
    inner = value.value if isinstance(value, ast.Starred) else None
    if not isinstance(inner, ast.List | ast.Tuple):
        return None
    rows = [row for row in inner.elts if isinstance(row, ast.Tuple | ast.List)]
    if len(rows) != len(inner.elts) or any(len(row.elts) <= position for row in rows):
        return None
    return ast.Starred(ast.List([row.elts[position] for row in rows]))


def _constants(scope: Scope, name: str, found: list[ast.expr | None]) -> None:
    strings: list[str] = []
    items: list[str] = []
    for value in found:
        inner = value.value if isinstance(value, ast.Starred) else None
        if inner is not None:
            looped = listed(scope, inner)
            if looped is None:
                return
            strings += looped
        elif isinstance(value, ast.Constant) and isinstance(value.value, str):
            strings.append(value.value)
        elif value is not None and (several := listed(scope, value)) is not None:
            items += several
        else:
            return
    if strings and not items and len(strings) <= MOST_STRINGS:
        scope.strings[name] = tuple(strings)
    elif items and not strings and len(items) <= MOST_STRINGS:
        scope.lists[name] = tuple(items)


def listed(scope: Scope, value: ast.expr) -> list[str] | None:
    """The strings of a list, tuple or set of nothing but strings; None where it is another thing."""
    if isinstance(value, ast.Name):
        found = look_up(scope, value.id, lists=True)
        return None if found is None else list(found)
    if not isinstance(value, ast.List | ast.Tuple | ast.Set):
        return None
    strings = [e.value for e in value.elts if isinstance(e, ast.Constant)]
    kept = [s for s in strings if isinstance(s, str)]
    return kept if len(kept) == len(value.elts) else None


def look_up(scope: Scope | None, name: str, *, lists: bool = False) -> tuple[str, ...] | None:
    """The constant strings of a name, from the innermost scope that has it."""
    while scope is not None:
        if name in scope.names:
            return (scope.lists if lists else scope.strings).get(name)
        scope = scope.parent
    return None
