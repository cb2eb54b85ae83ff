"""A JSONL file of metrics: one object a line."""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass, field

import numpy as np

from ppodiag.errors import UsageError
from ppodiag.runlog.axis import to_series
from ppodiag.runlog.blocks import TextEnd, read_blocks
from ppodiag.runlog.run import Note, Series

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from ppodiag.runlog.run import StepUnit

DEEPEST = 8
"""Levels of objects within objects; their keys are joined with `/`."""
MOST_TAGS = 10_000
_WORDS = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf", "nan": "nan", "inf": "inf"}
_NOT_METRICS = ("config", "hist_stats")  # RLlib's result.json: settings, and lists of episodes
_MOST_NAMED = 5


@dataclass(slots=True)
class _Table:
    rows: int = 0
    at: dict[str, array[int]] = field(default_factory=dict)
    values: dict[str, array[float]] = field(default_factory=dict)
    broken: list[tuple[int, str]] = field(default_factory=list)
    broken_lines: int = 0
    others: dict[str, int] = field(default_factory=dict)
    too_many: int = 0

    def add(self, key: str, number: float) -> None:
        values = self.values.get(key)
        if values is None:
            if len(self.values) >= MOST_TAGS:
                self.too_many += 1
                return
            values = self.values[key] = array("d")
            self.at[key] = array("q")
        elif self.at[key][-1] == self.rows:  # the key twice in one object
            values[-1] = number
            return
        values.append(number)
        self.at[key].append(self.rows)


def read_jsonl(path: Path) -> tuple[dict[str, Series], StepUnit | None, list[Note]]:
    """Tag to series, what the steps count, and notes.

    Numbers become points, `NaN` and `Infinity` too, as words or as JSON's extension. Objects within
    an object are walked, `{"a": {"b": 1}}` is the tag `a/b`. Other values are counted in a note.

    Raises:
        UsageError: no line is an object, or none holds a number.
        OSError: the file cannot be read.
    """
    table, end = _Table(), TextEnd()
    with path.open("rb") as handle:
        for first, text in read_blocks(handle, end, quoted=False):
            for number, line in enumerate(text.split("\n"), first):
                if line and not line.isspace():
                    _row(table, line, number)
    if not table.values:
        raise UsageError(
            f"{table.rows} JSON objects and {table.broken_lines} other lines, without one number",
            "name a JSONL file with one object of metrics a line",
        )
    columns = {
        key: (np.array(table.at[key], np.int64), np.array(values, np.float64))
        for key, values in table.values.items()
    }
    series, unit, notes = to_series(columns, table.rows)
    return series, unit, _notes(table, end) + notes


def _row(table: _Table, line: str, number: int) -> None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        _break(table, number, getattr(error, "msg", "nested too deeply"))
        return
    if not isinstance(row, dict):
        _break(table, number, f"not an object but {type(row).__name__}")
        return
    _walk(table, row, "", 1)
    table.rows += 1


def _break(table: _Table, number: int, what: str) -> None:
    table.broken_lines += 1
    if len(table.broken) < _MOST_NAMED:
        table.broken.append((number, what))


def _walk(table: _Table, row: dict[str, Any], prefix: str, depth: int) -> None:
    for key, value in row.items():
        kind = type(value)
        if kind is float:
            table.add(prefix + key, value)
        elif kind is int:
            _integer(table, prefix + key, value)
        elif kind is str and value in _WORDS:
            table.add(prefix + key, float(_WORDS[value]))
        elif kind is dict and depth < DEEPEST and not (depth == 1 and key in _NOT_METRICS):
            _walk(table, value, f"{prefix}{key}/", depth + 1)
        elif value is not None and (key in table.others or len(table.others) < MOST_TAGS):
            table.others[prefix + key] = table.others.get(prefix + key, 0) + 1


def _integer(table: _Table, key: str, value: int) -> None:
    try:
        table.add(key, float(value))
    except OverflowError:
        table.add(key, float("inf") if value > 0 else float("-inf"))


def _notes(table: _Table, end: TextEnd) -> list[Note]:
    notes = [Note("error", f"line {n}", f"left out: {what}") for n, what in table.broken]
    if table.broken_lines > len(table.broken):
        text = f"{table.broken_lines} lines are no JSON object and left out; the first {_MOST_NAMED} are named"
        notes.append(Note("error", "", text))
    notes += end.notes()
    if table.too_many:
        text = (
            f"{table.too_many} numbers under further keys than the first {MOST_TAGS} are left out"
        )
        notes.append(Note("error", "", text))
    if table.others:
        shown = ", ".join(map(repr, sorted(table.others)[:5])) + (
            ", ..." if len(table.others) > 5 else ""
        )
        notes.append(Note("info", "", f"values that are no numbers are left out, of keys: {shown}"))
    return notes
