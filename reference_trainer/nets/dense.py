"""Linear layers with a tanh between each two, for S copies at once, without autograd."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


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

    def output(self, x: Tensor) -> Tensor:
        """(S, n, inputs) to (S, n, outputs)."""
        last = len(self.weights) - 1
        for index in range(last):
            x = torch.baddbmm(self._biases[index], x, self._transposed[index]).tanh_()
        return torch.baddbmm(self._biases[last], x, self._transposed[last])

    def inputs(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The output, and what came into each layer."""
        found = self.layer_inputs(x, range(len(self.weights)))
        return torch.baddbmm(self._biases[-1], found[-1], self._transposed[-1]), found

    def layer_inputs(self, x: Tensor, part: range) -> list[Tensor]:
        """What comes into each layer of a part, of the input of its first one."""
        found = [x]
        for index in part[:-1]:
            x = torch.baddbmm(self._biases[index], x, self._transposed[index]).tanh_()
            found.append(x)
        return found

    def part_inputs(self, x: Tensor, parts: Sequence[range]) -> tuple[Tensor, list[Tensor]]:
        """The output, and what came into the first layer of each part; the rest is not kept."""
        found, last = [], len(self.weights) - 1
        for part in parts:
            found.append(x)
            for index in part:
                x = torch.baddbmm(self._biases[index], x, self._transposed[index])
                if index < last:
                    x = x.tanh_()
        return x, found
