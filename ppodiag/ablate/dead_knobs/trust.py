"""Whether a trainer's log can show anything: two equal runs, and two controls that must change it."""

from __future__ import annotations

from dataclasses import dataclass

from ppodiag.ablate.dead_knobs.comparing import NOTHING, Comparison, compare
from ppodiag.ablate.machine_tags import of_machine
from ppodiag.runlog import Run

SPEED = "env_steps_per_second"
"""The one canonical column that depends on the machine."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """What two runs of one configuration and seed have in common.

    Attributes:
        same: tags that repeat to the last bit.
        machine: tags of time, speed and memory, which are not compared.
        unsteady: other tags that do not repeat; they are not compared either.
        learning: those among the unsteady that are known to be of learning; with one of them the
            trainer is not deterministic.
    """

    same: tuple[str, ...]
    machine: tuple[str, ...]
    unsteady: tuple[str, ...]
    learning: tuple[str, ...]

    @property
    def deterministic(self) -> bool:
        """Whether no column of learning differs."""
        return not self.learning

    @property
    def ignored(self) -> frozenset[str]:
        """Tags that comparisons leave out."""
        return frozenset(self.unsteady)


def repeated(one: Run, other: Run) -> Repeated:
    """What two runs that should be equal have in common."""
    unsteady = [column.tag for column in compare(one.series, other.series).columns]
    known = {
        found.series.tag
        for run in (one, other)
        for column, found in run.canonical.items()
        if column != SPEED
    }
    tags = {**one.series, **other.series}
    return Repeated(
        tuple(tag for tag in tags if not of_machine(tag) and tag not in unsteady),
        tuple(tag for tag in tags if of_machine(tag)),
        tuple(unsteady),
        tuple(tag for tag in unsteady if tag in known),
    )


@dataclass(frozen=True, slots=True)
class Control:
    """A change that must act in any trainer.

    Attributes:
        title: what is changed, in words.
        failure: why there is no comparison; empty: there is one.
        comparison: what it changed.
    """

    title: str
    failure: str = ""
    comparison: Comparison = NOTHING

    @property
    def acts(self) -> bool:
        """Whether anything changed."""
        return bool(self.comparison.columns)


def step_words(run: Run, step: int) -> str:
    """A step of a log, with what it counts where the log tells."""
    unit = {"env_steps": "env step", "updates": "update"}.get(run.step_unit or "", "step")
    return f"{unit} {step:,}"
