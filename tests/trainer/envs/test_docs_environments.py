"""The examples of docs/environments.md, run as they stand there."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
import torch

from reference_trainer.envs import make_env
from reference_trainer.envs.environment import VectorEnv
from tests.conftest import ROOT, require


def example(number: int, module: str, folder: Path) -> VectorEnv:
    """What the `make` of an example gives, for two seeds of three environments."""
    page = (ROOT / "docs" / "environments.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 2
    (folder / f"{module}.py").write_text(blocks[number], encoding="utf-8")
    device = torch.device("cpu")
    return make_env(f"{module}:make", {}, (0, 1), 3, device)


def test_the_corridor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its ends and cut-offs, its restarts, and its state."""
    monkeypatch.syspath_prepend(tmp_path)
    env = example(0, "corridor", tmp_path)
    draws = torch.tensor([[0.0, 0.5, 0.99]] * 2).unsqueeze(-1)
    seen = env.reset(draws)
    torch.testing.assert_close(seen[0, :, 0], torch.tensor([0, 3 / 7, 5 / 7]))
    right = torch.ones(2, 3, dtype=torch.int64)
    right[1] = 0
    step = env.step(right, draws)
    assert step.terminated.tolist() == [[False, False, True], [False] * 3]
    assert not step.truncated.any()
    torch.testing.assert_close(step.reward[0], torch.tensor([-0.01, -0.01, 0.99]))
    assert step.final_observation[0, 2].tolist() == pytest.approx([6 / 7, 1 / 20])
    assert step.observation[0, 2].tolist() == pytest.approx([5 / 7, 0])
    saved = env.state()
    after = env.step(right, draws)
    env.load_state(saved)
    assert torch.equal(env.step(right, draws).observation, after.observation)
    for _ in range(18):
        step = env.step(right, draws)
    assert step.truncated[1].all()
    assert not step.terminated[1].any()
    with pytest.raises(ValueError, match="corridor"):
        env.load_state({})
    env.close()


def test_the_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shortest way over the ice gives the reward and ends the episode."""
    require(importlib.util.find_spec("gymnasium"), "gymnasium")
    monkeypatch.syspath_prepend(tmp_path)
    env = example(1, "lake", tmp_path)
    seen = env.reset(torch.rand(2, 3, 1))
    assert seen.shape == (2, 3, 16)
    for action in (1, 1, 2, 1, 2, 2):  # down and right, past the holes
        step = env.step(torch.full((2, 3), action), torch.empty(2, 3, 0))
    assert step.terminated.all()
    assert step.reward.sum() == 6
    assert (step.final_observation.argmax(-1) == 15).all()
    assert torch.equal(step.observation, seen)
    env.close()
