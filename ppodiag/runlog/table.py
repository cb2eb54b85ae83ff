"""CSV files, ragged ones too: a row that does not belong to the header is never read by it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from ppodiag.errors import UsageError
from ppodiag.runlog.run import FloatArray, Note, Series
from ppodiag.runlog.tags import STEP_NAMES

BLOCK = 50_000
"""Rows whose texts are held at once."""

KIND_COLUMN = "data_type"
"""Names the kind of a row where a file holds several."""

LONGEST_FIELD = 1 << 20


@dataclass
class _Apart:
    """Rows of one width that were set aside."""

    count: int = 0
    first: int = 0
    last: int = 0

    def add(self, line: int) -> None:
        self.count += 1
        self.first = self.first or line
        self.last = line


@dataclass
class _Table:
    header: list[str]
    parts: list[dict[str, FloatArray]] = field(default_factory=list)
    texts: set[str] = field(default_factory=set)
    unread: dict[str, int] = field(default_factory=dict)
    apart: dict[tuple[int, str], _Apart] = field(default_factory=dict)
    rows: int = 0


def read_csv(path: str) -> tuple[dict[str, Series], list[Note]]:
    """Columns of numbers by name, and what was set aside.

    Rows of another width than the header's are set aside, and so are rows of its width whose kind
    (column `data_type`) is not that of the first row.

    Raises:
        UsageError: no header, a name twice, or no row that belongs to it.
    """
    csv.field_size_limit(LONGEST_FIELD)
    table: _Table | None = None
    try:
        with open(path, encoding="utf-8-sig", errors="strict", newline="") as file:
            for block in _blocks(csv.reader(file), path):
                if table is None:
                    table = _Table(block.header)
                _take(table, block.rows, block.lines)
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}, byte {error.start}: not UTF-8", _REMEDY) from None
    except csv.Error as error:
        raise UsageError(f"{path}: {error}", _REMEDY) from None
    if table is None or not table.rows:
        raise UsageError(f"{path} has no row that belongs to its header", _REMEDY)
    return _series(table), _notes(path, table)


_REMEDY = "name a TensorBoard event file, a CSV or a JSONL file, or a folder with one"


@dataclass
class _Block:
    header: list[str]
    rows: list[list[str]]
    lines: list[int]


def _blocks(reader: Iterator[list[str]], path: str) -> Iterator[_Block]:
    header = next(reader, [])
    if len(header) < 2 or any("\x00" in name for name in header):
        raise UsageError(f"{path} has no header of a CSV file", _REMEDY)
    twice = {name for name in header if header.count(name) > 1}
    if twice:
        raise UsageError(f"{path}: the header names {sorted(twice)[0]!r} twice", "rename a column")
    rows: list[list[str]] = []
    lines: list[int] = []
    for row in reader:
        if row:
            rows.append(row)
            lines.append(reader.line_num)  # type: ignore[attr-defined]
        if len(rows) >= BLOCK:
            yield _Block(header, rows, lines)
            rows, lines = [], []
    yield _Block(header, rows, lines)


def _take(table: _Table, rows: list[list[str]], lines: list[int]) -> None:
    """Convert the rows that belong to the header; set the others aside."""
    width = len(table.header)
    kind_at = table.header.index(KIND_COLUMN) if KIND_COLUMN in table.header else None
    kept = []
    for row, line in zip(rows, lines, strict=True):
        if len(row) != width:
            table.apart.setdefault((len(row), ""), _Apart()).add(line)
            continue
        if kind_at is not None:
            own = table.__dict__.setdefault("kind", row[kind_at])
            if row[kind_at] != own:
                table.apart.setdefault((width, row[kind_at]), _Apart()).add(line)
                continue
        kept.append(row)
    if not kept:
        return
    table.rows += len(kept)
    table.parts.append({
        name: _numbers(table, name, column)
        for name, column in zip(table.header, zip(*kept, strict=True), strict=True)
    })  # fmt: skip


def _numbers(table: _Table, name: str, column: tuple[str, ...]) -> FloatArray:
    """A column as floats; empty is nan, and so is what is no number, which is counted."""
    try:
        return np.array([text or "nan" for text in column], dtype=np.float64)
    except ValueError:
        pass
    values = np.full(len(column), np.nan)
    bad = 0
    for index, text in enumerate(column):
        try:
            values[index] = float(text or "nan")
        except ValueError:
            if text not in ("True", "False"):
                bad += 1
            else:
                values[index] = text == "True"
    if bad:
        table.unread[name] = table.unread.get(name, 0) + bad
    return values


def _series(table: _Table) -> dict[str, Series]:
    columns = {name: np.concatenate([part[name] for part in table.parts]) for name in table.header}
    step = next((columns[n] for n in STEP_NAMES if n in columns and _counts(columns[n])), None)
    steps = np.arange(table.rows) if step is None else step
    found = {}
    for name, values in columns.items():
        known = ~np.isnan(values) if step is None else ~np.isnan(values) & ~np.isnan(steps)
        if known.any():
            found[name] = Series(name, steps[known].astype(np.int64), values[known])
    return found


def _counts(values: FloatArray) -> bool:
    """Whether a column can count the rows: whole numbers, mostly there."""
    known = values[~np.isnan(values)]
    return len(known) > len(values) / 2 and bool(np.all(known == np.rint(known)))


def _notes(path: str, table: _Table) -> list[Note]:
    notes = []
    width = len(table.header)
    for (columns, kind), apart in sorted(table.apart.items()):
        what = f"of {columns} columns" if columns != width else f"of kind {kind!r}"
        notes.append(Note(
            "error", f"{path}, lines {apart.first:,} to {apart.last:,}",
            f"{apart.count:,} rows {what} do not belong to the header of {width} columns; they were "
            "set aside, for which column is which cannot be told",
        ))  # fmt: skip
    for name, bad in table.unread.items():
        if bad < table.rows:
            message = f"column {name}: {bad:,} of {table.rows:,} values are no numbers; left out"
            notes.append(Note("warning", path, message))
    return notes
