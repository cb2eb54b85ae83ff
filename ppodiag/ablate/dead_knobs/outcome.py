"""What a dead-knob test comes to: one verdict for each key, with its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from ppodiag.ablate.dead_knobs.base import Sizes
from ppodiag.ablate.dead_knobs.comparing import Comparison
from ppodiag.ablate.dead_knobs.costs import Measured
from ppodiag.ablate.dead_knobs.probes import Probe
from ppodiag.ablate.dead_knobs.trust import Control, Repeated
from ppodiag.exits import CLEAN, FINDINGS, INTERNAL


class Verdict(Enum):
    """What is said of a key."""

    ACTS = "acts"
    NOT_SEEN = "no effect seen in this probe"
    NONE = "no effect at all"
    NOT_DETERMINISTIC = "trainer not deterministic, cannot tell"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Result:
    """One key's.

    Attributes:
        probe: what was probed.
        first, second: the key's two values, as written.
        verdict: what is said of it.
        reason: why nothing can be told, or why there is no effect at all; empty: none is needed.
        comparison: of the two trajectories; None: there is none.
        logged_only: of what differs nothing is of training, as far as the controls show.
        at: the first step that differs, in words.
        measured: time and memory, where they decide.
        tail: the last of what a failed run wrote.
        unread: what the sources say, where they certainly do not use the key.
    """

    probe: Probe
    first: str
    second: str
    verdict: Verdict
    reason: str = ""
    comparison: Comparison | None = None
    logged_only: bool = False
    at: str = ""
    measured: tuple[Measured, ...] = ()
    tail: str = ""
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A whole test.

    Attributes:
        path: of the configuration.
        trainer: its name.
        seed: of the runs.
        sizes: their lengths.
        failure: why the base run has no log, with the last of what it wrote; empty: it has one.
        tail: the last of what it wrote.
        repeated: what two equal runs have in common; None: the base run failed.
        controls: changes that must act; empty where nothing was run beyond the base.
        results: of each key.
        runs: of the trainer that were needed, and how many of them were there already.
        kept: those.
        static: whether sources were searched.
    """

    path: str
    trainer: str
    seed: int
    sizes: Sizes
    failure: str
    tail: str
    repeated: Repeated | None
    controls: tuple[Control, ...]
    results: tuple[Result, ...]
    runs: int
    kept: int = 0
    static: bool = False

    @property
    def shows(self) -> bool:
        """Whether a control changed the log, so that a log without a change means something."""
        return any(control.acts for control in self.controls)

    @property
    def exit_code(self) -> int:
        """0: every key acts; 3: of some key nothing can be told; 1: some key has no effect."""
        verdicts = {result.verdict for result in self.results}
        if verdicts & {Verdict.CANNOT_TELL, Verdict.NOT_DETERMINISTIC}:
            return INTERNAL
        return CLEAN if verdicts <= {Verdict.ACTS} else FINDINGS


def without_any_effect(results: Sequence[Result], all_probes: Sequence[Probe]) -> dict[str, str]:
    """Name of each key that has no effect at all, and why that can be said.

    A probe may miss what its key does. That it is dead is said where the sources agree, or where
    every probe of the block misses: for a key of `ppo_config` that takes every probe there is.

    Args:
        results: with the verdicts that the probes themselves gave.
        all_probes: every probe that there is.
    """
    silent = {r.probe.name for r in results if r.verdict is Verdict.NOT_SEEN}
    block = {probe.name for probe in all_probes if probe.in_block}
    everything = {probe.name for probe in all_probes}
    found = {}
    for result in results:
        name = result.probe.name
        if name not in silent:
            continue
        if result.unread:
            found[name] = "the sources agree"
        elif silent >= everything:
            found[name] = "no probe has one"
        elif result.probe.in_block and silent >= block:
            found[name] = "no probe of the block has one"
    return found
