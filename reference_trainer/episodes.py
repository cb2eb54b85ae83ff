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
        steps = rewards.shape[1]
        finished = []
        for seed in range(len(rewards)):
            # Environment after environment; a segment reaches from one border to the next.
            ends = ended[seed].T.ravel()
            after = np.flatnonzero(ends) + 1
            starts = np.union1d(np.arange(0, ends.size, steps), after[after % steps > 0])
            last = np.append(starts[1:], ends.size) - 1
            env, complete = starts // steps, ends[last]
            with np.errstate(invalid="ignore"):  # ∞ − ∞ within an episode
                returns = np.add.reduceat(rewards[seed].T.ravel(), starts)
            lengths = (last - starts + 1).astype(float)
            first = starts % steps == 0
            returns[first] += self.returns[seed]
            lengths[first] += self.lengths[seed]
            self.returns[seed] = self.lengths[seed] = 0.0
            self.returns[seed, env[~complete]] = returns[~complete]
            self.lengths[seed, env[~complete]] = lengths[~complete]
            order = np.lexsort((env[complete], last[complete] % steps))
            finished.append(Finished(returns[complete][order], lengths[complete][order]))
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
