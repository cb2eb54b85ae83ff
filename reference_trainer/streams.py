"""The random numbers of a run: one generator a seed, drawn on the CPU, whatever the device."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


class SeedStreams:
    """One stream of random numbers for each seed.

    A seed's numbers do not depend on its neighbours or on the device: a stack of seeds sees what
    each of them would see alone.
    """

    def __init__(self, seeds: Sequence[int]) -> None:
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]

    def _stacked(self, draw: Callable[[torch.Generator], Tensor]) -> Tensor:
        return torch.stack([draw(generator) for generator in self.generators])

    def uniform(self, *shape: int, dtype: torch.dtype) -> Tensor:
        """Numbers in [0, 1), shape (S, *shape), on the CPU."""
        return self._stacked(lambda g: torch.rand(*shape, generator=g, dtype=dtype))

    def normal(self, *shape: int, dtype: torch.dtype) -> Tensor:
        """Standard normal numbers, shape (S, *shape), on the CPU."""
        return self._stacked(lambda g: torch.randn(*shape, generator=g, dtype=dtype))

    def permutations(self, count: int, length: int) -> Tensor:
        """`count` permutations of 0 … length − 1, shape (S, count, length) int64, on the CPU."""
        return self._stacked(
            lambda g: torch.stack([torch.randperm(length, generator=g) for _ in range(count)])
        )

    def state(self) -> list[Tensor]:
        """The state of each generator."""
        return [generator.get_state() for generator in self.generators]

    def load_state(self, states: Sequence[Tensor]) -> None:
        """Go on from what `state` gave."""
        for generator, state in zip(self.generators, states, strict=True):
            generator.set_state(state)
