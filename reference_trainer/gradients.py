"""The gradient of a minibatch, added to what its window has gathered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from reference_trainer.distributions import Categorical, Distribution
from reference_trainer.losses import Coefficients, Minibatch, Seen, ppo_loss
from reference_trainer.nets.actor_critic import ActorCritic
from reference_trainer.nets.mlp_gradient import dense_gradient

Gradient = Callable[[Minibatch, Coefficients], Seen]
"""Adds a minibatch's gradient to the flat gradient of the parameters; gives what its forward pass
gave."""


@dataclass(frozen=True)
class Autograd:
    """The gradient by torch's autograd, for any network.

    Attributes:
        network: actor and critic.
        policy: the distribution.
        autocast: type of the forward pass where it is not that of the parameters, such as bfloat16.
    """

    network: ActorCritic
    policy: Distribution
    autocast: torch.dtype | None = None

    def __call__(self, batch: Minibatch, coefficients: Coefficients) -> Seen:
        """Add the gradient; see `Gradient`."""
        kind = batch.observations.device.type
        with torch.autocast(kind, dtype=self.autocast, enabled=self.autocast is not None):
            outputs, values = self.network.evaluate(batch.observations, batch.hidden, batch.started)
        dtype = batch.weights.dtype
        loss, seen = ppo_loss(outputs.to(dtype), values.to(dtype), batch, coefficients, self.policy)
        self.network.parameters.add_gradient(loss.sum())
        return seen


def gradient_of(
    network: ActorCritic, policy: Distribution, autocast: torch.dtype | None, written_out: bool
) -> Gradient:
    """The gradient of a network: written out by hand where it is plain, else autograd's.

    Args:
        network: actor and critic.
        policy: the distribution.
        autocast: see `Autograd`.
        written_out: False: autograd's in any case.
    """
    if written_out and autocast is None and isinstance(policy, Categorical):
        dense = dense_gradient(network)
        if dense is not None:
            return dense
    return Autograd(network, policy, autocast)
