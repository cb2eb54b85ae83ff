"""The gradient of the PPO loss of plain networks, written out by hand.

For separate actor and critic of Linear and tanh layers with discrete actions. Autograd's bookkeeping
costs more than the arithmetic at these sizes; written out, a minibatch takes about half the time.
With checkpointing the same arithmetic is done, and the inputs of a segment's layers are computed again
before its backward pass: the same bits, for more time and less memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from reference_trainer.losses import Coefficients, Minibatch, Seen
from reference_trainer.nets.actor_critic import ActorCritic, Chain
from reference_trainer.nets.dense import DenseNet


@dataclass(frozen=True)
class Backward:
    """The backward pass of one dense network.

    Attributes:
        net: its layers.
        weight_grads: places of the gradients, (S, outputs, inputs), views of the flat gradient.
        bias_grads: the same of the biases, (S, outputs).
        parts: the segments that checkpointing recomputes, as ranges of layers; None: none.
    """

    net: DenseNet
    weight_grads: list[Tensor]
    bias_grads: list[Tensor]
    parts: list[range] | None

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The output, (S, outputs, n), and what `add` needs of the way there.

        With checkpointing that is the input of each segment, else the input of each layer.
        """
        return self.net.inputs(x) if self.parts is None else self.net.part_inputs(x, self.parts)

    def add(self, kept: list[Tensor], upstream: Tensor) -> None:
        """Add the gradient of every layer.

        Args:
            kept: of `forward`; what layers handed on is overwritten.
            upstream: the gradient of the output, (S, outputs, n).
        """
        rows = upstream.transpose(1, 2)
        if self.parts is None:
            self._add(kept, rows, 0)
            return
        for part, x in zip(reversed(self.parts), reversed(kept), strict=True):
            rows = self._add(self.net.layer_inputs(x, part), rows, part.start)

    def _add(self, inputs: list[Tensor], upstream: Tensor, first: int) -> Tensor:
        """Add the gradient of some layers; that of what came into the first of them, but the network's.

        Args:
            inputs: what came into each of them, (S, n, inputs).
            upstream: the gradient of their output, (S, n, outputs).
            first: index of the first.
        """
        for index in range(first + len(inputs) - 1, first - 1, -1):
            x = inputs[index - first]
            self.weight_grads[index].add_(_product(upstream, x))
            self.bias_grads[index].add_(upstream.sum(dim=1))
            if index:
                upstream = torch.bmm(upstream, self.net.weights[index])
                upstream = torch.ops.aten.tanh_backward.grad_input(upstream, x, grad_input=x)
        return upstream


def _product(upstream: Tensor, x: Tensor) -> Tensor:
    """The gradient of a layer's weights, (S, outputs, inputs).

    A product with few rows and many columns is several times as quick as one with many and few. It
    is not written to its place at once: that is not contiguous, and the seeds would be done one by
    one.
    """
    if x.shape[2] < upstream.shape[2]:
        return torch.bmm(x.transpose(1, 2), upstream).transpose(1, 2)
    return torch.bmm(upstream.transpose(1, 2), x)


@dataclass(frozen=True)
class DenseGradient:
    """`gradients.Gradient` for two dense networks and a categorical policy."""

    actor: Backward
    critic: Backward

    @torch.no_grad()
    def __call__(self, batch: Minibatch, coefficients: Coefficients) -> Seen:
        """Add the gradient; see `gradients.Gradient`.

        One network after the other, so that the second finds the first one's memory in the cache.
        """
        logits, kept = self.actor.forward(batch.observations)
        upstream, log_probs, entropy = _policy(logits, batch, coefficients)
        self.actor.add(kept, upstream)
        output, kept = self.critic.forward(batch.observations)
        values = output.squeeze(1)
        self.critic.add(kept, _value(values, batch, coefficients))
        return Seen(log_probs, entropy, values)


def _policy(
    logits: Tensor, batch: Minibatch, coefficients: Coefficients
) -> tuple[Tensor, Tensor, Tensor]:
    """The gradient of the loss by the logits, (S, A, n); log π(a|s) and the entropy, (S, n).

    With p = softmax(z), ∂ log π(a)/∂z = 1[a] − p and ∂H/∂z = −p·(log p + H).
    """
    logs = logits.log_softmax(dim=1)
    p = logs.exp()
    chosen = batch.actions.unsqueeze(1)
    log_probs = logs.gather(1, chosen).squeeze(1)
    ratio = (log_probs - batch.log_probs).exp_()
    plain = batch.advantages * ratio
    clipped = batch.advantages * ratio.clamp(1 - coefficients.clip, 1 + coefficients.clip)
    entropy = torch.linalg.vecdot(p, logs, dim=1).neg_()
    # Where the clipped branch is the smaller one it is constant in ρ.
    slope = plain.neg().masked_fill_(plain > clipped, 0.0)
    if coefficients.kl is not None:
        slope = slope + coefficients.kl.unsqueeze(-1) * (ratio - 1)
    slope = slope.mul_(batch.weights).unsqueeze(1)
    bonus = (coefficients.entropy.unsqueeze(-1) * batch.weights).unsqueeze(1)
    upstream = (logs + entropy.unsqueeze(1)).mul_(bonus).sub_(slope).mul_(p)
    return upstream.scatter_add_(1, chosen, slope), log_probs, entropy


def _value(values: Tensor, batch: Minibatch, coefficients: Coefficients) -> Tensor:
    """The gradient of the loss by the value, (S, 1, n)."""
    slope = values - batch.targets
    if coefficients.clip_value is not None:
        limit = coefficients.clip_value
        moved = values - batch.old_values
        near = batch.old_values + moved.clamp(-limit, limit) - batch.targets
        inside = (moved.abs() <= limit).to(values.dtype)
        slope = torch.where(slope.square() >= near.square(), slope, near * inside)
    return (slope * batch.weights).mul_(2 * coefficients.value).unsqueeze(1)


def dense_gradient(network: ActorCritic) -> DenseGradient | None:
    """The gradient that is written out, where the networks are plain; else None."""
    if network.trunk.layers:
        return None
    actor, critic = (_backward(chain, network) for chain in (network.actor, network.critic))
    if actor is None or critic is None:
        return None
    return DenseGradient(actor, critic)


def _backward(chain: Chain, network: ActorCritic) -> Backward | None:
    if chain.dense is None:
        return None
    places = network.parameters.gradients
    layers = range(0, len(chain.layers), 2)
    return Backward(
        net=chain.dense,
        weight_grads=[places[f"{chain.name}.{index}.weight"] for index in layers],
        bias_grads=[places[f"{chain.name}.{index}.bias"] for index in layers],
        # A part holds Linear layers, each but the last with its tanh.
        parts=[range((part.start + 1) // 2, (part.stop + 1) // 2) for part in chain.parts]
        if network.checkpointing
        else None,
    )
