"""Vector environments of Gymnasium by id, in the mode that suits the trainer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
from gymnasium.vector import AutoresetMode

from ppodiag.errors import UsageError
from reference_trainer.envs.gymnasium_restart import restart_of

_EXTRAS = {"gymnasium.envs.box2d": "box2d", "gymnasium.envs.mujoco": "mujoco"}


def names() -> Sequence[str]:
    """All ids that are registered."""
    return list(gymnasium.registry)


def make(name: str, envs: int) -> Any:
    """A `gymnasium.vector.VectorEnv` of `envs` environments.

    The environment's own vector mode where it has one whose episodes can restart within a step,
    else the environments one after the other.

    Raises:
        UsageError: it cannot be made; a package that it needs is not installed.
    """
    try:
        if gymnasium.spec(name).vector_entry_point is not None:
            vector = gymnasium.make_vec(name, num_envs=envs)
            if restart_of(vector) is not None:
                return vector
            vector.close()
        return gymnasium.make_vec(
            name,
            num_envs=envs,
            vectorization_mode="sync",
            vector_kwargs={"autoreset_mode": AutoresetMode.DISABLED, "copy": False},
        )
    except gymnasium.error.DependencyNotInstalled as error:
        raise UsageError(f"{name} cannot be made: {error}", _remedy(name)) from error
    except ModuleNotFoundError as error:
        raise UsageError(f"{name} cannot be made: {error}", "install it") from error
    except (gymnasium.error.Error, ImportError) as error:
        raise UsageError(f"{name} cannot be made: {error}", "choose another") from error


def _remedy(name: str) -> str:
    """Which extra holds the package that an environment needs."""
    module = str(gymnasium.spec(name).entry_point)
    for prefix, extra in _EXTRAS.items():
        if module.startswith(prefix):
            return f'pip install "ppodiag[{extra}]"'
    return "install what it names"
