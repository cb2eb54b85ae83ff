"""The curves of `learning.py` as a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from learning_curves import LEVELS, Curve

from ppodiag.plot.style import COLOURS, new_figure, plain_axes

POINTS = 100


def draw(runs: list[tuple[str, int, list[Curve]]]) -> Any:
    """One panel an arm, side by side: each seed's running mean, and the mean over seeds."""
    figure = new_figure(3.0 * len(runs), 3.2)
    panels = figure.subplots(1, len(runs), sharey=True, squeeze=False)[0]
    for axes, (arm, length, curves), colour in zip(panels, runs, COLOURS, strict=False):
        plain_axes(axes)
        marks = np.linspace(0, length, POINTS + 1)[1:]
        lines = np.array([[curve.at(mark) for mark in marks] for curve in curves])
        for line in lines:
            axes.plot(marks, line, color=colour, linewidth=0.6, alpha=0.5)
        axes.plot(marks, lines.mean(axis=0), color=colour, linewidth=2.0)
        for level in LEVELS:
            axes.axhline(level, color="#555555", linewidth=0.8, linestyle="--")
        axes.set_title(f"{arm}, {len(curves)} seeds", loc="left")
        axes.set_xlabel("env steps")
    panels[0].set_ylabel("mean of the last 100 episodes")
    return figure
