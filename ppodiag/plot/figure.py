"""The picture of one forecast or several: learning rate, batch size, gradient norm, memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ppodiag.curves import run_end
from ppodiag.forecast import Forecast
from ppodiag.plot.panels import has_memory, lr_panel, memory_panel, norm_panel, size_panel
from ppodiag.plot.style import heading, new_figure, plain_axes, save, short

Panel = Callable[[Any, Sequence[Forecast], Sequence[str]], None]


def write_picture(forecasts: Sequence[Forecast], labels: Sequence[str], path: str) -> None:
    """Draw forecasts over each other and write the picture; see `draw` and `style.save`."""
    save(draw(forecasts, labels), path)


def draw(forecasts: Sequence[Forecast], labels: Sequence[str]) -> Any:
    """A matplotlib figure with one panel for each thing that is known.

    Raises:
        UsageError: matplotlib is not installed.
    """
    panels: list[Panel] = [lr_panel]
    if any(f.trajectory.sizes is not None for f in forecasts):
        panels.append(size_panel)
    if any(f.trajectory.norms is not None for f in forecasts):
        panels.append(norm_panel)
    if any(has_memory(f) for f in forecasts):
        panels.append(memory_panel)
    figure = new_figure(9.0, 0.7 + 2.3 * len(panels))
    rows = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, panel in zip(rows, panels, strict=True):
        plain_axes(axes)
        _skipped(axes, forecasts)
        panel(axes, forecasts, labels)
    rows[-1].set_xlabel("environment steps")
    rows[0].set_xlim(0, max(run_end(f.trajectory) for f in forecasts))
    figure.align_ylabels()
    title = " · ".join(dict.fromkeys(short(forecast.path) for forecast in forecasts))
    if len(forecasts) == 1:
        title += f", profile {forecasts[0].trajectory.profile.name}"
    heading(figure, title)
    return figure


def _skipped(axes: Any, forecasts: Sequence[Forecast]) -> None:
    """Hatch the window in which stabilization skips updates."""
    if len(forecasts) == 1 and forecasts[0].trajectory.skipped:
        t = forecasts[0].trajectory
        axes.axvspan(
            0, t.skipped * t.samples, facecolor="#eeeeee", edgecolor="#aaaaaa", hatch="//",
            linewidth=0, label="updates skipped",
        )  # fmt: skip
