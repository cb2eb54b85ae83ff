"""Records of event files: checksums, and the place of every fault."""

from __future__ import annotations

import io
import random
import struct
from pathlib import Path

import numpy as np
import pytest

from ppodiag.runlog.crc import masked_crcs
from ppodiag.runlog.records import LARGEST_RECORD, Scan, read_records, starts_a_record
from tests.runlog.event_files import require_tensorboard, write_scalars

# CRC-32C of RFC 3720, B.4: 32 zero bytes, 32 bytes of ones, 0 to 31 rising.
_KNOWN = [(b"\0" * 32, 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43), (bytes(range(32)), 0x46DD794E)]


def _crc(records: list[bytes]) -> list[int]:
    lengths = np.array([len(record) for record in records], np.int64)
    data = np.frombuffer(b"".join(records), np.uint8)
    return masked_crcs(data, np.cumsum(lengths) - lengths, lengths).tolist()


def _mask(crc: int) -> int:
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def record(data: bytes) -> bytes:
    """A record, framed."""
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", _crc([length])[0]) + data + struct.pack("<I", _crc([data])[0])


def _read(data: bytes) -> tuple[list[bytes], Scan]:
    scan = Scan()
    return list(read_records(io.BytesIO(data), scan)), scan


def test_checksums_of_the_standard() -> None:
    """The sums of RFC 3720 come out, all records in one call."""
    assert _crc([data for data, _ in _KNOWN]) == [_mask(crc) for _, crc in _KNOWN]


def test_checksums_equal_tensorboard_s() -> None:
    """Every length from 0 to 200 bytes, around powers of the block, and a long one."""
    require_tensorboard()
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

    rng = random.Random(0)
    lengths = [*range(201), 4095, 4096, 4097, 70_001]
    records = [rng.randbytes(n) for n in lengths]
    assert _crc(records) == [masked_crc32c(data) for data in records]


def test_records_equal_tensorboard_s(tmp_path: Path) -> None:
    """On a sound file, the records are those of TensorBoard's own reader."""
    require_tensorboard()
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader

    path = write_scalars(tmp_path / "events", [("a", i, i / 3) for i in range(300)])
    mine, scan = _read(path.read_bytes())
    assert mine == list(RawEventFileLoader(str(path)).Load())
    assert (scan.records, scan.skipped, scan.stopped) == (301, [], None)


@pytest.mark.parametrize("cut", range(1, 3 * 26))
def test_cut_anywhere(cut: int) -> None:
    """Three records of 26 bytes, cut after `cut` bytes: the whole ones are read, the place told."""
    data = b"".join(record(bytes([65 + i]) * 10) for i in range(3))
    assert len(data) == 3 * 26
    read, scan = _read(data[:cut])
    whole, rest = divmod(cut, 26)
    assert read == [bytes([65 + i]) * 10 for i in range(whole)]
    assert scan.records == whole
    if rest == 0:
        assert scan.stopped is None
    else:
        assert scan.stopped is not None
        assert scan.stopped[0] == 26 * whole
        assert scan.stopped[1].startswith(f"the file ends {rest} bytes into a record")


@pytest.mark.parametrize("byte", range(26, 52))
def test_one_wrong_byte(byte: int) -> None:
    """A wrong header ends the reading at its record; wrong data cost that record alone."""
    data = bytearray(b"".join(record(bytes([65 + i]) * 10) for i in range(3)))
    data[byte] ^= 0x40
    read, scan = _read(bytes(data))
    if byte < 26 + 12:
        assert read == [b"A" * 10]
        assert scan.stopped == (26, "a header with a wrong CRC where a record should begin")
    else:
        assert read == [b"A" * 10, b"C" * 10]
        assert scan.skipped == [(26, "its data have a wrong CRC")]
        assert scan.stopped is None


def test_zeros_behind_the_records() -> None:
    """A file that a crash left with zero bytes at its end is read up to them."""
    read, scan = _read(record(b"whole") + b"\0" * 100)
    assert read == [b"whole"]
    assert scan.stopped == (21, "zero bytes where a record should begin")


def test_a_record_larger_than_is_looked_into(tmp_path: Path) -> None:
    """Its data are passed over and the next record is read; memory stays bounded."""
    size = LARGEST_RECORD + 5
    length = struct.pack("<Q", size)
    path = tmp_path / "large"
    with path.open("wb") as handle:
        handle.write(record(b"first") + length + struct.pack("<I", _crc([length])[0]))
        handle.seek(size + 4, 1)
        handle.write(record(b"last"))
    scan = Scan()
    with path.open("rb") as handle:
        assert list(read_records(handle, scan)) == [b"first", b"last"]
    assert scan.skipped == [(21, f"it has {size + 16} bytes, more than are looked into")]


def test_a_length_that_the_file_does_not_have(tmp_path: Path) -> None:
    """A sound header that claims 2^40 bytes ends the reading without asking for them."""
    length = struct.pack("<Q", 2**40)
    path = tmp_path / "liar"
    path.write_bytes(record(b"first") + length + struct.pack("<I", _crc([length])[0]) + b"x" * 50)
    scan = Scan()
    with path.open("rb") as handle:
        assert list(read_records(handle, scan)) == [b"first"]
    assert scan.stopped == (21, f"a record of {2**40 + 16} bytes, of which 62 are there")


def test_what_starts_a_record() -> None:
    """Only a length with its own checksum does."""
    assert starts_a_record(record(b"data")[:12])
    assert not starts_a_record(record(b"data")[:11])
    assert not starts_a_record(b"\0" * 12)
