"""Varying one key or two: what each value would do, and which values draw no finding."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from ppodiag.config import FIELDS, WHOLE
from ppodiag.errors import UsageError
from ppodiag.finding import Severity
from ppodiag.forecast import Forecast, SourceFor, forecast
from ppodiag.full import lint_fully
from ppodiag.options import Options
from ppodiag.overrides import parse_value, resolve_key
from ppodiag.rules.loader import fast_rules

MOST_POINTS = 2500
"""Points of a sweep."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A key and the values that it takes.

    Attributes:
        path: path of the key.
        values: in the order in which they are tried.
    """

    path: tuple[str, ...]
    values: tuple[Any, ...]

    @property
    def name(self) -> str:
        """The key without its blocks."""
        return self.path[-1]


@dataclass(frozen=True, eq=False)
class Point:
    """One combination of values.

    Attributes:
        values: one an axis.
        forecast: what it implies; None: it cannot be simulated.
        codes: code to severity of what the linter and the trajectory find, at warning or above.
        own: those of the codes whose place, or one of whose inputs, is a swept key.
        error: why it cannot be simulated.
    """

    values: tuple[Any, ...]
    forecast: Forecast | None
    codes: dict[str, Severity]
    own: frozenset[str] = frozenset()
    error: str = ""


@dataclass(frozen=True, eq=False)
class Sweep:
    """All points of a sweep.

    Attributes:
        path: the file.
        axes: one or two.
        points: in the order of the product of the axes, the last one varying fastest.
        everywhere: codes that every point draws with one severity, and none of whose places is a
            swept key: these the swept keys do not mend.
    """

    path: str
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    everywhere: frozenset[str]

    def clean(self, point: Point) -> bool:
        """Whether a point trains, and draws nothing but what the swept keys do not mend."""
        made = point.forecast
        trains = made is not None and made.trajectory.updates > 0
        return trains and set(point.codes) <= self.everywhere

    @property
    def example(self) -> Forecast:
        """The forecast of a point that can be simulated, for what all points share."""
        return next(point.forecast for point in self.points if point.forecast is not None)


def parse_axis(text: str) -> Axis:
    """The axis that `KEY=A:B:N`, `KEY=A:B:N:log` (N values from A to B) or `KEY=V1,V2,…` describes.

    KEY is as for `overrides.resolve_key`. A key of whole numbers takes whole values.

    Raises:
        UsageError: no such key, several, or values that cannot be read, or that a key of whole
            numbers cannot take.
    """
    key, equals, spec = text.partition("=")
    if not equals or not key.strip():
        raise UsageError(f"--sweep {text!r} is not KEY=A:B:N", _EXAMPLE)
    path = resolve_key(key)
    whole = "/".join(path) in _COUNTS
    parts = spec.split(":")
    if len(parts) == 3 or (len(parts) == 4 and parts[3] == "log"):
        values = _spaced(text, *parts[:3], log=len(parts) == 4)
        if whole:  # between two whole numbers there may be fewer than were asked for
            values = [round(value) for value in values]
    elif ":" not in spec:
        values = [_value(text, part) for part in spec.split(",")]
        if whole and any(isinstance(v, float) and v != int(v) for v in values):
            raise UsageError(f"--sweep {text!r}: {path[-1]} takes whole numbers", _EXAMPLE)
    else:
        raise UsageError(f"--sweep {text!r} is not KEY=A:B:N", _EXAMPLE)
    return Axis(path, tuple(dict.fromkeys(values)))


_EXAMPLE = "write for example warmup_steps=0:2000:21, lr=1e-5:1e-2:10:log or warmup_steps=0,500"
_COUNTS = {FIELDS[field][0] for field in (*WHOLE, "accumulation_steps")}
"""Paths of the keys that take whole numbers."""


def _spaced(text: str, first: str, last: str, number_of: str, *, log: bool) -> list[Any]:
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
    found = [between(low, high, share) for share in shares]
    # Six digits of a ratio, twelve of a sum, so that values are such as a person would write.
    values = [float(f"{value:.{6 if log else 12}g}") for value in found]
    return [int(value) if value == int(value) else value for value in values]


def _by_sum(low: float, high: float, share: float) -> float:
    return low + (high - low) * share


def _by_ratio(low: float, high: float, share: float) -> float:
    return float(low * (high / low) ** share)


def _value(text: str, part: str) -> Any:
    try:
        value = parse_value(part)
    except UsageError as error:
        raise UsageError(f"--sweep {text!r}: {error.message}", error.remedy) from None
    if isinstance(value, list | dict):
        raise UsageError(f"--sweep {text!r}: values are numbers, words, true or false", _EXAMPLE)
    return value


def sweep(
    data: bytes,
    path: str,
    axes: Sequence[Axis],
    options: Options,
    *,
    source_for: SourceFor | None = None,
    seeds: int = 20,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Sweep:
    """Simulate and lint every combination of values.

    Raises:
        UsageError: too many points, or no point can be simulated.
    """
    if len({axis.path for axis in axes}) < len(axes):
        raise UsageError(f"{axes[0].name} is swept twice", "sweep another key beside it")
    combinations = list(product(*(axis.values for axis in axes)))
    if len(combinations) > MOST_POINTS:
        raise UsageError(
            f"{len(combinations):,} points are too many", f"at most {MOST_POINTS:,} are tried"
        )
    points = []
    for index, values in enumerate(combinations):
        if progress is not None:
            progress(index, len(combinations))
        pairs = tuple((axis.path, value) for axis, value in zip(axes, values, strict=True))
        points.append(_point(data, path, pairs, options, source_for, seeds, seed))
    made = [point for point in points if point.forecast is not None]
    if not made:
        raise UsageError(f"no value can be simulated: {points[0].error}", "sweep other values")
    return Sweep(path, tuple(axes), tuple(points), _everywhere(points))


def _everywhere(points: Sequence[Point]) -> frozenset[str]:
    """Codes that every point draws with one severity, and that no swept key is part of."""
    alike = frozenset.intersection(*(frozenset(point.codes.items()) for point in points))
    own = frozenset().union(*(point.own for point in points))
    return frozenset(code for code, _ in alike if code not in own)


def _point(
    data: bytes,
    path: str,
    pairs: tuple[tuple[tuple[str, ...], Any], ...],
    options: Options,
    source_for: SourceFor | None,
    seeds: int,
    seed: int,
) -> Point:
    here = replace(options, overrides=(*options.overrides, *pairs))
    values = tuple(value for _, value in pairs)
    report = lint_fully(data, path, replace(here, severity=Severity.WARNING), fast_rules())
    found = list(report.diagnostics)
    made, error = None, ""
    try:
        made = forecast(data, path, here, source_for=source_for, seeds=seeds, seed=seed)
        found += [d for d in made.findings if d.severity >= Severity.WARNING]
    except UsageError as fault:
        error = fault.message
    codes = {d.code: d.severity for d in sorted(found, key=lambda d: d.severity)}
    swept = {"/" + "/".join(key) for key, _ in pairs}
    own = {d.code for d in found if swept & {d.pointer, *(place.pointer for place in d.related)}}
    return Point(values, made, codes, frozenset(own), error)
