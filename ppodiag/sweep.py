"""Varying one key or two: what each value would do, and which values draw no finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from ppodiag.curves import Curve, median_lr_curve
from ppodiag.errors import UsageError
from ppodiag.finding import Severity
from ppodiag.forecast import Forecast, SourceFor, forecast_document, read_whole
from ppodiag.full import lint_document
from ppodiag.options import Options
from ppodiag.overrides import Path
from ppodiag.rule import Rule
from ppodiag.rules.loader import fast_rules
from ppodiag.source.document import Document
from ppodiag.sweep_axis import MOST_POINTS, Axis
from ppodiag.trajectory import Trajectory

SEEDS = 20
"""Paths of each point where nobody says how many; fewer where the run is long."""

CURVE_POINTS = 1000
"""Points of a curve of the learning rate."""


@dataclass(frozen=True, slots=True)
class PointFigures:
    """Figures of the median path.

    Attributes:
        minibatch_steps, optimizer_steps: N_mb and N_opt.
        mean_ratio, final_ratio: mean and final λ.
        lr: the base learning rate.
    """

    minibatch_steps: int
    optimizer_steps: int
    mean_ratio: float
    final_ratio: float
    lr: float


@dataclass(frozen=True, eq=False)
class Point:
    """One combination of values; of its forecast only what a report shows, for there may be many.

    Attributes:
        values: one an axis.
        codes: code to severity of what the linter and the trajectory find, at warning or above.
        own: those of the codes whose place, or one of whose inputs, is a swept key.
        error: why it cannot be simulated; empty where it can.
        seeds: number of paths.
        figures: None where nothing trains.
        outline: all figures for JSON, where they were asked for.
        curve: learning rate over the run, where it was asked for.
    """

    values: tuple[Any, ...]
    codes: dict[str, Severity]
    own: frozenset[str] = frozenset()
    error: str = ""
    seeds: int = 1
    figures: PointFigures | None = None
    outline: Mapping[str, Any] | None = None
    curve: Curve | None = None


@dataclass(frozen=True, eq=False)
class Sweep:
    """All points of a sweep.

    Attributes:
        path: the file.
        axes: one or two.
        points: in the order of the product of the axes, the last one varying fastest.
        example: a forecast of one of them, of one that trains where any does, for what all share.
        everywhere: codes that every point that trains draws with one severity, and none of whose
            places is a swept key: these the swept keys do not mend.
        notes: what the source of the norms, and a record that ends before the run, say at any point;
            each once.
    """

    path: str
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    example: Trajectory
    everywhere: frozenset[str]
    notes: tuple[str, ...] = ()

    def clean(self, point: Point) -> bool:
        """Whether a point trains, and draws nothing but what the swept keys do not mend."""
        return point.figures is not None and set(point.codes) <= self.everywhere


def sweep(
    data: bytes,
    path: str,
    axes: Sequence[Axis],
    options: Options,
    *,
    source_for: SourceFor | None = None,
    seeds: int | None = None,
    seed: int = 0,
    outlines: bool = False,
    curves: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Sweep:
    """Simulate and lint every combination of values.

    Args:
        data: the file.
        path: its name.
        axes: one key or two.
        options: profile and overrides.
        source_for, seed: as for `forecast.forecast`.
        seeds: number of paths; None: 20, fewer where the run is long.
        outlines, curves: what each point keeps besides its figures.
        progress: called with points done and their number.

    Raises:
        UsageError: too many points, one key twice, or no point can be simulated.
    """
    if len({axis.path for axis in axes}) < len(axes):
        raise UsageError(f"{axes[0].name} is swept twice", "sweep another key beside it")
    combinations = list(product(*(axis.values for axis in axes)))
    if len(combinations) > MOST_POINTS:
        raise UsageError(
            f"{len(combinations):,} points are too many", f"at most {MOST_POINTS:,} are tried"
        )
    document, rules = read_whole(data, path, options), fast_rules()
    points: list[Point] = []
    example: Trajectory | None = None
    notes: dict[str, None] = {}
    for index, values in enumerate(combinations):
        if progress is not None:
            progress(index, len(combinations))
        pairs = tuple((axis.path, value) for axis, value in zip(axes, values, strict=True))
        here = replace(options, overrides=(*options.overrides, *pairs), severity=Severity.WARNING)
        made, error = None, ""
        try:
            made = forecast_document(
                document,
                here,
                rules,
                source_for=source_for,
                seeds=seeds,
                most_seeds=SEEDS,
                seed=seed,
            )
        except UsageError as fault:
            error = fault.message
            for axis in axes:  # which is known
                error = error.removesuffix(f" ({axis.name} is set on the command line)")
        point = Point(
            values, *_found(made, document, here, rules, {key for key, _ in pairs}), error
        )
        if made is not None:
            point = _with_figures(point, made, outlines, curves)
            notes |= dict.fromkeys((*made.source_notes, *made.trajectory.remarks))
            if example is None or not example.updates:
                example = made.trajectory
        points.append(point)
    if example is None:
        raise UsageError(f"no value can be simulated: {points[0].error}", "sweep other values")
    return Sweep(path, tuple(axes), tuple(points), example, _everywhere(points), tuple(notes))


def _found(
    made: Forecast | None,
    document: Document,
    options: Options,
    rules: Mapping[str, Rule],
    swept: set[Path],
) -> tuple[dict[str, Severity], frozenset[str]]:
    """Codes with their worst severity, and those of them that a swept key is part of."""
    found = list(lint_document(document, options, rules, others=False).diagnostics)
    if made is not None:
        found += [d for d in made.findings if d.severity >= Severity.WARNING]
    codes = {d.code: d.severity for d in sorted(found, key=lambda d: d.severity)}
    pointers = {"/" + "/".join(key) for key in swept}
    own = {d.code for d in found if pointers & {d.pointer, *(place.pointer for place in d.related)}}
    return codes, frozenset(own)


def _with_figures(point: Point, made: Forecast, outlines: bool, curves: bool) -> Point:
    t = made.trajectory
    figures = None
    if t.updates:
        path = t.median_path
        figures = PointFigures(
            int(t.minibatch_steps[path]), int(t.optimizer_steps[path]),
            float(t.mean_ratios[path]), float(t.final_ratios[path]), t.config.lr,
        )  # fmt: skip
    return replace(
        point,
        seeds=len(t.seeds),
        figures=figures,
        outline=made.outline.plain() if outlines else None,
        curve=median_lr_curve(t, CURVE_POINTS) if curves else None,
    )


def _everywhere(points: Sequence[Point]) -> frozenset[str]:
    """Codes that every point draws with one severity, and that no swept key is part of.

    Where a point does not train most rules are silent, so those that train are asked, if any do.
    """
    trained = [point for point in points if point.figures is not None] or points
    alike = frozenset.intersection(*(frozenset(point.codes.items()) for point in trained))
    own = frozenset().union(*(point.own for point in points))
    return frozenset(code for code, _ in alike if code not in own)
