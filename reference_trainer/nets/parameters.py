"""The parameters of S independent copies of the networks, in one flat buffer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from ppodiag.architecture import Architecture
from ppodiag.layers import GRU, Attention, Layer, LayerNorm, Layers, Linear, Tanh
from reference_trainer.spaces import Actions, Box

Fill = Callable[[Tensor, torch.Generator], None]

HIDDEN_GAIN, POLICY_GAIN, VALUE_GAIN = math.sqrt(2), 0.01, 1.0
"""Gains of the orthogonal initialisation of hidden layers, of the policy's and of the value's last
layer; as CleanRL's ppo.py and Stable-Baselines3's PPO."""


class Parameters:
    """All trainable values, seed by seed.

    Attributes:
        flat: (S, P); row s holds seed s.
        grad: its gradient, of the same layout.
        tensors: name to leaf tensor (S, *shape), each a view of `flat`. Names are those of the
            layers, `actor.0.weight` for example.
        gradients: name to the view of `grad` that belongs to the tensor.
        log_std: (S, size), logarithm of the deviation of Gaussian actions; None: discrete ones.
    """

    def __init__(
        self,
        architecture: Architecture,
        actions: Actions,
        generators: Sequence[torch.Generator],
        device: torch.device,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        found = list(_layout(architecture, actions))
        width = sum(math.prod(shape) for _, shape, _ in found)
        rows = torch.empty(len(generators), width, dtype=dtype)
        for row, generator in zip(rows, generators, strict=True):
            first = 0
            for _, shape, fill in found:
                last = first + math.prod(shape)
                fill(row[first:last].view(shape), generator)
                first = last
        self.flat = rows.to(device)
        self.grad = torch.zeros_like(self.flat)
        self.tensors: dict[str, Tensor] = {}
        self.gradients: dict[str, Tensor] = {}
        first = 0
        for name, shape, _ in found:
            last = first + math.prod(shape)
            view = self.flat[:, first:last].unflatten(1, shape)
            self.tensors[name] = view.detach().requires_grad_()
            self.gradients[name] = self.grad[:, first:last].unflatten(1, shape)
            first = last
        self.log_std = self.tensors.get("log_std")

    def add_gradient(self, loss: Tensor) -> None:
        """Add the gradient of a loss, by autograd, to `grad`.

        Args:
            loss: a scalar; the sum over the seeds, whose parameters are apart.
        """
        leaves = list(self.tensors.values())
        found = torch.autograd.grad(loss, leaves)
        for place, gradient in zip(self.gradients.values(), found, strict=True):
            place.add_(gradient)


def _layout(
    architecture: Architecture, actions: Actions
) -> Iterator[tuple[str, tuple[int, ...], Fill]]:
    """Name, shape and initial values of every tensor, in the order of the flat buffer."""
    yield from _chain("trunk", architecture.trunk, HIDDEN_GAIN)
    yield from _chain("actor", architecture.actor, POLICY_GAIN)
    yield from _chain("critic", architecture.critic, VALUE_GAIN)
    if isinstance(actions, Box):
        yield "log_std", (actions.outputs,), _zeros


def _chain(
    name: str, layers: Layers, last_gain: float
) -> Iterator[tuple[str, tuple[int, ...], Fill]]:
    for index, layer in enumerate(layers):
        gain = last_gain if index == len(layers) - 1 else HIDDEN_GAIN
        for part, shape, fill in _tensors(layer, gain):
            yield f"{name}.{index}.{part}", shape, fill


def _tensors(layer: Layer, gain: float) -> Iterator[tuple[str, tuple[int, ...], Fill]]:
    match layer:
        case Linear():
            yield "weight", (layer.outputs, layer.inputs), _orthogonal(gain)
            yield "bias", (layer.outputs,), _zeros
        case LayerNorm():
            yield "weight", (layer.inputs,), _ones
            yield "bias", (layer.inputs,), _zeros
        case GRU():
            gates = 3 * layer.outputs
            yield "weight_ih", (gates, layer.inputs), _orthogonal(1.0)
            yield "weight_hh", (gates, layer.outputs), _orthogonal(1.0)
            yield "bias_ih", (gates,), _zeros
            yield "bias_hh", (gates,), _zeros
        case Attention():
            width = layer.width
            for part, outputs, inputs in (
                ("project", width, layer.features), ("qkv", 3 * width, width), ("out", width, width),
            ):  # fmt: skip
                yield f"{part}.weight", (outputs, inputs), _orthogonal(1.0)
                yield f"{part}.bias", (outputs,), _zeros
            if layer.layer_norm:
                yield "norm.weight", (width,), _ones
                yield "norm.bias", (width,), _zeros
        case Tanh():
            return


def _zeros(values: Tensor, _generator: torch.Generator) -> None:
    values.zero_()


def _ones(values: Tensor, _generator: torch.Generator) -> None:
    values.fill_(1.0)


def _orthogonal(gain: float) -> Fill:
    def fill(values: Tensor, generator: torch.Generator) -> None:
        torch.nn.init.orthogonal_(values, gain, generator=generator)

    return fill
