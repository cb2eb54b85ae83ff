"""What is known of a runtime's source: which keys it reads, and below which others."""

from __future__ import annotations

from dataclasses import dataclass, field

Chain = tuple[int, tuple[str, ...]]
"""Keys read one below the other, and where they hang: a number names the loading of a file, so that
the first key stands at its top; 0 is a place that is not known, so that they may hang anywhere."""

UNKNOWN: Chain = (0, ())

PICKED: Chain = (0, ("*",))
"""A part of the whole configuration that is picked by a key that is not known."""


@dataclass(frozen=True, slots=True, order=True)
class SourcePlace:
    """A stretch of one line of a source file: line and columns from 1, the end exclusive."""

    path: str
    line: int
    column: int = 1
    end_column: int = 2


@dataclass(frozen=True, slots=True)
class Store:
    """Where a value was put and stayed: `the attribute warmup`, and its place."""

    what: str
    place: SourcePlace


@dataclass(frozen=True, slots=True)
class Read:
    """One reading of a key.

    Attributes:
        chain: the keys, the one that is read last.
        place: where.
        default: the reading has a default for where the key is missing.
        unused: where the value is put, in case that nothing uses it after; None where it is used.
    """

    chain: Chain
    place: SourcePlace
    default: bool = False
    unused: Store | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """A block that is used as a whole, so that any key in it may be.

    Attributes:
        chain: the keys that lead to the block.
        place: where.
        iterated: by going through it; going through a list is no use of all that its elements hold.
    """

    chain: Chain
    place: SourcePlace
    iterated: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """A source file that could not be read, or not as what it is, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the sources say.

    Attributes:
        files: number of files searched, those that could not be read included.
        unread: these.
        reads: readings by the last key.
        wholes: blocks used as a whole.
        words: words that may name a key (string constants, and all words of a shell script), each
            with its first place.
        patterns: regular expressions of keys that are put together from parts.
        tops: of each loaded file the keys that are read at its top.
        picks: loaded files of which keys are read that are not known.
        cut_short: some variable may hold too much to follow, so that nothing is certain.
    """

    files: int = 0
    unread: tuple[Unread, ...] = ()
    reads: dict[str, tuple[Read, ...]] = field(default_factory=dict)
    wholes: tuple[Whole, ...] = ()
    words: dict[str, SourcePlace] = field(default_factory=dict)
    patterns: tuple[str, ...] = ()
    tops: dict[int, frozenset[str]] = field(default_factory=dict)
    picks: frozenset[int] = frozenset()
    cut_short: bool = False


def plain(name: str) -> str:
    """A key as it is compared: with underscores where it has hyphens."""
    return name.replace("-", "_")
