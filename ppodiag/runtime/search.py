"""Searching a runtime's sources: every file, and what all of them say together."""

from __future__ import annotations

import ast
import os
import warnings

from ppodiag.runtime.code import Code
from ppodiag.runtime.facts import PICKED, UNKNOWN, Chain, Facts, Read, SourcePlace, Unread, Whole
from ppodiag.runtime.files import NOTEBOOK, PYTHON, Source, find_sources, read_source
from ppodiag.runtime.flow import Flow, extended
from ppodiag.runtime.notebook import cells
from ppodiag.runtime.scan import scan_python
from ppodiag.runtime.text import words
from ppodiag.runtime.unused import Uses


def search_runtime(paths: tuple[str, ...]) -> Facts:
    """What the sources at and below the paths read.

    Raises:
        UsageError: a path that does not exist, or that has no source file.
    """
    files = find_sources(paths)
    roots = [path for path in paths if os.path.isdir(path)]
    return search_sources([read_source(path) for path in files], modules(files, roots))


def modules(files: list[str], roots: list[str]) -> frozenset[str]:
    """First parts of the names that the runtime's own modules are imported by."""
    found = {os.path.basename(os.path.abspath(root)) for root in roots}
    for file in files:
        found.add(os.path.splitext(os.path.basename(file))[0])
        root = next((r for r in roots if file.startswith(r)), None)
        if root is not None:
            found.update(os.path.relpath(os.path.dirname(file), root).split(os.sep))
    return frozenset(found - {"", ".", "__init__"})


def search_sources(sources: list[Source], own: frozenset[str] = frozenset()) -> Facts:
    """What the sources read; `own` as `modules` gives it."""
    code = Code(modules=own)
    unread: list[Unread] = []
    for source in sources:
        fault = source.fault or _scan(source, code)
        if fault:
            unread.append(Unread(source.path, fault))
            for word, place in words(source.text, source.path):
                code.words.setdefault(word, place)
    return _facts(code, len(sources), unread)


def _scan(source: Source, code: Code) -> str:
    """Add a file to the code; what is wrong with it, or nothing."""
    lower = source.path.lower()
    text, lines = source.text, None
    is_python = lower.endswith(PYTHON) or (text.startswith("#!") and "python" in text[:80])
    if not is_python and not lower.endswith(NOTEBOOK):
        for word, place in words(text, source.path):
            code.words.setdefault(word, place)
        return ""
    try:
        if lower.endswith(NOTEBOOK):
            text, lines = cells(text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd escapes in strings; no matter here
            tree = ast.parse(text)
        scan_python(tree, code, source.path, lines)
    except SyntaxError as error:
        return f"no valid Python: line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"no readable {'notebook' if lines is None else 'Python'}: {error}"[:100]
    return ""


def _facts(code: Code, files: int, unread: list[Unread]) -> Facts:
    flow = Flow(code)
    _lost_returns(code)
    return Facts(
        files=files,
        unread=tuple(unread),
        reads=_reads(code, flow),
        wholes=_wholes(code, flow),
        words=code.words,
        picks=frozenset(
            site for term, _ in code.picks for site, keys in flow.value(term) if site and not keys
        ),
        patterns=tuple(sorted(code.patterns)),
        cut_short=flow.cut_short,
    )


def _lost_returns(code: Code) -> None:
    """What a function returns that nothing here calls goes to code that is not seen."""
    called = {call.name for call in code.calls} | code.attributes.keys()
    for function, term, place in code.returns:
        if function not in called:
            code.wholes.append((term, place, False))


def _reads(code: Code, flow: Flow) -> dict[str, tuple[Read, ...]]:
    uses = Uses(code, flow)
    found: dict[str, dict[tuple[Chain, bool, bool], Read]] = {}
    for raw in code.reads:
        if raw.term == ("self",):
            if raw.name in code.assigned or raw.name in code.functions:
                continue
            chains: set[Chain] = {(0, (raw.name,))}
        else:
            chains = {extended(chain, raw.name) for chain in flow.value(raw.term)}
        unused = uses.store(raw.sink)
        for chain in chains:
            read = Read(chain, raw.place, raw.default, unused)
            key = (chain, raw.default, unused is not None)
            found.setdefault(raw.name, {}).setdefault(key, read)
    return {name: tuple(reads.values()) for name, reads in found.items()}


def _wholes(code: Code, flow: Flow) -> tuple[Whole, ...]:
    found: dict[tuple[Chain, bool], SourcePlace] = {}
    for term, place, iterated in code.wholes:
        for chain in flow.value(term):
            if chain != UNKNOWN:
                found.setdefault((chain, iterated), place)
    for term, place in code.picks:
        for chain in flow.value(term):
            if chain[1] and chain != PICKED:
                found.setdefault((chain, True), place)
    return tuple(Whole(chain, place, iterated) for (chain, iterated), place in found.items())
