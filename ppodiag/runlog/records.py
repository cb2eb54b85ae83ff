"""The records of an event file, with the exact place of whatever is wrong with it.

A record is its length (8 bytes, little-endian), the masked CRC-32C of those, its data, and the
masked CRC-32C of the data. TensorBoard's own reader stops at a fault without saying where and
reads a record of any length whole; here both are bounded and told.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field

import numpy as np

from ppodiag.runlog.crc import masked_crcs

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from numpy.typing import NDArray

    Offsets = NDArray[np.int64]

HEADER, FOOTER = 12, 4  # bytes
LARGEST_RECORD = 64 * 2**20
"""Bytes of the largest record that is looked into; a larger one is an image or a graph."""
_CHUNK = 4 * 2**20
_LENGTH = struct.Struct("<Q")


@dataclass(slots=True)
class Scan:
    """What was found while reading; complete once the records are exhausted.

    Attributes:
        records: sound records read.
        skipped: (byte offset, what was wrong) of each record that was passed over.
        stopped: byte offset and reason where the reading ended before the file's end, or None.
    """

    records: int = 0
    skipped: list[tuple[int, str]] = field(default_factory=list)
    stopped: tuple[int, str] | None = None


def starts_a_record(head: bytes) -> bool:
    """True: the first 12 bytes are the header of a record."""
    return len(head) >= HEADER and bool(_sound(head, np.zeros(1, np.int64))[0])


def read_records(handle: BinaryIO, scan: Scan) -> Iterator[bytes]:
    """The data of each sound record in order; `scan` tells of the others."""
    buffer, base, wanted = b"", 0, 0
    while True:
        new = handle.read(max(_CHUNK, wanted - len(buffer)))
        buffer, wanted = buffer + new, 0
        starts, used = _frame(buffer)
        good = _sound(buffer, starts)
        if not good.all():
            bad = int(np.argmin(good))
            starts, used = starts[:bad], int(starts[bad])
        yield from _checked(buffer, starts, base, scan)
        buffer, base = buffer[used:], base + used
        if len(buffer) >= HEADER:
            if not starts_a_record(buffer[:HEADER]):
                what = "zero bytes" if not any(buffer[:HEADER]) else "a header with a wrong CRC"
                scan.stopped = (base, f"{what} where a record should begin")
                return
            wanted = _LENGTH.unpack_from(buffer)[0] + HEADER + FOOTER
            if wanted > LARGEST_RECORD and new:
                base, buffer, wanted = _pass_over(handle, base, wanted, scan), b"", 0
                if scan.stopped is not None:
                    return
                continue
        if not new:
            if buffer:
                whole = f" of {wanted}" if wanted else ""
                scan.stopped = (base, f"the file ends {len(buffer)} bytes into a record{whole}")
            return


def _frame(buffer: bytes) -> tuple[Offsets, int]:
    """Offsets of the whole records if every length is true, and the end of the last."""
    starts, at, size = [], 0, len(buffer)
    while at + HEADER <= size:
        end = at + HEADER + _LENGTH.unpack_from(buffer, at)[0] + FOOTER
        if end > size:
            break
        starts.append(at)
        at = end
    return np.array(starts, np.int64), at


def _sound(buffer: bytes, starts: Offsets) -> NDArray[np.bool_]:
    """Shape (records,): the header's checksum is right."""
    data = np.frombuffer(buffer, np.uint8)
    found = masked_crcs(data, starts, np.full(len(starts), 8, np.int64))
    return np.equal(found, _words(data, starts + 8))


def _words(data: NDArray[np.uint8], at: Offsets) -> NDArray[np.uint32]:
    """The little-endian 32-bit words at some offsets, shape of `at`."""
    parts = data[at[:, None] + np.arange(4)].astype(np.uint32)
    shifts = np.array([0, 8, 16, 24], np.uint32)
    words: NDArray[np.uint32] = np.bitwise_or.reduce(parts << shifts, axis=1)
    return words


def _checked(buffer: bytes, starts: Offsets, base: int, scan: Scan) -> Iterator[bytes]:
    """The data of the framed records whose checksum is right."""
    data = np.frombuffer(buffer, np.uint8)
    ends = np.append(starts[1:], len(buffer)) if len(starts) else starts
    if len(starts):
        ends[-1] = starts[-1] + HEADER + _LENGTH.unpack_from(buffer, starts[-1])[0] + FOOTER
    first, last = starts + HEADER, ends - FOOTER
    good = masked_crcs(data, first, last - first) == _words(data, last)
    for start, begin, end, sound in zip(
        starts.tolist(), first.tolist(), last.tolist(), good.tolist(), strict=True
    ):
        if sound:
            scan.records += 1
            yield buffer[begin:end]
        else:
            scan.skipped.append((base + start, "its data have a wrong CRC"))


def _pass_over(handle: BinaryIO, base: int, length: int, scan: Scan) -> int:
    """Leave out a record that is too large to look into; return the offset behind it."""
    size = os.fstat(handle.fileno()).st_size
    if base + length > size:
        scan.stopped = (base, f"a record of {length} bytes, of which {size - base} are there")
        return size
    scan.skipped.append((base, f"it has {length} bytes, more than are looked into"))
    return handle.seek(base + length)
