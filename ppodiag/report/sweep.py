"""A sweep as a table, a grid or JSON; what it answers comes first."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ppodiag import __version__
from ppodiag.norms.model import NormModel
from ppodiag.report.wrap import paint, printable, wrap
from ppodiag.sweep import Point, PointFigures, Sweep
from ppodiag.sweep_axis import Axis
from ppodiag.wording import count, counted, number, percent

NOTES = 5
"""Notes of the norms that a table shows."""

WORD = 28
"""Letters of a word as a value; `cosine_annealing_with_warmup` has so many."""

NAME = 36
"""Letters of a key's name above a column, so that a row fits 100 columns."""


def render_sweep(sweep: Sweep, colour: bool) -> str:
    """The answer, then one row a value, or a grid of two keys."""
    names = " × ".join(".".join(axis.path) for axis in sweep.axes)
    many = len(sweep.points)
    noun = "value" if len(sweep.axes) == 1 else "point"
    title = f"{printable(sweep.path)}: {counted(many, noun)} of {names}"
    lines = [paint(line, "bold", colour) for line in wrap(title, "", "  ")]
    lines += assumptions(sweep)
    more = (
        [f"and {len(sweep.notes) - NOTES} more, at other values"]
        if len(sweep.notes) > NOTES
        else []
    )
    for note in (*sweep.notes[:NOTES], *more):
        lines += wrap(printable(note), "note: ", "      ")
    if sweep.everywhere:
        trains = "" if all(point.figures is not None for point in sweep.points) else " that trains"
        text = (
            f"at every {noun}{trains}: {', '.join(sorted(sweep.everywhere))}; other keys mend these"
        )
        lines += wrap(text, "", "  ")
    lines += ["", *answer(sweep), ""]
    lines += _rows(sweep) if len(sweep.axes) == 1 else _grid(sweep)
    return "\n".join(lines) + "\n"


def assumptions(sweep: Sweep) -> list[str]:
    """Profile, norms and seeds of every point, and what the counts leave open."""
    t = sweep.example
    parts = [f"profile {t.profile.name}" + ("" if t.context.profile_declared else " (assumed)")]
    if t.source is not None:
        assumed = " (assumed)" if isinstance(t.source, NormModel) and t.source.assumed else ""
        parts.append(f"gradient norms {printable(t.source.describe())}{assumed}")
    seeds = sorted({point.seeds for point in sweep.points if point.seeds > 1})
    if seeds:
        number_of = " to ".join(count(n) for n in dict.fromkeys((seeds[0], seeds[-1])))
        parts.append(f"figures of the median path of {number_of} seeds")
    if t.steps_are_upper_bounds:
        parts.append("N_mb and N_opt are at most these, as updates may stop early")
    parts += [axis.note for axis in sweep.axes if axis.note]
    return wrap("; ".join(parts), "", "  ")


def answer(sweep: Sweep) -> list[str]:
    """Which values draw no finding of their own, as ranges of neighbouring values."""
    beyond = " beyond those" if sweep.everywhere else ""
    if not any(sweep.clean(point) for point in sweep.points):
        return [f"no value is without findings{beyond}"]
    if len(sweep.axes) == 1:
        axis = sweep.axes[0]
        ranges = _ranges(axis, [sweep.clean(point) for point in sweep.points])
        return wrap(f"no finding{beyond}: {axis.name} {'; '.join(ranges)}", "", "  ")
    clean = sum(sweep.clean(point) for point in sweep.points)
    return [f"no finding{beyond}: {count(clean)} of {count(len(sweep.points))} points, marked ·"]


def _ranges(axis: Axis, clean: list[bool]) -> list[str]:
    found, begin = [], None
    for index, good in enumerate([*clean, False]):
        if good and begin is None:
            begin = index
        elif not good and begin is not None:
            part = [value_text(value) for value in axis.values[begin:index]]
            ordered = len(part) > 2 and _ascend(axis.values[begin:index])
            found += [f"{part[0]} to {part[-1]}"] if ordered else part
            begin = None
    return found


def _ascend(values: tuple[Any, ...]) -> bool:
    """Whether values are numbers that rise or fall, so that `A to B` says what lies between."""
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
        return False
    return list(values) in (sorted(values), sorted(values, reverse=True))


def value_text(value: Any) -> str:
    """A value as the table shows it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        text = printable(value) if isinstance(value, str) else json.dumps(value)
        return text if len(text) <= WORD else f"{text[: WORD - 1]}…"
    return count(value) if isinstance(value, int) else f"{value:.12g}"


def _rows(sweep: Sweep) -> list[str]:
    axis = sweep.axes[0]
    name = axis.name if len(axis.name) <= NAME else f"{axis.name[: NAME - 1]}…"
    width = max(len(name), *(len(value_text(v)) for v in axis.values))
    head = f"    {name:>{width}}  {'N_mb':>11}  {'N_opt':>11}  {'mean LR':>10}  {'final LR':>10}  findings"
    lines = [head]
    for point in sweep.points:
        mark = "·" if sweep.clean(point) else " "
        cells = f"  {mark} {value_text(point.values[0]):>{width}}"
        own = [f"{code} ({point.codes[code].word})" for code in sorted(set(point.codes) - sweep.everywhere)]  # fmt: skip
        if point.error:
            lines += wrap(f"{', '.join(own)} {point.error}".strip(), f"{cells}  ", "      ")
            continue
        cells += _cells(point.figures)
        lines += wrap(", ".join(own), cells + "  ", " " * (len(cells) + 2))
    return [line.rstrip() for line in lines]


def _cell(value: float, show: Callable[[float], str]) -> str:
    """A figure in at most 11 columns."""
    text = show(value)
    return text if len(text) <= 11 else f"{value:.4g}"


def _cells(figures: PointFigures | None) -> str:
    """N_mb, N_opt, mean and final learning rate; blanks where nothing trains."""
    if figures is None:
        return " " * 50
    mean, final = figures.lr * figures.mean_ratio, figures.lr * figures.final_ratio
    return (
        f"  {_cell(figures.minibatch_steps, count):>11}  {_cell(figures.optimizer_steps, count):>11}"
        f"  {_cell(mean, number):>10}  {_cell(final, number):>10}"
    )


def _grid(sweep: Sweep) -> list[str]:
    """Rows of the first key, columns of the second: mean λ in percent, and a mark without findings."""
    rows, columns = sweep.axes
    width = max(6, *(len(value_text(v)) + 2 for v in columns.values))
    margin = max(len(rows.name), *(len(value_text(v)) for v in rows.values))
    most = max(1, (98 - margin) // width)
    lines = ["mean LR in percent of lr; · no finding, ! warning, E error, x cannot be simulated"]
    for start in range(0, len(columns.values), most):
        shown = columns.values[start : start + most]
        lines += ["", f"{'':{margin}}  {columns.name}"]
        lines.append(f"{rows.name:>{margin}}" + "".join(f"{value_text(v):>{width}}" for v in shown))
        for index, value in enumerate(rows.values):
            part = sweep.points[index * len(columns.values) + start :][: len(shown)]
            cells = "".join(f"{_grid_cell(sweep, point):>{width}}" for point in part)
            lines.append(f"{value_text(value):>{margin}}{cells}")
    counts: dict[str, int] = {}
    for point in sweep.points:
        for code in sorted(set(point.codes) - sweep.everywhere):
            counts[code] = counts.get(code, 0) + 1
    said = [f"{code} at {count(number)} points" for code, number in sorted(counts.items())]
    return lines + (["", *wrap(f"findings: {', '.join(said)}", "", "  ")] if said else [])


def _grid_cell(sweep: Sweep, point: Point) -> str:
    if point.error:
        return "x"
    share = "-" if point.figures is None else percent(point.figures.mean_ratio)
    own = [severity for code, severity in point.codes.items() if code not in sweep.everywhere]
    mark = "·" if not own else ("E" if max(own).word == "error" else "!")
    return f"{share}{mark}"


def render_sweep_json(sweep: Sweep) -> str:
    """One object: axes, points with figures and findings, and the codes found everywhere."""
    points, t = [], sweep.example
    for point in sweep.points:
        names = (".".join(axis.path) for axis in sweep.axes)
        points.append({
            "values": dict(zip(names, point.values, strict=True)),
            "seeds": point.seeds,
            "figures": point.outline,
            "findings": {code: severity.word for code, severity in sorted(point.codes.items())},
            "clean": sweep.clean(point),
            "error": point.error or None,
        })  # fmt: skip
    document = {
        "version": 1, "ppodiag": __version__, "file": sweep.path,
        "profile": t.profile.name, "profile_declared": t.context.profile_declared,
        "norms": None if t.source is None else t.source.describe(),
        "norms_assumed": isinstance(t.source, NormModel) and t.source.assumed,
        "steps_are_upper_bounds": t.steps_are_upper_bounds,
        "notes": [*(axis.note for axis in sweep.axes if axis.note), *sweep.notes],
        "keys": [".".join(axis.path) for axis in sweep.axes],
        "everywhere": sorted(sweep.everywhere), "points": points,
    }  # fmt: skip
    return json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False) + "\n"
