"""Returns and lengths of whole episodes, across the borders of rollouts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

FloatArray = np.ndarray[Any, np.dtype[np.float64]]
BoolArray = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Finished:
    """Episodes of one seed that ended in a rollout, in the order of time.

    Attributes:
        returns: sum of the rewards as the environment gave them, (episodes,).
        lengths: steps, (episodes,).
    """

    returns: FloatArray
    lengths: FloatArray


class Episodes:
    """What the unfinished episodes have gathered so far; of all processes together.

    Attributes:
        returns, lengths: (S, N).
    """

    def __init__(self, seeds: int, envs: int) -> None:
        self.returns = np.zeros((seeds, envs))
        self.lengths = np.zeros((seeds, envs))

    def finish(self, rewards: FloatArray, ended: BoolArray) -> list[Finished]:
        """Take in a rollout.

        Args:
            rewards: (S, T, N).
            ended: True where an episode ended with that step, (S, T, N).

        Returns:
            The finished episodes of each seed.
        """
        sums = rewards.cumsum(axis=1) + self.returns[:, None]
        steps = np.arange(1, rewards.shape[1] + 1)[:, None] + self.lengths[:, None]
        finished = []
        for seed in range(len(rewards)):
            env, time = np.nonzero(ended[seed].T)
            gathered, counted = sums[seed, time, env], steps[seed, time, env]
            same = np.concatenate(([False], env[1:] == env[:-1]))
            before = np.where(same, np.roll(gathered, 1), 0.0)
            counted_before = np.where(same, np.roll(counted, 1), 0.0)
            order = np.lexsort((env, time))
            finished.append(Finished((gathered - before)[order], (counted - counted_before)[order]))
            self.returns[seed], self.lengths[seed] = sums[seed, -1], steps[seed, -1]
            # Of several ends of one environment the last one stays, for they come in its order.
            self.returns[seed, env] = sums[seed, -1, env] - gathered
            self.lengths[seed, env] = steps[seed, -1, env] - counted
        return finished

    def state(self) -> dict[str, Tensor]:
        """All that changes."""
        return {
            "returns": torch.from_numpy(self.returns.copy()),
            "lengths": torch.from_numpy(self.lengths.copy()),
        }

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        self.returns, self.lengths = (
            state["returns"].numpy().copy(),
            state["lengths"].numpy().copy(),
        )
