"""The short run that every probe starts from: the user's own configuration, cut down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ppodiag.ablate.dead_knobs.probes import GRADIENT, NEUTRAL, PPO, Path, value_of
from ppodiag.config import Unavailable
from ppodiag.errors import UsageError
from ppodiag.launch.effective import Effective

Overrides = tuple[tuple[Path, Any], ...]

MULTIPLE = 16
"""Rollouts have a multiple of so many samples, so that the probes' minibatch sizes divide them."""

LEAST_SAMPLES = 64
ROLLOUTS = 6
EPOCHS = 2

COST_SAMPLES = 4096
COST_ROLLOUTS = 2
COST_WIDTH = 64
COST_LAYERS = 64
"""Two such networks keep 134 MB of activations for one minibatch, of which checkpointing in segments
of 8 layers keeps a quarter; the bundled trainer's process then takes 22% less memory, where equal runs
differ by 1% to 8%. To compute them once more takes 4 billion operations more."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Lengths of a probe's runs.

    Attributes:
        rollout_len: environment steps of one environment in a rollout.
        samples: R.
        rollouts: of the run.
    """

    rollout_len: int
    samples: int
    rollouts: int

    @property
    def env_steps(self) -> int:
        """T, over all environments."""
        return self.samples * self.rollouts


def sizes(config: Effective, least: int = LEAST_SAMPLES, rollouts: int = ROLLOUTS) -> Sizes:
    """The shortest rollouts of at least so many samples that the probes' minibatches divide.

    Raises:
        UsageError: the number of environments cannot be read.
    """
    try:
        envs = config.context.config.num_envs
    except Unavailable:
        raise UsageError(
            f"{config.path}: parallel_training.num_envs cannot be read", "see ppodiag lint"
        ) from None
    length = MULTIPLE * max(1, -(-least // (envs * MULTIPLE)))
    return Sizes(length, length * envs, rollouts)


def base_overrides(value: Mapping[str, Any], lengths: Sizes) -> Overrides:
    """What every short run has in the place of what the file says.

    What would hide an effect is put aside where the file has it: the early stop, sequences (a
    minibatch holds whole ones), and a stabilization window of another block's.
    """
    block = tuple((path, value_of(neutral, lengths.samples)) for path, neutral in NEUTRAL)
    return (
        (("training", "ppo_requests"), lengths.env_steps),
        ((*PPO, "rollout_len"), lengths.rollout_len),
        ((*PPO, "minibatch_size"), lengths.samples // 4),
        ((*PPO, "epochs"), EPOCHS),
        *_where_given(value, ("kl_regularization", "early_stopping", "enable"), False),
        *_where_given(value, ("statistics_stabilization", "stabilization_steps"), 0),
        *_where_given(value, ("actor_critic_architecture", "sequence_length"), 1),
        *block,
    )


def cost_overrides(value: Mapping[str, Any], lengths: Sizes) -> Overrides:
    """What the runs that time and memory are taken of have beside the base."""
    network = "actor_critic_architecture"
    parts: list[Path] = [(network,)]
    parts += [(network, part) for part in ("actor", "critic") if _given(value, (network, part))]
    deep = [
        pair
        for part in parts
        for pair in (
            ((*part, "hidden_size"), COST_WIDTH),
            ((*part, "num_layers"), COST_LAYERS),
            *_where_given(value, (*part, "use_gru"), False),
            *_where_given(value, (*part, "gru_layers"), 0),
        )
    ]
    return (
        *base_overrides(value, lengths),
        ((*PPO, "minibatch_size"), lengths.samples),
        *deep,
        ((*GRADIENT, "accumulation_steps"), 1),
    )


def cost_sizes(config: Effective) -> Sizes:
    """Lengths of those runs."""
    return sizes(config, COST_SAMPLES, COST_ROLLOUTS)


def _given(value: Mapping[str, Any], path: Path) -> bool:
    found: Any = value
    for part in path:
        if not isinstance(found, Mapping) or part not in found:
            return False
        found = found[part]
    return True


def _where_given(value: Mapping[str, Any], path: Path, new: Any) -> Overrides:
    return ((path, new),) if _given(value, path) else ()
