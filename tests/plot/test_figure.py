"""The picture of forecasts: what is drawn, and where along the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ppodiag.forecast import Forecast
from ppodiag.plot.figure import draw, write_picture
from ppodiag.plot.panels import HEADROOM
from tests.simulate.forecasts import ABS, LRS, forecast_of

R = 1024
"""Samples of a rollout of the healthy example: 128 · 8."""

D = 4
"""Skipped updates: S = 4,096."""

ADAPTS: dict[str, Any] = {
    "training.ppo_requests": 50 * R,
    ABS: {"enable": True, "min_batch_size": 32, "max_batch_size": 128, "adaptation_rate": 0.1},
    f"{LRS}.warmup_steps": 700,
}
NETWORKS = {
    "actor_critic_architecture": {
        "actor": {"hidden_size": 64, "num_layers": 2},
        "critic": {"hidden_size": 64, "num_layers": 2},
    }
}


def panels(*forecasts: Forecast, labels: list[str] | None = None) -> dict[str, Any]:
    """The panels of a picture, by the first two words of their titles."""
    figure = draw(forecasts, labels or [forecast.path for forecast in forecasts])
    figure.draw_without_rendering()
    return {" ".join(axes.get_title("left").rstrip(":").split()[:2]).rstrip(":,"): axes
            for axes in figure.axes}  # fmt: skip


def legend(axes: Any) -> list[str]:
    found = axes.get_legend()
    return [text.get_text() for text in found.get_texts()] if found else []


def span(axes: Any, label: str) -> tuple[float, float]:
    """Left and right edge of what the legend calls so."""
    [patch] = [patch for patch in axes.patches if str(patch.get_label()).startswith(label)]
    return patch.get_x(), patch.get_x() + patch.get_width()


def test_sizes_lie_over_the_rollout_they_learn_from() -> None:
    """The size of update k is drawn from k · R to (k + 1) · R, the band too."""
    forecast = forecast_of(ADAPTS, seeds=9)
    line = panels(forecast)["minibatch size"].lines[0]
    assert line.get_drawstyle() == "steps-pre"
    sizes = forecast.trajectory.sizes
    assert sizes is not None
    assert line.get_xdata().tolist() == [R * k for k in range(D, 51)]
    medians = np.median(sizes, axis=1).tolist()
    assert line.get_ydata().tolist() == [medians[0], *medians]


def test_memory_lies_over_the_rollout_too() -> None:
    """The stack begins where the first applied rollout begins."""
    axes = panels(forecast_of({**ADAPTS, **NETWORKS}, seeds=3))["memory of"]
    edges = [shape.get_paths()[0].vertices[:, 0] for shape in axes.collections]
    assert len(edges) == 4
    assert {(x.min(), x.max()) for x in edges} == {(D * R, 50 * R)}


def test_the_warm_up_that_is_shaded_ends_where_the_text_says() -> None:
    """Shaded to the median of the table, which is over the paths, and not to that of one path."""
    for seeds, warmup in ((2, 3000), (20, 3000), (20, 7400)):
        changes = {**ADAPTS, f"{LRS}.warmup_steps": warmup}
        forecast = forecast_of(changes, norms="noise:share=0.9,sigma=0.5", seeds=seeds)
        said = forecast.outline.median_of("warmup_ends", "env_steps")
        assert span(panels(forecast)["learning rate"], "warm-up") == (D * R, said)


def test_a_warm_up_that_some_paths_do_not_end() -> None:
    """The legend names their share; where no path ends it the whole run is shaded."""
    some = {**ADAPTS, f"{LRS}.warmup_steps": 7400}
    forecast = forecast_of(some, norms="noise:share=0.9,sigma=0.5", seeds=20)
    never = forecast.outline.plain()["warmup_ends"]["never_share"]
    assert 0 < never < 1
    assert f"warm-up; {never:.0%} of the paths never end it" in (
        legend(panels(forecast)["learning rate"])
    )
    axes = panels(forecast_of({**ADAPTS, f"{LRS}.warmup_steps": 10**6}))["learning rate"]
    assert span(axes, "warm-up, which never ends") == (D * R, 50 * R)


def test_short_cycles_are_seen_with_several_seeds() -> None:
    """Four cycles to an update: the line goes from the floor to the peak, not along last steps."""
    changes = {**ADAPTS, f"{LRS}.warmup_steps": 0, f"{LRS}.restart_period": 40}
    forecast = forecast_of(changes, norms="noise:sigma=0.001,share=0", seeds=3)
    values = panels(forecast)["learning rate"].lines[0].get_ydata()
    assert forecast.trajectory.ticks == [46 * 160] * 3
    assert min(values) < 0.12 * 3e-4
    assert max(values) > 0.98 * 3e-4
    down = np.diff(values) < 0
    assert np.count_nonzero(down[:-1] & ~down[1:]) >= 46 * 4 - 2


def test_drifting_cycles_are_drawn_as_a_band() -> None:
    """The median over paths that are at unrelated phases is no learning rate; floor and peak are."""
    changes = {**ADAPTS, f"{LRS}.warmup_steps": 0, f"{LRS}.restart_period": 40}
    forecast = forecast_of(changes, norms="noise:sigma=0.5", seeds=9)
    axes = panels(forecast)["learning rate"]
    assert "cycles too short to draw: their floor, mean and peak" in axes.get_title("left")
    assert set(axes.lines[0].get_ydata()[2:].round(9)) == {round((3e-4 + 3e-5) / 2, 9)}


def test_a_bound_above_the_rollout_does_not_stretch_the_axis() -> None:
    """A minibatch is never more than R: the line lies there, and the legend names the bound."""
    changes = {**ADAPTS, f"{ABS}.max_batch_size": 100_000, f"{ABS}.min_batch_size": 16}
    axes = panels(forecast_of(changes))["minibatch size"]
    assert axes.get_ylim()[1] < 1.06 * HEADROOM * R
    assert sorted(line.get_ydata()[0] for line in axes.lines[1:]) == [16, R]
    assert legend(axes) == ["max_batch_size 100,000, cut at the rollout's 1,024"]


@pytest.mark.parametrize(("sigma", "scale"), [(0.15, "linear"), (3, "log"), (30, "log")])
def test_norms_over_magnitudes_are_drawn_on_a_log_scale(sigma: float, scale: str) -> None:
    """Otherwise the band would hide the median at the bottom; the title says which scale it is."""
    forecast = forecast_of(ADAPTS, norms=f"lognormal:sigma={sigma}", seeds=40)
    axes = panels(forecast)["mean gradient"]
    assert axes.get_yscale() == scale
    assert ("log scale" in axes.get_title("left")) == (scale == "log")
    low, high = axes.get_ylim()
    median = axes.lines[0].get_ydata()
    assert low < min(median) < max(median) < high


def test_a_completed_last_rollout_is_in_the_picture() -> None:
    """T = 50,000 is 48.8 rollouts; Stable-Baselines3 collects 49, to 50,176."""
    forecast = forecast_of({"training.ppo_requests": 50_000}, profile="sb3")
    axes = panels(forecast)["learning rate"]
    assert axes.get_xlim() == (0, 49 * R)
    assert axes.lines[0].get_xdata()[-1] == 49 * R
    alone = panels(forecast_of({"training.ppo_requests": 50_000}))["learning rate"]
    assert alone.get_xlim() == (0, 50_000)


def test_a_learning_rate_below_zero_is_seen_against_zero() -> None:
    """T = 800 and R = 1,024: Stable-Baselines3 sets 1 − 1024/800 = −0.28 of lr; zero is on the axis."""
    changes = {LRS: {"type": "linear"}, "training.ppo_requests": 800,
               "ppo_config.stabilization_steps": 0}  # fmt: skip
    axes = panels(forecast_of(changes, profile="sb3"))["learning rate"]
    low, high = axes.get_ylim()
    assert low < -0.28 * 3e-4 < 0 < high


@pytest.mark.parametrize("total", [100, D * R])
def test_nothing_trains(total: int) -> None:
    """The picture says so, and shows no scale of a learning rate that nothing reads."""
    axes = panels(forecast_of({"training.ppo_requests": total}))["learning rate"]
    assert [text.get_text() for text in axes.texts] == ["no update is applied, so nothing trains"]
    assert list(axes.get_yticks()) == []
    assert axes.get_xlim() == (0, total)
    assert legend(axes) == (["updates skipped"] if total > R else [])


def test_one_of_two_does_not_train() -> None:
    """The legend says which."""
    idle = forecast_of({"training.ppo_requests": 100}, "idle.json")
    busy = forecast_of({"training.ppo_requests": 50 * R}, "busy.json")
    axes = panels(idle, busy)["learning rate"]
    assert legend(axes) == ["idle.json: nothing trains", "busy.json"]


@pytest.mark.parametrize("length", [10, 70, 300])
@pytest.mark.parametrize("count", [1, 2, 12])
def test_the_heading_stays_inside(length: int, count: int) -> None:
    """Long and many names are broken into lines; capitals, which are wide, too."""
    made = [
        forecast_of({"training.ppo_requests": 20 * R}, f"{index}{'W' * length}.json")
        for index in range(count)
    ]
    figure = draw(made, [forecast.path for forecast in made])
    figure.draw_without_rendering()
    box = figure._suptitle.get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width
    assert box.y1 <= figure.bbox.height
    assert all(axes.get_window_extent().height > 100 for axes in figure.axes)


def test_names_are_drawn_as_they_are() -> None:
    """Dollars are no mathematics, and a name may begin with an underscore."""
    names = ["_a.json", "$x^2_$.json"]
    made = [forecast_of({"training.ppo_requests": 20 * R}, name) for name in names]
    figure = draw(made, names)
    figure.draw_without_rendering()
    assert [text.replace("\\$", "$") for text in legend(figure.axes[0])] == [
        "\u200a_a.json",
        names[1],
    ]


@pytest.mark.parametrize("profile", ["note", "torch-optimizer-step", "sb3", "cleanrl"])
@pytest.mark.parametrize("adapts", [False, True])
def test_restarts_are_marked_where_the_line_jumps(profile: str, adapts: bool) -> None:
    """The line rises to the peak within two optimizer steps, or an update, of each mark."""
    changes = {**ADAPTS, ABS: {**ADAPTS[ABS], "enable": adapts}, f"{LRS}.warmup_steps": 0}
    per_update = {"note": 160, "torch-optimizer-step": 80, "sb3": R, "cleanrl": 1}[profile]
    changes[f"{LRS}.restart_period"] = max(7, 7 * per_update)
    forecast = forecast_of(changes, profile=profile, norms="constant", seeds=1)
    axes = panels(forecast)["learning rate"]
    marks = [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == ":"]
    assert len(marks) == (46 - 1) // 7
    x, y = axes.lines[0].get_xdata(), axes.lines[0].get_ydata()
    jumps = x[:-1][np.diff(y) > 0.5 * 3e-4]
    assert np.allclose(jumps, marks, rtol=0, atol=2 * R / 40)


def test_a_name_in_letters_that_the_font_lacks(tmp_path: Path) -> None:
    """The picture is written, and nothing is said about glyphs."""
    made = forecast_of({"training.ppo_requests": 20 * R}, "日本.json")
    write_picture([made, made], ["日本.json", "日本.json"], str(tmp_path / "a.png"))
    write_picture([made], ["日本.json"], str(tmp_path / "a.svg"))
    assert "日本.json" in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_where_cycles_restart_the_line_is_the_median_path() -> None:
    """The median of unrelated phases is the rate of no path: the line rises at the marks and nowhere else."""
    changes = {**ADAPTS, f"{LRS}.warmup_steps": 0, f"{LRS}.restart_period": 1000}
    forecast = forecast_of(changes, norms="noise:sigma=0.5", seeds=9)
    assert len(set(forecast.trajectory.ticks)) > 1
    axes = panels(forecast)["learning rate"]
    assert axes.get_title("left").endswith("; line: the median path")
    marks = [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == ":"]
    x, y = axes.lines[0].get_xdata(), axes.lines[0].get_ydata()
    rises = np.flatnonzero(np.diff(y) > 0)
    assert len(marks) > 4
    assert np.allclose(x[rises], marks, rtol=0, atol=2 * R / 40)
    assert axes.collections  # the band over the seeds
    one_cycle = panels(forecast_of(ADAPTS, norms="noise:sigma=0.5", seeds=9))["learning rate"]
    assert "line" not in one_cycle.get_title("left")
