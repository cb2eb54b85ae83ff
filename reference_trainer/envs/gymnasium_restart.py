"""How an episode of a Gymnasium vector environment restarts within its last step.

Gymnasium knows three ways (`AutoresetMode`). DISABLED: the caller resets the ended ones by a mask.
SAME_STEP: the step itself does, and hands the last observation over in its info. NEXT_STEP: the
step after the end is spent on the reset, whatever the action. The trainer wants the first one of a
new episode in the very step that ended the old one, so that every row of a rollout is a decision
that was really taken. A NEXT_STEP environment can give that only where its insides are known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from gymnasium.envs.classic_control.cartpole import CartPoleVectorEnv
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

Array = NDArray[Any]
Restart = Callable[[Any, Array, Array, dict[str, Any]], tuple[Array, Array]]
"""From (environment, observations of a step, which ended, its info) to (first, last) observations.

All arrays (N, …); where nothing ended, both are the step's observation. Called where something did.
"""


def by_mask(vector: Any, seen: Array, ended: Array, info: dict[str, Any]) -> tuple[Array, Array]:
    """DISABLED: reset those that ended."""
    last = np.array(seen)  # the reset may write into the array that the step gave
    first, _ = vector.reset(options={"reset_mask": ended})
    return np.where(ended[:, None], first, last), last


def within_the_step(
    vector: Any, seen: Array, ended: Array, info: dict[str, Any]
) -> tuple[Array, Array]:
    """SAME_STEP: the last observations lie in the info, for those that ended."""
    last = np.array(seen)
    for index in np.flatnonzero(ended):
        last[index] = info["final_obs"][index]
    return seen, last


def of_cartpole(
    vector: Any, seen: Array, ended: Array, info: dict[str, Any]
) -> tuple[Array, Array]:
    """NEXT_STEP in Gymnasium's own CartPole: do now what its next step would begin with."""
    inside = vector.unwrapped
    inside.state[:, ended] = inside.np_random.uniform(
        low=inside.low, high=inside.high, size=(4, int(ended.sum()))
    )
    inside.steps[ended] = 0
    inside.prev_done[ended] = False
    return inside.state.T.astype(np.float32), seen


def restart_of(vector: Any) -> Restart | None:
    """How the episodes of a vector environment restart; None where it cannot be done in the step."""
    mode = vector.metadata.get("autoreset_mode")
    if mode == AutoresetMode.DISABLED:
        return by_mask
    if mode == AutoresetMode.SAME_STEP:
        return within_the_step
    return of_cartpole if isinstance(vector.unwrapped, CartPoleVectorEnv) else None
