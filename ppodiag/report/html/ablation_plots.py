"""The pictures of an ablation's page, as static SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ppodiag.ablate.cost_words import time_share
from ppodiag.ablate.outcome import ArmOutcome, Outcome
from ppodiag.ablate.statistics.aggregate import iqm
from ppodiag.ablate.statistics.bootstrap import interval
from ppodiag.ablate.statistics.scores import FloatArray
from ppodiag.report.ablation import short_names
from ppodiag.report.html.escaping import escape
from ppodiag.wording import number

W, LEFT, RIGHT, ROW, TOP, BOTTOM = 520, 190, 20, 28, 12, 34
"""Size and margins of pictures whose rows are arms."""

CURVE_H, CURVE_L = 170, 70
POINTS = 60
"""Of a learning curve; each is the mean of what was logged around it."""

RESAMPLES = 500
"""Of the band of a curve, at each point."""


def curves(outcome: Outcome) -> str:
    """One picture for each arm: the middle of its seeds with a band, the reference's behind it."""
    drawn = [(arm, _curve(arm)) for arm in outcome.arms]
    known = [(arm, found) for arm, found in drawn if found is not None]
    if not known:
        return ""
    xs = np.concatenate([found[0] for _, found in known])
    ys = np.concatenate([part for _, found in known for part in found[1:]])
    x1 = float(xs.max())
    y0, y1 = float(np.nanmin(ys)), float(np.nanmax(ys))
    y0, y1 = (y0, y1) if y1 > y0 else (y0 - 1, y1 + 1)
    base = known[0][1] if known[0][0] is outcome.reference else None
    figures = [
        _curve_figure(arm, found, None if arm is outcome.reference else base, x1, y0, y1)
        for arm, found in known
    ]
    return f'<div class="grid">{"".join(figures)}</div>'


Band = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
"""Env steps, middle, low and high of a band, (points,) each."""


def _curve(arm: ArmOutcome) -> Band | None:
    """The IQM over the seeds and its 95% interval, at each point."""
    runs = [run.summary for run in arm.runs if run.summary is not None and run.summary.returns]
    if not runs:
        return None
    end = max(summary.env_steps[-1] for summary in runs)
    edges = np.linspace(0.0, end, POINTS + 1)
    rows = []
    for summary in runs:
        at, values = np.asarray(summary.env_steps), np.asarray(summary.returns)
        counts, _ = np.histogram(at, edges)
        sums, _ = np.histogram(at, edges, weights=values)
        with np.errstate(invalid="ignore"):
            rows.append(sums / counts)
    table = np.array(rows)
    x = edges[1:]
    whole = np.isfinite(table).all(axis=0)
    if not whole.any():
        return None
    rng = np.random.default_rng(0)
    found = [
        interval(iqm, table[None, :, point], rng=rng, resamples=RESAMPLES)
        for point in np.flatnonzero(whole)
    ]
    middle, low, high = (
        np.array([getattr(i, name) for i in found]) for name in ("estimate", "low", "high")
    )
    return x[whole], middle, low, high


def _curve_figure(
    arm: ArmOutcome, band: Band, base: Band | None, x1: float, y0: float, y1: float
) -> str:
    def point(x: float, y: float) -> str:
        px = CURVE_L + x / x1 * (W - CURVE_L - RIGHT)
        py = TOP + (y1 - y) / (y1 - y0) * (CURVE_H - TOP - BOTTOM)
        return f"{px:.1f} {py:.1f}"

    def line(x: FloatArray, y: FloatArray, style: str) -> str:
        path = "L".join(point(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True))
        return f'<path class="{style}" d="M{path}"/>'

    def area(found: Band, style: str) -> str:
        x, _, low, high = found
        there = [point(a, b) for a, b in zip(x.tolist(), high.tolist(), strict=True)]
        back = [point(a, b) for a, b in zip(x.tolist(), low.tolist(), strict=True)][::-1]
        return f'<path class="{style}" d="M{"L".join(there + back)}Z"/>'

    axes = []
    for k in range(3):
        y = y0 + (y1 - y0) * k / 2
        py = float(point(0, y).split()[1])
        axes.append(
            f'<line class="grid-line" x1="{CURVE_L}" x2="{W - RIGHT}" y1="{py}" y2="{py}"/>'
            f'<text x="{CURVE_L - 6}" y="{py + 4}" text-anchor="end">{y:.3g}</text>'
        )
    axes.append(f'<text x="{CURVE_L}" y="{CURVE_H - 10}">0</text>')
    axes.append(
        f'<text x="{W - RIGHT}" y="{CURVE_H - 10}" text-anchor="end">{x1:,.0f} env steps</text>'
    )
    body = "".join(axes)
    if base is not None:
        body += area(base, "band-base") + line(base[0], base[1], "planned")
    body += area(band, "band") + line(band[0], band[1], "logged")
    alone = " (reference)" if base is None else " (dashed: the reference)"
    last = (
        f"{number(float(band[1][-1]))} [{number(float(band[2][-1]))}, {number(float(band[3][-1]))}]"
    )
    return _figure(arm.name + alone, f"the return ends at {last}", body, CURVE_H)


def intervals(outcome: Outcome) -> str:
    """The IQM of each arm with its interval."""
    rows = [
        (arm.name, arm.summary.iqm.estimate, arm.summary.iqm.low, arm.summary.iqm.high, ())
        for arm in outcome.arms
        if arm.summary is not None
    ]
    title = f"{_metric(outcome)}, IQM with its 95% interval"
    return _rows(title, rows, None, None) if rows else ""


def differences(outcome: Outcome) -> str:
    """The paired differences of each arm, seed by seed, with their mean."""
    rows = []
    for arm in outcome.arms:
        if arm.comparison is not None:
            mean = arm.comparison.paired.mean
            dots = tuple(float(d) for d in arm.comparison.paired.differences)
            rows.append((arm.name, mean.estimate, mean.low, mean.high, dots))
    title = f"{_metric(outcome)}: arm minus reference, a dot each pair; mean with its 95% interval"
    return _rows(title, rows, 0.0, outcome.study.declared.margin) if rows else ""


def effect_pictures(outcome: Outcome) -> str:
    """Main effects and interactions of a factorial study, seed by seed."""
    if outcome.effects is None:
        return ""
    rows = []
    for effect in (*outcome.effects.main, *outcome.effects.interactions):
        mean = effect.paired.mean
        dots = tuple(float(d) for d in effect.paired.differences)
        rows.append((" × ".join(effect.factors), mean.estimate, mean.low, mean.high, dots))
    title = f"{_metric(outcome)}: effects, a dot each seed; mean with its 95% interval"
    return _rows(title, rows, 0.0, None)


def cost_and_benefit(outcome: Outcome) -> str:
    """Share of the time that each feature takes, beside what it does to the metric."""
    rows = []
    for arm in outcome.arms:
        if arm.plan.arm.one_off and arm.cost is not None and arm.cost.speed is not None:
            share = time_share(arm.cost.speed)
            if math.isfinite(share.value):
                values = [100 * share.value, 100 * share.low, 100 * share.high]
                name = arm.plan.arm.one_off.name
                rows.append((name, values[0], values[1], values[2], ()))
    if not rows:
        return ""
    return _rows(
        "Share of the time that each feature takes, % with its 95% interval", rows, 0.0, None
    )


Row = tuple[str, float, float, float, tuple[float, ...]]


def _rows(title: str, rows: Sequence[Row], zero: float | None, margin: float | None) -> str:
    """A row for each arm: interval, middle, and dots."""
    values = [v for _, a, b, c, dots in rows for v in (a, b, c, *dots) if math.isfinite(v)]
    values += [] if zero is None else [zero]
    values += [] if margin is None else [-margin, margin]
    x0, x1 = min(values, default=0.0), max(values, default=1.0)
    pad = (x1 - x0) * 0.05 or abs(x1) * 0.1 or 1.0
    x0, x1 = x0 - pad, x1 + pad
    height = TOP + ROW * len(rows) + BOTTOM

    def px(x: float) -> float:
        return LEFT + (x - x0) / (x1 - x0) * (W - LEFT - RIGHT)

    names = short_names([row[0] for row in rows])
    body = []
    if margin is not None:
        body.append(
            f'<rect class="margin" x="{px(-margin):.1f}" y="{TOP}" '
            f'width="{px(margin) - px(-margin):.1f}" height="{height - TOP - BOTTOM}"/>'
        )
    if zero is not None:
        body.append(
            f'<line class="zero" x1="{px(zero):.1f}" x2="{px(zero):.1f}" y1="{TOP}" '
            f'y2="{height - BOTTOM}"/>'
        )
    for index, (name, middle, low, high, dots) in enumerate(rows):
        y = TOP + ROW * (index + 0.5)
        body.append(
            f'<text x="{LEFT - 10}" y="{y + 4:.1f}" text-anchor="end">{escape(names[name])}</text>'
        )
        body += [
            f'<circle class="seed" cx="{px(d):.1f}" cy="{y:.1f}" r="3.5"/>'
            for d in dots
            if math.isfinite(d)
        ]
        if math.isfinite(middle):
            if math.isfinite(low) and math.isfinite(high):
                body.append(
                    f'<line class="whisker" x1="{px(low):.1f}" x2="{px(high):.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
                )
            body.append(f'<circle class="dot" cx="{px(middle):.1f}" cy="{y:.1f}" r="5"/>')
    for k in range(3):
        x = x0 + (x1 - x0) * k / 2
        anchor = ("start", "middle", "end")[k]
        body.append(
            f'<text x="{px(x):.1f}" y="{height - 10}" text-anchor="{anchor}">{number(x)}</text>'
        )
    desc = "; ".join(
        f"{n} {number(m)}" + (f" [{number(a)}, {number(b)}]" if math.isfinite(a) else "")
        for n, m, a, b, _ in rows
    )
    return _figure(title, desc, "".join(body), height)


def _figure(title: str, desc: str, body: str, height: int) -> str:
    return (
        f"<figure><figcaption><strong>{escape(title)}</strong></figcaption>"
        f'<svg viewBox="0 0 {W} {height}" role="img"><title>{escape(title)}</title>'
        f"<desc>{escape(desc)}</desc>{body}</svg></figure>"
    )


def _metric(outcome: Outcome) -> str:
    return outcome.study.declared.metric.replace("_", " ")
