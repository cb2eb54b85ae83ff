"""The training loop on every kind of environment that has a name."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
import torch

from reference_trainer import train
from tests.conftest import ROOT, require
from tests.trainer.configs import trainer, untimed

CONFIG: dict[str, Any] = {
    "parallel_training": {"enable": True, "num_envs": 2},
    "ppo_config": {
        "lr": 0.001,
        "rollout_len": 32,
        "minibatch_size": 32,
        "epochs": 2,
        "max_grad_norm": 0.5,
    },
}


def corridor(folder: Path) -> None:
    page = (ROOT / "docs" / "environments.md").read_text(encoding="utf-8")
    (folder / "corridor.py").write_text(page.split("```python\n")[1].split("```")[0])


@pytest.mark.parametrize(
    ("env", "needs"),
    [
        ("CartPole-v1", None),
        ("corridor:make", None),
        ("gymnasium:CartPole-v1", "gymnasium"),
        ("Acrobot-v1", "gymnasium"),
        ("Pendulum-v1", "gymnasium"),
    ],
)
def test_it_trains_and_repeats(
    env: str, needs: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs give the same bits; seed 1 is the same beside seed 0 as beside seed 2."""
    require(needs is None or importlib.util.find_spec(needs), str(needs))
    corridor(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)

    def norms(seeds: tuple[int, ...]) -> list[float]:
        rows = train(CONFIG, env=env, seeds=seeds, device="cpu", total_env_steps=256).rows[1]
        assert all(row.values["optimizer_steps"] == 4 for row in rows)
        return [row.number("pg_grad_norm") for row in rows]

    first = norms((0, 1))
    assert len(first) == 4
    assert all(norm > 0 for norm in first)
    assert norms((0, 1)) == first
    assert norms((2, 1)) == first


def test_a_resumed_run_does_not_repeat_its_first_episodes() -> None:
    """Gymnasium's episodes begin anew, from draws that the run has not used; twice the same way."""
    require(importlib.util.find_spec("gymnasium"), "gymnasium")
    config = {**CONFIG, "training": {"ppo_requests": 256}}
    left = trainer(config, env="Acrobot-v1")
    begun = left.carried.observation.clone()
    left.step()
    resumed = [trainer(config, env="Acrobot-v1") for _ in range(2)]
    for one in resumed:
        assert torch.equal(one.carried.observation, begun)
        one.load_state(left.state())
    first, second = (one.carried.observation for one in resumed)
    assert not torch.equal(first, begun)
    assert torch.equal(first, second)
    assert untimed(resumed[0]) == untimed(resumed[1])
