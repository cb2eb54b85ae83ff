"""What the trainer asks of an environment.

All tensors lie on one device and begin with the axes (S, N): S independent seeds, N environments of
each. An environment owns no random generator: the trainer hands it uniform random numbers in [0, 1)
with every reset and step. So the same numbers give the same run on every device, a seed does not
depend on its neighbours, and the random state is a handful of generators that are easy to save.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from torch import Tensor

from reference_trainer.spaces import Actions


@dataclass(frozen=True, slots=True)
class EnvSpec:
    """What is fixed about an environment.

    Attributes:
        name: its id.
        observation: D, values in one observation.
        actions: the action space.
        reset_draws: uniform numbers that one environment needs for a reset.
        step_draws: uniform numbers that one environment needs for a step, those of the reset that
            may end it included.
        truncates: whether an episode may be cut off without having ended.
        resumable: whether `load_state` puts it back to the last bit; if not, a resumed run restarts
            its episodes.
        metrics: name to unit of what `Step.metrics` holds.
    """

    name: str
    observation: int
    actions: Actions
    reset_draws: int = 0
    step_draws: int = 0
    truncates: bool = True
    resumable: bool = True
    metrics: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of all environments gives.

    An episode that ends is restarted within the same step. Every tensor is a new one: later steps
    do not change it.

    Attributes:
        observation: what the next action is chosen on, (S, N, D) float32; after an end, the first
            one of the new episode.
        reward: (S, N) float32.
        terminated: True where the episode ended by itself, (S, N) bool; no value lies beyond.
        truncated: True where it was cut off, (S, N) bool; a value does lie beyond.
        final_observation: (S, N, D); where the episode ended, its last observation, elsewhere
            `observation`. May be the same tensor as `observation` where nothing ended.
        metrics: name to (S, N) float32; nan where there is nothing to tell in this step.
    """

    observation: Tensor
    reward: Tensor
    terminated: Tensor
    truncated: Tensor
    final_observation: Tensor
    metrics: dict[str, Tensor] = field(default_factory=dict)


class VectorEnv(Protocol):
    """S × N environments that are stepped at once."""

    @property
    def spec(self) -> EnvSpec:
        """What is fixed about it."""

    def reset(self, draws: Tensor) -> Tensor:
        """Start all episodes anew.

        Args:
            draws: uniform in [0, 1), (S, N, reset_draws) float32.

        Returns:
            The first observations, (S, N, D) float32.
        """

    def step(self, actions: Tensor, draws: Tensor) -> Step:
        """One decision of every environment.

        No host synchronisation in here, where the environment is made of tensors.

        Args:
            actions: (S, N) int64 for `Discrete`, (S, N, size) float32 for `Box`.
            draws: uniform in [0, 1), (S, N, step_draws) float32.
        """

    def state(self) -> dict[str, Tensor]:
        """All that changes, by name; tensors with leading axes (S, N) or (S,)."""

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Put it back to what `state` gave.

        Raises:
            ValueError: the names or shapes are not this environment's.
        """

    def close(self) -> None:
        """Let go of what lies outside this process; nothing for tensors."""
