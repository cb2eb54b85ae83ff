"""The policy's distribution over actions, from what the network gives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from reference_trainer.spaces import Actions, Discrete

HALF_LOG_TAU = 0.5 * math.log(2 * math.pi)


class Distribution(Protocol):
    """A distribution over actions; leading axes (S, …), outputs (S, …, A)."""

    def noise(self, draws: Tensor) -> Tensor:
        """What `sample` adds, from the numbers of the seeds' streams, of their shape."""

    def sample(self, outputs: Tensor, noise: Tensor) -> Tensor:
        """Actions, (S, …) or (S, …, size)."""

    def log_prob(self, outputs: Tensor, actions: Tensor) -> Tensor:
        """Log π(a|s), (S, …)."""

    def entropy(self, outputs: Tensor) -> Tensor:
        """H(π(·|s)) in nats, (S, …)."""


class Categorical:
    """One of A actions with logits; sampled as the largest of logit plus Gumbel noise.

    Source: Gumbel 1954, Statistical Theory of Extreme Values; Maddison et al. 2014, A* Sampling.
    """

    def noise(self, draws: Tensor) -> Tensor:
        """Gumbel noise −log(−log u), of the shape of the uniform numbers."""
        return draws.log().neg_().log_().neg_()

    def sample(self, outputs: Tensor, noise: Tensor) -> Tensor:
        """Actions, (S, …) int64."""
        return (outputs + noise).argmax(dim=-1)

    def log_prob(self, outputs: Tensor, actions: Tensor) -> Tensor:
        """Log softmax(outputs) at the action."""
        return outputs.log_softmax(dim=-1).gather(-1, actions.unsqueeze(-1)).squeeze(-1)

    def entropy(self, outputs: Tensor) -> Tensor:
        """−Σ p log p."""
        logs = outputs.log_softmax(dim=-1)
        return -(logs.exp() * logs).sum(dim=-1)


@dataclass(frozen=True)
class Gaussian:
    """A normal distribution with a mean from the network and a deviation of its own.

    Attributes:
        log_std: one parameter a dimension, (S, size).
    """

    log_std: Tensor

    def _log_std(self, outputs: Tensor) -> Tensor:
        shape = (outputs.shape[0], *(1,) * (outputs.dim() - 2), outputs.shape[-1])
        return self.log_std.reshape(shape)

    def noise(self, draws: Tensor) -> Tensor:
        """The standard normal numbers themselves."""
        return draws

    def sample(self, outputs: Tensor, noise: Tensor) -> Tensor:
        """Mean plus deviation times noise, (S, …, size)."""
        return outputs + self._log_std(outputs).exp() * noise

    def log_prob(self, outputs: Tensor, actions: Tensor) -> Tensor:
        """The log density, summed over the dimensions."""
        log_std = self._log_std(outputs)
        scaled = (actions - outputs) / log_std.exp()
        return (-0.5 * scaled.square() - log_std - HALF_LOG_TAU).sum(dim=-1)

    def entropy(self, outputs: Tensor) -> Tensor:
        """Σ (log σ + ½ log 2πe)."""
        per_sample = (self._log_std(outputs) + 0.5 + HALF_LOG_TAU).sum(dim=-1)
        return per_sample.expand(outputs.shape[:-1])


def distribution(actions: Actions, log_std: Tensor | None) -> Categorical | Gaussian:
    """The distribution of an action space; a Box needs the deviations."""
    if isinstance(actions, Discrete):
        return Categorical()
    if log_std is None:
        raise ValueError("a Gaussian policy needs its deviations")
    return Gaussian(log_std)


def action_draws(actions: Actions) -> int:
    """Random numbers that one action takes."""
    return actions.outputs


def is_discrete(actions: Actions) -> bool:
    """Whether the draws are uniform (for a Gumbel), and not normal."""
    return isinstance(actions, Discrete)


def bounded(actions: Actions, chosen: Tensor) -> Tensor:
    """What the environment is given: Gaussian actions clipped to their bounds."""
    if isinstance(actions, Discrete):
        return chosen
    return torch.minimum(torch.maximum(chosen, actions.low), actions.high)
