"""The layers while the policy acts: without gradient, on views of the parameters made once.

A rollout takes one small pass a step, and each call of torch costs as much as the arithmetic of a few
rows: views, gradient bookkeeping and look-ups are left out. The numbers are those of `functional`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import Tensor

from ppodiag.layers import GRU, Layer, Linear, Tanh
from reference_trainer.nets.functional import affine, fast_tanh, gru_cell, plain

Acting = Callable[[Tensor], Tensor]
"""(S, n, inputs) to (S, n, outputs)."""


@dataclass(frozen=True)
class Affine:
    """A Linear layer.

    Attributes:
        columns, row: Wᵀ and b, (S, inputs, outputs) and (S, 1, outputs), views of the parameters.
    """

    columns: Tensor
    row: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """X Wᵀ + b."""
        return affine(x, self.columns, self.row)


@dataclass(frozen=True)
class GRUStep:
    """One step of a GRU layer.

    Attributes:
        inputs, states: what the input and the state are multiplied with.
    """

    inputs: Affine
    states: Affine

    def __call__(self, x: Tensor, hidden: Tensor) -> Tensor:
        """The next state (S, n, outputs), which is the output, after x (S, n, inputs)."""
        return gru_cell(self.inputs(x), hidden, self.states.columns, self.states.row)


def acting(layer: Layer, weights: dict[str, Tensor]) -> Acting | GRUStep:
    """A layer as a function; it follows the parameters as they change in place.

    Args:
        layer: what it computes.
        weights: its parameters by name.
    """
    values = {name: tensor.detach() for name, tensor in weights.items()}
    match layer:
        case Linear():
            return _affine(values["weight"], values["bias"])
        case Tanh():
            return fast_tanh
        case GRU():
            return GRUStep(
                _affine(values["weight_ih"], values["bias_ih"]),
                _affine(values["weight_hh"], values["bias_hh"]),
            )
        case _:
            return partial(plain, layer, weights=values, training=False)


def _affine(weight: Tensor, bias: Tensor) -> Affine:
    return Affine(weight.transpose(1, 2), bias.unsqueeze(1))
