"""What an action is."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True)
class Discrete:
    """One of `count` actions, numbered from 0; a tensor of actions holds int64."""

    count: int

    @property
    def outputs(self) -> int:
        """Values that the policy network gives: one logit an action."""
        return self.count

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one action: a scalar."""
        return ()


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """`size` real numbers within bounds; a tensor of actions holds floats, shape (…, size).

    Attributes:
        low, high: bounds, shape (size,). The policy is an unbounded Gaussian; the environment is
            given the action clipped to the bounds, the update sees it as it was drawn.
    """

    low: Tensor
    high: Tensor

    @property
    def outputs(self) -> int:
        """Values that the policy network gives: one mean a dimension."""
        return int(self.low.numel())

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one action."""
        return (self.outputs,)


Actions = Discrete | Box
