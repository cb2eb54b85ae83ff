"""The columns of a CSV file, collected block by block."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ppodiag.runlog.cells import BAD, EMPTY, GOOD, Rows, is_number, numbers
from ppodiag.runlog.header import Header, usable_header
from ppodiag.runlog.ragged import KIND_COLUMNS, Doubtful, SetAside
from ppodiag.runlog.run import Note

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MOST_HEADERS = 100
"""Headers that one file may have, the first and those of restarts."""
_MOST_KIND_WORDS = 16
_MOST_FIRST_WORDS = 1000
_NUMERIC = "0123456789+-."


class RaggedError(Exception):
    """The file has rows of another width than the header's: it must be read with suspicion."""


@dataclass(slots=True)
class Columns:
    """What was collected.

    Attributes:
        header: the header that holds at the moment.
        ragged: True: rows have several widths, so a row counts only if its kind and its cells are
            of the sort that the header's first rows have.
        rows: rows read.
        parts: name to (row numbers, values) of each block.
        words: columns that hold words.
    """

    header: Header
    ragged: bool
    rows: int = 0
    headers: int = 1
    parts: dict[str, list[tuple[NDArray[np.int64], NDArray[np.float64]]]] = field(
        default_factory=dict
    )
    words: set[str] = field(default_factory=set)
    first_words: set[str] = field(default_factory=set)
    aside: SetAside = field(default_factory=SetAside)
    no_numbers: dict[str, Doubtful] = field(default_factory=dict)
    other_kind: dict[str, Doubtful] = field(default_factory=dict)
    mixed: Doubtful = field(default_factory=Doubtful)
    kind: str | None = None
    found: list[Note] = field(default_factory=list)

    def feed(self, rows: Rows) -> None:
        """Add the rows of one block.

        Raises:
            RaggedError: a row has another width, and `ragged` is False.
        """
        while rows.raw:
            new_header = self._next_header(rows)
            stop = len(rows.raw) if new_header is None else new_header
            self._add(rows if new_header is None else rows.pick(range(stop)))
            if new_header is None:
                return
            self._begin(rows.cells(stop), rows.lines[stop])
            rows = rows.pick(range(stop + 1, len(rows.raw)))

    def _next_header(self, rows: Rows) -> int | None:
        """Index of the first row that is a header again.

        Rows are told apart by their first cell where possible: one that begins like a number, or
        that has begun a row of data before, begins no header.
        """
        if self.headers >= MOST_HEADERS:
            return None
        own, first_words, delimiter = (
            set(self.header.names),
            self.first_words,
            self.header.delimiter,
        )
        for i, row in enumerate(rows.raw):
            cell = row.partition(delimiter)[0] if isinstance(row, str) else row[0]
            if (cell[:1] in _NUMERIC and cell) or cell in first_words:
                continue
            cells = rows.cells(i)
            if own.intersection(cells) and self.header.again(cells):
                return i
            if cell and len(first_words) < _MOST_FIRST_WORDS:
                first_words.add(cell)
        return None

    def _begin(self, cells: Sequence[str], line: int) -> None:
        self.headers += 1
        if tuple(cells) == self.header.names:
            text = "the header stands here again; the rows go on below it"
            self.found.append(Note("info", f"line {line}", text))
            return
        self.header, notes = usable_header(cells, line, self.header.delimiter)
        text = f"a new header with {len(cells)} columns stands here and holds for the rows below it"
        self.found += [Note("info", f"line {line}", text), *notes]
        self.kind = None

    def _add(self, rows: Rows) -> None:
        width = len(self.header.names)
        others = [i for i, w in enumerate(rows.widths) if w != width]
        if others and not self.ragged:
            raise RaggedError
        well = rows.pick([i for i, w in enumerate(rows.widths) if w == width]) if others else rows
        columns = well.columns(width)
        if self.ragged and (at := self._kind_column()) is not None and well.raw:
            well, columns = self._of_first_kind(well, columns, at)
        for i in others:
            self.aside.add(rows.cells(i), rows.lines[i])
        if well.raw:
            self._take(well, columns)

    def _kind_column(self) -> int | None:
        names = self.header.names
        return next((names.index(name) for name in KIND_COLUMNS if name in names), None)

    def _of_first_kind(
        self, rows: Rows, columns: list[list[str]], at: int
    ) -> tuple[Rows, list[list[str]]]:
        """The rows whose kind is that of the first row below the header."""
        kinds = columns[at]
        self.kind = kinds[0] if self.kind is None else self.kind
        words = set(kinds)
        if len(self.aside.kinds) < _MOST_KIND_WORDS:
            self.aside.kinds |= {word for word in words if word and not is_number(word)}
        if words == {self.kind}:
            return rows, columns
        for kind, line in zip(kinds, rows.lines, strict=True):
            if kind != self.kind:
                self.other_kind.setdefault(kind[:40], Doubtful()).add(line, kind)
        rows = rows.pick([i for i, kind in enumerate(kinds) if kind == self.kind])
        return rows, rows.columns(len(columns))

    def _take(self, rows: Rows, columns: list[list[str]]) -> None:
        """Add rows of the header's width, column by column."""
        parsed: dict[str, tuple[NDArray[np.float64], NDArray[np.uint8] | None]] = {}
        doubtful = np.zeros(len(rows.raw), bool)
        for name, cells in zip(self.header.names, columns, strict=True):
            if name is None:
                continue
            if name not in self.words:
                values, states = numbers(cells)
                if states is not None and name not in self.parts and self._holds_words(states):
                    self.words.add(name)
            if name in self.words:
                if self.ragged:
                    doubtful |= np.fromiter(map(_all_digits, cells), bool, len(cells))
                continue
            parsed[name] = (values, states)
            if states is not None:
                self._mark_bad(name, rows, cells, np.flatnonzero(states == BAD).tolist(), doubtful)
        self._store(rows, parsed, doubtful)

    def _holds_words(self, states: NDArray[np.uint8]) -> bool:
        """True: words are the rule in a column; in a ragged file its first row tells."""
        if self.ragged:
            return bool((states[states != EMPTY][:1] == BAD).any())
        return int((states == BAD).sum()) > int((states == GOOD).sum())

    def _mark_bad(
        self,
        name: str,
        rows: Rows,
        cells: list[str],
        bad: list[int],
        doubtful: NDArray[np.bool_],
    ) -> None:
        """Words in a column of numbers cost the cell, or the row where the rows are not to be trusted."""
        if self.ragged:
            doubtful[bad] = True
            return
        for i in bad:
            self.no_numbers.setdefault(name, Doubtful()).add(rows.lines[i], cells[i])

    def _store(
        self,
        rows: Rows,
        parsed: dict[str, tuple[NDArray[np.float64], NDArray[np.uint8] | None]],
        doubtful: NDArray[np.bool_],
    ) -> None:
        for i in np.flatnonzero(doubtful).tolist():
            self.mixed.add(rows.lines[i], "")
        keep = ~doubtful
        number = self.rows + np.cumsum(keep) - 1
        every = bool(keep.all())
        for name, (values, states) in parsed.items():
            if every and states is None:  # the row numbers are one array for all such columns
                self.parts.setdefault(name, []).append((number, values))
                continue
            there = keep if states is None else keep & (states == GOOD)
            if there.any():
                self.parts.setdefault(name, []).append((number[there], values[there]))
        self.rows += int(keep.sum())


def _all_digits(cell: str) -> bool:
    return cell.replace(".", "", 1).replace("-", "", 1).isdigit()
