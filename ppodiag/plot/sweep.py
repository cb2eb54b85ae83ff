"""The picture of a sweep: a family of curves over one key, a heat map over two."""

from __future__ import annotations

from typing import Any

from ppodiag.plot.style import from_zero, heading, new_figure, plain_axes, save
from ppodiag.report.sweep import answer, value_text
from ppodiag.sweep import Sweep

MOST_CURVES = 40


def write_sweep_picture(sweep: Sweep, path: str) -> None:
    """Draw a sweep and write the picture; one over a single key must have kept its curves."""
    save(_family(sweep) if len(sweep.axes) == 1 else _heat_map(sweep), path)


def _title(figure: Any, sweep: Sweep) -> None:
    words = " ".join(answer(sweep)).replace("marked ·", "marked with a white dot")
    words = words.replace(" beyond those", f" beyond {', '.join(sorted(sweep.everywhere))}")
    heading(figure, words, 10)


def _family(sweep: Sweep) -> Any:
    """Learning rate over the run for each value; values without findings drawn solid."""
    from matplotlib import colormaps

    figure = new_figure(9.0, 4.2)
    axes = figure.subplots()
    plain_axes(axes)
    colours = colormaps["viridis"]
    made = [point for point in sweep.points if point.curve is not None]
    step = -(-len(made) // MOST_CURVES)
    chosen = made[::step]
    for index, point in enumerate(chosen):
        curve, clean = point.curve, sweep.clean(point)
        assert curve is not None
        colour = colours(0.9 * index / max(len(chosen) - 1, 1))
        label = value_text(point.values[0]) + ("" if clean else " (findings)")
        style = {"linewidth": 1.6} if clean else {"linewidth": 0.9, "linestyle": (0, (4, 3))}
        axes.plot(curve.env_steps, curve.median, color=colour, label=label, **style)
    axes.set_xlabel("environment steps")
    axes.set_ylabel("learning rate, of the median path")
    axes.set_xlim(left=0)
    axes.set_title(f"learning rate by {'.'.join(sweep.axes[0].path)}", loc="left")
    from_zero(axes)
    if len(chosen) <= 12:
        axes.legend(fontsize=7, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    else:
        _legend_of_many(axes, chosen, colours)
    _title(figure, sweep)
    return figure


def _legend_of_many(axes: Any, chosen: list[Any], colours: Any) -> None:
    """First, middle and last value; and what the dashes mean."""
    from matplotlib.lines import Line2D

    last = len(chosen) - 1
    handles = [
        Line2D([], [], color=colours(0.9 * i / last), label=value_text(chosen[i].values[0]))
        for i in sorted({0, last // 2, last})
    ]
    handles.append(Line2D([], [], color="#555555", linestyle=(0, (4, 3)), label="with findings"))
    axes.legend(
        handles=handles, fontsize=7, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5)
    )


def _heat_map(sweep: Sweep) -> Any:
    """Mean learning rate over two keys; cells without findings framed with a dot."""
    import numpy as np

    rows, columns = sweep.axes
    shape = (len(rows.values), len(columns.values))
    means = np.full(shape, np.nan)
    for index, point in enumerate(sweep.points):
        if point.figures is not None:
            means[divmod(index, shape[1])] = point.figures.mean_ratio
    figure = new_figure(8.5, max(3.2, min(7.5, 1.8 + 0.32 * shape[0])))
    axes = figure.subplots()
    image = axes.imshow(means, aspect="auto", origin="lower", cmap="viridis", vmin=0, vmax=1)
    figure.colorbar(image, ax=axes, label="mean LR / lr")
    for index, point in enumerate(sweep.points):
        row, column = divmod(index, shape[1])
        if sweep.clean(point):
            axes.plot(column, row, "o", markersize=5, markeredgecolor="black", color="white")
        elif point.error:
            axes.plot(column, row, "x", markersize=5, color="#D55E00")
    for axis, values, name in (
        (axes.xaxis, columns.values, columns), (axes.yaxis, rows.values, rows),
    ):  # fmt: skip
        step = -(-len(values) // 12)
        axis.set_ticks(range(0, len(values), step), [value_text(v) for v in values[::step]])
        axis.set_label_text(name.name)
    axes.tick_params(axis="x", labelrotation=30)
    _title(figure, sweep)
    return figure
