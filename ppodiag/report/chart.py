"""A small chart for the terminal, in Braille dots: the learning rate and the batch size.

It is a sketch beside the figures; `--plot` draws the picture. Its few lines spare everybody who uses a
terminal another package.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from ppodiag.curves import Curve, cycles_too_short, lr_curve, run_end, size_curve
from ppodiag.forecast import Forecast
from ppodiag.norms.model import FloatArray
from ppodiag.wording import count, number

COLUMNS, MARGIN = 84, 12
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bit of each dot of a Braille cell, row by row."""


def render_chart(forecast: Forecast) -> str:
    """Learning rate, and batch size where it adapts, over environment steps."""
    t = forecast.trajectory
    if not t.updates:
        return ""
    total = float(run_end(t))
    short = cycles_too_short(t, 8 * COLUMNS)
    title = "learning rate" + ("; cycles too short to draw: floor, mean and peak" if short else "")
    lines = [title, *_panel(lr_curve(t, 8 * COLUMNS), total, 7, number)]
    if t.sizes is not None:
        what = "minibatch size, median"
        if len(t.seeds) > 1:
            what += f" and 5% to 95% of {count(len(t.seeds))} seeds"
        lines += [what, *_panel(size_curve(t), total, 5, count)]
    end = f"{count(total)} env steps"
    lines.append(f"{'':{MARGIN}} 0{end:>{COLUMNS - 1}}")
    return "\n".join(lines) + "\n"


def _panel(curve: Curve, total: float, rows: int, show: Callable[[float], str]) -> list[str]:
    """Rows of dots from the lowest value, or 0, to the highest, or 0; these ends and 0 are labelled."""
    low, high = min(float(np.min(curve.low)), 0.0), max(float(np.max(curve.high)), 0.0)
    height = high - low or 1.0
    lines = [curve.median] if not curve.banded else [curve.median, curve.low, curve.high]
    cells = [[0] * COLUMNS for _ in range(rows)]
    for values in lines:
        _dots(cells, curve.env_steps / total, (values - low) / height)
    zero = round(high / height * (4 * rows - 1)) // 4
    labels = {zero if high else rows - 1: "0"} | ({0: show(high)} if high else {})
    if low:
        labels |= {rows - 1: show(low)} | ({} if high else {0: "0"})
    text = []
    for index, row in enumerate(cells):
        label = labels.get(index, "")
        text.append(f"{label:>{MARGIN}}┤" + "".join(chr(0x2800 + cell) for cell in row).rstrip("⠀"))
    return text


def _dots(cells: list[list[int]], x: FloatArray, y: FloatArray) -> None:
    """Set the dots of a line; x and y from 0 to 1."""
    height, width = 4 * len(cells), 2 * COLUMNS
    columns = np.clip(np.rint(x * (width - 1)), 0, width - 1)
    levels = np.clip(np.rint((1 - y) * (height - 1)), 0, height - 1)
    for column, level in _joined(columns, levels):
        cells[level // 4][column // 2] |= _DOTS[level % 4][column % 2]


def _joined(columns: FloatArray, levels: FloatArray) -> Sequence[tuple[int, int]]:
    """The points, and those between neighbours, so that a line has no holes."""
    points = [(int(c), int(v)) for c, v in zip(columns, levels, strict=True)]
    found = points[:1]
    for (x0, y0), (x1, y1) in pairwise(points):
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        found += [
            (round(x0 + (x1 - x0) * i / steps), round(y0 + (y1 - y0) * i / steps))
            for i in range(1, steps + 1)
        ]
    return found
