"""The curves of `learning.py` as a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from learning_curves import LEVELS, Curve

from ppodiag.plot.style import COLOURS, new_figure, plain_axes

POINTS, COLUMNS = 60, 4


def draw(runs: list[tuple[str, int, list[Curve]]]) -> Any:
    """One panel an arm: each seed's running mean, and the mean over seeds."""
    rows = -(-len(runs) // COLUMNS)
    figure = new_figure(2.5 * COLUMNS, 2.7 * rows)
    panels = figure.subplots(rows, COLUMNS, sharey=True, squeeze=False)
    for axes in panels.flat[len(runs) :]:
        axes.set_axis_off()
    for axes, (arm, length, curves), colour in zip(panels.flat, runs, COLOURS, strict=False):
        plain_axes(axes)
        marks = np.linspace(0, length, POINTS + 1)[1:]
        lines = np.array([[curve.at(mark) for mark in marks] for curve in curves])
        for line in lines:
            axes.plot(marks, line, color=colour, linewidth=0.6, alpha=0.5)
        axes.plot(marks, lines.mean(axis=0), color=colour, linewidth=2.0)
        for level in LEVELS:
            axes.axhline(level, color="#555555", linewidth=0.8, linestyle="--")
        title = arm.replace(", ", ",\n")
        axes.set_title(f"{title}, {len(curves)} seeds", loc="left", fontsize=9)
        axes.set_xticks([0, length / 2, length])
    for row in panels:
        row[0].set_ylabel("mean of 100 episodes")
    for axes in panels[-1]:
        axes.set_xlabel("env steps")
    return figure
