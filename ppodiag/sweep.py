"""Varying one key or two: what each value would do, and which values draw no finding."""

from __future__ import annotations

import difflib
import json
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
        error: why it cannot be simulated.
    """

    values: tuple[Any, ...]
    forecast: Forecast | None
    codes: dict[str, Severity]
    error: str = ""


@dataclass(frozen=True, eq=False)
class Sweep:
    """All points of a sweep.

    Attributes:
        path: the file.
        axes: one or two.
        points: in the order of the product of the axes, the last one varying fastest.
        everywhere: codes that every point draws; the swept keys do not mend these.
    """

    path: str
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    everywhere: frozenset[str]

    def clean(self, point: Point) -> bool:
        """Whether a point draws nothing but what all points draw."""
        return point.forecast is not None and set(point.codes) <= self.everywhere


def parse_axis(text: str) -> Axis:
    """The axis that `KEY=A:B:N` (N values from A to B) or `KEY=V1,V2,…` describes.

    KEY is dotted, or the last part alone where only one known key ends so. A key of whole numbers takes
    whole values.

    Raises:
        UsageError: no such key, several, or values that cannot be read.
    """
    key, equals, spec = text.partition("=")
    if not equals or not key.strip():
        raise UsageError(
            f"--sweep {text!r} is not KEY=A:B:N", "write for example warmup_steps=0:2000:21"
        )
    path, field = _find_key(key.strip())
    parts = spec.split(":")
    if len(parts) == 3:
        values = _linear(text, *parts)
    elif ":" not in spec:
        values = [_value(text, part) for part in spec.split(",")]
    else:
        raise UsageError(
            f"--sweep {text!r} is not KEY=A:B:N", "write for example warmup_steps=0:2000:21"
        )
    if field in WHOLE:
        values = [round(v) if isinstance(v, int | float) and not isinstance(v, bool) else v
                  for v in values]  # fmt: skip
    return Axis(path, tuple(dict.fromkeys(values)))


def _find_key(key: str) -> tuple[tuple[str, ...], str]:
    dotted = key.lstrip("/").replace("/", ".")
    paths = {field: path.replace("/", ".") for field, (path, _) in FIELDS.items() if "/" in path}
    for field, path in paths.items():
        if path == dotted:
            return tuple(path.split(".")), field
    if "." in dotted:
        return tuple(dotted.split(".")), ""
    ending = [(path, field) for field, path in paths.items() if path.rsplit(".", 1)[1] == dotted]
    preferred = [pair for pair in ending if pair[1] == dotted]
    if len(ending) == 1 or len(preferred) == 1:
        path, field = (preferred or ending)[0]
        return tuple(path.split(".")), field
    if ending:
        raise UsageError(
            f"several keys are called {dotted}", f"write one of {', '.join(p for p, _ in ending)}"
        )
    near = difflib.get_close_matches(dotted, [path.rsplit(".", 1)[1] for path in paths.values()], 1)
    hint = f"did you mean {near[0]}?" if near else "write the whole path, such as ppo_config.lr"
    raise UsageError(f"no known key is called {dotted}", hint)


def _linear(text: str, first: str, last: str, number_of: str) -> list[Any]:
    try:
        low, high, count = float(first), float(last), int(number_of)
    except ValueError:
        raise UsageError(f"--sweep {text!r}: A and B are numbers, N is a whole number",
                         "write for example warmup_steps=0:2000:21") from None  # fmt: skip
    if not (math.isfinite(low) and math.isfinite(high) and 1 <= count <= MOST_POINTS):
        raise UsageError(
            f"--sweep {text!r}: finite bounds and 1 to {MOST_POINTS:,} values are possible",
            "write for example warmup_steps=0:2000:21",
        )
    steps = max(count - 1, 1)
    # Twelve digits, so that 0.1 + 0.2 is written as a person would write it.
    values = [float(f"{low + (high - low) * index / steps:.12g}") for index in range(count)]
    return [int(value) if value == int(value) else value for value in values]


def _value(text: str, part: str) -> Any:
    try:
        value = json.loads(part)
    except ValueError:
        value = part.strip()
    if isinstance(value, list | dict):
        raise UsageError(f"--sweep {text!r}: values are numbers, words, true or false", "")
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
        here = replace(options, overrides=(*options.overrides, *pairs))
        points.append(_point(data, path, values, here, source_for, seeds, seed))
    made = [point for point in points if point.forecast is not None]
    if not made:
        raise UsageError(f"no value can be simulated: {points[0].error}", "sweep other values")
    common = frozenset.intersection(*(frozenset(point.codes) for point in points))
    return Sweep(path, tuple(axes), tuple(points), common)


def _point(
    data: bytes,
    path: str,
    values: tuple[Any, ...],
    options: Options,
    source_for: SourceFor | None,
    seeds: int,
    seed: int,
) -> Point:
    shown = replace(options, severity=Severity.WARNING)
    report = lint_fully(data, path, shown, fast_rules())
    codes = {d.code: d.severity for d in sorted(report.diagnostics, key=lambda d: d.severity)}
    try:
        made = forecast(data, path, options, source_for=source_for, seeds=seeds, seed=seed)
    except UsageError as error:
        return Point(values, None, codes, error.message)
    for d in made.findings:
        if d.severity >= Severity.WARNING:
            codes[d.code] = d.severity
    return Point(values, made, codes)
