"""The gradient of the PPO loss of plain networks, written out by hand.

For separate actor and critic of Linear and tanh layers with discrete actions. Autograd's bookkeeping
costs more than the arithmetic at these sizes; written out, a minibatch takes about half the time.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ppodiag.layers import Linear, Tanh
from reference_trainer.losses import Coefficients, Minibatch
from reference_trainer.nets.actor_critic import ActorCritic, Chain
from reference_trainer.nets.functional import tanh
from reference_trainer.nets.parameters import Parameters


@dataclass(frozen=True)
class DenseLayer:
    """One Linear layer of all seeds, and where its gradient goes.

    Attributes:
        weight, bias: (S, out, in) and (S, out).
        weight_grad, bias_grad: of the same shapes; views of the flat gradient.
    """

    weight: Tensor
    bias: Tensor
    weight_grad: Tensor
    bias_grad: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """X Wᵀ + b, (S, n, in) to (S, n, out)."""
        return torch.baddbmm(self.bias.unsqueeze(1), x, self.weight.transpose(1, 2))

    def backward(self, x: Tensor, upstream: Tensor) -> None:
        """Add the gradient of weight and bias for the gradient of the output, (S, n, out)."""
        self.weight_grad.baddbmm_(upstream.transpose(1, 2), x)
        self.bias_grad.add_(upstream.sum(dim=1))


@dataclass(frozen=True)
class DenseNet:
    """Linear layers with a tanh between each two."""

    layers: tuple[DenseLayer, ...]

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The output (S, n, out), and the input of each layer."""
        inputs = [x]
        for layer in self.layers[:-1]:
            inputs.append(tanh(layer.forward(inputs[-1])))
        return self.layers[-1].forward(inputs[-1]), inputs

    def backward(self, inputs: list[Tensor], upstream: Tensor) -> None:
        """Add the gradient of every layer; `upstream` is that of the output."""
        for index in range(len(self.layers) - 1, -1, -1):
            layer, x = self.layers[index], inputs[index]
            layer.backward(x, upstream)
            if index:
                # d tanh = 1 − tanh²
                below = torch.bmm(upstream, layer.weight)
                upstream = torch.addcmul(below, below * x, x, value=-1)


@dataclass(frozen=True)
class DenseGradient:
    """`gradients.Gradient` for two dense networks and a categorical policy."""

    actor: DenseNet
    critic: DenseNet

    @torch.no_grad()
    def __call__(self, batch: Minibatch, coefficients: Coefficients) -> Tensor:
        """Add the gradient; see `gradients.Gradient`."""
        logits, actor_inputs = self.actor.forward(batch.observations)
        values, critic_inputs = self.critic.forward(batch.observations)
        upstream, policy_sums = _policy(logits, batch, coefficients)
        self.actor.backward(actor_inputs, upstream)
        upstream, value_sum = _value(values.squeeze(-1), batch, coefficients)
        self.critic.backward(critic_inputs, upstream)
        return torch.stack((policy_sums[0], value_sum, *policy_sums[1:]), dim=1)


def _policy(
    logits: Tensor, batch: Minibatch, coefficients: Coefficients
) -> tuple[Tensor, list[Tensor]]:
    """The gradient of the loss by the logits, (S, n, A), and the sums of its statistics.

    With p = softmax(z), ∂ log π(a)/∂z = 1[a] − p and ∂H/∂z = −p·(log p + H).
    """
    logs = logits.log_softmax(dim=-1)
    p = logs.exp()
    chosen = batch.actions.unsqueeze(-1)
    log_ratio = logs.gather(-1, chosen).squeeze(-1) - batch.log_probs
    ratio = log_ratio.exp()
    k3 = ratio - 1 - log_ratio
    outside = ((ratio - 1).abs() > coefficients.clip).to(ratio.dtype)
    plain = -batch.advantages * ratio
    clipped = -batch.advantages * ratio.clamp(1 - coefficients.clip, 1 + coefficients.clip)
    entropy = -(p * logs).sum(dim=-1)
    weights = batch.weights
    # Where the clipped branch is the larger one it is constant in ρ.
    slope = torch.where(plain >= clipped, plain, 0.0)
    if coefficients.kl is not None:
        slope = slope + coefficients.kl.unsqueeze(-1) * (ratio - 1)
    slope = slope * weights
    bonus = coefficients.entropy.unsqueeze(-1) * weights
    upstream = p * ((logs + entropy.unsqueeze(-1)) * bonus.unsqueeze(-1) - slope.unsqueeze(-1))
    upstream.scatter_add_(-1, chosen, slope.unsqueeze(-1))
    parts = torch.stack((torch.maximum(plain, clipped), entropy, -log_ratio, k3, outside), dim=1)
    sums = torch.bmm(parts, weights.unsqueeze(-1)).squeeze(-1)
    return upstream, list(sums.unbind(dim=1))


def _value(values: Tensor, batch: Minibatch, coefficients: Coefficients) -> tuple[Tensor, Tensor]:
    """The gradient of the loss by the value, (S, n, 1), and the sum of the value loss."""
    miss = values - batch.targets
    error = miss.square()
    slope = miss
    if coefficients.clip_value is not None:
        limit = coefficients.clip_value
        moved = values - batch.old_values
        near_miss = batch.old_values + moved.clamp(-limit, limit) - batch.targets
        near_error = near_miss.square()
        inside = (moved.abs() <= limit).to(values.dtype)
        slope = torch.where(error >= near_error, miss, near_miss * inside)
        error = torch.maximum(error, near_error)
    upstream = slope * batch.weights * (2 * coefficients.value)
    return upstream.unsqueeze(-1), (error * batch.weights).sum(dim=1)


def dense_gradient(network: ActorCritic) -> DenseGradient | None:
    """The gradient that is written out, where the networks are plain; else None."""
    if network.checkpointing or network.trunk.layers:
        return None
    nets = []
    for chain in (network.actor, network.critic):
        kinds = [type(layer) for layer, _ in chain.layers]
        if kinds[0::2] != [Linear] * len(kinds[0::2]) or kinds[1::2] != [Tanh] * len(kinds[1::2]):
            return None
        nets.append(_dense_net(chain, network.parameters))
    return DenseGradient(*nets)


def _dense_net(chain: Chain, parameters: Parameters) -> DenseNet:
    layers = []
    for index, (layer, weights) in enumerate(chain.layers):
        if isinstance(layer, Linear):
            prefix = f"{chain.name}.{index}"
            layers.append(
                DenseLayer(
                    weight=weights["weight"].detach(),
                    bias=weights["bias"].detach(),
                    weight_grad=parameters.gradients[f"{prefix}.weight"],
                    bias_grad=parameters.gradients[f"{prefix}.bias"],
                )
            )
    return DenseNet(tuple(layers))
