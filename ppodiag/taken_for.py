"""Whether a file that was named as a configuration is the log of a run."""

from __future__ import annotations

import json
import re

from ppodiag.linter import is_related

_CELL = re.compile(r"[^\W\d][\w ./()%-]*")
"""The name of a column, without quotes; text that opens a configuration is none."""

FEWEST_CELLS = 3


def log_kind(data: bytes) -> str:
    """What kind of log the bytes are, in words; empty where they do not look like one."""
    if data[7:8] == b"\0":
        from ppodiag.runlog.detect import is_event_head

        return "a TensorBoard event file" if is_event_head(data[:12]) else ""
    lines = data[: 2**20].decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
    first, second = (*(line.strip() for line in lines if line.strip()), "", "")[:2]
    if _is_row(first) and _is_row(second):
        return "the JSONL log of a run"
    for delimiter in (",", "\t", ";"):
        cells = first.split(delimiter)
        a_table = len(cells) >= FEWEST_CELLS and second.count(delimiter) == len(cells) - 1
        if a_table and all(_CELL.fullmatch(cell.strip()) for cell in cells):
            return "the CSV log of a run"
    return ""


def log_words(kind: str, path: str) -> tuple[str, str]:
    """Message and remedy for a log in the place of a configuration."""
    return (
        f"this looks like {kind}, and not like a configuration",
        f"ppodiag diagnose {'FILE' if path in ('-', '<stdin>') else path} reads logs",
    )


def _is_row(line: str) -> bool:
    if not line.startswith("{"):
        return False
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and not is_related(value)
