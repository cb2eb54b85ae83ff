"""Small configurations that the trainer's tests train."""

from __future__ import annotations

import json
from typing import Any

import torch

from ppodiag.options import Options
from reference_trainer.envs.registry import make_env
from reference_trainer.experiment import Experiment, read_experiment
from reference_trainer.trainer import Choices, Trainer

CPU = torch.device("cpu")


def small(**ppo: Any) -> dict[str, Any]:
    """Four environments, 32 steps, 512 env steps: four updates of a second's fraction."""
    return {
        "training": {"ppo_requests": 512},
        "parallel_training": {"enable": True, "num_envs": 4},
        "ppo_config": {
            "lr": 1e-3, "epochs": 2, "rollout_len": 32, "minibatch_size": 32,
            "entropy_coef": 0.01, "max_grad_norm": 0.5, **ppo,
        },
    }  # fmt: skip


def with_features(config: dict[str, Any], **features: Any) -> dict[str, Any]:
    """The configuration with blocks of `advanced_optimization`."""
    return {**config, "advanced_optimization": features}


GRU = {
    "hidden_size": 16, "num_layers": 1, "sequence_length": 5,
    "actor": {"use_gru": True, "gru_layers": 1}, "critic": {"use_gru": True, "gru_layers": 1},
}  # fmt: skip
"""Sequences of 5 in rollouts of 32: the last of an environment has 2 steps."""

COSINE = {
    "type": "cosine_annealing_with_warmup", "warmup_steps": 5, "restart_period": 9,
    "min_lr_ratio": 0.1,
}  # fmt: skip


def experiment(config: dict[str, Any], **options: Any) -> Experiment:
    """The experiment of a configuration."""
    return read_experiment(json.dumps(config).encode(), "<mapping>", Options(**options))


def trainer(
    config: dict[str, Any],
    seeds: tuple[int, ...] = (0,),
    env: str = "CartPole-v1",
    device: torch.device = CPU,
    **choices: Any,
) -> Trainer:
    """A trainer of it."""
    found, wanted = experiment(config), Choices(**choices)
    made = make_env(env, config, seeds, found.config.num_envs, device, dtype=wanted.dtype)
    return Trainer(found, made, seeds, device, wanted)


TIMED = ("env_steps_per_second", "rollout_seconds", "update_seconds", "peak_memory_bytes")


def untimed(trained: Trainer, updates: int | None = None) -> list[dict[str, Any]]:
    """The values of all rows of some updates, those that depend on the machine left out."""
    rows = []
    while not trained.done and updates != 0:
        rows += trained.step()
        updates = None if updates is None else updates - 1
    return [{k: v for k, v in row.values.items() if k not in TIMED} for row in rows]
