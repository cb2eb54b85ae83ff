"""Breaking text at 100 columns, and colouring it for a terminal."""

from __future__ import annotations

from ppodiag.printing import printable as printable

WIDTH = 100
"""Columns that every line of output fits in, where its words allow it."""

_CODES = {"error": "31;1", "warning": "33;1", "info": "36;1", "bold": "1", "dim": "2"}


def wrap(text: str, first: str, rest: str, width: int = WIDTH) -> list[str]:
    """Lines of at most `width` columns, the first and the others behind their own prefix.

    Control characters are made visible, as `printable` has them.
    """
    lines, line, empty = [], first, True
    for word in map(printable, text.split()):
        if not empty and len(line) + 1 + len(word) > width:
            lines.append(line)
            line, empty = rest, True
        line += word if empty else " " + word
        empty = False
    lines.append(line)
    return lines


def paint(text: str, style: str, colour: bool) -> str:
    """The text in a style, where colour is wanted."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if colour else text
