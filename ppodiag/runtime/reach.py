"""Which keys of a configuration the facts about a runtime's source can reach."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ppodiag.runtime.facts import PICKED, Chain, Facts, Read, SourcePlace, Whole, plain

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


class Reach:
    """Answers for one configuration and one runtime."""

    def __init__(self, top: Key, facts: Facts, *, but_whole: bool = False) -> None:
        """Args: but_whole: leave out of account that the whole configuration is used at once."""
        self._top = top
        self._facts = facts
        self._names: set[str] = set()
        stack = [top]
        while stack:
            key = stack.pop()
            self._names |= key.children.keys()
            stack += key.children.values()
        self._foreign = self._foreign_sites()
        self._wholes: dict[str, list[Whole]] = {}
        self._top_whole: Whole | None = None
        for whole in facts.wholes:
            site, keys = whole.chain
            if keys:
                self._wholes.setdefault(keys[-1], []).append(whole)
            elif site and site not in self._foreign and not (self._top_whole or but_whole):
                self._top_whole = whole
        self._picked_whole = any(whole.chain == PICKED for whole in facts.wholes)
        self._picked = bool(facts.picks - self._foreign)
        self._patterns = [re.compile(p) for p in facts.patterns]
        self._seen: dict[Path, bool] = {}

    @property
    def whole(self) -> Whole | None:
        """Where the whole configuration is handed on or gone through; None where it is not."""
        return self._top_whole

    def _foreign_sites(self) -> set[int]:
        """Places that load another file: of it keys are read, and none is a key at the top here."""
        first: dict[int, set[str]] = {}
        for reads in self._facts.reads.values():
            for read in reads:
                site, keys = read.chain
                if site and keys:
                    first.setdefault(site, set()).add(keys[0])
        top = self._top.children.keys()
        return {site for site, keys in first.items() if not keys & top}

    def readings(self, key: Key) -> Iterator[Read]:
        """Every reading that may be of this key."""
        for read in self._facts.reads.get(key.path[-1], ()):
            if self._meets(read.chain, key.path):
                yield read

    def readings_elsewhere(self, key: Key) -> Iterator[Read]:
        """Readings of a key of that name that are of another block."""
        for read in self._facts.reads.get(key.path[-1], ()):
            if len(read.chain[1]) > 1 and not self._meets(read.chain, key.path):
                yield read

    def word(self, key: Key) -> SourcePlace | None:
        """Where a word or a pattern names the key, without saying of which block."""
        name = key.path[-1]
        if name in self._facts.words:
            return self._facts.words[name]
        if any(pattern.fullmatch(name) for pattern in self._patterns):
            return SourcePlace("", 1)
        return None

    def read(self, path: Path) -> bool:
        """Whether anything may read the key at a path; its block must be within reach."""
        if not path:
            return True
        known = self._seen.get(path)
        if known is None:
            key = self.key(path)
            known = key is not None and self._read(key)
            self._seen[path] = known
        return known

    def _read(self, key: Key) -> bool:
        path = key.path
        if self.taken_whole(path[:-1]):
            return True
        if self._picked and len(path) == 1 and not key.children:
            return True
        if any(True for _ in self.readings(key)):
            return True
        return self.word(key) is not None and self.read(path[:-1])

    def taken_whole(self, path: Path) -> bool:
        """Whether a block, or one around it, is used as a whole."""
        if not path:
            return self._top_whole is not None
        for whole in self._wholes.get(path[-1], ()):
            if self._meets(whole.chain, path) and not (whole.iterated and self._is_list(path)):
                return True
        key = self.key(path)
        if self._picked_whole and key is not None and self.word(key) is not None:
            return self.read(path)
        return self.taken_whole(path[:-1])

    def _is_list(self, path: Path) -> bool:
        key = self.key(path)
        return key is not None and isinstance(key.value, list)

    def key(self, path: Path) -> Key | None:
        """The key at a path."""
        key: Key | None = self._top
        for name in path:
            key = key.children.get(name) if key is not None else None
        return key

    def _meets(self, chain: Chain, path: Path) -> bool:
        """Whether a chain may be the key at a path."""
        site, keys = chain
        if site:
            return keys == path
        keys = self._known(keys)
        size = len(keys)
        if size > len(path):
            return keys[-len(path) :] == path
        return path[-size:] == keys and self.read(path[:-size])

    def _known(self, keys: Path) -> Path:
        """The chain from the last name on that is no key of this configuration."""
        for index in range(len(keys) - 2, -1, -1):
            if keys[index] not in self._names:
                return keys[index + 1 :]
        return keys
