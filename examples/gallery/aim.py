"""Aim at a mark: where it is and how many shots are left is seen, and a shot costs the square of its miss.

PYTHONPATH=examples/gallery python -m reference_trainer CONFIG --env aim:make
"""

from __future__ import annotations

from typing import Any

import torch

from reference_trainer.envs.environment import EnvSpec, Step
from reference_trainer.spaces import Box

SHOTS = 10
"""Env steps of an episode."""


class Aim:
    """Marks from −1 to 1, a new one for each of an episode's ten shots."""

    def __init__(self, seeds: int, envs: int, device: torch.device, dtype: torch.dtype) -> None:
        bound = torch.full((1,), 2.0, device=device)
        self.spec = EnvSpec("aim", 2, Box(-bound, bound), reset_draws=1, step_draws=1)
        self.dtype = dtype
        self.mark = torch.zeros(seeds, envs, dtype=dtype, device=device)
        self.shots = torch.zeros(seeds, envs, dtype=torch.int64, device=device)

    def reset(self, draws: torch.Tensor) -> torch.Tensor:
        """The first marks."""
        self.mark = self._new(draws)
        self.shots = torch.zeros_like(self.shots)
        return self._seen(self.mark, self.shots)

    def step(self, actions: torch.Tensor, draws: torch.Tensor) -> Step:
        """One shot at each mark."""
        miss = actions[..., 0].to(self.dtype) - self.mark
        shots = self.shots + 1
        ended = shots >= SHOTS
        last = self._seen(self.mark, shots)
        self.mark = self._new(draws)
        self.shots = torch.where(ended, 0, shots)
        return Step(
            observation=self._seen(self.mark, self.shots),
            reward=-miss * miss,
            terminated=ended,
            truncated=torch.zeros_like(ended),
            final_observation=last,
        )

    def _new(self, draws: torch.Tensor) -> torch.Tensor:
        return (2 * draws[..., 0] - 1).to(self.dtype)

    def _seen(self, mark: torch.Tensor, shots: torch.Tensor) -> torch.Tensor:
        return torch.stack((mark, (1 - shots / SHOTS).to(self.dtype)), dim=-1)

    def state(self) -> dict[str, Any]:
        """What a run goes on from."""
        return {"mark": self.mark.clone(), "shots": self.shots.clone()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up a state.

        Raises:
            ValueError: it is none of these environments.
        """
        if set(state) != {"mark", "shots"} or state["mark"].shape != self.mark.shape:
            raise ValueError("not a state of these marks")
        self.mark = state["mark"].to(self.mark.device, copy=True)
        self.shots = state["shots"].to(self.shots.device, copy=True)

    def close(self) -> None:
        """Nothing is held."""


def make(config: Any, *, seeds: Any, envs: int, device: Any, dtype: Any, **_: Any) -> Aim:
    """The environments of a run."""
    return Aim(len(seeds), envs, device, dtype)
