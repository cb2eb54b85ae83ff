"""The default environment: requests are sent to replicas that serve a language model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from reference_trainer.envs.replica.parameters import ACTING_KEYS, Task, read_task
from reference_trainer.envs.replica.scheduling import NAME, ReplicaScheduling

__all__ = ["ACTING_KEYS", "NAME", "ReplicaScheduling", "Task", "make", "read_task"]


def make(
    config: Mapping[str, Any],
    *,
    seeds: Sequence[int],
    envs: int,
    device: torch.device,
    rank: int = 0,
    dtype: torch.dtype = torch.float32,
) -> ReplicaScheduling:
    """The environments of a run; see `reference_trainer.envs.make_env`.

    Raises:
        UsageError: a key that acts here has a value that makes no sense.
    """
    return ReplicaScheduling(read_task(config), len(seeds), envs, device, dtype)
