"""One run of an experiment: what it changes in the configuration, and how long it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ppodiag.case import ABSENT
from ppodiag.config import DoesNotApply
from ppodiag.confirm.keys import NETWORKS, REPLICAS, TOTAL
from ppodiag.context import Context
from ppodiag.errors import UsageError
from ppodiag.forecast import read_context
from ppodiag.healthy import with_changes
from ppodiag.launch.software import deciding
from ppodiag.options import Options

CHEAPEST = "CartPole-v1"
"""The environment of the bundled ones that takes the least time."""

OWN = "replica-scheduling"
"""The environment that the networks and the numbers of replicas of a file are made for."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One run.

    Attributes:
        changes: dotted key to value, over the configuration; `ABSENT` removes the key.
        updates: rollouts after which the question is settled; None: the whole run.
        networks: whether the file's networks take part; else two layers of 64 stand in for them.
        profile: name of another profile than the configuration's; None: its own.
        env: the environment; None: the cheapest one.
        round: of runs that are repeated for their time and memory; those share no run.
        refusal: whether it is an outcome that the trainer refuses the configuration.
    """

    changes: Mapping[str, Any] = field(default_factory=dict)
    updates: int | None = None
    networks: bool = False
    profile: str | None = None
    env: str | None = None
    round: int | None = None
    refusal: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that can be started.

    Attributes:
        value: the configuration, all changes and the profile in it.
        context: the same, parsed.
        rollouts: that are collected.
        stop: whether the trainer is stopped after them: where the schedule depends on the length of the
            run, a shorter run would be another one.
        env: the environment.
        seed: of the run.
        device: that trains.
        key: what makes two runs the same, their length aside.
        refusal: as for `Arm`.
    """

    value: Mapping[str, Any]
    context: Context
    rollouts: int
    stop: bool
    env: str
    seed: int
    device: str
    key: str
    refusal: bool = False

    def text(self) -> str:
        """The configuration as JSON."""
        return json.dumps(self.value, indent=2, ensure_ascii=False) + "\n"

    @property
    def env_steps(self) -> int:
        """Environment steps that are collected."""
        return self.rollouts * self.context.rollout.samples

    @property
    def name(self) -> str:
        """Of its folder: the same whatever software makes the run, which then replaces another's."""
        return hashlib.sha256(f"{self.key}/{self.rollouts}".encode()).hexdigest()[:12]

    def digest(self) -> str:
        """SHA-256 of all that decides the result, the trainer's code and libraries among it."""
        decides = [self.key, self.rollouts, deciding(bundled=True)]
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def prepare(context: Context, arm: Arm, env: str | None, seed: int, device: str) -> Prepared:
    """An arm over a configuration.

    Args:
        context: the configuration.
        arm: what changes.
        env: the environment that the user named; it counts before the arm's.
        seed, device: of the run.

    Raises:
        UsageError: the changed configuration cannot be read.
        DoesNotApply: a key that the plan needs is absent or invalid.
    """
    profile = arm.profile or context.profile.name
    changes = {**arm.changes, "$ppodiag.profile": profile}
    if not arm.networks:
        length = context.config.sequence_length
        changes[NETWORKS] = {"sequence_length": length} if length > 1 else ABSENT
    elif isinstance(tokens := context.value.get(NETWORKS, {}).get("num_replicas"), int):
        changes.setdefault(REPLICAS, tokens)
    value = with_changes(changes, context.value)
    _, changed = read_context(json.dumps(value).encode(), "config.json", Options())
    free = not _needs_length(changed)
    samples = changed.rollout.samples
    planned = None if changed.config.total_env_steps is None else changed.budget.rollouts
    rollouts = arm.updates if planned is None else min(planned, arm.updates or planned)
    if rollouts is None:
        raise UsageError("the length of the run is not known", "give --total-env-steps")
    cut = rollouts != planned
    key_value = with_changes({TOTAL: ABSENT}, value) if free and rollouts else value
    if cut and free:
        value = with_changes({TOTAL: rollouts * samples}, value)
    where = env or arm.env or (OWN if arm.networks else CHEAPEST)
    decides = [key_value, where, seed, device, arm.round]
    key = hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()
    return Prepared(
        value, changed, rollouts, cut and not free, where, seed, device, key, arm.refusal
    )


def longer(one: Prepared, other: Prepared) -> Prepared:
    """The longer one of two runs with one key, of which the other is the beginning."""
    return one if one.rollouts >= other.rollouts else other


def _needs_length(context: Context) -> bool:
    """Whether the learning rate of an update depends on the length of the run."""
    config = context.config
    try:
        return config.schedule_kind == "linear" or (
            config.schedule_kind == "cosine_annealing_with_warmup" and config.restart_period is None
        )
    except DoesNotApply:
        return False
