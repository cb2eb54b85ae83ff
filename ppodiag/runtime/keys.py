"""The keys of a configuration as a tree, free text left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ppodiag.runtime.facts import plain

Path = tuple[str, ...]
"""Keys from the top, as they are compared; elements of lists are no step."""


@dataclass(slots=True)
class Key:
    """A key of the configuration.

    Attributes:
        path: its keys from the top.
        pointer: RFC 6901, of the first element that has it where lists lie between.
        value: what it holds.
        children: the keys below it, by name.
    """

    path: Path
    pointer: str
    value: Any
    children: dict[str, Key] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Number of keys below it that hold a value and no block, itself where it holds none."""
        return sum(child.count for child in self.children.values()) or 1


def is_free_text(name: str) -> bool:
    """Whether a key is a remark for people: `comment`, or one that begins with _ or $."""
    return name == "comment" or name.startswith(("_", "$"))


def key_tree(value: Mapping[str, Any]) -> Key:
    """The keys of a configuration without free text; the top has an empty path."""
    top = Key((), "", value)
    stack: list[tuple[Key, str, Any]] = [(top, "", value)]
    while stack:
        key, pointer, held = stack.pop()
        if isinstance(held, list):
            items = list(enumerate(held))
            stack += [(key, f"{pointer}/{i}", v) for i, v in reversed(items)]
        elif isinstance(held, Mapping) and len(key.path) < 100:
            for name, inner in held.items():
                if is_free_text(name):
                    continue
                below = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
                child = key.children.get(plain(name))
                if child is None:
                    child = Key((*key.path, plain(name)), below, inner)
                    key.children[plain(name)] = child
                stack.append((child, below, inner))
    return top


def names_below(top: Key) -> frozenset[str]:
    """The names of all keys below one."""
    names: set[str] = set()
    stack = [top]
    while stack:
        key = stack.pop()
        names |= key.children.keys()
        stack += key.children.values()
    return frozenset(names)
