"""From runs to verdicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ppodiag.confirm.arm import Prepared
from ppodiag.confirm.claim import CONFIRMED, OPEN, REFUTED, Logs, Measured, verdict_of
from ppodiag.confirm.planning import Entry, Plan
from ppodiag.confirm.running import Bench, Ran
from ppodiag.locking import only_process

Told = Callable[[int, Prepared, int, int], None]
"""Called with the number of a run, the run, its rollouts that are done, and all of them."""


@dataclass(frozen=True, eq=False)
class Settled:
    """A finding with its verdict.

    Attributes:
        entry: the finding, its claims and its runs.
        measured: of each claim; empty where nothing was measured.
        verdict: confirmed, refuted, or that it cannot be settled here.
        reason: why it cannot; empty where it could, or where a measure tells why.
        failed: whether a run of it failed.
    """

    entry: Entry
    measured: tuple[Measured, ...]
    verdict: str
    reason: str = ""
    failed: bool = False


@dataclass(frozen=True, eq=False)
class Confirmation:
    """All findings of a file with their verdicts.

    Attributes:
        plan: the findings and the runs.
        ran: key to what came of the run.
        settled: one for each entry.
    """

    plan: Plan
    ran: Mapping[str, Ran]
    settled: tuple[Settled, ...]

    def count_of(self, verdict: str) -> int:
        """Findings with a verdict."""
        return sum(s.verdict == verdict for s in self.settled)

    @property
    def refuted(self) -> bool:
        """Whether a prediction is refuted."""
        return self.count_of(REFUTED) > 0

    @property
    def failed(self) -> bool:
        """Whether a run failed."""
        return any(s.failed for s in self.settled)


def carry_out(plan: Plan, bench: Bench, told: Told | None = None) -> Confirmation:
    """Make every run that is not there yet, and judge.

    Raises:
        UsageError: the folder cannot be written or is another process's now, or the trainer cannot be
            started.
    """
    if not plan.runs:
        return Confirmation(plan, {}, tuple(settle(entry, {}) for entry in plan.entries))
    ran = {}
    with only_process(bench.folder):
        for number, run in enumerate(plan.runs.values(), 1):

            def watch(done: int, whole: int, number: int = number, run: Prepared = run) -> None:
                if told is not None:
                    told(number, run, done, whole)

            ran[run.key] = bench.kept(run) or bench.carry_out(run, watch)
    return Confirmation(plan, ran, tuple(settle(entry, ran) for entry in plan.entries))


def settle(entry: Entry, ran: Mapping[str, Ran]) -> Settled:
    """The verdict of one finding.

    Args:
        entry: the finding.
        ran: key to what came of the run, of all runs of the entry.
    """
    if entry.reason:
        return Settled(entry, (), OPEN, entry.reason)
    for name, run in entry.runs.items():
        failure = ran[run.key].failure
        if failure:
            where = "" if len(entry.runs) == 1 else f"the run {name!r}: "
            return Settled(entry, (), OPEN, where + failure, failed=not ran[run.key].refused)
    logs: Logs = {name: ran[run.key].log.cut(run.rollouts) for name, run in entry.runs.items()}
    measured = tuple(claim.measure(logs) for claim in entry.claims)
    return Settled(entry, measured, verdict_of(measured))


def summary(confirmation: Confirmation) -> str:
    """How many findings have which verdict."""
    parts = [f"{confirmation.count_of(v)} {v}" for v in (CONFIRMED, REFUTED)]
    return ", ".join([*parts, f"{confirmation.count_of(OPEN)} that cannot be settled here"])
