"""A CSV file of metrics, also one whose header holds for some of its rows only."""

from __future__ import annotations

import csv

import numpy as np

from ppodiag.errors import UsageError
from ppodiag.runlog.axis import to_series
from ppodiag.runlog.blocks import TextEnd, read_blocks
from ppodiag.runlog.cells import Rows, split_rows
from ppodiag.runlog.columns import Columns, RaggedError
from ppodiag.runlog.header import read_header, skip_to_header
from ppodiag.runlog.run import Note, Series

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from ppodiag.runlog.run import StepUnit


def read_csv(path: Path) -> tuple[dict[str, Series], StepUnit | None, list[Note]]:
    """Tag to series, what the steps count, and notes.

    A row counts if it has as many cells as the header has names. Where rows have several widths,
    it must also be of the kind that the first row is, and have numbers and words where that has
    them. All other rows are set aside and a note tells how many, where, and of which kinds.

    Raises:
        UsageError: there is no header, no row that the header describes, or no number.
        OSError: the file cannot be read.
    """
    end, notes = TextEnd(), list[Note]()
    try:
        columns = _read(path, end, notes, ragged=False)
    except RaggedError:
        end, notes = TextEnd(), []
        columns = _read(path, end, notes, ragged=True)
    notes += columns.found + _row_notes(columns) + end.notes()
    if not columns.parts:
        raise UsageError(_nothing(columns), "name a log with a header and rows of numbers")
    series, unit, about_steps = to_series(_joined(columns), columns.rows)
    return series, unit, notes + about_steps


def _joined(columns: Columns) -> dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Name to (row numbers, values); columns with a value in every row share the row numbers."""
    every = np.arange(columns.rows)
    joined = {}
    for name, parts in columns.parts.items():
        values = np.concatenate([part for _, part in parts])
        full = len(values) == columns.rows
        joined[name] = (every if full else np.concatenate([at for at, _ in parts]), values)
    return joined


def _read(path: Path, end: TextEnd, notes: list[Note], ragged: bool) -> Columns:
    columns: Columns | None = None
    with path.open("rb") as handle:
        for line, text in read_blocks(handle, end, quoted=True):
            if columns is None:
                at, lines_before = skip_to_header(text)
                if at >= len(text):
                    continue
                if lines_before > 1:
                    above = f"{lines_before - 1} lines above the header are left out"
                    notes.append(Note("info", f"line {line}", above))
                line, text = line + lines_before - 1, text[at:]
                header, about = read_header(text, line)
                notes += about
                columns = Columns(header, ragged)
                first = text.find("\n") + 1
                line, text = line + 1, text[first:]
            try:
                rows = split_rows(text, line, columns.header.delimiter)
            except csv.Error as error:
                what = f"not CSV from here on ({error}): reading stopped"
                notes.append(Note("error", f"line {line} or below", what))
                break
            columns.feed(_without_cut(rows, end, columns, notes))
    if columns is None:
        raise UsageError("the file has no line with content", "name the log of a run")
    return columns


def _without_cut(rows: Rows, end: TextEnd, columns: Columns, notes: list[Note]) -> Rows:
    """The rows but for a last one that was cut while it was written."""
    if not end.cut or not rows.raw:
        return rows
    place = f"line {rows.lines[-1]}"
    if rows.widths[-1] == len(columns.header.names):
        text = "the last line has no line end: if it is still being written, its last cell is cut"
        notes.append(Note("info", place, text))
        return rows
    text = f"the last line is cut after {rows.widths[-1]} cells and set aside"
    notes.append(Note("warning", place, text))
    return rows.pick(range(len(rows.raw) - 1))


def _nothing(columns: Columns) -> str:
    width = len(columns.header.names)
    if columns.aside.rows and not columns.rows:
        widths = ", ".join(f"{w.rows} with {cells}" for cells, w in columns.aside.widths.items())
        return f"the header names {width} columns and no row has as many cells ({widths})"
    if not columns.rows:
        return f"the file has a header of {width} columns and no row"
    return f"no column of {columns.rows} rows holds a number"


def _row_notes(columns: Columns) -> list[Note]:
    """What was set aside although its width is the header's."""
    notes = columns.aside.notes(len(columns.header.names))
    for kind, rows in columns.other_kind.items():
        text = (
            f"{rows.count} rows have the header's width and are of kind {kind!r}, not "
            f"{columns.kind!r} as the first; in a file with rows of several widths the header need "
            "not hold for them, so they are set aside"
        )
        notes.append(Note("error", rows.place, text))
    if columns.mixed.count:
        text = (
            f"{columns.mixed.count} rows have the header's width, but words where numbers stand or "
            "numbers where words stand; in a file with rows of several widths they are set aside"
        )
        notes.append(Note("error", columns.mixed.place, text))
    for name, cells in columns.no_numbers.items():
        if cells.count:
            text = f"{cells.count} cells of column {name!r} are no numbers and are left out, the first: {cells.sample!r}"
            notes.append(Note("warning", cells.place, text))
    if columns.words:
        names = sorted(columns.words)
        shown = ", ".join(map(repr, names[:5])) + (", ..." if len(names) > 5 else "")
        notes.append(Note("info", "", f"{len(names)} columns hold words and are left out: {shown}"))
    return notes
