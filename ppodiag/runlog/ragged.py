"""Rows that the header does not describe: counted, named, and set aside."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ppodiag.runlog.run import Note

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from collections.abc import Sequence

KIND_COLUMNS = ("data_type", "row_type", "record_type", "kind", "type", "event")
"""Columns that tell the kind of a row."""
_MOST_WIDTHS = 8
_MOST_KINDS = 8


@dataclass(slots=True)
class Doubtful:
    """Rows or cells of one sort that were set aside."""

    count: int = 0
    first: int = 0
    last: int = 0
    sample: str = ""

    def add(self, line: int, sample: str) -> None:
        """Count one, with the number of its line and what was found there."""
        if not self.count:
            self.first, self.sample = line, sample[:40]
        self.count, self.last = self.count + 1, line

    @property
    def place(self) -> str:
        """The lines from the first to the last."""
        return f"lines {self.first} to {self.last}" if self.count > 1 else f"line {self.first}"


@dataclass(slots=True)
class _Width:
    rows: int = 0
    first: int = 0
    last: int = 0
    kind_at: int | None = None
    kinds: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class SetAside:
    """Rows of another width than the header's.

    Attributes:
        kinds: words that the kind column of well-formed rows has held.
    """

    kinds: set[str] = field(default_factory=set)
    widths: dict[int, _Width] = field(default_factory=dict)

    def add(self, cells: Sequence[str], line: int) -> None:
        """Count one row. Its kind is read where a known kind was seen once in that width."""
        width = self.widths.setdefault(len(cells), _Width(first=line))
        width.rows += 1
        width.last = line
        if width.kind_at is None:
            at = [i for i, cell in enumerate(cells) if cell in self.kinds]
            width.kind_at = at[0] if len(at) == 1 else None
        kind = "" if width.kind_at is None else cells[width.kind_at]
        if kind in width.kinds or len(width.kinds) < 4 * _MOST_KINDS:
            width.kinds[kind] += 1

    @property
    def rows(self) -> int:
        """Rows set aside."""
        return sum(width.rows for width in self.widths.values())

    def notes(self, header_width: int) -> list[Note]:
        """What was set aside, a note for each width."""
        notes = []
        for cells, width in list(self.widths.items())[:_MOST_WIDTHS]:
            text = (
                f"{width.rows} rows have {cells} cells where the header names {header_width} columns; "
                f"nothing tells which cell is which column, so they are set aside{_of(width)}"
            )
            place = (
                f"lines {width.first} to {width.last}" if width.rows > 1 else f"line {width.first}"
            )
            notes.append(Note("error", place, text))
        if len(self.widths) > _MOST_WIDTHS:
            text = f"{self.rows} rows of {len(self.widths)} other widths are set aside in all"
            notes.append(Note("error", "", text))
        return notes


def _of(width: _Width) -> str:
    kinds = [(kind, n) for kind, n in width.kinds.most_common(_MOST_KINDS) if kind]
    if not kinds:
        return ""
    return "; kinds: " + ", ".join(f"{kind[:40]} {n}" for kind, n in kinds)
