"""The picture of a diagnosis: the columns of a log, with the offending ranges marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ppodiag.config import DoesNotApply
from ppodiag.curves import lr_curve, size_curve
from ppodiag.diagnosis.context import RunContext
from ppodiag.diagnosis.engine import Diagnosis
from ppodiag.plot.style import COLOURS, heading, new_figure, plain_axes, save, short
from ppodiag.runlog.tags import COLUMNS

SHOWN = (
    "lr", "minibatch_size", "pg_grad_norm", "approx_kl", "clip_fraction", "entropy",
    "explained_variance", "value_loss", "episode_return", "env_steps_per_second",
)  # fmt: skip
"""Columns in the order in which they are drawn."""


def write_diagnosis_picture(diagnoses: Sequence[Diagnosis], path: str) -> None:
    """Draw the diagnoses and write the picture; see `draw` and `style.save`."""
    save(draw(diagnoses), path)


def draw(diagnoses: Sequence[Diagnosis]) -> Any:
    """One panel a column, two columns of panels; findings of the first run are shaded."""
    names = [n for n in SHOWN if any(n in d.run.columns for d in diagnoses)]
    rows = max(1, -(-len(names) // 2))
    figure = new_figure(10.0, 0.7 + 1.9 * rows)
    grid = figure.subplots(rows, 2, squeeze=False)
    for axes, name in zip(grid.flat, names, strict=False):
        plain_axes(axes)
        _panel(axes, name, diagnoses)
    for axes in grid.flat[len(names) :]:
        axes.set_visible(False)
    for axes in grid[-1]:
        axes.set_xlabel("steps of the log")
    title = " · ".join(short(d.run.path) for d in diagnoses[:3])
    heading(figure, title)
    return figure


def _panel(axes: Any, name: str, diagnoses: Sequence[Diagnosis]) -> None:
    for index, diagnosis in enumerate(diagnoses):
        series = diagnosis.run.columns.get(name)
        if series is None:
            continue
        axes.plot(
            series.steps, series.values, color=COLOURS[index % len(COLOURS)], linewidth=1.1,
            marker="." if len(series) < 60 else None, markersize=4,
            label="logged" if name in ("lr", "minibatch_size") and index == 0 else None,
        )  # fmt: skip
    first = diagnoses[0]
    codes = []
    for finding in first.findings:
        if finding.columns[:1] == (name,):
            codes.append(finding.code)
            for begin, end in finding.ranges:
                axes.axvspan(begin, max(end, begin + 1), color="#D55E00", alpha=0.15, linewidth=0)
    _planned(axes, name, first)
    unit = COLUMNS[name]
    flag = f" — {', '.join(dict.fromkeys(codes))}" if codes else ""
    axes.set_title(f"{name} [{unit}]{flag}" if unit != "1" else f"{name}{flag}", loc="left")


def _planned(axes: Any, name: str, diagnosis: Diagnosis) -> None:
    """The simulated learning rate or batch size over the logged one, aligned at the first update."""
    if diagnosis.context is None or name not in ("lr", "minibatch_size"):
        return
    about = RunContext(diagnosis.run, diagnosis.context)
    try:
        trajectory = about.forecast
        curve = (lr_curve if name == "lr" else size_curve)(trajectory)
    except DoesNotApply:
        return
    steps = about.update_steps
    if not len(steps) or not len(curve.env_steps):
        return
    # One update of the plan is one update of the log, wherever and in whatever unit that begins.
    per_update = (about.step_gap or trajectory.samples) / trajectory.samples
    x = steps[0] + (curve.env_steps - (trajectory.skipped + 1) * trajectory.samples) * per_update
    inside = x <= steps[-1] + (about.step_gap or 0)
    if np.any(inside):
        axes.plot(
            x[inside], curve.median[inside], color="#555555", linestyle="--", linewidth=1,
            label="planned",
        )  # fmt: skip
        axes.legend(fontsize=7, frameon=False)
