"""A study: what is compared, on which seeds, by what measure; laid down before anything runs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from ppodiag.ablate.arm_plan import ArmPlan
from ppodiag.ablate.matching import Match
from ppodiag.ablate.statistics.scores import Direction
from ppodiag.ablate.store import Store
from ppodiag.ablate.unit import Unit
from ppodiag.config import DoesNotApply
from ppodiag.errors import UsageError
from ppodiag.launch.effective import effective
from ppodiag.launch.software import deciding, named_files
from ppodiag.launch.trainer import Trainer
from ppodiag.options import Options

Metric = Literal["return", "time_to_threshold", "steps_per_second", "peak_memory"]

UNITS: dict[Metric, str] = {
    "return": "reward",
    "time_to_threshold": "env steps",
    "steps_per_second": "env steps/s",
    "peak_memory": "bytes",
}
BETTER: dict[Metric, Direction] = {
    "return": "higher",
    "time_to_threshold": "lower",
    "steps_per_second": "higher",
    "peak_memory": "lower",
}

PER_PROCESS = 5
"""Seeds that one process of the bundled trainer takes: 10 seeds make two units, for two cores."""

FINAL_SHARE = 0.1
"""The final return is the mean over this last part of the run. [judgement]"""

THRESHOLD_WINDOW = 10
"""Logged returns that are averaged before one counts as at the threshold. [judgement]"""

TIMING_ROUNDS = 5
TIMING_UPDATES = 40
TIMING_WARMUP = 2
"""Applied updates of a timed run, and how many of them are dropped."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What is laid down beforehand.

    Attributes:
        metric: the primary one.
        seeds: the same for every arm.
        margin: a difference that would not matter, unit of the metric; None: none is tested.
        worst: what a failed run counts with; None: the worst run seen.
        threshold: of time_to_threshold, reward.
        final_share: last part of the run whose returns count.
        match: what arms have in common.
        per_process: seeds of a unit.
        timing_rounds: 0: nothing is timed.
        timing_updates: applied updates of a timed run.
    """

    metric: Metric = "return"
    seeds: tuple[int, ...] = tuple(range(10))
    margin: float | None = None
    worst: float | None = None
    threshold: float | None = None
    final_share: float = FINAL_SHARE
    match: Match = "env_steps"
    per_process: int = PER_PROCESS
    timing_rounds: int = TIMING_ROUNDS
    timing_updates: int = TIMING_UPDATES

    def __post_init__(self) -> None:
        if self.metric == "time_to_threshold" and self.threshold is None:
            raise UsageError(
                "time to a threshold needs the threshold", "give --threshold, such as 475"
            )
        if self.metric != "time_to_threshold" and self.threshold is not None:
            raise UsageError(
                f"--threshold has no part in {self.metric}", "add --metric time_to_threshold"
            )
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise UsageError("seeds are missing or named twice", "write for example 10 or 0..9")
        if self.metric in ("steps_per_second", "peak_memory") and not self.timing_rounds:
            raise UsageError(
                f"{self.metric} is measured in timed runs", "leave --timing-rounds 0 out"
            )


@dataclass(frozen=True, slots=True)
class Study:
    """A study, ready to be run.

    Attributes:
        path: of the configuration.
        data: its bytes.
        options: profile and overrides that count for every arm.
        plans: of the arms, the reference's first.
        trainer: what runs them.
        declared: measure and seeds.
        timeout: seconds of one process; None: none.
        gpus: of each process, for executors that hand them out.
        command: to repeat it.
        files: that a user's command names, with the SHA-256 of each when the study was described.
    """

    path: str
    data: bytes
    options: Options
    plans: tuple[ArmPlan, ...]
    trainer: Trainer
    declared: Declared
    timeout: float | None = None
    gpus: float = 0.0
    command: str = ""
    files: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", named_files(self.trainer))

    @property
    def _identity(self) -> dict[str, Any]:
        """The trainer's, with the hashes of the files that a user's command names."""
        return {**self.trainer.identity(), "files": dict(self.files)}

    @property
    def reference(self) -> ArmPlan:
        """What the others are compared with."""
        return self.plans[0]

    @property
    def run_arms(self) -> tuple[ArmPlan, ...]:
        """Those that are run: not already off."""
        return tuple(plan for plan in self.plans if not plan.already_off)

    @property
    def learns(self) -> bool:
        """Whether runs to the end are wanted: measures of speed and memory need none."""
        return self.declared.metric in ("return", "time_to_threshold")

    def units(self, store: Store) -> list[Unit]:
        """All units: the probe first, timed ones last and interleaved over the arms."""
        return [*self._probe(store), *self._learning(store), *self._timing(store)]

    def first_of(self, units: Sequence[Unit]) -> list[Unit]:
        """Those that are run before any other: a user's trainer in short runs of the reference.

        Where it fails in them, it is told what is wrong before hours are spent.
        """
        if self.trainer.many_seeds:
            return []
        timed = [] if self.learns else ["timing"]
        return [
            unit
            for unit in units
            if unit.arm == self.reference.name
            and (unit.kind == "probe" or (unit.kind in timed and unit.round == 0))
        ]

    def texts(self) -> dict[str, str]:
        """What an error calls each configuration that is trained, the reference first, to its text."""
        return {
            self.path if plan is self.reference else f"{self.path}, arm {plan.name}": (
                plan.effective.text()
            )
            for plan in self.run_arms
        }

    def _probe(self, store: Store) -> list[Unit]:
        """The reference twice with one seed, in short, where the trainer is not our own."""
        if self.trainer.many_seeds or not self.learns:
            return []
        text = self._timed_text(self.reference)
        return [
            self._unit(store, self.reference, self.declared.seeds[:1], text, kind="probe", round=n)
            for n in range(2)
        ]

    def _learning(self, store: Store) -> list[Unit]:
        if not self.learns:
            return []
        size = self.declared.per_process if self.trainer.many_seeds else 1
        seeds = self.declared.seeds
        groups = [seeds[i : i + size] for i in range(0, len(seeds), size)]
        return [
            self._unit(store, plan, group, plan.effective.text())
            for group in groups
            for plan in self.run_arms
        ]

    def _timing(self, store: Store) -> list[Unit]:
        arms = self.run_arms
        rounds = range(self.declared.timing_rounds)
        texts = {plan.name: self._timed_text(plan) for plan in arms} if rounds else {}
        found = []
        for number in rounds:
            # Each round begins with another arm, so that none is always the first.
            shift = number % len(arms)
            for plan in (*arms[shift:], *arms[:shift]):
                seed = (self.declared.seeds[number % len(self.declared.seeds)],)
                found.append(
                    self._unit(store, plan, seed, texts[plan.name], kind="timing", round=number)
                )
        return found

    def _timed_text(self, plan: ArmPlan) -> str:
        """The arm's configuration, of a few applied updates."""
        try:
            context = plan.effective.context
            samples, skipped = context.rollout.samples, context.budget.skipped
        except DoesNotApply:
            return plan.effective.text()  # the user's trainer knows its own length
        steps = (skipped + self.declared.timing_updates) * samples
        path = (("training", "ppo_requests"), steps)
        options = replace(
            self.options, overrides=(*self.options.overrides, *plan.arm.overrides, path)
        )
        return effective(self.data, self.path, options).text()

    def _unit(
        self, store: Store, plan: ArmPlan, seeds: Sequence[int], text: str, **more: Any
    ) -> Unit:
        made = Unit(
            plan.name, tuple(seeds), text, plan.effective.file_name(), self._identity, "",
            self.timeout, gpus=self.gpus, **more,
        )  # fmt: skip
        return replace(made, folder=store.log_folder(made.name))

    def record(self, store: Store) -> dict[str, Any]:
        """What is laid down in the store."""
        return {
            "configuration": self.path,
            "configuration_sha256": hashlib.sha256(self.data).hexdigest(),
            "profile": self.reference.effective.context.profile.name,
            "trainer": self._identity,
            "software": deciding(self.trainer.many_seeds),
            "declared": asdict(self.declared),
            "arms": {plan.name: plan.effective.digest() for plan in self.plans},
            "units": {unit.name: unit.digest for unit in self.units(store)},
            "command": self.command,
        }


def warmup_share(plan: ArmPlan, updates: int) -> float:
    """Share of a timed run that is dropped: the skipped updates, and the first applied ones."""
    try:
        skipped = plan.effective.context.budget.skipped
    except DoesNotApply:
        skipped = 0
    return (skipped + TIMING_WARMUP) / (skipped + updates)
