"""A text file in blocks of whole lines, with their numbers; bounded in memory."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from ppodiag.errors import UsageError
from ppodiag.runlog.run import Note

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

BLOCK = 4 * 2**20  # bytes
LONGEST_LINE = 16 * 2**20
"""Bytes that a line, or a quoted cell over several lines, may have."""


@dataclass(slots=True)
class TextEnd:
    """How a text ended; complete once the blocks are exhausted.

    Attributes:
        cut: True: the last line has no line end.
        undecodable: lines with bytes that are not UTF-8.
        zeros_at: byte offset of the first zero byte, where the reading stopped, or None.
    """

    cut: bool = False
    undecodable: int = 0
    zeros_at: int | None = None

    def notes(self) -> list[Note]:
        """What a reader must know of bytes that are no text."""
        notes = []
        if self.zeros_at is not None:
            text = "a zero byte stands here, which no text has: reading stopped"
            notes.append(Note("error", f"byte {self.zeros_at}", text))
        if self.undecodable:
            text = f"{self.undecodable} lines have bytes that are not UTF-8; they are replaced"
            notes.append(Note("warning", "", text))
        return notes


def read_blocks(handle: BinaryIO, end: TextEnd, quoted: bool) -> Iterator[tuple[int, str]]:
    """(number of its first line, from 1; text that ends with a line end) of each block.

    A zero byte ends the reading: no text has one, and a file that a crash left behind ends in them.

    Args:
        handle: the file at its beginning.
        end: filled in while reading.
        quoted: True: a block never ends within double quotes.

    Raises:
        UsageError: a line, or a quoted cell, is too long to be one.
    """
    rest, line, base = b"", 1, 0
    while new := handle.read(BLOCK):
        if base == 0 and not rest:
            new = new.removeprefix(codecs.BOM_UTF8)
        zero = new.find(0)
        if zero >= 0:
            end.zeros_at = base + len(rest) + zero
            new = new[:zero]
        data = rest + new
        cut = _last_whole(data, quoted)
        if cut:
            yield line, _decoded(data[:cut], end)
            line += data.count(b"\n", 0, cut)
        rest, base = data[cut:], base + cut
        if end.zeros_at is not None:
            break
        if len(rest) > LONGEST_LINE:
            raise UsageError(
                f"line {line} has more than {LONGEST_LINE} bytes", "name a log with one row a line"
            )
    if rest.strip():
        end.cut = True
        yield line, _decoded(rest, end) + "\n"


def _last_whole(data: bytes, quoted: bool) -> int:
    """Length of the longest beginning that ends with a line end outside quotes."""
    cut = data.rfind(b"\n") + 1
    if quoted and b'"' in data:
        open_quotes = data.count(b'"', 0, cut) % 2
        while cut and open_quotes:
            before = data.rfind(b"\n", 0, cut - 1) + 1
            open_quotes = (open_quotes + data.count(b'"', before, cut)) % 2
            cut = before
    return cut


def _decoded(data: bytes, end: TextEnd) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode(errors="replace")
        end.undecodable += sum("\ufffd" in line for line in text.split("\n"))
    return text.replace("\r\n", "\n") if "\r" in text else text
