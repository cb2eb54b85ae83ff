"""What an experiment is asked: a finding, and the configuration that it was found in."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ppodiag.config import DoesNotApply
from ppodiag.confirm.arm import Arm
from ppodiag.confirm.keys import (
    ADAPTS,
    BOOST,
    ENTROPY_DECAY,
    PERIOD,
    PLAIN,
    SIZE,
    TOTAL,
    WARMUP,
    WINDOW,
)
from ppodiag.confirm.unsettled import CannotSettle
from ppodiag.context import Context
from ppodiag.diagnostic import Diagnostic
from ppodiag.finding import Finding
from ppodiag.forecast import read_context
from ppodiag.healthy import with_changes
from ppodiag.options import Options
from ppodiag.wording import count, counted, number

FEW = 2
"""Rollouts of a run that only has to show what every update does."""

LARGEST_ROLLOUT = 1 << 20
"""[judgement] Samples of a rollout beyond which collecting one takes too long here."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A finding to be settled.

    Attributes:
        finding: what the rule says of the configuration.
        context: the configuration, with `changes`.
        most: rollouts of the longest run that is made; longer ones are shortened to scale.
        changes: dotted key to value, over the file's configuration.
        note: what was changed, for the reader.
    """

    finding: Finding | Diagnostic
    context: Context
    most: int
    changes: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""

    def arm(
        self, updates: int | None, changes: Mapping[str, Any] | None = None, **more: Any
    ) -> Arm:
        """A run of so many rollouts (None: all), with these changes beside the own ones."""
        if self.context.rollout.samples > LARGEST_ROLLOUT:
            raise CannotSettle(
                f"a single rollout takes {count(self.context.rollout.samples)} env steps"
            )
        return Arm({**self.changes, **(changes or {})}, updates, **more)

    def shape_arm(self, size: int | None = None, **more: Any) -> Arm:
        """A run that shows how an update is divided at one minibatch size; None: the context's."""
        fixed = {ADAPTS: False, SIZE: self.context.size if size is None else size}
        return self.arm(FEW, {**PLAIN, **fixed}, **more)

    def from_first_update(self, updates: int) -> int:
        """Rollouts of a run with so many applied updates, no more than the run has.

        Raises:
            CannotSettle: stabilization skips so many that the run is longer than `most`.
        """
        skipped = self.context.config.stabilization_steps // self.context.rollout.samples
        if skipped + updates > self.most:
            raise CannotSettle(
                f"a run of {count(skipped + updates)} rollouts is needed, more than "
                f"--most-updates {count(self.most)}"
            )
        return skipped + updates

    def pinned(self, *, adapts: bool = False) -> Asked:
        """The same at the minibatch size that the finding speaks of, where that is not the initial one.

        Args:
            adapts: whether the batch goes on adapting from there.

        Raises:
            CannotSettle: the plan depends on the initial size, so a run cannot begin with another.
        """
        sizes = self.finding.sizes
        if sizes is None:
            return self
        rule = self.context.rules[self.finding.code]
        held = [
            other.size
            for other in self.context.range_contexts
            if sizes[0] <= other.size <= sizes[1] and rule.run(other)
        ]
        size = min(held, key=lambda s: abs(s - self.context.size))
        if adapts:
            return self._changed({SIZE: size}, f"the minibatch size begins at {count(size)}")
        fixed = {ADAPTS: False, SIZE: size}
        return self._changed(fixed, f"the minibatch size is fixed at {count(size)}")

    def shortened(self, needed: int | None = None) -> Asked:
        """The same question in a run of at most `most` rollouts: all lengths divided by one number.

        Lengths are those of the run, of stabilization, of the schedule's parts, and of the other
        schedules; a rollout and all within an update stay as they are.

        Args:
            needed: rollouts that settle it as it stands; None: the whole run.

        Raises:
            CannotSettle: the finding does not survive it.
        """
        budget = self.context.budget
        needed = budget.rollouts if needed is None else min(needed, budget.rollouts)
        if needed <= self.most:
            return self
        factor = needed / self.most
        applied = max(1, round(budget.applied / factor)) if budget.applied else 0
        whole = [round(budget.skipped / factor), math.ceil(budget.skipped / factor)]
        for skipped in dict.fromkeys(whole):
            changes, note = self._scaled(applied, skipped, needed)
            try:
                return self._changed(changes, note)
            except CannotSettle:
                if skipped == whole[-1]:
                    raise
        raise AssertionError("there is a last one")

    def _scaled(self, applied: int, skipped: int, needed: int) -> tuple[dict[str, Any], str]:
        """The lengths of a run of so many applied and skipped rollouts, and what a reader is told."""
        budget, config = self.context.budget, self.context.config
        scale = applied / budget.applied if budget.applied else skipped / budget.skipped
        samples = self.context.rollout.samples
        changes: dict[str, Any] = {
            TOTAL: (applied + skipped) * samples,
            WINDOW: skipped * samples,
        }
        lengths = {
            WARMUP: config.warmup_steps,
            PERIOD: config.restart_period,
            ENTROPY_DECAY: config.entropy_decay_minibatches,
            BOOST: config.kl_warmup_minibatches,
        }
        changes |= {key: max(1, round(v * scale)) for key, v in lengths.items() if v}
        note = (
            f"every length of the run and its schedules divided by {number(1 / scale)}, so that "
            f"{counted(min(self.most, applied + skipped), 'rollout')} settle what {count(needed)} would"
        )
        return changes, note

    def _changed(self, changes: Mapping[str, Any], note: str) -> Asked:
        context = self.context
        value = with_changes({**changes, "$ppodiag.profile": context.profile.name}, context.value)
        options = Options(memory_bytes=context.memory_bytes, device=context.device)
        _, changed = read_context(json.dumps(value).encode(), "config.json", options)
        found: Finding | Diagnostic | None = finding_at(
            self.finding.code, self.finding.pointer, changed
        )
        if found is None and self.finding.sizes and changed.range_contexts:
            rule = changed.rules[self.finding.code]
            if any(rule.run(other) for other in changed.range_contexts):
                found = self.finding
        if found is None:
            raise CannotSettle(f"with {note}, the finding is not there any more")
        return replace(
            self,
            finding=found,
            context=changed,
            changes={**self.changes, **changes},
            note="; ".join(part for part in (self.note, note) if part),
        )


def finding_at(code: str, pointer: str, context: Context) -> Finding | None:
    """What a rule says at a pointer at the context's minibatch size; elsewhere, if nothing there."""
    try:
        found = context.rules[code].run(context)
    except DoesNotApply:
        return None
    return next((f for f in found if f.pointer == pointer), found[0] if found else None)
