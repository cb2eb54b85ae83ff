"""Rows of cells out of the text of a CSV file, and numbers out of cells."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from itertools import chain
from typing import cast

import numpy as np

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

GOOD, EMPTY, BAD = 0, 1, 2
_ABSENT = ("", "none", "null", "na", "n/a")  # what writers put where they have no value
DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a table.

    Attributes:
        raw: each row, a line without quotes or a list of cells.
        lines: the number of each row's (last) line.
        widths: the number of each row's cells.
        delimiter: what stands between the cells of a line.
    """

    raw: Sequence[str | list[str]]
    lines: Sequence[int]
    widths: Sequence[int]
    delimiter: str

    def cells(self, i: int) -> list[str]:
        """The cells of one row."""
        row = self.raw[i]
        return row.split(self.delimiter) if isinstance(row, str) else row

    def pick(self, chosen: Sequence[int]) -> Rows:
        """Some of the rows."""
        return Rows(
            [self.raw[i] for i in chosen],
            [self.lines[i] for i in chosen],
            [self.widths[i] for i in chosen],
            self.delimiter,
        )

    def columns(self, width: int) -> list[list[str]]:
        """Each column's cells; every row must have `width` cells."""
        if self.raw and isinstance(self.raw[0], str):
            lines = cast("Sequence[str]", self.raw)  # rows are of one kind, as the first is
            cells = self.delimiter.join(lines).split(self.delimiter)
        else:
            cells = list(chain.from_iterable(self.raw))
        return [cells[i::width] for i in range(width)]


def split_rows(text: str, first_line: int, delimiter: str) -> Rows:
    """The rows of a text; empty lines are none.

    Raises:
        csv.Error: a quoted cell is too long.
    """
    if '"' in text:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows = [(row, first_line + reader.line_num - 1) for row in reader if row]
        return Rows(
            [r for r, _ in rows], [n for _, n in rows], [len(r) for r, _ in rows], delimiter
        )
    lines = text.split("\n")
    raw = [line for line in lines if line]
    numbers: Sequence[int] = range(first_line, first_line + len(raw))
    if len(raw) < len(lines) - 1:
        numbers = [first_line + i for i, line in enumerate(lines) if line]
    return Rows(raw, numbers, [line.count(delimiter) + 1 for line in raw], delimiter)


def numbers(cells: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.uint8] | None]:
    """Shape (cells,): the values, and GOOD, EMPTY or BAD for each; None where all are good."""
    try:
        return np.fromiter(map(float, cells), np.float64, len(cells)), None
    except ValueError:
        pass
    values = np.full(len(cells), np.nan)
    states = np.zeros(len(cells), np.uint8)
    for i, cell in enumerate(cells):
        if not cell or cell.strip().lower() in _ABSENT:
            states[i] = EMPTY
            continue
        try:
            values[i] = float(cell)
        except ValueError:
            states[i] = BAD
    return values, states


def is_number(cell: str) -> bool:
    """True: the cell is a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def looks_like_header(cells: Sequence[str]) -> bool:
    """True: names and nothing else: none empty, none twice, none a number or a truth value."""
    return (
        len(cells) > 1
        and len(set(cells)) == len(cells)
        and all(cells)
        and not any(is_number(c) or c in ("True", "False", "true", "false") for c in cells)
    )
