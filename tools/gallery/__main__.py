"""`record` trains, `draw` draws; see the package."""

from __future__ import annotations

import sys

from .pictures import draw_all
from .record import record
from .rows import ROWS


def main(arguments: list[str]) -> int:
    """Do what the first word says, of the rows that the others name; the exit code."""
    names = arguments[1:] or [row.name for row in ROWS]
    unknown = sorted(set(names) - {row.name for row in ROWS})
    if arguments[:1] not in (["record"], ["draw"]) or unknown:
        rows = ", ".join(row.name for row in ROWS)
        print(
            f"usage: python -m tools.gallery record|draw [ROW…]; rows are {rows}", file=sys.stderr
        )
        return 2
    chosen = tuple(row for row in ROWS if row.name in names)
    if arguments[0] == "record":
        for row in chosen:
            print(f"{row.name}: training {' and '.join(('ill', 'healthy'))}", file=sys.stderr)
            record(row)
    else:
        draw_all(chosen)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
