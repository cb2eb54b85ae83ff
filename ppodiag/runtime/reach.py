"""Which keys of a configuration the facts about a runtime's source can reach."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ppodiag.runtime.facts import PICKED, Chain, Facts, Read, SourcePlace, Whole
from ppodiag.runtime.keys import Key, Path


class Reach:
    """Answers for one configuration and one runtime."""

    def __init__(self, top: Key, facts: Facts, *, but_whole: bool = False) -> None:
        """Args: but_whole: leave out of account that the whole configuration is used at once."""
        self._top = top
        self._facts = facts
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
        top = self._top.children.keys()
        return {site for site, keys in self._facts.tops.items() if not keys & top}

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
        size = len(keys)
        if size > len(path):
            return keys[-len(path) :] == path
        return path[-size:] == keys and self.read(path[:-size])
