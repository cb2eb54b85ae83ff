"""Adam over the flat parameters of all seeds; a seed's step can be left out without a host sync."""

from __future__ import annotations

import torch
from torch import Tensor

BETAS = (0.9, 0.999)
EPSILON = 1e-5
"""As in CleanRL's and Stable-Baselines3's PPO; torch's own default is 1e-8."""


class Adam:
    """m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², p ← p − lr · m̂ / (√v̂ + ε), seed by seed.

    m̂ = m/(1 − β₁^k) and v̂ = v/(1 − β₂^k) after k steps of that seed.

    Source: Kingma and Ba 2015, Adam: A Method for Stochastic Optimization, algorithm 1.

    Attributes:
        mean, square: m and v, (S, P).
        steps: k of each seed, (S,) float.
    """

    def __init__(self, parameters: Tensor) -> None:
        self.mean = torch.zeros_like(parameters)
        self.square = torch.zeros_like(parameters)
        self.steps = torch.zeros_like(parameters[:, 0])
        self._host = parameters.device.type == "cpu"

    def step(
        self, parameters: Tensor, gradient: Tensor, lr: Tensor, scale: Tensor, taken: Tensor
    ) -> None:
        """Take one step in place.

        Args:
            parameters: (S, P).
            gradient: (S, P); it is scaled in place.
            lr: learning rate of each seed, (S,).
            scale: what each seed's gradient is multiplied with, (S,), for clipping.
            taken: True for the seeds that take the step, (S,) bool; nothing of the others changes,
                whatever their gradient holds.
        """
        if self._host:  # reading a flag costs nothing here, and saves the selections
            if bool(taken.all()):
                self._plain(parameters, gradient, lr, scale)
                return
            if not bool(taken.any()):
                return
        before = parameters.clone(), self.mean.clone(), self.square.clone(), self.steps.clone()
        self._plain(parameters, gradient, lr, scale)
        row = taken[:, None]
        for now, old in zip((parameters, self.mean, self.square), before[:3], strict=True):
            now.copy_(torch.where(row, now, old))
        self.steps.copy_(torch.where(taken, self.steps, before[3]))

    def _plain(self, parameters: Tensor, gradient: Tensor, lr: Tensor, scale: Tensor) -> None:
        one, two = BETAS
        self.steps += 1
        gradient.mul_(scale[:, None])
        self.mean.lerp_(gradient, 1 - one)
        self.square.mul_(two).addcmul_(gradient, gradient, value=1 - two)
        width = lr / (1 - one**self.steps)
        root = (1 - two**self.steps).sqrt()
        spread = self.square.sqrt().div_(root[:, None]).add_(EPSILON)
        parameters.sub_(self.mean * width[:, None] / spread)

    def state(self) -> dict[str, Tensor]:
        """Copies of all that changes."""
        return {
            "mean": self.mean.clone(),
            "square": self.square.clone(),
            "steps": self.steps.clone(),
        }

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        self.mean.copy_(state["mean"])
        self.square.copy_(state["square"])
        self.steps.copy_(state["steps"])
