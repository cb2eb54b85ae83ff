"""Sizes in bytes, read and written."""

from __future__ import annotations

import pytest

from ppodiag.bytesize import parse_size, size_text
from ppodiag.errors import UsageError


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("16GB", 16_000_000_000),
        ("500MiB", 524_288_000),
        ("1e9", 1_000_000_000),
        ("1.5 gb", 1_500_000_000),
        ("2kib", 2048),
        ("1", 1),
        ("80B", 80),
        ("9007199254740993", 9007199254740993),
        ("1000PB", 10**18),
    ],
)
def test_sizes(text: str, size: int) -> None:
    """A number and a decimal or binary unit, in any case."""
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("16G", "G is no unit"),
        ("16 gigs", "gigs is no unit"),
        ("much", "is no size of memory"),
        ("", "is no size of memory"),
        ("-1GB", "is no size of memory"),
        ("nan", "is no size of memory"),
        ("inf", "is no size of memory"),
        ("0", "expected 1 byte"),
        ("0.4B", "expected 1 byte"),
        ("1001PB", "expected 1 byte"),
        ("1e99PB", "expected 1 byte"),
        ("9" * 5000, "is no size of memory"),
        ("1٣GB", "is no size of memory"),
    ],
)
def test_no_sizes(text: str, piece: str) -> None:
    """Anything else is said to be none, with an example of one."""
    with pytest.raises(UsageError, match=piece) as raised:
        parse_size(text)
    assert raised.value.remedy == "write for example 16GB, 500MiB or 1e9"


def test_written() -> None:
    """Three significant digits, decimal units."""
    sizes = [0, 999, 1000, 17_640_000, 999_499, 999_500, 16 * 10**9, 10**18]
    assert [size_text(size) for size in sizes] == [
        "0 bytes", "999 bytes", "1.00 kB", "17.6 MB", "999 kB", "1.00 MB", "16.0 GB", "1,000 PB",
    ]  # fmt: skip
