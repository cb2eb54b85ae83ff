"""What the scan of all files gathers, before it is known what the variables hold.

A term says where an expression's value comes from:
("?",) anything; ("0",) no block; ("m",) a module from outside; ("v", key) a variable;
("s", name) whatever is stored under a name; ("self", name) an attribute of the object itself;
("k", term, name) a key or attribute of a value; ("|", terms) one of several;
("c", number) a call's result; ("r", name) what functions of that name return;
("L", number) what a file holds; ("u", call, number) what an unseen function loads;
("x", term) what is known of a value; ("d", term) a part of it, picked by a key that is not known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ppodiag.runtime.facts import SourcePlace

Term = tuple[Any, ...]
Variable = tuple[int, str]
Sink = tuple[Any, ...]
"""Where an expression's value is put: ("v", variable, place), ("a", attribute, place) or
("p", call's number, position or keyword, place)."""

ANYTHING: Term = ("?",)
NOTHING: Term = ("0",)
MODULE: Term = ("m",)


@dataclass(slots=True)
class RawRead:
    """A key read from whatever a term is."""

    term: Term
    name: str
    place: SourcePlace
    default: bool
    sink: Sink | None


@dataclass(slots=True)
class RawCall:
    """A call of a function that may be the runtime's own.

    Attributes:
        how: `name`, `self`, `object`, `super`, or `outside` where it cannot be the runtime's own.
        bases: the classes that `super` means.
        names: a keyword's name with its term; None for `**`.
    """

    name: str
    how: str
    receiver: Term
    arguments: list[Term]
    starred: list[Term]
    names: list[tuple[str | None, Term]]
    place: SourcePlace
    bases: list[str]


@dataclass(slots=True)
class Function:
    """A function: its scope's number, its parameters, and whether its body does nothing."""

    name: str
    scope: int
    positional: list[str]
    keywords: list[str]
    rest: str | None
    rest_names: str | None
    stub: bool = False


@dataclass(slots=True)
class Class:
    """A class: the names of its bases, its annotated fields, its `__init__`."""

    name: str
    bases: list[str]
    fields: list[str] = field(default_factory=list)
    init: Function | None = None


@dataclass(slots=True)
class Code:
    """Everything that the files say, in the order of the files.

    Attributes:
        flows: (target, what it is given).
        picks: readings by a key that is not known.
        named: functions and classes that are used otherwise than by a call.
        loads, attributes: where what is loaded from a variable, an attribute is put; None: used.
        stored: names under which something is stored; `assigned`: of these, attributes.
        open_classes: files that look at the attributes of an object all at once.
        sites: number of places that load a file.
    """

    flows: list[tuple[Term, Term]] = field(default_factory=list)
    reads: list[RawRead] = field(default_factory=list)
    wholes: list[tuple[Term, SourcePlace, bool]] = field(default_factory=list)
    picks: list[tuple[Term, SourcePlace]] = field(default_factory=list)
    returns: list[tuple[str, Term, SourcePlace]] = field(default_factory=list)
    calls: list[RawCall] = field(default_factory=list)
    functions: dict[str, list[Function]] = field(default_factory=dict)
    classes: dict[str, list[Class]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    loads: dict[Variable, list[Sink | None]] = field(default_factory=dict)
    attributes: dict[str, list[Sink | None]] = field(default_factory=dict)
    stored: set[str] = field(default_factory=set)
    assigned: set[str] = field(default_factory=set)
    open_classes: set[str] = field(default_factory=set)
    words: dict[str, SourcePlace] = field(default_factory=dict)
    patterns: set[str] = field(default_factory=set)
    modules: frozenset[str] = frozenset()
    scopes: int = 0
    sites: int = 0
