"""Places in a text."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text: lines and columns from 1, in characters; the end is exclusive.

    `start` and `end` are character offsets into the decoded text, byte order mark not counted.
    """

    start_line: int
    start_column: int
    end_line: int
    end_column: int
    start: int
    end: int


class LineIndex:
    """Turns offsets into lines and columns; lines end at LF, CR LF or a lone CR."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: list[int] | None = None

    @property
    def starts(self) -> list[int]:
        """Offset of the first character of every line."""
        if self._starts is None:
            starts = [0]
            text = self._text
            if "\r" in text:
                starts += [end.end() for end in re.finditer("\r\n|\r|\n", text)]
            else:
                position = text.find("\n")
                while position >= 0:
                    starts.append(position + 1)
                    position = text.find("\n", position + 1)
            self._starts = starts
        return self._starts

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """The span between two offsets."""
        first, last = self.place(start), self.place(max(start, end))
        return Span(first[0], first[1], last[0], last[1], start, max(start, end))

    def line(self, number: int) -> str:
        """The text of a line, without its end."""
        starts = self.starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self._text)
        return self._text[starts[number - 1] : end].rstrip("\r\n")
