"""A key that is swept, and its values: as a person writes them on the command line."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ppodiag.config import FIELDS, WHOLE
from ppodiag.errors import UsageError
from ppodiag.overrides import Path, parse_value, resolve_key

MOST_POINTS = 2500
"""Points of a sweep."""

FEWEST_DIGITS = 6
"""Significant digits of a value between the bounds, where they tell it from its neighbours."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A key and the values that it takes.

    Attributes:
        path: path of the key.
        values: in the order in which they are tried.
        note: how the values differ from those that were asked for; empty where they do not.
    """

    path: Path
    values: tuple[Any, ...]
    note: str = ""

    @property
    def name(self) -> str:
        """The key without its blocks."""
        return self.path[-1]


def parse_axis(text: str) -> Axis:
    """The axis that `KEY=A:B:N`, `KEY=A:B:N:log` (N values from A to B) or `KEY=V1,V2,…` describes.

    KEY is as for `overrides.resolve_key`. Between A and B, a key of whole numbers takes the nearest
    ones; the axis' note says so.

    Raises:
        UsageError: no such key, several, or values that cannot be read, or that a key of whole
            numbers cannot take.
    """
    key, equals, spec = text.partition("=")
    if not equals or not key.strip():
        raise UsageError(f"--sweep {text!r} is not KEY=A:B:N", _EXAMPLE)
    try:
        path = resolve_key(key)
    except UsageError as error:
        raise UsageError(f"--sweep {text!r}: {error.message}", error.remedy) from None
    whole = "/".join(path) in _COUNTS
    parts = spec.split(":")
    if len(parts) == 3 or (len(parts) == 4 and parts[3] == "log"):
        between = _spaced(text, *parts[:3], log=len(parts) == 4)
        values = tuple(dict.fromkeys(round(value) for value in between)) if whole else between
        return Axis(path, values, _note(path[-1], between, values))
    if ":" in spec:
        raise UsageError(f"--sweep {text!r} is not KEY=A:B:N", _EXAMPLE)
    listed = tuple(_value(text, part) for part in spec.split(","))
    if whole:
        if any(isinstance(v, float) and v != int(v) for v in listed):
            raise UsageError(f"--sweep {text!r}: {path[-1]} takes whole numbers", _EXAMPLE)
        listed = tuple(int(v) if isinstance(v, float) else v for v in listed)
    return Axis(path, tuple(dict.fromkeys(listed)))


_EXAMPLE = "write for example warmup_steps=0:2000:21, lr=1e-5:1e-2:10:log or warmup_steps=0,500"
_COUNTS = {FIELDS[field][0] for field in (*WHOLE, "accumulation_steps")}
"""Paths of the keys that take whole numbers."""


def _spaced(text: str, first: str, last: str, number_of: str, *, log: bool) -> tuple[Any, ...]:
    """N values from A to B, evenly spaced, or by one ratio."""
    try:
        low, high, count = float(first), float(last), int(number_of)
    except ValueError:
        raise UsageError(
            f"--sweep {text!r}: A and B are numbers, N is a whole number", _EXAMPLE
        ) from None
    if not (math.isfinite(low) and math.isfinite(high) and 1 <= count <= MOST_POINTS):
        raise UsageError(
            f"--sweep {text!r}: finite bounds and 1 to {MOST_POINTS:,} values are possible",
            _EXAMPLE,
        )
    if log and (low <= 0 or high <= 0):
        raise UsageError(f"--sweep {text!r}: bounds above 0 are needed for log", _EXAMPLE)
    steps = max(count - 1, 1)
    shares = [index / steps for index in range(count)]
    between = _by_ratio if log else _by_sum
    values = _tidy([between(low, high, share) for share in shares])
    values[0] = low
    if count > 1:
        values[-1] = high
    return tuple(int(value) if value == int(value) else value for value in values)


def _by_sum(low: float, high: float, share: float) -> float:
    return low * (1 - share) + high * share


def _by_ratio(low: float, high: float, share: float) -> float:
    return math.exp(math.log(low) * (1 - share) + math.log(high) * share)


def _tidy(values: list[float]) -> list[float]:
    """Values with as few digits as a person would write, moved by 1/1000 of their distance at most."""
    gaps = (abs(after - before) for before, after in pairwise(values))
    gap = min(gaps, default=0.0)
    for digits in range(FEWEST_DIGITS, 17):
        short = [float(f"{value:.{digits}g}") for value in values]
        if all(abs(a - b) <= gap / 1000 for a, b in zip(short, values, strict=True)):
            return short
    return values


def _note(name: str, between: tuple[Any, ...], values: tuple[Any, ...]) -> str:
    if values == between:
        return ""
    left = (
        "" if len(values) == len(between) else f": {len(values):,} in the place of {len(between):,}"
    )
    return f"the values of {name} are rounded to whole numbers{left}"


def _value(text: str, part: str) -> Any:
    try:
        value = parse_value(part)
    except UsageError as error:
        raise UsageError(f"--sweep {text!r}: {error.message}", error.remedy) from None
    if isinstance(value, list | dict):
        raise UsageError(f"--sweep {text!r}: values are numbers, words, true or false", _EXAMPLE)
    return value
