"""The mutants of a module: cosmic-ray's operators, less what `[tool.mutants]` leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cosmic_ray.plugins
from cosmic_ray.ast import ast_nodes, get_ast

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Mutants that are left out, or that no test can notice: of a name, a line or a place, and why.

    Attributes:
        reason: why they are no test of the tests.
        title: the reason in a few words.
        module: regular expression searched in the path of the file; empty: any.
        operator: regular expression of the operator's whole name; empty: any.
        line: regular expression searched in the line that changes; empty: any.
        changed: regular expression searched in the line after the change; empty: any.
        definition: regular expression of the whole name of the function, or of the value of the module,
            that the line is in; empty: any.
        annotation: True: only inside type annotations.
    """

    reason: str
    title: str = ""
    module: str = ""
    operator: str = ""
    line: str = ""
    changed: str = ""
    definition: str = ""
    annotation: bool = False

    def covers(self, mutant: Mutant) -> bool:
        """Whether it leaves a mutant out."""
        return (
            (not self.module or re.search(self.module, mutant.module) is not None)
            and (not self.operator or re.fullmatch(self.operator, mutant.operator) is not None)
            and (not self.line or re.search(self.line, mutant.line) is not None)
            and (not self.changed or re.search(self.changed, mutant.changed) is not None)
            and (
                not self.definition or re.fullmatch(self.definition, mutant.definition) is not None
            )
            and (not self.annotation or mutant.annotation)
        )


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module.

    Attributes:
        module: path of the file, from the project's root.
        operator: cosmic-ray's name of the operator, without its provider.
        number: place of the mutant among those of one operator, line and change.
        row: line number, from 1.
        line: the line before the change, without indentation.
        changed: the line after it.
        definition: name of the function, or of the module's value, that it is in.
        annotation: whether it is in a type annotation.
        source: the text of the changed module.
    """

    module: str
    operator: str
    number: int
    row: int
    line: str
    changed: str
    definition: str
    annotation: bool
    source: str

    @property
    def key(self) -> str:
        """What tells it from other mutants, also after lines have moved."""
        return "\n".join((self.module, self.operator, self.line, self.changed, str(self.number)))


@cache
def operators() -> tuple[tuple[str, Any], ...]:
    """cosmic-ray's operators that need no arguments, by name."""
    found = []
    for name in cosmic_ray.plugins.operator_names():
        kind = cosmic_ray.plugins.get_operator(name)
        if not kind.arguments():
            found.append((name.rpartition("/")[2], kind()))
    return tuple(found)


def mutants(module: str, exclusions: tuple[Exclusion, ...]) -> list[Mutant]:
    """The mutants of one file, from the top, that no exclusion covers."""
    source = (ROOT / module).read_text(encoding="utf-8")
    seen: dict[str, int] = {}
    kept = []
    by_operator = [
        e for e in exclusions if not (e.line or e.changed or e.definition or e.annotation)
    ]
    tree = get_ast(source)
    nodes = list(ast_nodes(tree))
    for name, operator in operators():
        if any(re.fullmatch(e.operator, name) for e in by_operator):
            continue
        for node in nodes:
            for index, (start, _) in enumerate(list(operator.mutation_positions(node))):
                mutant = _mutant(module, source, tree, node, name, operator, index, start[0])
                number = seen[mutant.key] = seen.get(mutant.key, -1) + 1
                mutant = Mutant(
                    mutant.module, name, number, mutant.row, mutant.line, mutant.changed,
                    mutant.definition, mutant.annotation, mutant.source,
                )  # fmt: skip
                if not any(e.covers(mutant) for e in exclusions):
                    kept.append(mutant)
    return sorted(kept, key=lambda m: (m.row, m.operator, m.number))


def _mutant(
    module: str, source: str, tree: Any, node: Any, name: str, operator: Any, index: int, row: int
) -> Mutant:
    with _restored(node):
        siblings = list(node.parent.children) if node.parent else []
        changed = operator.mutate(node, index)
        if changed is not node:
            node.parent.children = [
                child for s in siblings if (child := changed if s is node else s) is not None
            ]
        text = tree.get_code()
        if changed is not node:
            node.parent.children = siblings
    before, after = source.splitlines(), text.splitlines()
    return Mutant(
        module=module,
        operator=name,
        number=0,
        row=row,
        line=before[row - 1].strip(),
        changed=after[row - 1].strip() if len(before) == len(after) else "(removed)",
        definition=_definition(node),
        annotation=_in_annotation(node),
        source=text,
    )


class _restored:  # noqa: N801 - used like a function
    """Puts a node, and the values of its children, back as they were."""

    def __init__(self, node: Any) -> None:
        self.node = node
        self.children = list(getattr(node, "children", []))
        self.values = [
            (leaf, leaf.value) for leaf in (node, *self.children) if hasattr(leaf, "value")
        ]

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        if self.children:
            self.node.children = self.children
        for leaf, value in self.values:
            leaf.value = value


def _ancestors(node: Any) -> Iterator[tuple[Any, Any]]:
    """(node, parent) from a node up to the module."""
    while node.parent is not None:
        yield node, node.parent
        node = node.parent


def _definition(node: Any) -> str:
    """The outermost function or class, or the value of the module, that a node is in."""
    name = ""
    for child, parent in [(node, node), *((p, p) for _, p in _ancestors(node))]:
        if child.type in ("funcdef", "classdef"):
            name = child.name.value
        elif child.type == "expr_stmt" and parent.parent.parent.type == "file_input":
            name = child.children[0].get_code().strip()
    return name


def _in_annotation(node: Any) -> bool:
    for child, parent in _ancestors(node):
        if parent.type == "annassign" and child is parent.children[1]:
            return True
        if parent.type == "tfpdef" and child is parent.children[-1]:
            return True
        if parent.type == "funcdef" and parent.annotation is child:
            return True
    return False
