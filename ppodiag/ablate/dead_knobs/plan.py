"""The runs of a dead-knob test: which configurations are trained, and which two each probe compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ppodiag.ablate.dead_knobs.base import (
    Sizes,
    base_overrides,
    cost_overrides,
    cost_sizes,
    sizes,
)
from ppodiag.ablate.dead_knobs.probes import PPO, Path, Probe, value_of
from ppodiag.config import Unavailable
from ppodiag.errors import UsageError
from ppodiag.launch.effective import Effective, effective
from ppodiag.options import Options

COST_ROUNDS = 4
"""Runs of each kind that time and memory are taken of. With the rule of `costs.apart`, two kinds that
do not differ are told apart in fewer than 1 of 1,000 cases for each measure (drawn from normal,
exponential and log-normal spreads of 1% to 50%)."""

LR: Path = (*PPO, "lr")
LR_DIVISOR = 10
"""Of the control: a larger rate could make a run diverge, a smaller one cannot."""

SEED: Path = ("seed",)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the trainer.

    Attributes:
        name: what it is for, as progress and errors call it.
        config: what is trained.
        seed: of the run.
        repeat: number among equal runs, from 0.
        alone: nothing else runs beside it, for its time is taken.
    """

    name: str
    config: Effective
    seed: int
    repeat: int = 0
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs that differ in one thing.

    Attributes:
        key: what differs: the path of a key; `SEED` for the seed.
        values: of the key in the two runs.
        runs: the two.
    """

    key: Path
    values: tuple[Any, Any]
    runs: tuple[Run, Run]


@dataclass(frozen=True, slots=True)
class ProbePlan:
    """A probe, ready to be run.

    Attributes:
        probe: what is probed.
        pair: its two runs.
        rounds: the same two again, interleaved, where time and memory decide.
    """

    probe: Probe
    pair: Pair
    rounds: tuple[tuple[Run, Run], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All runs of a test.

    Attributes:
        again: the base run twice.
        seed, lr: the controls: the base run with another seed, and with another learning rate.
        probes: in the order of the report.
        sizes: lengths of the runs whose trajectories are compared.
        whole: the configuration with every probed key given, for the static check.
    """

    again: tuple[Run, Run]
    seed: Pair
    lr: Pair
    probes: tuple[ProbePlan, ...]
    sizes: Sizes
    whole: Mapping[str, Any]

    def all(self) -> tuple[Run, ...]:
        """Every run, in the order in which they are made; some are the same."""
        return (*self.first(), *self.trajectories(), *self.timed())

    def first(self) -> tuple[Run, ...]:
        """Runs that tell whether the others can show anything."""
        return (*self.again, self.seed.runs[1], self.lr.runs[1])

    def trajectories(self) -> tuple[Run, ...]:
        """Runs that are compared step by step; some are the same."""
        return tuple(run for p in self.probes if not p.rounds for run in p.pair.runs)

    def timed(self) -> tuple[Run, ...]:
        """Runs whose time and memory count, in an order that a drift of the machine cancels from."""
        found: list[Run] = []
        for probe in self.probes:
            for number, (first, second) in enumerate(probe.rounds):
                found += (first, second) if number % 2 == 0 else (second, first)
        return tuple(found)


def make_plan(data: bytes, path: str, options: Options, probes: Sequence[Probe], seed: int) -> Plan:
    """The runs.

    Args:
        data, path: the configuration's file.
        options: profile and overrides of the user's.
        probes: which keys.
        seed: of all runs but one.

    Raises:
        UsageError: the file cannot be read, or has no number of environments or learning rate.
    """
    asked = effective(data, path, options)
    try:
        rate = asked.context.config.lr
        if rate is None:
            raise Unavailable("lr")
    except Unavailable:
        raise UsageError(
            f"{path}: ppo_config.lr is missing or invalid", f"see ppodiag lint {path}"
        ) from None
    lengths = sizes(asked)
    overrides = base_overrides(asked.value, lengths)

    def configured(*more: tuple[Path, Any]) -> Effective:
        return effective(
            data, path, replace(options, overrides=(*options.overrides, *overrides, *more))
        )

    base = Run("base", configured(), seed)
    slower = (LR, rate / LR_DIVISOR)
    return Plan(
        (base, replace(base, name="base again", repeat=1)),
        Pair(SEED, (seed, seed + 1), (base, replace(base, name="another seed", seed=seed + 1))),
        Pair(
            LR, (rate, slower[1]), (base, Run("a smaller learning rate", configured(slower), seed))
        ),
        tuple(_planned(probe, data, path, options, asked, lengths, seed) for probe in probes),
        lengths,
        configured().value,
    )


def _planned(
    probe: Probe,
    data: bytes,
    path: str,
    options: Options,
    asked: Effective,
    lengths: Sizes,
    seed: int,
) -> ProbePlan:
    cost = probe.judged == "cost"
    lengths = cost_sizes(asked) if cost else lengths
    base = (cost_overrides if cost else base_overrides)(asked.value, lengths)
    given = tuple((key, value_of(value, lengths.samples)) for key, value in probe.given)
    values = (value_of(probe.first, lengths.samples), value_of(probe.second, lengths.samples))

    def run(value: Any) -> Run:
        more = (*base, *given, (probe.key, value))
        made = effective(data, path, replace(options, overrides=(*options.overrides, *more)))
        return Run(f"{probe.name} = {written(value)}", made, seed, alone=cost)

    first, second = run(values[0]), run(values[1])
    rounds = tuple(
        (replace(first, repeat=n), replace(second, repeat=n)) for n in range(COST_ROUNDS)
    )
    return ProbePlan(probe, Pair(probe.key, values, (first, second)), rounds if cost else ())


def written(value: Any) -> str:
    """A value of a configuration as a table writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else f"{value:g}"
