"""The next request: when it comes and how long it is, from uniform random numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from reference_trainer.envs.replica import parameters as p
from reference_trainer.envs.replica.parameters import Task

DRAWS = 4
"""Uniform numbers a request: gap, change of the burst's state, two for the lengths."""


@dataclass(frozen=True, slots=True)
class Request:
    """Requests that wait for a decision.

    Attributes:
        prompt, output: tokens, (S, N).
    """

    prompt: Tensor
    output: Tensor

    @property
    def memory(self) -> Tensor:
        """Tokens of key-value cache that are set aside for it, (S, N)."""
        return self.prompt + self.output


def lengths(draws: Tensor) -> Request:
    """Log-normal lengths, median · e^{σ z}, from 1 to `LONGEST` tokens.

    z by Box and Muller's transform: z₁, z₂ = √(−2 ln(1 − u₃)) · (cos, sin)(2π u₄).

    Args:
        draws: uniform, (S, N, ≥ DRAWS).
    """
    radius = torch.log1p(-draws[..., 2]).mul_(-2.0).sqrt_()
    angle = draws[..., 3] * (2 * math.pi)
    prompt = (radius * angle.cos()).mul_(p.PROMPT_SIGMA).exp_().mul_(p.PROMPT_MEDIAN)
    output = (radius * angle.sin()).mul_(p.OUTPUT_SIGMA).exp_().mul_(p.OUTPUT_MEDIAN)
    return Request(prompt.clamp_(1.0, p.LONGEST), output.clamp_(1.0, p.LONGEST))


def gaps(task: Task, draws: Tensor, burst: Tensor) -> tuple[Tensor, Tensor]:
    """Seconds to the next request, exponential with mean 1/rate, and the burst's new state.

    The rate is qps; where arrivals are bursty, qps times `BURST` in state 1 and times `CALM` in
    state 0, and the state changes with a request with probability `SWITCH`. Over many requests each
    state has half of them, so the mean gap is (1/BURST + 1/CALM)/2 = 1 over qps.

    Args:
        draws: uniform, (S, N, ≥ DRAWS).
        burst: 0 or 1, (S, N).
    """
    mean = torch.full_like(burst, 1.0 / task.qps)
    if task.bursty:
        burst = (burst - (draws[..., 1] < p.SWITCH).to(burst.dtype)).abs_()
        mean = mean * (1 / p.CALM + burst * (1 / p.BURST - 1 / p.CALM))
    return torch.log1p(-draws[..., 0]).mul_(mean).neg_(), burst
