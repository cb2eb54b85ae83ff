"""Gymnasium's spaces in the trainer's words."""

from __future__ import annotations

from typing import Any

import torch
from gymnasium import spaces

from ppodiag.errors import UsageError
from reference_trainer.spaces import Actions, Box, Discrete

_WRAP = "wrap it, and give the trainer the wrapped one as module:function (docs/environments.md)"


def actions_of(name: str, space: Any) -> tuple[Actions, int]:
    """The actions of one environment, and the number that Gymnasium gives the first of them.

    Raises:
        UsageError: neither `Discrete` nor a `Box` of real numbers.
    """
    if isinstance(space, spaces.Discrete):
        return Discrete(int(space.n)), int(space.start)
    if isinstance(space, spaces.Box) and space.dtype.kind == "f":
        # Bounds beyond a float's are none.
        low, high = (
            torch.as_tensor(bound, dtype=torch.float32).flatten()
            for bound in (space.low, space.high)
        )
        return Box(low, high), 0
    raise UsageError(
        f"the actions of {name} are {space}, neither Discrete nor a Box of real numbers", _WRAP
    )


def observation_size(name: str, space: Any) -> int:
    """Values in an observation of one environment.

    Raises:
        UsageError: not a flat `Box`.
    """
    if isinstance(space, spaces.Box) and len(space.shape) == 1:
        return int(space.shape[0])
    raise UsageError(f"the observations of {name} are {space}, not a flat Box", _WRAP)
