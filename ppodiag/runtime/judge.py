"""What the rules RT801, RT802 and RT803 say of a configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ppodiag.finding import Elsewhere, Finding, Severity
from ppodiag.runtime.facts import Facts, Read, SourcePlace
from ppodiag.runtime.keys import Key, key_tree, names_below
from ppodiag.runtime.names import similar
from ppodiag.runtime.reach import Reach
from ppodiag.runtime.search import Runtime

MOST_PLACES = 3
MOST_NAMES = 8
"""Places in the sources that a finding shows."""


def judge(value: Mapping[str, Any], runtime: Runtime) -> list[Finding]:
    """The findings, in the order of the file; nothing for a configuration without keys."""
    top = key_tree(value)
    if not top.children:
        return []
    facts = runtime.facts(names_below(top))
    reach = Reach(top, facts)
    if reach.whole is not None:
        return [_nothing_certain(top, reach.whole.place, facts)]
    findings = list(_walk(top, reach, facts))
    if not any(f.code == "RT801" for f in findings) and facts.unread:
        places = [_unread(each.path, each.reason) for each in facts.unread[:MOST_PLACES]]
        said = f"{_files(facts)}; each key is read, or named, in the others"
        findings.append(_note(facts, said, places))
    return findings


def _nothing_certain(top: Key, place: SourcePlace, facts: Facts) -> Finding:
    """What can be said where some code is given all: which blocks nothing else reads."""
    rest = Reach(top, facts, but_whole=True)
    names = [name for name, key in top.children.items() if not rest.read(key.path)]
    said = f"{place.path}:{place.line} uses the whole configuration at once, so no key is certain "
    said += "to be unread"
    if names:
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        said += f"; nothing else reads {', '.join(names[:MOST_NAMES])}{more}"
    return _note(facts, said, [_seen(place, "used as a whole")])


def _walk(top: Key, reach: Reach, facts: Facts) -> Iterator[Finding]:
    if not any(reach.read(child.path) for child in top.children.values()):
        yield _unread_key(top, reach, facts)
        return
    stack = list(reversed(top.children.values()))
    while stack:
        key = stack.pop()
        if not reach.read(key.path):
            renamed = _renamed(key, reach, facts)
            yield renamed or _unread_key(key, reach, facts)
            continue
        unused = _unused(key, reach, facts)
        if unused is not None:
            yield unused
        elif not reach.taken_whole(key.path):
            stack += reversed(key.children.values())


def _unread_key(key: Key, reach: Reach, facts: Facts) -> Finding:
    certain = not facts.unread and not facts.cut_short
    name = ".".join(key.path)
    what = f"nothing reads {name}" if key.path else "nothing reads any key of this configuration"
    if not certain:
        what = f"as far as the source could be read, {what}"
    if key.children and key.path:
        do = "does" if key.count == 1 else "do"
        what += f", so its {_many(key.count, 'key')} {do} nothing"
    message = f"{what}: {_files(facts)}"
    places = [_unread(each.path, each.reason) for each in facts.unread[:MOST_PLACES]]
    others = list(reach.readings_elsewhere(key))[: MOST_PLACES - 1] if key.path else []
    for read in others:
        places.append(_seen(read.place, f"this reads {'.'.join(read.chain[1])}"))
    return Finding(
        "RT801",
        Severity.ERROR if certain else Severity.WARNING,
        key.pointer,
        message,
        "remove it, or have the runtime read it; if other code reads it, name that with --runtime"
        if key.path
        else "name the folder whose code reads this file with --runtime",
        values={"files": facts.files, "unreadable": len(facts.unread), "keys": key.count},
        target="key",
        elsewhere=tuple(places),
    )


def _renamed(key: Key, reach: Reach, facts: Facts) -> Finding | None:
    """RT802: a reading of the same block, by a similar name that the file lacks, with a default."""
    if key.children:
        return None
    block = reach.key(key.path[:-1])
    if block is None:
        return None
    for name in sorted(facts.reads):
        if name in block.children or not similar(key.path[-1], name):
            continue
        for read in facts.reads[name]:
            if read.default and _of_block(read, block, reach, facts):
                return Finding(
                    "RT802",
                    Severity.WARNING,
                    key.pointer,
                    f"nothing reads {'.'.join(key.path)}: {read.place.path}:{read.place.line} reads "
                    f"{name} there, which the file lacks, and takes its default",
                    f"call the key {name}, or read {key.path[-1]}",
                    values={"key": key.path[-1], "read": name},
                    target="key",
                    elsewhere=(_seen(read.place, f"{name} is read here, with a default"),),
                )
    return None


def _of_block(read: Read, block: Key, reach: Reach, facts: Facts) -> bool:
    """Whether a reading is of a block; one from an unknown place needs two neighbours beside it."""
    site, keys = read.chain
    if site or len(keys) > 1:
        before = keys[:-1]
        return before == block.path if site else block.path[-len(before) :] == before
    beside = 0
    for name in block.children:
        beside += any(
            other.chain == (0, (name,)) and other.place.path == read.place.path
            for other in facts.reads.get(name, ())
        )
    return beside >= 2 and reach.read(block.path)


def _unused(key: Key, reach: Reach, facts: Facts) -> Finding | None:
    """RT803: every reading puts the value where nothing takes it up."""
    if key.children or reach.taken_whole(key.path[:-1]) or reach.word(key) is not None:
        return None
    readings = list(reach.readings(key))
    stores = [(read, read.unused) for read in readings if read.unused is not None]
    if not stores or len(stores) < len(readings):
        return None
    certain = not facts.unread and not facts.cut_short
    if not certain:
        return None
    read, store = stores[0]
    if store is None:
        return None
    return Finding(
        "RT803",
        Severity.WARNING,
        key.pointer,
        f"{'.'.join(key.path)} is put into {store.what} at {store.place.path}:{store.place.line}, "
        f"and nothing uses that after: {_files(facts)}",
        "use it there, or remove the key",
        values={"files": facts.files},
        target="key",
        elsewhere=tuple(
            _seen(place, note)
            for place, note in (
                (read.place, "read here"),
                (store.place, f"put into {store.what}, and left there"),
            )
        ),
    )


def _files(facts: Facts) -> str:
    searched = f"{_many(facts.files, 'source file')} searched"
    if facts.unread:
        first = facts.unread[0]
        searched += f", {len(facts.unread)} of them not readable ({first.path}: {first.reason})"
    if facts.cut_short:
        searched += ", some variables not followed to their end"
    return searched


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _seen(place: SourcePlace, note: str) -> Elsewhere:
    return Elsewhere(place.path, place.line, place.column, place.end_column, note)


def _unread(path: str, reason: str) -> Elsewhere:
    return Elsewhere(path, 1, 1, 2, f"not readable: {reason}")


def _note(facts: Facts, message: str, places: list[Elsewhere]) -> Finding:
    return Finding(
        "RT801",
        Severity.INFO,
        "",
        message,
        "name with --runtime the code that reads the keys one by one",
        values={"files": facts.files, "unreadable": len(facts.unread)},
        elsewhere=tuple(places),
    )
