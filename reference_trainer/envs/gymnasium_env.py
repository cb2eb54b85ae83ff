"""Environments of Gymnasium, one vector environment a seed.

They run on the CPU, outside torch: every step fetches the actions from the device and sends the
observations there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ppodiag.errors import UsageError
from reference_trainer.envs.environment import EnvSpec, Step
from reference_trainer.envs.gymnasium_restart import restart_of
from reference_trainer.envs.gymnasium_spaces import actions_of, observation_size
from reference_trainer.envs.restoring import checked
from reference_trainer.spaces import Box

_DRAW_VALUES = 1 << 24  # a float32 in [0, 1) is a multiple of 2⁻²⁴


def reset_seed(seed: int, rank: int, draws: Sequence[int]) -> int:
    """The seed that Gymnasium is given for the environments of one seed of the run.

    In Gymnasium's loops environment i of them takes this plus i. Neighbouring seeds of the run give
    numbers far apart, where their own numbers would overlap.

    Args:
        seed: the number of the seed of the run.
        rank: which of several processes this is.
        draws: what was drawn for this reset, at least 0 each.

    Returns:
        0 to 2³² − 1.
    """
    entropy = np.random.SeedSequence([abs(seed), int(seed < 0), rank, *draws])
    return int(entropy.generate_state(1)[0])


class GymnasiumEnv:
    """S vector environments of Gymnasium, of N environments each, as one `VectorEnv`."""

    def __init__(
        self,
        name: str,
        make: Callable[[], Any],
        seeds: Sequence[int],
        device: torch.device,
        rank: int = 0,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """Make them.

        Args:
            name: what messages call it.
            make: makes a `gymnasium.vector.VectorEnv` of N environments; called once a seed.
            seeds: the numbers of the S seeds. The random numbers of an environment follow from its
                seed's number, from the rank and from the draws of `reset`.
            device: where the tensors lie that it gives.
            rank: which of several processes this is, from 0.
            dtype: of observations, rewards and actions of a box.

        Raises:
            UsageError: its spaces are not supported, or its episodes cannot restart in a step.
        """
        self._vectors: list[Any] = []
        try:
            for _ in seeds:
                self._vectors.append(make())
            first = self._vectors[0]
            actions, self._lowest = actions_of(name, first.single_action_space)
            size = observation_size(name, first.single_observation_space)
            restart = restart_of(first)
            if restart is None:
                raise UsageError(
                    f"{name} restarts an episode in the step after its end, and ignores its action",
                    'make it with autoreset_mode "SameStep" or "Disabled"',
                )
        except BaseException:
            self.close()
            raise
        self._restart = restart
        self._seeds, self._rank = tuple(seeds), rank
        self._device, self._dtype = device, dtype
        self._spec = EnvSpec(name, size, actions, reset_draws=1, resumable=False)
        self._action_shape = tuple(first.single_action_space.shape)
        self._action_type = first.single_action_space.dtype
        shape = (len(seeds), first.num_envs)
        self._first = np.zeros((*shape, size), np.float64)
        self._last = np.zeros((*shape, size), np.float64)
        self._rewards = np.zeros(shape, np.float64)
        self._flags = np.zeros((2, *shape), np.bool_)

    @property
    def spec(self) -> EnvSpec:
        """What is fixed about it; not resumable, for the state lies outside torch."""
        return self._spec

    @property
    def mode(self) -> str:
        """The class that steps the environments, for the record of a run."""
        return type(self._vectors[0].unwrapped).__name__

    def reset(self, draws: Tensor) -> Tensor:
        """Start all episodes; see `VectorEnv.reset`. Other draws seed them otherwise."""
        numbers = (draws[..., 0].cpu().double() * _DRAW_VALUES).long().tolist()
        for k, (vector, seed) in enumerate(zip(self._vectors, self._seeds, strict=True)):
            self._first[k], _ = vector.reset(seed=reset_seed(seed, self._rank, numbers[k]))
        return self._tensor(self._first)

    def step(self, actions: Tensor, draws: Tensor) -> Step:
        """One step of all; see `VectorEnv.step`. Both flags are set where both apply."""
        chosen = self._actions(actions)
        for k, vector in enumerate(self._vectors):
            seen, self._rewards[k], terminated, truncated, info = vector.step(chosen[k])
            self._flags[0, k], self._flags[1, k] = terminated, truncated
            ended = np.logical_or(terminated, truncated)
            first = last = seen
            if ended.any():
                first, last = self._restart(vector, seen, ended, info)
            self._first[k], self._last[k] = first, last
        observation, flags = self._tensor(self._first), torch.tensor(self._flags)
        terminated, truncated = flags.to(self._device).unbind()
        last_seen = self._tensor(self._last) if self._flags.any() else observation
        return Step(observation, self._tensor(self._rewards), terminated, truncated, last_seen)

    def _actions(self, actions: Tensor) -> NDArray[Any]:
        """What Gymnasium is given: within the bounds, of its own shape and type, (S, N, …)."""
        values = actions.detach().cpu().numpy()
        space = self._spec.actions
        if isinstance(space, Box):
            low, high = space.low.numpy(), space.high.numpy()
            values = np.clip(values, low, high).reshape(*values.shape[:2], *self._action_shape)
        else:
            values = values + self._lowest
        return np.asarray(values, self._action_type)

    def _tensor(self, values: NDArray[Any]) -> Tensor:
        """A copy of an array on the device."""
        return torch.tensor(values, dtype=self._dtype).to(self._device)

    def state(self) -> dict[str, Tensor]:
        """Nothing: Gymnasium's environments cannot be put back."""
        return {}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Nothing; the episodes restart with the next `reset`. See `VectorEnv.load_state`."""
        checked(state, {})

    def close(self) -> None:
        """Close all vector environments, and the processes behind asynchronous ones."""
        for vector in self._vectors:
            vector.close()
        self._vectors = []
