"""The picture of one forecast or several: learning rate, batch size, gradient norm, memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ppodiag.curves import (
    Curve,
    cycles_too_short,
    lr_curve,
    memory_curves,
    norm_curve,
    restarts,
    size_curve,
    warmup_end,
)
from ppodiag.forecast import Forecast
from ppodiag.norms.model import NormModel
from ppodiag.plot.style import COLOURS, new_figure, plain_axes, save
from ppodiag.wording import number

Panel = Callable[[Any, Sequence[Forecast], Sequence[str]], None]

BAND = 0.2
"""Opacity of the band from 5% to 95%."""


def write_picture(forecasts: Sequence[Forecast], labels: Sequence[str], path: str) -> None:
    """Draw forecasts over each other and write the picture; see `draw` and `style.save`."""
    save(draw(forecasts, labels), path)


def draw(forecasts: Sequence[Forecast], labels: Sequence[str]) -> Any:
    """A matplotlib figure with one panel for each thing that is known."""
    panels: list[Panel] = [_lr_panel]
    if any(f.trajectory.sizes is not None for f in forecasts):
        panels.append(_size_panel)
    if any(f.trajectory.norms is not None for f in forecasts):
        panels.append(_norm_panel)
    if any(_has_memory(f) for f in forecasts):
        panels.append(_memory_panel)
    figure = new_figure(9.0, 0.7 + 2.3 * len(panels))
    rows = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, panel in zip(rows, panels, strict=True):
        plain_axes(axes)
        _skipped(axes, forecasts)
        panel(axes, forecasts, labels)
    rows[-1].set_xlabel("environment steps")
    rows[0].set_xlim(0, max(f.trajectory.config.total_env_steps or 1 for f in forecasts))
    title = " · ".join(dict.fromkeys(_short(forecast.path) for forecast in forecasts))
    if len(forecasts) == 1:
        title += f", profile {forecasts[0].trajectory.profile.name}"
    figure.suptitle(title, fontsize=11, x=0.01, ha="left", weight="bold")
    return figure


def _short(title: str) -> str:
    """The end of a long name, where names differ."""
    return title if len(title) <= 60 else "…" + title[-59:]


def _line(axes: Any, curve: Curve, colour: str, label: str | None, **style: Any) -> None:
    if curve.banded:
        axes.fill_between(
            curve.env_steps, curve.low, curve.high, color=colour, alpha=BAND, linewidth=0
        )
    marker = "." if len(curve.env_steps) < 3 else None
    axes.plot(
        curve.env_steps,
        curve.median,
        color=colour,
        linewidth=1.3,
        label=label,
        marker=marker,
        **style,
    )


def _legend(axes: Any, labels: Sequence[str]) -> None:
    if len(labels) > 1 or axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8, frameon=False, loc="best")


def _lr_panel(axes: Any, forecasts: Sequence[Forecast], labels: Sequence[str]) -> None:
    alone = len(forecasts) == 1
    for index, (forecast, label) in enumerate(zip(forecasts, labels, strict=True)):
        t, colour = forecast.trajectory, COLOURS[index % len(COLOURS)]
        if not t.updates:
            continue
        curve = lr_curve(t)
        _line(axes, curve, colour, None if alone else _short(label))
        begin = t.skipped * t.samples
        end = warmup_end(t)
        if alone and t.schedule.warmup:
            until = end if end is not None else float(t.config.total_env_steps or 1)
            words = "warm-up" if end is not None else "warm-up, which never ends"
            axes.axvspan(begin, until, color="#E69F00", alpha=0.12, linewidth=0, label=words)
        if alone:
            for place, x in enumerate(restarts(t)):
                axes.axvline(x, color="#555555", linewidth=0.8, linestyle=":",
                             label="restart" if place == 0 else None)  # fmt: skip
            if t.schedule.floor > 0 and t.schedule.kind != "constant":
                axes.axhline(t.config.lr * t.schedule.floor, color="#555555", linewidth=0.8,
                             linestyle="--", label=f"floor {number(t.config.lr * t.schedule.floor)}")  # fmt: skip
    title = "learning rate"
    if alone and forecasts[0].trajectory.updates:
        t = forecasts[0].trajectory
        mean = sorted(t.mean_ratios)[len(t.mean_ratios) // 2] * t.config.lr
        title += f": mean {number(mean)}, lr {number(t.config.lr)}"
        if cycles_too_short(t):
            title += "; cycles too short to draw: their floor, mean and peak"
    axes.set_title(title, loc="left")
    axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    _legend(axes, labels)


def _size_panel(axes: Any, forecasts: Sequence[Forecast], labels: Sequence[str]) -> None:
    alone = len(forecasts) == 1
    for index, forecast in enumerate(forecasts):
        t, colour = forecast.trajectory, COLOURS[index % len(COLOURS)]
        if not t.updates:
            continue
        _line(axes, size_curve(t), colour, None, drawstyle="steps-post")
        if t.sizes is not None:
            for bound in (t.config.min_batch_size, t.config.max_batch_size):
                axes.axhline(bound, color=colour if not alone else "#555555", linewidth=0.8,
                             linestyle="--")  # fmt: skip
    first = forecasts[0].trajectory
    band = f"; band 5% to 95% of {len(first.seeds)} seeds" if len(first.seeds) > 1 else ""
    axes.set_title(f"minibatch size in samples, bounds dashed{band}", loc="left")
    axes.set_ylim(bottom=0)


def _norm_panel(axes: Any, forecasts: Sequence[Forecast], labels: Sequence[str]) -> None:
    alone = len(forecasts) == 1
    for index, forecast in enumerate(forecasts):
        t, colour = forecast.trajectory, COLOURS[index % len(COLOURS)]
        if t.norms is None:
            continue
        _line(axes, norm_curve(t), colour, None)
        threshold = t.config.max_grad_norm
        if t.config.clipping and threshold is not None:
            axes.axhline(threshold, color="#555555" if alone else colour,
                         linewidth=0.8, linestyle="--",
                         label=f"max_grad_norm {number(threshold)}" if alone else None)  # fmt: skip
    source = forecasts[0].trajectory.source
    assumed = ", assumed" if isinstance(source, NormModel) and source.assumed else ""
    axes.set_title(f"mean gradient norm of an update, before clipping{assumed}", loc="left")
    axes.set_ylim(bottom=0)
    _legend(axes, ())


def _has_memory(forecast: Forecast) -> bool:
    memory = forecast.outline.plain()["memory_bytes"]
    return memory is not None and forecast.trajectory.updates > 0


def _memory_panel(axes: Any, forecasts: Sequence[Forecast], labels: Sequence[str]) -> None:
    """Parts stacked for one forecast; totals as lines for several."""
    for index, forecast in enumerate(forecasts):
        if not _has_memory(forecast):
            continue
        curve, parts = memory_curves(forecast.trajectory)
        if len(forecasts) > 1:
            scaled = (curve.median / 1e6, curve.low / 1e6, curve.high / 1e6)
            colour = COLOURS[index % len(COLOURS)]
            _line(axes, Curve(curve.env_steps, *scaled), colour, None, drawstyle="steps-post")
            continue
        shown = {
            "weights and gradients": parts["parameters"] + parts["gradients"],
            "Adam": parts["optimizer"],
            "rollout and minibatch": parts["rollout"] + parts["batch"],
            "activations": parts["activations"] + parts["recomputed"] + parts["temporary"],
        }
        axes.stackplot(
            curve.env_steps, *(values / 1e6 for values in shown.values()), labels=list(shown),
            colors=COLOURS, alpha=0.55, step="post", linewidth=0,
        )  # fmt: skip
    axes.set_title("memory of training in MB, estimated, at the median size", loc="left")
    axes.set_ylim(bottom=0)
    if len(forecasts) == 1:
        axes.legend(fontsize=8, frameon=False, loc="lower right", ncols=4)


def _skipped(axes: Any, forecasts: Sequence[Forecast]) -> None:
    """Hatch the window in which stabilization skips updates."""
    if len(forecasts) == 1 and forecasts[0].trajectory.skipped:
        t = forecasts[0].trajectory
        axes.axvspan(
            0, t.skipped * t.samples, facecolor="#eeeeee", edgecolor="#aaaaaa", hatch="//",
            linewidth=0, label="updates skipped",
        )  # fmt: skip
