"""One plot as static SVG, with the data that a script needs to zoom and hover."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ppodiag.norms.model import FloatArray
from ppodiag.report.html.escaping import escape

W, H, L, R, T, B = 720, 220, 100, 12, 12, 30
"""Size and margins; the script has the same."""

MOST_POINTS = 1000
"""Points of a line; of longer series the lowest and the highest of each stretch are kept."""


@dataclass(frozen=True, eq=False)
class Line:
    """A series to draw.

    Attributes:
        name: `logged` or `planned`.
        x, y: shape (points,); what is not finite is a gap.
    """

    name: str
    x: FloatArray
    y: FloatArray


def thinned(x: FloatArray, y: FloatArray, most: int = MOST_POINTS) -> tuple[FloatArray, FloatArray]:
    """At most so many points, extremes kept, in their order."""
    if len(x) <= most:
        return x, y
    keep: list[int] = []
    for part in np.array_split(np.arange(len(x)), most // 2):
        known = part[np.isfinite(y[part])]
        if len(known):
            keep += sorted({int(known[np.argmin(y[known])]), int(known[np.argmax(y[known])])})
        else:
            keep.append(int(part[0]))
    chosen = np.array(keep)
    return x[chosen], y[chosen]


def figure(
    title: str, lines: Sequence[Line], ranges: Sequence[tuple[int, int]], name: str, note: str = ""
) -> str:
    """A `<figure>` with its SVG, its data, and a place where a screen reader hears the values.

    Args:
        title: what is drawn; escaped here, as is everything else.
        lines: the logged series first.
        ranges: (first, last) step of what is marked.
        name: unique in the page, for ids.
        note: for the description: what the ranges show.
    """
    drawn = [Line(line.name, *thinned(line.x, line.y)) for line in lines]
    x0, x1 = _extent([line.x for line in drawn])
    y0, y1 = _extent([line.y for line in drawn])
    pad = (y1 - y0) * 0.06 or abs(y1) * 0.1 or 1.0
    y0, y1 = 0.0 if 0 <= y0 < pad else y0 - pad, y1 + pad
    if x0 == x1:
        x1 = x0 + 1.0
    marked = f" Marked: {note}." if ranges and note else ""
    last = drawn[0].y[np.isfinite(drawn[0].y)]
    ends = f", {_number(last[0])} at first, {_number(last[-1])} at last" if len(last) else ""
    desc = f"Steps {x0:,.0f} to {x1:,.0f}{ends}.{marked}"
    data = {
        "x0": x0,
        "x1": x1,
        "ranges": [list(r) for r in ranges],
        "series": [{"name": d.name, "x": _plain(d.x), "y": _plain(d.y)} for d in drawn],
    }
    legend = " · ".join(line.name for line in drawn) if len(drawn) > 1 else ""
    dashed = " (planned is dashed)" if len(drawn) > 1 else ""
    return (
        f'<figure class="plot"><figcaption><strong>{escape(title)}</strong>'
        f'<span class="soft">{legend}{dashed}</span>'
        '<button type="button" hidden>All steps</button></figcaption>'
        f'<svg viewBox="0 0 {W} {H}" role="img" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(desc)}</desc>'
        f"{_axes(x0, x1, y0, y1)}{_ranges(ranges, x0, x1)}"
        f"{''.join(_path(d, x0, x1, y0, y1) for d in drawn)}</svg>"
        '<div class="hidden" aria-live="polite"></div>'
        f'<script type="application/json">{json_in_html(data)}</script></figure>'
    )


def json_in_html(value: Any) -> str:
    """JSON that no HTML parser takes for anything else."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _extent(parts: Sequence[FloatArray]) -> tuple[float, float]:
    finite = [part[np.isfinite(part)] for part in parts]
    finite = [part for part in finite if len(part)]
    if not finite:
        return 0.0, 1.0
    return float(min(p.min() for p in finite)), float(max(p.max() for p in finite))


def _plain(values: FloatArray) -> list[float | None]:
    """Numbers with six digits; a gap is null."""
    return [float(f"{v:.6g}") if math.isfinite(v) else None for v in values.tolist()]


def _number(value: float) -> str:
    return f"{value:.4g}"


def _px(x: float, x0: float, x1: float) -> float:
    return L + (x - x0) / (x1 - x0) * (W - L - R)


def _axes(x0: float, x1: float, y0: float, y1: float) -> str:
    parts = []
    for k in range(5):
        y = H - B - k / 4 * (H - T - B)
        x = L + k / 4 * (W - L - R)
        anchor = "start" if k == 0 else ("end" if k == 4 else "middle")
        parts.append(
            f'<line class="grid-line" x1="{L}" x2="{W - R}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="y" x="{L - 6}" y="{y + 4:.1f}" text-anchor="end">'
            f"{y0 + (y1 - y0) * k / 4:.3g}</text>"
            f'<text class="x{" between" if k % 2 else ""}" x="{x:.1f}" y="{H - 10}" text-anchor="{anchor}">'
            f"{x0 + (x1 - x0) * k / 4:,.0f}</text>"
        )
    return "".join(parts)


def _ranges(ranges: Sequence[tuple[int, int]], x0: float, x1: float) -> str:
    parts = []
    for first, last in ranges:
        a, b = max(float(first), x0), min(float(last), x1)
        width = max(_px(b, x0, x1) - _px(a, x0, x1), 3.0)
        parts.append(
            f'<rect class="range" x="{min(_px(a, x0, x1), W - R - 3):.1f}" y="{T}" '
            f'width="{width:.1f}" height="{H - T - B}"/>'
        )
    return "".join(parts)


def _path(line: Line, x0: float, x1: float, y0: float, y1: float) -> str:
    parts, pen = [], False
    for x, y in zip(line.x.tolist(), line.y.tolist(), strict=True):
        if not math.isfinite(y):
            pen = False
            continue
        py = T + (y1 - y) / (y1 - y0) * (H - T - B)
        parts.append(f"{'L' if pen else 'M'}{_px(x, x0, x1):.1f} {py:.1f}")
        pen = True
    return f'<path class="{line.name}" data-series="" d="{"".join(parts)}"/>'
