"""Policies to compare with, and what a policy scores."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from reference_trainer.envs.replica.scheduling import ReplicaScheduling

Policy = Callable[[ReplicaScheduling, Tensor, Tensor], Tensor]
"""From the environment, its observation (S, N, D) and uniform numbers (S, N) to actions (S, N)."""


def random(env: ReplicaScheduling, observation: Tensor, draws: Tensor) -> Tensor:
    """Any replica, all with the same probability."""
    return (draws * env.task.replicas).long()


def round_robin(env: ReplicaScheduling, observation: Tensor, draws: Tensor) -> Tensor:
    """One after the other."""
    return torch.full_like(draws, env.age % env.task.replicas, dtype=torch.int64)


def least_outstanding(env: ReplicaScheduling, observation: Tensor, draws: Tensor) -> Tensor:
    """The replica with the fewest requests sent and not finished; among equals by chance."""
    return _least(env.standing.outstanding, draws)


def least_drained(env: ReplicaScheduling, observation: Tensor, draws: Tensor) -> Tensor:
    """The replica that would be done first with what it has; among equals by chance."""
    return _least(env.standing.drained, draws)


def least_added(env: ReplicaScheduling, observation: Tensor, draws: Tensor) -> Tensor:
    """The replica where the request adds the least latency, all told, if nothing more arrived.

    It tries every replica, which no policy can: a bound for those that do not look ahead.
    """
    costs = [
        env.would_add(torch.full_like(draws, replica, dtype=torch.int64)).cost.view_as(draws)
        for replica in range(env.task.replicas)
    ]
    return torch.stack(costs, dim=-1).argmin(-1)


def _least(values: Tensor, draws: Tensor) -> Tensor:
    """The place of the least value, (S, N, R) to (S, N), counted from a random place."""
    count = values.shape[-1]
    order = torch.remainder(
        torch.arange(count, device=values.device) + (draws * count).long().unsqueeze(-1), count
    )
    place = values.gather(-1, order).argmin(-1, keepdim=True)
    return order.gather(-1, place).squeeze(-1)


BASELINES: dict[str, Policy] = {
    "random": random,
    "round robin": round_robin,
    "least outstanding": least_outstanding,
}
"""What the trained policy is compared with."""
