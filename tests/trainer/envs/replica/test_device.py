"""The environment on a pretend accelerator: the same numbers, and nothing waits for the device.

It runs in a process of its own, because the pretend device stays once torch knows it.
"""

from __future__ import annotations

import json
import subprocess
import sys

import torch
from torch import Tensor

from reference_trainer.envs.replica import ReplicaScheduling, Task
from tests.conftest import ROOT

_PROGRAM = """
import json
import torch
from tests.trainer import simgpu
from tests.trainer.envs.replica.test_device import STEPS, made, numbers
torch.set_num_threads(1)
device = simgpu.install()
with simgpu.SimMode():
    env = made(device)
    actions, draws = (x.to(device) for x in numbers())
    env.reset(draws[0])
    state = env.state()
    simgpu.reset()
    steps = [env.step(actions[t], draws[t]) for t in range(STEPS)]
    count = dict(simgpu.COUNT)
    env.load_state(state)
    found = [float(step.reward.cpu().double().sum()) for step in steps]
print(json.dumps([found, count]))
"""
STEPS = 50


def made(device: torch.device) -> ReplicaScheduling:
    """Two seeds with episodes that end on the way, and every part of the reward."""
    task = Task(decisions=20, bursty=True, late=5.0, late_weight=1.0, balance_weight=0.5)
    return ReplicaScheduling(task, 2, 3, device, torch.float32)


def numbers() -> tuple[Tensor, Tensor]:
    """Actions and draws of all steps."""
    generator = torch.Generator().manual_seed(3)
    actions = torch.randint(0, 4, (STEPS, 2, 3), generator=generator)
    return actions, torch.rand(STEPS, 2, 3, 5, generator=generator)


def test_a_step_waits_for_nothing_and_gives_the_same_numbers() -> None:
    """No synchronisation and no transfer in 50 steps, two of which end episodes."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found, count = json.loads(done.stdout)
    assert count["syncs"] == 0
    assert count.get("from_device", 0) == 0
    assert count["to_device"] == 0, count
    assert count["kernels"] > STEPS
    env = made(torch.device("cpu"))
    actions, draws = numbers()
    env.reset(draws[0])
    sums = [float(env.step(actions[t], draws[t]).reward.double().sum()) for t in range(STEPS)]
    assert found == sums
