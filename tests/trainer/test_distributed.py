"""Two processes that torchrun starts train what one process trains."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from ppodiag import UsageError
from reference_trainer.trainer import Choices
from reference_trainer.training import resume, train, trainers
from reference_trainer.world import World
from tests.conftest import ROOT
from tests.trainer.configs import COSINE, CPU, GRU, TIMED, experiment, small, with_features

PROGRAM = """
import os, sys
import torch
from reference_trainer.training import train
from tests.trainer.test_distributed import CASES
torch.set_num_threads(1)
found = {}
for name, config in CASES.items():
    last = []
    run = train(
        config, env="CartPole-v1", device="cpu", dtype="float64",
        progress=lambda trainer, rows: last.append(trainer.parameters.flat.tolist()),
    )
    found[name] = [[row.values for row in run.rows[0]], last[-1]]
if os.environ.get("RANK", "0") == "0":
    torch.save(found, sys.argv[1])
"""

CASES: dict[str, dict[str, Any]] = {
    "every feature": {
        **with_features(
            small(stabilization_steps=128, minibatch_size=24),
            learning_rate_schedule=COSINE,
            adaptive_batch_size={
                "enable": True, "min_batch_size": 8, "max_batch_size": 64, "adaptation_rate": 0.5,
            },
            gradient_optimization={"accumulation_steps": 3},
        ),
        "kl_regularization": {"early_stopping": {"enable": True, "kl_threshold": 0.001}},
    },
    "gru": {**small(), "actor_critic_architecture": GRU},
}  # fmt: skip


def rows_of(path: Path, *command: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, *command, str(path)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[:6000]
    found: dict[str, Any] = torch.load(path, weights_only=True)
    return found


def test_two_processes_equal_one_with_the_same_global_batch(tmp_path: Path) -> None:
    """Every row to 1e-9, counts exactly, parameters to 1e-9 after all updates (double precision):
    adaptation, accumulation, early stops, normalizers and short sequences included.
    """
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    one = rows_of(tmp_path / "one", str(program))
    launch = "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"
    two = rows_of(tmp_path / "two", *launch, str(program))
    for name in CASES:
        for alone, together in zip(one[name][0], two[name][0], strict=True):
            for key in alone.keys() - set(TIMED):
                value = alone[key]
                if isinstance(value, float):
                    assert together[key] == pytest.approx(value, rel=1e-9, abs=1e-11), key
                else:
                    assert together[key] == value, key
        parameters = torch.tensor(one[name][1]), torch.tensor(two[name][1])
        torch.testing.assert_close(*parameters, rtol=1e-9, atol=1e-11)


def test_environments_that_cannot_be_shared_are_refused() -> None:
    """4 environments and 3 processes, or several seeds and 2 processes: the remedy is named."""
    found = experiment(small())
    with pytest.raises(UsageError, match="cannot be shared by 3 processes"):
        next(trainers(found, "CartPole-v1", (0,), CPU, Choices(), World(0, 3)))
    with pytest.raises(UsageError, match="several seeds"):
        next(trainers(found, "CartPole-v1", (0, 1), CPU, Choices(), World(0, 2)))


def test_a_run_of_several_processes_is_not_resumed(tmp_path: Path) -> None:
    """It has no checkpoints, and its log is not overwritten."""
    config = tmp_path / "ppo.json"
    config.write_text(json.dumps(small()))
    train(config, env="CartPole-v1", out=tmp_path / "run")
    record = tmp_path / "run" / "run.json"
    content = json.loads(record.read_text())
    content["request"]["processes"] = 2
    record.write_text(json.dumps(content))
    before = (tmp_path / "run" / "log.jsonl").read_bytes()
    with pytest.raises(UsageError, match="cannot be gone on with"):
        resume(tmp_path / "run")
    assert (tmp_path / "run" / "log.jsonl").read_bytes() == before
