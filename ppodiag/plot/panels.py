"""The panels of a forecast's picture: learning rate, batch size, gradient norm, memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ppodiag.curves import (
    Curve,
    cycles_too_short,
    follows_one_path,
    lr_curve,
    memory_curves,
    norm_curve,
    restarts,
    run_end,
    size_curve,
)
from ppodiag.forecast import Forecast
from ppodiag.norms.model import NormModel
from ppodiag.plot.style import COLOURS, from_zero, legend_above, literal, short
from ppodiag.trajectory import Trajectory
from ppodiag.wording import count, number, percent

BAND = 0.2
"""Opacity of the band from 5% to 95%."""

WIDE = 50.0
"""[judgement] Ratio of the highest to the lowest norm from which a log scale shows more."""

HEADROOM = 1.2
"""Height of a panel with a legend of its own, in heights of what is drawn."""

_DASHES: tuple[Any, ...] = ("-", (0, (6, 3)), (0, (2, 2)), (0, (6, 2, 1, 2)))
"""Of one forecast after the other, so that lines that coincide are all seen."""

_GREY: dict[str, Any] = {"color": "#555555", "linewidth": 0.8}


def has_memory(forecast: Forecast) -> bool:
    """Whether the memory of training is known."""
    memory = forecast.outline.plain()["memory_bytes"]
    return memory is not None and forecast.trajectory.updates > 0


def lr_panel(axes: Any, forecasts: Sequence[Forecast], labels: Sequence[str]) -> None:
    """The learning rate; of one forecast also warm-up, restarts and floor."""
    alone = len(forecasts) == 1
    for index, (forecast, label) in enumerate(zip(forecasts, labels, strict=True)):
        t = forecast.trajectory
        name = literal(short(label))
        if t.updates:
            _line(axes, lr_curve(t), index, None if alone else name)
        elif not alone:
            axes.plot([], [], color=COLOURS[index % len(COLOURS)], label=f"{name}: nothing trains")
    axes.set_title("learning rate", loc="left")
    axes.set_ylabel("learning rate")
    if not any(forecast.trajectory.updates for forecast in forecasts):
        axes.set_yticks([])
        axes.text(
            0.5, 0.5, "no update is applied, so nothing trains", transform=axes.transAxes,
            ha="center", va="center", bbox={"facecolor": "white", "edgecolor": "none"},
        )  # fmt: skip
    else:
        from_zero(axes)
        if alone:
            _about_one(axes, forecasts[0])
    if alone:
        _legend(axes)
    else:
        legend_above(axes)


def _about_one(axes: Any, forecast: Forecast) -> None:
    """Warm-up, restarts and floor of the learning rate of one forecast, and its mean."""
    t = forecast.trajectory
    _warmup(axes, forecast)
    words = "restart" if len(t.seeds) == 1 else "restart, of the median path"
    for place, x in enumerate(restarts(t)):
        axes.axvline(x, linestyle=":", label=words if place == 0 else None, **_GREY)
    floor = t.config.lr * t.schedule.floor
    if t.schedule.floor > 0 and t.schedule.kind != "constant":
        axes.axhline(floor, linestyle="--", label=f"floor {number(floor)}", **_GREY)
    mean = forecast.outline.median_of("lr", "mean")
    title = f"learning rate: mean {number(mean)}, lr {number(t.config.lr)}"
    if cycles_too_short(t):
        title += "; cycles too short to draw: their floor, mean and peak"
    elif follows_one_path(t):
        title += "; line: the median path"
    axes.set_title(title, loc="left")


def _warmup(axes: Any, forecast: Forecast) -> None:
    """Shade the warm-up up to the end that the table gives."""
    t = forecast.trajectory
    if not t.schedule.warmup:
        return
    found = forecast.outline.plain()["warmup_ends"]
    until, words = float(run_end(t)), "warm-up, which never ends"
    if found is not None and found["share_of_run"] is not None:
        until, words = forecast.outline.median_of("warmup_ends", "env_steps"), "warm-up"
        if found["never_share"]:
            words += f"; {percent(found['never_share'])} of the paths never end it"
    axes.axvspan(
        t.skipped * t.samples, until, color="#E69F00", alpha=0.12, linewidth=0, label=words
    )


def size_panel(axes: Any, forecasts: Sequence[Forecast], _labels: Sequence[str]) -> None:
    """The minibatch size of each update, over the rollout that it learns from."""
    alone = len(forecasts) == 1
    for index, forecast in enumerate(forecasts):
        t, colour = forecast.trajectory, COLOURS[index % len(COLOURS)]
        if not t.updates:
            continue
        _line(axes, _held(size_curve(t), t), index, None, step="pre")
        if t.sizes is not None:
            _bounds(axes, t, "#555555" if alone else colour, alone)
    seeds = max(len(forecast.trajectory.seeds) for forecast in forecasts)
    band = f"; band 5% to 95% of {count(seeds)} seeds" if seeds > 1 else ""
    axes.set_title(f"minibatch size in samples, bounds dashed{band}", loc="left")
    axes.set_ylabel("samples")
    axes.set_ylim(bottom=0)
    _legend(axes)


def _bounds(axes: Any, t: Trajectory, colour: str, named: bool) -> None:
    """The bounds of the size; one above the rollout is drawn at R, which no minibatch exceeds."""
    for name in ("min_batch_size", "max_batch_size"):
        bound = getattr(t.config, name)
        cut = f"{name} {count(bound)}, cut at the rollout's {count(t.samples)}"
        axes.axhline(
            min(bound, t.samples), color=colour, linewidth=0.8, linestyle="--",
            label=cut if named and bound > t.samples else None,
        )  # fmt: skip


def norm_panel(axes: Any, forecasts: Sequence[Forecast], _labels: Sequence[str]) -> None:
    """The gradient norm of each update, on a log scale where it spans magnitudes."""
    alone = len(forecasts) == 1
    wide = False
    for index, forecast in enumerate(forecasts):
        t, colour = forecast.trajectory, COLOURS[index % len(COLOURS)]
        if t.norms is None:
            continue
        curve = norm_curve(t)
        wide = wide or _spans_magnitudes(curve)
        _line(axes, curve, index, None)
        threshold = t.config.max_grad_norm
        if t.config.clipping and threshold is not None:
            axes.axhline(threshold, color="#555555" if alone else colour,
                         linewidth=0.8, linestyle="--",
                         label=f"max_grad_norm {number(threshold)}" if alone else None)  # fmt: skip
    sources = [forecast.trajectory.source for forecast in forecasts]
    assumed = any(isinstance(source, NormModel) and source.assumed for source in sources)
    title = "mean gradient norm of an update, before clipping"
    title += ", assumed" * assumed + ", log scale" * wide
    axes.set_title(title, loc="left")
    axes.set_ylabel("norm")
    if wide:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    _legend(axes)


def _spans_magnitudes(curve: Curve) -> bool:
    values = np.concatenate([curve.low, curve.high])
    values = values[np.isfinite(values) & (values > 0)]
    return bool(len(values)) and float(values.max()) / WIDE > float(values.min())


def memory_panel(axes: Any, forecasts: Sequence[Forecast], _labels: Sequence[str]) -> None:
    """Parts stacked for one forecast; totals as lines for several."""
    for index, forecast in enumerate(forecasts):
        if not has_memory(forecast):
            continue
        t = forecast.trajectory
        curve, parts = memory_curves(t)
        if len(forecasts) > 1:
            scaled = (curve.median / 1e6, curve.low / 1e6, curve.high / 1e6)
            held = _held(Curve(curve.env_steps, *scaled), t)
            _line(axes, held, index, None, step="pre")
            continue
        shown = {
            "weights and gradients": parts["parameters"] + parts["gradients"],
            "Adam": parts["optimizer"],
            "rollout and minibatch": parts["rollout"] + parts["batch"],
            "activations": parts["activations"] + parts["recomputed"] + parts["temporary"],
        }
        axes.stackplot(
            _held(curve, t).env_steps,
            *(np.concatenate([values[:1], values]) / 1e6 for values in shown.values()),
            labels=list(shown), colors=COLOURS, alpha=0.55, step="pre", linewidth=0,
        )  # fmt: skip
    axes.set_title("memory of training in MB, estimated, at the median size", loc="left")
    axes.set_ylabel("MB")
    axes.set_ylim(bottom=0, top=1.1 * axes.dataLim.y1)
    if len(forecasts) == 1:
        handles = [area for area in axes.collections if not str(area.get_label()).startswith("_")]
        axes.legend(handles=handles, fontsize=8, frameon=False, loc="lower right", ncols=4)


def _held(curve: Curve, t: Trajectory) -> Curve:
    """With a point where the first applied rollout begins, so that every value covers its rollout."""
    begin = float(t.skipped * t.samples)
    return Curve(
        np.concatenate([[begin], curve.env_steps]),
        *(np.concatenate([v[:1], v]) for v in (curve.median, curve.low, curve.high)),
    )


def _line(axes: Any, curve: Curve, index: int, label: str | None, step: str | None = None) -> None:
    """The median with its band, of the forecast of this index.

    With `step` "pre" a value holds from the point before.
    """
    x, colour = curve.env_steps, COLOURS[index % len(COLOURS)]
    if curve.banded:
        axes.fill_between(
            x, curve.low, curve.high, step=step, color=colour, alpha=BAND, linewidth=0
        )
    axes.plot(
        x, curve.median, color=colour, linewidth=1.3, label=label,
        linestyle=_DASHES[index % len(_DASHES)], marker="." if len(x) < 3 else None,
        drawstyle=f"steps-{step}" if step else "default",
    )  # fmt: skip


def _legend(axes: Any) -> None:
    """A row over what is drawn; the window that all panels hatch is named in the first alone."""
    handles, names = axes.get_legend_handles_labels()
    first = axes.get_subplotspec().is_first_row()
    chosen = [
        handle for handle, name in zip(handles, names, strict=True)
        if first or name != "updates skipped"
    ]  # fmt: skip
    if not chosen:
        return
    low, high = axes.get_ylim()
    top = low * (high / low) ** HEADROOM if axes.get_yscale() == "log" else (
        low + (high - low) * HEADROOM
    )  # fmt: skip
    axes.set_ylim(low, top)
    axes.legend(
        handles=chosen, fontsize=8, loc="upper right", ncols=len(chosen), framealpha=0.9,
        edgecolor="none", borderaxespad=0.2, columnspacing=1.5,
    )  # fmt: skip
