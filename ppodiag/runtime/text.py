"""Files that are no Python: their words may name keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ppodiag.runtime.facts import SourcePlace, plain

_WORD = re.compile(r"[A-Za-z_]\w*(?:-\w+)*")
_YAML_KEY = re.compile(r"""^[\s-]*(?:"[^"]*"|'[^']*'|[\w.@/-]+)\s*:(?=\s|$)""")
_TOML_KEY = re.compile(r"""^\s*(?:\[.*\]\s*$|[\w."'-]+\s*=)""")
_COMMENT = re.compile(r"^\s*(?:#|//).*$")


def words(text: str, path: str) -> Iterator[tuple[str, SourcePlace]]:
    """Every word with its place; keys of YAML and TOML are set there, not read, and left out.

    Whole lines of comment are left out as well.
    """
    lower = path.lower()
    key = _YAML_KEY if lower.endswith((".yaml", ".yml")) else None
    if lower.endswith((".toml", ".cfg", ".ini")):
        key = _TOML_KEY
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines(), 1):
        if _COMMENT.match(line):
            continue
        start = 0
        if key is not None and (match := key.match(line)):
            start = match.end()
        for found in _WORD.finditer(line, start):
            word = plain(found.group())
            if word not in seen:
                seen.add(word)
                yield word, SourcePlace(path, number, found.start() + 1, found.end() + 1)
