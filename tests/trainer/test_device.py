"""The whole training loop on a pretend accelerator: same losses, strict devices, few syncs.

It runs in a process of its own, because the pretend device stays once torch knows it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
import torch

from reference_trainer.nets import tanh
from tests.conftest import ROOT
from tests.trainer.configs import COSINE, GRU, small, trainer, untimed, with_features
from tests.trainer.test_stacked import ATTENTION

FEATURES = {
    "learning_rate_schedule": COSINE,
    "gradient_optimization": {"accumulation_steps": 3, "use_gradient_checkpointing": True},
}
ADAPTIVE = {
    "enable": True, "min_batch_size": 8, "max_batch_size": 64, "adaptation_rate": 0.5,
}  # fmt: skip
STOPS = {"early_stopping": {"enable": True, "kl_threshold": 0.001}}

CASES: dict[str, dict[str, Any]] = {
    "plain": small(),
    "every feature": {
        **with_features(small(stabilization_steps=128), adaptive_batch_size=ADAPTIVE, **FEATURES),
        "kl_regularization": STOPS,
    },
    "gru": {**with_features(small(), **FEATURES), "actor_critic_architecture": GRU},
    "attention": {**small(), "actor_critic_architecture": ATTENTION},
}
SEEDS = {"plain": (0, 1)}

_PROGRAM = """
import json, sys
import torch
from tests.trainer import simgpu
from tests.trainer.configs import trainer, untimed
from tests.trainer.test_device import CASES, SEEDS
torch.set_num_threads(1)
device, found = simgpu.install(), {}
with simgpu.SimMode():
    for name, config in CASES.items():
        trained = trainer(config, SEEDS.get(name, (0,)), device=device)
        simgpu.reset()
        rows = untimed(trained)
        found[name] = [rows, dict(simgpu.COUNT), trained.parameters.flat.cpu().tolist()]
        state = trained.state()
        trained.load_state(state)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def simulated() -> dict[str, Any]:
    """Rows, counts and parameters of each case, trained on the pretend device."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _PROGRAM],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", CASES)
def test_losses_and_parameters_are_those_of_the_cpu(
    name: str, simulated: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every value of every row, and all parameters at the end, to the last bit."""
    monkeypatch.setattr(tanh, "quick_here", lambda: True)  # other devices take torch's tanh
    trained = trainer(CASES[name], SEEDS.get(name, (0,)))
    trained.optimizer.host = False  # on the CPU Adam takes shorter ways, the same to 1e-7
    rows = untimed(trained)
    assert simulated[name][0] == json.loads(json.dumps(rows))
    assert torch.equal(torch.tensor(simulated[name][2]), trained.parameters.flat)


@pytest.mark.parametrize("name", CASES)
def test_the_host_waits_once_an_update_and_once_more_an_epoch_with_early_stops(
    name: str, simulated: dict[str, Any]
) -> None:
    """The stated budget: one transfer from the device a rollout, one flag an epoch after the first."""
    rows, count, _ = simulated[name]
    config = CASES[name]
    rollouts = len(rows) // len(SEEDS.get(name, (0,)))
    applied = sum(row["applied"] for row in rows) // len(SEEDS.get(name, (0,)))
    flags = 0
    if "kl_regularization" in config:
        flags = applied * (config["ppo_config"]["epochs"] - 1)
    assert rollouts == 4
    assert count["syncs"] == rollouts + flags
    assert count["from_device"] == rollouts
    assert count["kernels"] > 1000


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
@pytest.mark.parametrize("name", CASES)
def test_cuda_trains_as_the_cpu_does(name: str) -> None:
    """Counts and rates exactly, values to 1e-2, over the first two updates."""
    here = untimed(trainer(CASES[name], SEEDS.get(name, (0,))), updates=2)
    device = torch.device("cuda")
    there = untimed(trainer(CASES[name], SEEDS.get(name, (0,)), device=device), updates=2)
    for one, other in zip(here, there, strict=True):
        for key, value in one.items():
            if isinstance(value, float) and key != "lr":
                assert other[key] == pytest.approx(value, rel=1e-2, abs=1e-3), key
            else:
                assert other[key] == value, key
