"""Adam over the flat parameters of all seeds; a seed's step can be left out without a host sync."""

from __future__ import annotations

import math

import torch
from torch import Tensor

BETAS = (0.9, 0.999)
EPSILON = 1e-5
"""As in CleanRL's and Stable-Baselines3's PPO; torch's own default is 1e-8."""


class Adam:
    """m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², p ← p − lr · m̂ / (√v̂ + ε), seed by seed.

    m̂ = m/(1 − β₁^k) and v̂ = v/(1 − β₂^k) after k steps of that seed. With r = √(1 − β₂^k) the step is
    p ← p − lr · r/(1 − β₁^k) · m / (√v + ε·r): the numbers of a seed are multiplied with each other
    first, and its parameters are passed over less often.

    Source: Kingma and Ba 2015, Adam: A Method for Stochastic Optimization, algorithm 1.

    Attributes:
        mean, square: m and v, (S, P).
        steps: k of each seed, (S,) float.
        host: whether flags can be read without waiting, as on the CPU; then nothing is masked where
            every seed takes the step, and a single seed takes a shorter way.
    """

    def __init__(self, parameters: Tensor) -> None:
        self.mean = torch.zeros_like(parameters)
        self.square = torch.zeros_like(parameters)
        self.steps = torch.zeros_like(parameters[:, 0])
        self.host = parameters.device.type == "cpu"

    def step(
        self,
        parameters: Tensor,
        gradient: Tensor,
        lr: Tensor,
        scale: Tensor | None,
        taken: Tensor,
    ) -> None:
        """Take one step in place; nothing is allocated but a few numbers a seed.

        Args:
            parameters: (S, P).
            gradient: (S, P); its place is used for what comes between, and holds no gradient after.
            lr: learning rate of each seed, (S,).
            scale: what each seed's gradient is multiplied with, (S,), for clipping; None: nothing.
            taken: True for the seeds that take the step, (S,) bool; nothing of the others changes,
                whatever their gradient holds.
        """
        if self.host and len(parameters) == 1:
            if bool(taken):  # on the CPU the host may ask without waiting
                self._step_alone(parameters, gradient, float(lr), scale)
            return
        one, two = BETAS
        counted = taken.to(parameters.dtype)
        self.steps += counted
        steps = self.steps.clamp(min=1)
        root = (1 - two**steps).sqrt_()
        width = (lr * counted * root / (1 - one**steps)).neg_().unsqueeze(1)
        counted = counted.unsqueeze(1)
        if not (self.host and bool(taken.all())):
            left_out = ~taken
            gradient.masked_fill_(left_out.unsqueeze(1), 0.0)
            scale = None if scale is None else scale.masked_fill(left_out, 0.0)
        if scale is not None:
            gradient.mul_(scale.unsqueeze(1))
        self.mean.lerp_(gradient, (1 - one) * counted)
        self.square.lerp_(gradient.square_(), (1 - two) * counted)
        torch.sqrt(self.square, out=gradient).add_((EPSILON * root).unsqueeze(1))
        parameters.addcmul_(torch.div(self.mean, gradient, out=gradient), width)

    def _step_alone(
        self, parameters: Tensor, gradient: Tensor, lr: float, scale: Tensor | None
    ) -> None:
        """The step of a single seed on the CPU, with numbers in the place of small tensors."""
        one, two = BETAS
        self.steps += 1
        steps = float(self.steps)
        root = math.sqrt(1 - two**steps)
        if scale is not None:
            gradient.mul_(scale)
        self.mean.lerp_(gradient, 1 - one)
        self.square.mul_(two).addcmul_(gradient, gradient, value=1 - two)
        torch.sqrt(self.square, out=gradient).add_(EPSILON * root)
        parameters.addcdiv_(self.mean, gradient, value=-lr * root / (1 - one**steps))

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
