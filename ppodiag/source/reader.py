"""Reading bytes: the fast way for a clean file, and the whole truth for any other."""

from __future__ import annotations

import json

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from ppodiag.source.document import Document, Format

_INF = float("inf")

LARGE = 1_000_000
"""Characters from which reading a text makes enough objects to matter to the collector."""


class NotClean(Exception):
    """The text needs the scanner: it has, or may have, something to report."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotClean
    return members


def _constant(_word: str) -> NoReturn:
    raise NotClean


def _float(digits: str) -> float:
    value = float(digits)
    if value == _INF or value == -_INF:
        raise NotClean
    return value


_decoder = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float)


def quick_value(data: bytes) -> dict[str, Any]:
    """The object in a clean strict JSON text.

    Raises:
        NotClean: anything at all is wrong with the text, or it is no object.
    """
    try:
        value = _decoder.decode(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise NotClean from None
    if not isinstance(value, dict):
        raise NotClean
    return value


def format_of(path: str) -> Format:
    """The format that a file's suffix names; JSON where it names none."""
    lower = path.lower()
    if lower.endswith((".yaml", ".yml")):
        return "yaml"
    return "jsonc" if lower.endswith((".jsonc", ".json5")) else "json"


def read_document(data: bytes, path: str, format: Format | None = None) -> Document:
    """All that can be read of a file, with every syntax error and every position.

    Raises:
        UsageError: a YAML file, and the YAML reader is not installed.
    """
    from ppodiag.source.decoding import decode

    format = format or format_of(path)
    text, bom, problems = decode(data)
    if format == "yaml":
        from ppodiag.source.yaml_reader import read_yaml

        return read_yaml(text, path, problems, bom)
    from ppodiag.source.parser import parse_json

    if len(text) < LARGE:
        return parse_json(text, path, format, problems, bom)
    import gc

    # Millions of new objects, none of them garbage: the collector would only slow them down.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return parse_json(text, path, format, problems, bom)
    finally:
        if collecting:
            gc.enable()
