"""Running statistics of observations and returns, one set a seed."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from reference_trainer.world import World

CLIP = 10.0
EPSILON = 1e-8
"""Bounds of what is normalised, and what is added to a variance; as Gymnasium's and
Stable-Baselines3's wrappers."""


class Moments:
    """Mean and variance of all values seen so far, (S, D).

    Chan, Golub and LeVeque 1983, Algorithms for Computing the Sample Variance: two sets with n and m
    values have the mean μ + δ·m/(n + m) and the squared deviations M + M' + δ²·n·m/(n + m).

    Attributes:
        count: values seen, as a float tensor, ().
        mean, squares: mean and sum of squared deviations, (S, D) float64.
    """

    def __init__(self, seeds: int, width: int, device: torch.device) -> None:
        self.count = torch.zeros((), dtype=torch.float64, device=device)
        self.mean = torch.zeros(seeds, width, dtype=torch.float64, device=device)
        self.squares = torch.zeros_like(self.mean)

    def merge(self, values: Tensor, world: World) -> None:
        """Take in new values, (S, n, D); where several processes train, those of all of them."""
        new = values.to(torch.float64)
        count = float(new.shape[1] * world.size)
        mean = world.total(new.sum(dim=1)) / count
        squares = world.total((new - mean.unsqueeze(1)).square().sum(dim=1))
        total = self.count + count
        delta = mean - self.mean
        self.mean = self.mean + delta * (count / total)
        self.squares = self.squares + squares + delta.square() * (self.count * count / total)
        self.count = total

    def variance(self) -> Tensor:
        """Σ(x − mean)²/n, (S, D); 1 before the first value."""
        seen = self.count > 0
        variance = self.squares / self.count.clamp(min=1)
        return torch.where(seen, variance, torch.ones_like(variance))

    def state(self) -> dict[str, Tensor]:
        """All that changes."""
        return {"count": self.count, "mean": self.mean, "squares": self.squares}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        device = self.mean.device
        self.count, self.mean = state["count"].to(device), state["mean"].to(device)
        self.squares = state["squares"].to(device)


@dataclass(frozen=True)
class Scales:
    """How an observation is normalised during one rollout: clip((x − shift) · factor, ±clip)."""

    shift: Tensor
    factor: Tensor
    clip: float

    def __call__(self, observations: Tensor) -> Tensor:
        """The normalised observations; (S, …, D) to the same."""
        shape = (self.shift.shape[0], *(1,) * (observations.dim() - 2), self.shift.shape[1])
        scaled = (observations - self.shift.view(shape)) * self.factor.view(shape)
        return scaled.clamp_(-self.clip, self.clip)


class StateNormalizer:
    """Observations with mean 0 and variance 1, by the statistics of all rollouts before.

    The statistics stand still during a rollout and its update, so that the old policy and the new
    one see the same numbers; the rollout's raw observations are merged after it. In the first
    rollout observations pass as they are, only clipped.
    """

    def __init__(
        self, seeds: int, width: int, device: torch.device, clip: float, eps: float
    ) -> None:
        self.moments = Moments(seeds, width, device)
        self.clip, self.eps = clip, eps

    def scales(self, dtype: torch.dtype) -> Scales:
        """The normalisation as it stands now."""
        factor = (self.moments.variance() + self.eps).rsqrt()
        return Scales(self.moments.mean.to(dtype), factor.to(dtype), self.clip)

    def merge(self, observations: Tensor, world: World) -> None:
        """Take in a rollout's raw observations, (S, T, N, D)."""
        self.moments.merge(observations.flatten(1, 2), world)


class RewardNormalizer:
    """Rewards divided by the standard deviation of the discounted return.

    The return of an environment is G ← γ·G + r, from 0 at the start of each episode. The rollout's
    returns are merged before its rewards are divided. Rewards are not centred: that would change the
    task where episodes end by themselves.

    Source: Engstrom et al. 2020, Implementation Matters in Deep Policy Gradients, section 3.
    """

    def __init__(
        self, seeds: int, envs: int, gamma: float, device: torch.device, clip: float, eps: float
    ) -> None:
        self.moments = Moments(seeds, 1, device)
        self.returns = torch.zeros(seeds, envs, device=device, dtype=torch.float64)
        self.gamma, self.clip, self.eps = gamma, clip, eps

    def __call__(self, rewards: Tensor, ended: Tensor, world: World) -> Tensor:
        """The normalised rewards of a rollout.

        Args:
            rewards: (S, T, N).
            ended: True where the episode ended with that step, (S, T, N) bool.
            world: the processes that train together.
        """
        raw = rewards.to(torch.float64)
        kept = self.gamma * (~ended).to(torch.float64)
        returns = torch.empty_like(raw)
        carried = self.returns
        for t in range(raw.shape[1]):
            returns[:, t] = raw[:, t] + carried
            carried = returns[:, t] * kept[:, t]
        self.returns = carried
        self.moments.merge(returns.flatten(1).unsqueeze(-1), world)
        deviation = (self.moments.variance() + self.eps).sqrt().unsqueeze(-1)
        return (raw / deviation).clamp_(-self.clip, self.clip).to(rewards.dtype)

    def state(self) -> dict[str, Tensor]:
        """All that changes."""
        return {**self.moments.state(), "returns": self.returns}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        self.moments.load_state(state)
        self.returns = state["returns"].to(self.returns.device)
