"""The pictures of the gallery: what was simulated before the run, and what the run logged."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

import ppodiag
from ppodiag.curves import Curve, lr_curve, norm_curve, size_curve
from ppodiag.norms.model import FloatArray
from ppodiag.plot.style import COLOURS, new_figure, plain_axes, save
from ppodiag.trajectory import Trajectory

from .rows import KINDS, ROOT, Row

TITLES = {
    "lr": "learning rate",
    "minibatch_size": "minibatch size, samples",
    "pg_grad_norm": "gradient norm before clipping",
    "episode_return": "return of an episode",
    "env_steps_per_second": "env steps per second",
}

POINTS = 300
"""Of a simulated curve: a picture a hand wide shows no more."""

LOGARITHMIC = ("pg_grad_norm", "minibatch_size", "env_steps_per_second")


def logged(row: Row, kind: str, column: str) -> tuple[FloatArray, FloatArray]:
    """Env steps and values of a column, each of shape (updates,), where it has a value."""
    lines = row.log(kind).read_text(encoding="utf-8").splitlines()
    points = [(r["env_steps"], r[column]) for r in map(json.loads, lines) if r[column] is not None]
    found = np.array(points, dtype=np.float64)
    return found[:, 0], found[:, 1]


def simulated(trajectory: Trajectory, column: str) -> Curve | None:
    """What was foretold of a column; None: nothing is."""
    if column == "lr":
        return lr_curve(trajectory, POINTS)
    if column == "minibatch_size":
        return size_curve(trajectory, POINTS)
    if column == "pg_grad_norm" and trajectory.norms is not None:
        return norm_curve(trajectory, POINTS)
    return None


def draw(row: Row) -> Any:
    """Ill on the left and healthy on the right, a panel for each column, with one scale for both."""
    figure = new_figure(9.0, 0.4 + 1.75 * len(row.columns))
    grid = figure.subplots(len(row.columns), 2, squeeze=False, sharex="col", sharey="row")
    for place, kind in enumerate(KINDS):
        trajectory = ppodiag.simulate(str(row.config(kind)))
        for axes, column in zip(grid[:, place], row.columns, strict=True):
            _panel(axes, row, kind, column, simulated(trajectory, column))
        grid[0, place].set_title(f"{kind}: {TITLES[row.columns[0]]}", loc="left")
        grid[-1, place].set_xlabel("environment steps")
    return figure


def _panel(axes: Any, row: Row, kind: str, column: str, curve: Curve | None) -> None:
    from matplotlib.ticker import MaxNLocator

    plain_axes(axes)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_title(TITLES[column], loc="left")
    if curve is not None:
        if curve.banded:
            axes.fill_between(
                curve.env_steps, curve.low, curve.high, color="#555555", alpha=0.15, linewidth=0,
                step="pre" if column == "minibatch_size" else None,
            )  # fmt: skip
        axes.plot(
            curve.env_steps, curve.median, color="#555555", linestyle="--", linewidth=1,
            label="simulated",
        )  # fmt: skip
    steps, values = logged(row, kind, column)
    colour = COLOURS[1] if kind == "ill" else COLOURS[0]
    axes.plot(steps, values, color=colour, linewidth=1.2, label="logged")
    if column in LOGARITHMIC:
        axes.set_yscale("log")
    if curve is not None:
        axes.legend(fontsize=7, facecolor="white", edgecolor="none", framealpha=0.85)


def draw_all(rows: tuple[Row, ...]) -> None:
    """Draw every row into docs/pictures."""
    for row in rows:
        save(draw(row), str(ROOT / "docs" / "pictures" / f"gallery-{row.name}.svg"))
