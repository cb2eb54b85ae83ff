"""A healthy configuration: the base of every rule's cases."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ppodiag.case import ABSENT

HEALTHY: dict[str, Any] = {
    "$ppodiag": {"profile": "note"},
    "training": {"ppo_requests": 1024000, "num_replicas": 4, "qps": 2.5},
    "parallel_training": {"enable": True, "num_envs": 8},
    "model_dimensions": {"state_dim": 64, "action_dim": 4},
    "ppo_config": {
        "lr": 3e-4,
        "gamma": 0.99,
        "gae_lambda": 0.95,
        "clip_ratio": 0.2,
        "epochs": 10,
        "rollout_len": 128,
        "minibatch_size": 64,
        "entropy_coef": 0.001,
        "stabilization_steps": 4096,
        "max_grad_norm": 0.5,
    },
    "advanced_optimization": {
        "learning_rate_schedule": {
            "type": "cosine_annealing_with_warmup",
            "warmup_steps": 1600,
            "min_lr_ratio": 0.1,
            "restart_period": 157760,
        },
        "gradient_optimization": {
            "use_gradient_checkpointing": False,
            "accumulation_steps": 2,
            "clip_by_global_norm": True,
        },
    },
}


def with_changes(changes: Mapping[str, Any], base: Mapping[str, Any] = HEALTHY) -> dict[str, Any]:
    """A copy of a configuration with dotted keys set, or removed where the value is `ABSENT`."""
    config = copy.deepcopy(dict(base))
    for dotted, value in changes.items():
        *path, key = dotted.split(".")
        block = config
        for part in path:
            block = block.setdefault(part, {})
        if value is ABSENT:
            block.pop(key, None)
        else:
            block[key] = copy.deepcopy(value)
    return config
