"""Sizes in bytes as people write them: `16GB`, `500MiB`, `1e9`."""

from __future__ import annotations

import re

from ppodiag.errors import UsageError

_UNITS = {"": 1, "B": 1}
_UNITS |= {f"{letter}B": 1000**power for power, letter in enumerate("KMGTP", 1)}
_UNITS |= {f"{letter}IB": 1024**power for power, letter in enumerate("KMGTP", 1)}
_SIZE = re.compile(r"([0-9]{1,40}(?:\.[0-9]{0,40})?(?:e\+?[0-9]{1,2})?)\s*([A-Z]*)", re.IGNORECASE)

LARGEST = 10**18
"""Bytes; more is no memory's size but a slip."""


def parse_size(text: str) -> int:
    """The bytes that a size means, rounded down: a number, then a unit or none, in any case.

    Units: B, KB, MB, GB, TB, PB in powers of 1000, KiB to PiB in powers of 1024.

    Raises:
        UsageError: it is no such size, or not from 1 byte to `LARGEST`.
    """
    match = _SIZE.fullmatch(text.strip())
    unit = match.group(2).upper() if match else ""
    remedy = "write for example 16GB, 500MiB or 1e9"
    if match is None:
        raise UsageError(f"{text!r} is no size of memory", remedy)
    if unit not in _UNITS:
        raise UsageError(f"{text!r} is no size of memory: {match.group(2)} is no unit", remedy)
    number = match.group(1)
    size = int(number) * _UNITS[unit] if number.isdigit() else int(float(number) * _UNITS[unit])
    if not 1 <= size <= LARGEST:
        raise UsageError(f"{text!r} is no size of memory: expected 1 byte to 1,000 PB", remedy)
    return size


def size_text(size: int) -> str:
    """Bytes with three significant digits in the largest decimal unit below, e.g. `17.6 MB`."""
    unit, number = "bytes", float(size)
    for name in ("kB", "MB", "GB", "TB", "PB"):
        if number < 999.5:
            break
        unit, number = name, number / 1000
    digits = 0 if unit == "bytes" or number >= 99.95 else 1 if number >= 9.995 else 2
    return f"{number:,.{digits}f} {unit}"
