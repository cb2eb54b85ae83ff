"""The header of a CSV file: where it is, how it is delimited, which names can be used."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ppodiag.errors import UsageError
from ppodiag.runlog.cells import DELIMITERS, is_number, looks_like_header, split_rows
from ppodiag.runlog.run import Note

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Header:
    """The names that hold for the rows below them.

    Attributes:
        names: each column's name, or None where it has none of its own.
        line: the header's line number.
        delimiter: what stands between cells.
    """

    names: tuple[str | None, ...]
    line: int
    delimiter: str

    def again(self, cells: Sequence[str]) -> bool:
        """True: the cells are a header of the same file: this one, or one that shares names."""
        if tuple(cells) == self.names:
            return True
        shared = len(set(cells) & set(self.names))
        return 2 * shared >= min(len(cells), len(self.names)) and looks_like_header(cells)


def skip_to_header(text: str) -> tuple[int, int]:
    """(offset, line number) of the first line that is neither empty nor a comment."""
    at, line = 0, 1
    while at < len(text):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        content = text[at:stop].strip()
        if content and not content.startswith("#"):
            break
        at, line = stop + 1, line + 1
    return at, line


def read_header(text: str, line: int) -> tuple[Header, list[Note]]:
    """The header that the first line of the text is.

    Raises:
        UsageError: the line has one cell only, or cells that are numbers.
    """
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    rows = split_rows(first + "\n", line, delimiter)
    cells = [cell.strip() for cell in rows.cells(0)] if rows.raw else []
    if len(cells) < 2:
        raise UsageError(
            f"line {line} is no header of a CSV file: it has one cell",
            "name a TensorBoard event file, a CSV file with a header or a JSONL file",
        )
    numbers = [cell for cell in cells if is_number(cell)]
    if numbers:
        raise UsageError(
            f"line {line} should name the columns and holds the number {numbers[0]}",
            "add a header line with the columns' names",
        )
    return usable_header(cells, line, delimiter)


def usable_header(cells: Sequence[str], line: int, delimiter: str) -> tuple[Header, list[Note]]:
    """The header with the names that are there once, and notes of the others."""
    counts = Counter(cells)
    notes = []
    twice = [name for name, n in counts.items() if n > 1 and name]
    if twice:
        named = ", ".join(map(repr, twice[:3]))
        text = f"the header names {named} more than once; these columns are left out"
        notes.append(Note("error", f"line {line}", text))
    if counts[""]:
        text = f"{counts['']} columns without a name are left out"
        notes.append(Note("info", f"line {line}", text))
    names = tuple(cell if cell and counts[cell] == 1 else None for cell in cells)
    return Header(names, line, delimiter), notes
