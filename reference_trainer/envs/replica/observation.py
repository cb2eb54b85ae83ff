"""What a policy sees: the features of each replica, one after the other, then one global value."""

from __future__ import annotations

import torch
from torch import Tensor

from reference_trainer.envs.replica import parameters as p
from reference_trainer.envs.replica.arrivals import Request
from reference_trainer.envs.replica.schedule import Standing, pace

FEATURES = (
    "speed",
    "running requests / 8",
    "waiting requests / 4",
    "memory that would be left with the request, share of all",
    "seconds until all is done / 20",
    "seconds until the prompts of admitted requests are read",
    "seconds to read the request's prompt here",
    "seconds for the request's output here beside those that run / 20",
)
"""Of one replica, in this order."""

GLOBAL = 1
"""Global values: the smoothed gap between requests, times qps. One only: the attention of
`ppodiag.layers` splits an observation into R equal parts, so the rest must be fewer than R."""


def size(replicas: int) -> int:
    """Values in an observation."""
    return len(FEATURES) * replicas + GLOBAL


def observe(now: Standing, speed: Tensor, request: Request, pressure: Tensor) -> Tensor:
    """The observation, (S, N, size(R)).

    Args:
        now: how the replicas stand.
        speed: of the replicas, (S, N, R).
        request: the requests to be sent.
        pressure: the smoothed gap times qps, (S, N).
    """
    seeds, envs, replicas = speed.shape
    seen = torch.empty(seeds, envs, size(replicas), dtype=speed.dtype, device=speed.device)
    seen[..., -1] = pressure
    each = seen[..., :-1].view(seeds, envs, replicas, len(FEATURES)).unbind(-1)
    need = request.memory.unsqueeze(-1)
    each[0].copy_(speed)
    torch.mul(now.running, 1 / 8, out=each[1])
    torch.mul(now.waiting, 1 / 4, out=each[2])
    torch.mul(now.free - need, 1 / p.MEMORY, out=each[3])
    torch.mul(now.drained, 1 / 20, out=each[4])
    each[5].copy_(now.reading)
    torch.div((request.prompt / p.PREFILL).unsqueeze(-1), speed, out=each[6])
    taken = pace(now.running + 1, now.free - need)
    torch.div(taken.mul_((request.output / 20).unsqueeze(-1)), speed, out=each[7])
    return seen
