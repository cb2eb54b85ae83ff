"""The chart for the terminal: what its rows and columns stand for."""

from __future__ import annotations

from typing import Any

import pytest

from ppodiag.report.chart import COLUMNS, MARGIN, render_chart
from tests.simulate.forecasts import LRS, forecast_of

LINEAR: dict[str, Any] = {
    LRS: {"type": "linear", "warmup_steps": 0}, "ppo_config.lr": 0.001,
    "ppo_config.stabilization_steps": 0,
}  # fmt: skip


def rows(total: int) -> tuple[list[str], list[str], str]:
    """Labels and dots of the seven rows, and the line below, of a linear schedule under sb3."""
    forecast = forecast_of({**LINEAR, "training.ppo_requests": total}, profile="sb3")
    lines = render_chart(forecast).splitlines()
    panel = [line.partition("┤") for line in lines[1:8]]
    dots = [row.replace("\u2800", " ") for _, _, row in panel]
    return [label.strip() for label, _, _ in panel], dots, lines[8]


def test_a_learning_rate_that_ends_below_zero() -> None:
    """T = 1,600, R = 1,024: 1 − 1024/1600 = 0.36, then 1 − 2048/1600 = −0.28 of lr."""
    labels, dots, _ = rows(1600)
    assert (labels[0], labels[-1]) == ("0.00036", "-0.00028")
    # Zero is 0.36/0.64 of the way down: dot 15 of 27, in the fourth row.
    assert labels.index("0") == 3
    assert dots[0].strip()
    assert len(dots[-1].strip()) > COLUMNS / 3
    # The first rate holds for the first of two rollouts.
    assert dots[0].rstrip() == dots[0][: COLUMNS // 2 + 1].rstrip()


def test_a_learning_rate_below_zero_alone() -> None:
    """T = 800: the one rate is −0.28 of lr, at the bottom; the top is zero, where nothing is drawn."""
    labels, dots, _ = rows(800)
    assert (labels[0], labels[-1]) == ("0", "-0.00028")
    assert not "".join(dots[:-1]).strip()
    assert len(dots[-1].strip()) > 0.9 * COLUMNS


@pytest.mark.parametrize(("total", "end"), [(1600, "2,048"), (2048, "2,048"), (10_000, "10,240")])
def test_the_axis_ends_where_the_last_rollout_ends(total: int, end: str) -> None:
    """Stable-Baselines3 completes the last rollout; its dots are at their place."""
    *_, axis = rows(total)
    assert axis.split() == ["0", end, "env", "steps"]
    assert len(axis) == MARGIN + 1 + COLUMNS


def test_a_learning_rate_of_zero_alone() -> None:
    """One line at the bottom, and no division by zero."""
    labels, dots, _ = rows(1024)
    assert labels[-1] == "0"
    assert len(dots[-1].strip()) > 0.9 * COLUMNS
