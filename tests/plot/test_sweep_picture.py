"""The picture of a sweep."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ppodiag.curves import median_lr_curve
from ppodiag.healthy import with_changes
from tests.conftest import Run
from tests.simulate.forecasts import ABS, LRS, forecast_of


def test_the_heading_names_what_every_value_draws(ppodiag: Run, tmp_path: Path) -> None:
    """A picture stands alone: "those" would point at a text that is not in it."""
    config = with_changes(
        {"training.ppo_requests": 51200, f"{LRS}.restart_period": 7000, "ppo_config.lr": 0.01}
    )
    (tmp_path / "ppo.json").write_text(json.dumps(config), encoding="utf-8")
    words = ("simulate", "ppo.json", "--exit-zero", "--sweep", "warmup_steps=100,1000,4000")
    done = ppodiag(*words, "--plot", "a.svg")
    everywhere = next(
        line for line in done.stdout.splitlines() if line.startswith("at every value: ")
    ).partition(": ")[2].partition(";")[0]  # fmt: skip
    assert everywhere
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert f" beyond {everywhere}" in text
    assert "those" not in text
    for label in ("environment steps", "learning rate, of the median path", "4,000 (findings)"):
        assert label in text


def test_the_line_is_one_path() -> None:
    """Cycles of seeds that drift apart are not mixed: each fall of the line is a whole cycle's."""
    changes = {
        "training.ppo_requests": 50 * 1024, f"{LRS}.warmup_steps": 0, f"{LRS}.restart_period": 2000,
        ABS: {"enable": True, "min_batch_size": 32, "max_batch_size": 128, "adaptation_rate": 0.2},
    }  # fmt: skip
    forecast = forecast_of(changes, norms="noise:share=0.5,sigma=0.3", seeds=9)
    t = forecast.trajectory
    assert len(set(t.ticks)) > 1
    curve = median_lr_curve(t)
    assert not curve.banded
    rises = np.flatnonzero(np.diff(curve.median) > 0)
    assert len(rises) == (t.ticks[t.median_path] - 1) // 2000
    assert all(curve.median[rises] < 0.11 * 3e-4)
    assert all(curve.median[rises + 1] > 0.99 * 3e-4)


def test_the_legend_says_where_nothing_trains(ppodiag: Run, tmp_path: Path) -> None:
    """A value without a curve is not merely one with findings."""
    (tmp_path / "ppo.json").write_text(json.dumps(with_changes({})), encoding="utf-8")
    done = ppodiag(
        "simulate", "ppo.json", "--sweep", "ppo_requests=100,51200", "--plot", "sweep.svg"
    )
    assert done.returncode == 0
    text = (tmp_path / "sweep.svg").read_text(encoding="utf-8")
    assert "100 (nothing trains)" in text
