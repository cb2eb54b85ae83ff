"""The picture of a sweep."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ppodiag.healthy import with_changes
from tests.conftest import Run
from tests.simulate.forecasts import LRS

pytest.importorskip("matplotlib")


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
    for label in ("environment steps", "learning rate, median of the paths", "4,000 (findings)"):
        assert label in text
