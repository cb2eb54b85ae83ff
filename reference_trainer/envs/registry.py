"""Environments by name."""

from __future__ import annotations

import difflib
import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import torch

from ppodiag.errors import UsageError
from reference_trainer.envs import cartpole
from reference_trainer.envs.environment import EnvSpec, VectorEnv

DEFAULT = "replica-scheduling"
BUILT_IN = (DEFAULT, cartpole.NAME)
_PREFIX = "gymnasium:"
_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.-]*")
_INSTALL = 'pip install "ppodiag[gym]"'


def make_env(
    name: str,
    config: Mapping[str, Any],
    seeds: Sequence[int],
    envs: int,
    device: torch.device,
    rank: int = 0,
    dtype: torch.dtype = torch.float32,
) -> VectorEnv:
    """The environments of a run.

    Args:
        name: `replica-scheduling`, `CartPole-v1`, the id of an environment of Gymnasium (also as
            `gymnasium:ID`, which passes by those built in) or `module:function` for one's own.
        config: the configuration as it was read; what an environment takes from it is its affair.
        seeds: the numbers of the S seeds.
        envs: N, environments of each seed in this process.
        device: where all tensors lie.
        rank: which of several processes this is, from 0. Only environments that have generators of
            their own need it, and the seeds' numbers.
        dtype: of observations and rewards.

    Raises:
        UsageError: no such environment, or a package that it needs is not installed.
    """
    request: dict[str, Any] = {
        "seeds": tuple(seeds),
        "envs": envs,
        "device": device,
        "rank": rank,
        "dtype": dtype,
    }
    if name == DEFAULT:
        replica = importlib.import_module("reference_trainer.envs.replica")
        return _own(replica.make, name, config, request)
    if name == cartpole.NAME:
        return cartpole.CartPole(len(seeds), envs, device, dtype)
    if name.startswith(_PREFIX):
        return _of_gymnasium(name.removeprefix(_PREFIX), request)
    function = _function(name) if _FUNCTION.fullmatch(name) else None
    if function is not None:
        return _own(function, name, config, request)
    return _of_gymnasium(name, request)


def env_keys(name: str) -> frozenset[str]:
    """Paths of the keys of a configuration that an environment takes; blocks end with a slash.

    Of environments of one's own it is not known: a function may say it in its attribute `keys`.
    """
    if name == DEFAULT:
        replica = importlib.import_module("reference_trainer.envs.replica")
        return frozenset(pointer.lstrip("/") for pointer in replica.ACTING_KEYS)
    if _FUNCTION.fullmatch(name) and not name.startswith(_PREFIX):
        return frozenset(getattr(_function(name), "keys", ()))
    return frozenset()


def _imported(module: str, name: str) -> ModuleType:
    """A module that an environment's name asks for.

    Raises:
        UsageError: it is not there, or a module that it imports is not.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module}.".startswith(f"{error.name}."):
            raise UsageError(
                f"environment {name}: there is no module {module}",
                "start in the folder that holds it, or add that to PYTHONPATH",
            ) from error
        raise UsageError(f"environment {name}: {error}", "install what it imports") from error


def _function(name: str) -> Callable[..., object] | None:
    """The function that `module:function` names; None where the module holds nothing of the name.

    The second part may then be the id of an environment that the module registers with Gymnasium.
    """
    module, _, path = name.partition(":")
    found: Any = _imported(module, name)
    for part in path.split("."):
        found = getattr(found, part, None)
    return found if callable(found) else None


def _own(
    function: Callable[..., object],
    name: str,
    config: Mapping[str, object],
    request: dict[str, Any],
) -> VectorEnv:
    """What a function of the documented form makes."""
    made: Any = function(config, **request)
    if not isinstance(getattr(made, "spec", None), EnvSpec):
        raise UsageError(
            f"environment {name}: the function gave a {type(made).__name__}, whose spec is not an EnvSpec",
            "see docs/environments.md for what it has to give",
        )
    env: VectorEnv = made
    return env


def _of_gymnasium(name: str, request: dict[str, Any]) -> VectorEnv:
    """An environment of Gymnasium, or the remedy where there is none."""
    try:
        from reference_trainer.envs import gymnasium_env, gymnasium_make
    except ModuleNotFoundError as error:
        if error.name != "gymnasium":
            raise
        near = _suggestion(name, BUILT_IN)
        raise UsageError(
            f"{name} is not built in, and Gymnasium is not installed",
            f"{near or 'built in are ' + ' and '.join(BUILT_IN)}; for those of Gymnasium, "
            f"{_INSTALL} (box2d or mujoco in place of gym for those)",
        ) from error
    module, _, env_id = name.rpartition(":")
    if module:
        _imported(module, name)
    if env_id not in gymnasium_make.names():
        near = _suggestion(env_id, [*BUILT_IN, *gymnasium_make.names()])
        raise UsageError(
            f"there is no environment {name}",
            near or f"choose {', '.join(BUILT_IN)}, an id of Gymnasium or module:function",
        )
    return gymnasium_env.GymnasiumEnv(
        name,
        lambda: gymnasium_make.make(env_id, request["envs"]),
        request["seeds"],
        request["device"],
        request["rank"],
        request["dtype"],
    )


def _suggestion(name: str, names: Sequence[str]) -> str:
    """What may have been meant; empty where nothing is near."""
    by_folded = {known.casefold(): known for known in sorted(names)}
    near = difflib.get_close_matches(name.casefold(), by_folded, n=1)
    return f"did you mean {by_folded[near[0]]}?" if near else ""
