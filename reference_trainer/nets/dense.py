"""Linear layers with a tanh between each two, for S copies at once, without autograd."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from reference_trainer.nets.tanh import of_half_, quick_on

ROWS = 256
"""Rows that pass at once where nothing is kept of the way: what comes between stays in the cache."""


class DenseNet:
    """The layers, with views of their parameters that are made once.

    Attributes:
        weights: W of each layer, (S, outputs, inputs).
    """

    def __init__(self, parameters: Sequence[tuple[Tensor, Tensor]]) -> None:
        """Make the views.

        Args:
            parameters: W, (S, outputs, inputs), and b, (S, outputs), of each layer.
        """
        self.weights = [weight.detach() for weight, _ in parameters]
        self._transposed = [weight.transpose(1, 2) for weight in self.weights]
        self._biases = [bias.detach().unsqueeze(1) for _, bias in parameters]
        self._column = self._biases[-1].transpose(1, 2)
        self._quick = quick_on(self.weights[0].device)

    def output(self, x: Tensor) -> Tensor:
        """(S, n, inputs) to (S, n, outputs)."""
        if x.shape[1] > ROWS:
            return torch.cat([self.output(rows) for rows in x.split(ROWS, dim=1)], dim=1)
        last = len(self.weights) - 1
        for index in range(last):
            x = self._hidden(index, x)
        return torch.baddbmm(self._biases[last], x, self._transposed[last])

    def inputs(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The output, (S, outputs, n), and what came into each layer."""
        found = self.layer_inputs(x, range(len(self.weights)))
        return self._columns(found[-1]), found

    def layer_inputs(self, x: Tensor, part: range) -> list[Tensor]:
        """What comes into each layer of a part, of the input of its first one."""
        found = [x]
        for index in part[:-1]:
            x = self._hidden(index, x)
            found.append(x)
        return found

    def part_inputs(self, x: Tensor, parts: Sequence[range]) -> tuple[Tensor, list[Tensor]]:
        """The output, (S, outputs, n), and what came into the first layer of each part; no more."""
        found, last = [], len(self.weights) - 1
        for part in parts:
            found.append(x)
            for index in part:
                x = self._hidden(index, x) if index < last else self._columns(x)
        return x, found

    def _hidden(self, index: int, x: Tensor) -> Tensor:
        """The tanh of a layer, (S, n, outputs)."""
        bias, columns = self._biases[index], self._transposed[index]
        if self._quick:
            return torch.baddbmm(bias, x, columns).tanh_()
        return of_half_(torch.baddbmm(bias, x, columns, beta=2, alpha=2))

    def _columns(self, x: Tensor) -> Tensor:
        """The last layer's output with the samples last, (S, outputs, n).

        That is how the loss wants it: what is done over few actions is then done along many samples.
        """
        return torch.baddbmm(self._column, self.weights[-1], x.transpose(1, 2))
