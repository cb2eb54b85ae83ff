"""The dead-knob test: the runs in their order, and what is made of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ppodiag.ablate.dead_knobs.comparing import NOTHING, Comparison, compare
from ppodiag.ablate.dead_knobs.costs import Measured, measured, peak_memory, update_seconds
from ppodiag.ablate.dead_knobs.outcome import Outcome, Result, Verdict, without_any_effect
from ppodiag.ablate.dead_knobs.plan import Pair, Plan, ProbePlan, Run, written
from ppodiag.ablate.dead_knobs.probes import PROBES
from ppodiag.ablate.dead_knobs.running import Bench, Done, Progress
from ppodiag.ablate.dead_knobs.static import unread_keys
from ppodiag.ablate.dead_knobs.trust import Control, Repeated, repeated, step_words
from ppodiag.runlog.run import Run as Log
from ppodiag.runtime.search import Runtime


class Runs:
    """What came of the runs, asked for by run."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._done: dict[str, Done] = {}

    def make(self, runs: Iterable[Run], progress: Progress | None) -> None:
        """Make runs that are not made yet."""
        missing = [run for run in runs if self._bench.digest(run) not in self._done]
        self._done |= self._bench.run(missing, progress)

    def __getitem__(self, run: Run) -> Done:
        return self._done[self._bench.digest(run)]

    @property
    def count(self) -> int:
        """Of different runs."""
        return len(self._done)

    @property
    def kept(self) -> int:
        """Of runs that were there already."""
        return sum(done.kept for done in self._done.values())


def dead_knob_test(
    plan: Plan,
    bench: Bench,
    *,
    path: str,
    runtime: Runtime | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """The verdicts.

    Where the base run fails, or two of them differ, nothing more is run.

    Args:
        plan: the runs.
        bench: where they are made.
        path: of the configuration, for the report.
        runtime: the trainer's sources; None: they are not searched.
        progress: called after each run.
    """
    runs = Runs(bench)
    total = len({bench.digest(run) for run in plan.all()})
    show = _counted(runs, total, progress)
    runs.make(plan.first(), show)
    base, again = (runs[run] for run in plan.again)
    failed = base if base.failure else again
    outcome = Outcome(
        path, bench.trainer.name, plan.again[0].seed, plan.sizes, failed.failure, failed.tail,
        None, (), (), runs.count, runs.kept, runtime is not None,
    )  # fmt: skip
    if failed.failure:
        reason = f"the base run failed: {failed.failure}"
        return replace(outcome, results=_all(plan, Verdict.CANNOT_TELL, reason))
    same = repeated(base.log(), again.log())
    controls = (
        _control("another seed", plan.seed, runs, same),
        _control("a tenth of ppo_config.lr", plan.lr, runs, same),
    )
    outcome = replace(outcome, repeated=same, controls=controls)
    if not same.deterministic or (same.unsteady and not outcome.shows):
        return replace(outcome, results=_all(plan, Verdict.NOT_DETERMINISTIC, ""))
    runs.make(plan.trajectories(), show)
    runs.make(plan.timed(), show)
    unread = {} if runtime is None else unread_keys(plan.whole, runtime, PROBES)
    results = tuple(
        replace(_judged(probe, runs, outcome, same), unread=unread.get(probe.probe.name, ""))
        for probe in plan.probes
    )
    for_certain = without_any_effect(results, PROBES)
    results = tuple(
        replace(r, verdict=Verdict.NONE, reason=for_certain[r.probe.name])
        if r.probe.name in for_certain
        else r
        for r in results
    )
    return replace(outcome, results=results, runs=runs.count, kept=runs.kept)


def _counted(runs: Runs, total: int, progress: Progress | None) -> Progress | None:
    """Progress over all runs of the test, for one part of them."""
    if progress is None:
        return None
    return lambda done, _: progress(runs.count + done, total)


def _all(plan: Plan, verdict: Verdict, reason: str) -> tuple[Result, ...]:
    return tuple(Result(p.probe, *_values(p), verdict, reason) for p in plan.probes)


def _values(plan: ProbePlan) -> tuple[str, str]:
    first, second = plan.pair.values
    return written(first), written(second)


def _control(title: str, pair: Pair, runs: Runs, same: Repeated) -> Control:
    first, second = (runs[run] for run in pair.runs)
    if second.failure:
        return Control(title, second.failure)
    found = compare(first.log().series, second.log().series, same.ignored, pair.values)
    return Control(title, comparison=found)


def _judged(plan: ProbePlan, runs: Runs, outcome: Outcome, same: Repeated) -> Result:
    """What a probe shows by itself."""
    values = _values(plan)
    made = [runs[run] for run in (*plan.pair.runs, *(r for pair in plan.rounds for r in pair))]
    for done in made:
        if done.failure:
            reason = f"the run with {done.name.rpartition('.')[2]} failed: {done.failure}"
            return Result(plan.probe, *values, Verdict.CANNOT_TELL, reason, tail=done.tail)
    first, second = made[0].log(), made[1].log()
    found = compare(first.series, second.series, same.ignored, plan.pair.values)
    if plan.rounds and not _repeats(plan, runs, same):
        found = NOTHING
    at = step_words(first, found.columns[0].step) if found.columns else ""
    result = Result(plan.probe, *values, Verdict.ACTS, comparison=found, at=at)
    result = replace(result, logged_only=_logged_only(found, outcome, first))
    if plan.rounds:
        result = replace(result, measured=_measure(plan, runs))
    if found.columns or any(each.apart for each in result.measured):
        return result
    if not outcome.shows:
        return replace(
            result, verdict=Verdict.CANNOT_TELL, reason="the log shows nothing, whatever changes"
        )
    return replace(result, verdict=Verdict.NOT_SEEN)


def _logged_only(found: Comparison, outcome: Outcome, log: Log) -> bool:
    """Whether nothing differs of what training changes, that is of what the controls change.

    The logged learning rate does not count: a schedule may be logged that no optimizer follows.
    """
    changed = {c.tag for control in outcome.controls for c in control.comparison.columns}
    rate = log.columns.get("lr")
    changed -= {rate.tag} if rate is not None else set()
    return bool(found.columns and changed) and changed.isdisjoint(c.tag for c in found.columns)


def _repeats(plan: ProbePlan, runs: Runs, same: Repeated) -> bool:
    """Whether the longer runs of the first kind repeat to the last bit, as the base run does."""
    (one, _), (other, _) = plan.rounds[:2]
    found = compare(runs[one].log().series, runs[other].log().series, same.ignored)
    return not found.columns


def _measure(plan: ProbePlan, runs: Runs) -> tuple[Measured, ...]:
    """Time, and memory where it is known."""
    sides = [[runs[pair[side]] for pair in plan.rounds] for side in (0, 1)]
    times = [[update_seconds(done.log(), done.seconds) for done in side] for side in sides]
    peaks = [[peak_memory(done.log(), done.peak_bytes) for done in side] for side in sides]
    found = (measured(times[0], times[1]), measured(peaks[0], peaks[1]))
    return tuple(each for each in found if each is not None)
