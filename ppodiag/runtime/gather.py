"""What the code of all files says of the keys of one configuration."""

from __future__ import annotations

from collections.abc import Set

from ppodiag.runtime.code import Code, RawRead
from ppodiag.runtime.facts import (
    PICKED,
    UNKNOWN,
    Chain,
    Facts,
    Read,
    SourcePlace,
    Unread,
    Whole,
)
from ppodiag.runtime.flow import Flow, extended
from ppodiag.runtime.names import similar
from ppodiag.runtime.unused import Uses


def find_facts(code: Code, names: Set[str], files: int, unread: tuple[Unread, ...]) -> Facts:
    """The facts about keys of these names, and about similar ones that are read with a default."""
    flow = Flow(code, names)
    lost = {call.name for call in code.calls} | code.attributes.keys()
    for function, term, place in code.returns:
        if function not in lost:  # nothing here calls it: what it returns goes to unseen code
            flow.wholes.append((term, place, False))
    return Facts(
        files=files,
        unread=unread,
        reads=_reads(code, flow),
        wholes=_wholes(code, flow),
        words=code.words,
        tops=_tops(code, flow),
        picks=frozenset(
            site for term, _ in code.picks for site, keys in flow.value(term) if site and not keys
        ),
        patterns=tuple(sorted(code.patterns)),
        cut_short=flow.cut_short,
    )


def _reads(code: Code, flow: Flow) -> dict[str, tuple[Read, ...]]:
    uses = Uses(code, flow)
    alike: dict[str, bool] = {}
    found: dict[str, dict[tuple[Chain, bool, bool], Read]] = {}
    for raw in code.reads:
        if raw.name not in flow.names:
            if not raw.default:
                continue
            if raw.name not in alike:
                alike[raw.name] = any(similar(raw.name, name) for name in flow.names)
            if not alike[raw.name]:
                continue
        unused = uses.store(raw.sink)
        for chain in _chains(raw, code, flow):
            read = Read(chain, raw.place, raw.default, unused)
            key = (chain, raw.default, unused is not None)
            found.setdefault(raw.name, {}).setdefault(key, read)
    return {name: tuple(reads.values()) for name, reads in found.items()}


def _chains(raw: RawRead, code: Code, flow: Flow) -> set[Chain]:
    if raw.term == ("self",):
        if raw.name in code.assigned or raw.name in code.functions:
            return set()
        return {(0, (raw.name,))}
    return {extended(chain, raw.name) for chain in flow.value(raw.term)}


def _tops(code: Code, flow: Flow) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    for raw in code.reads:
        if raw.term != ("self",):
            for site, keys in flow.value(raw.term):
                if site and not keys:
                    found.setdefault(site, set()).add(raw.name)
    return {site: frozenset(names) for site, names in found.items()}


def _wholes(code: Code, flow: Flow) -> tuple[Whole, ...]:
    found: dict[tuple[Chain, bool], SourcePlace] = {}
    for term, place, iterated in flow.wholes:
        for chain in flow.value(term):
            if chain != UNKNOWN:
                found.setdefault((chain, iterated), place)
    for term, place in code.picks:
        for chain in flow.value(term):
            if chain[1] and chain != PICKED:
                found.setdefault((chain, True), place)
    return tuple(Whole(chain, place, iterated) for (chain, iterated), place in found.items())
