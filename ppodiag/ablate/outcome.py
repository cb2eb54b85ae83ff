"""The outcome of a study: its stored results, scored and compared."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ppodiag.ablate.arm_plan import ArmPlan
from ppodiag.ablate.cost import Cost, costs, round_values
from ppodiag.ablate.effects import effects_of
from ppodiag.ablate.run_summary import RunSummary, final_return, time_to
from ppodiag.ablate.statistics import verdict
from ppodiag.ablate.statistics.comparison import Comparison, Comparisons, Summary, compare
from ppodiag.ablate.statistics.factorial import Effects
from ppodiag.ablate.statistics.scores import ArmScores, arm_scores
from ppodiag.ablate.statistics.times import Run, restricted_times
from ppodiag.ablate.store import Store
from ppodiag.ablate.study import BETTER, Study, warmup_share
from ppodiag.errors import UsageError

_WITHOUT_SCORE = (
    "mend what failed and give --retry-failed, or another --out; logs need episode_return"
)

SEED = 0
"""Of the generator that every interval is drawn from: the same results give the same figures."""


@dataclass(frozen=True, slots=True)
class SeedRun:
    """One seed of an arm.

    Attributes:
        seed: it.
        summary: of its log; None: the run failed.
        failure: why, in a line.
        tail: the last that its process wrote.
        score: of the primary metric; nan: it has none.
        retried: whether its unit failed once before.
    """

    seed: int
    summary: RunSummary | None
    failure: str
    tail: str
    score: float
    retried: bool = False


@dataclass(frozen=True, slots=True)
class ArmOutcome:
    """What came of an arm.

    Attributes:
        plan: what it is.
        runs: of its seeds; empty for one that is already off or has no runs.
        comparison: beside the reference; None for the reference, and where nothing was run.
        summary: by itself; None: nothing was run.
        cost: of its timed runs; None: not timed.
    """

    plan: ArmPlan
    runs: tuple[SeedRun, ...]
    comparison: Comparison | None
    summary: Summary | None
    cost: Cost | None

    @property
    def name(self) -> str:
        """The arm's."""
        return self.plan.name

    @property
    def verdict(self) -> str:
        """One word, or few."""
        if self.plan.already_off:
            return "already off"
        return "" if self.comparison is None else str(self.comparison.verdict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a study.

    Attributes:
        study: it.
        arms: the reference first.
        comparisons: of the primary metric; None: there are no runs to compare.
        effects: of each feature over the settings of the others; None: the arms are no factorial design.
        missing: names of units without a result.
        failed: results of units that failed, learning and timed ones.
        machines: that runs were made on.
        notes: what a reader of the figures must know.
    """

    study: Study
    arms: tuple[ArmOutcome, ...]
    comparisons: Comparisons | None
    effects: Effects | None
    missing: tuple[str, ...]
    failed: tuple[Mapping[str, Any], ...]
    machines: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def reference(self) -> ArmOutcome:
        """What the others are compared with."""
        return self.arms[0]


def read_outcome(study: Study, store: Store) -> Outcome:
    """The outcome, of the results that there are.

    Raises:
        UsageError: no run of any arm finished.
    """
    units = study.units(store)
    found = {unit.name: store.result(unit) for unit in units}
    results = [result for result in found.values() if result is not None]
    failed = tuple(result for result in results if result["status"] == "failed")
    timed: dict[str, dict[int, Mapping[str, Any]]] = {}
    for result in results:
        if result["kind"] == "timing" and result["status"] == "complete":
            timed.setdefault(result["arm"], {})[result["round"]] = result
    warmup = {p.name: warmup_share(p, study.declared.timing_updates) for p in study.plans}
    rng = np.random.default_rng(SEED)
    runs = {plan.name: _runs(study, plan, results) for plan in study.run_arms}
    missing = tuple(name for name, result in found.items() if result is None)
    compared = effects = None
    scored = None if missing else _scored(study, runs, timed, warmup)
    if scored is not None:
        scores, laid_down = scored
        same = _identical(study, runs) if study.learns else set()
        compared = compare(scores[0], scores[1:], laid_down, rng, identical=same)
        effects = effects_of(study.plans, scores, laid_down, rng)
    by_name = {c.arm.name: c for c in compared.arms} if compared else {}
    cost = costs(timed, study.reference.name, warmup, rng)
    arms = tuple(
        ArmOutcome(
            plan,
            runs.get(plan.name, ()),
            by_name.get(plan.name),
            _summary(plan, compared, by_name),
            cost.get(plan.name),
        )
        for plan in study.plans
    )
    placed = [result for result in results if result["measured"]["machine"] is not None]
    machines = tuple(sorted({_machine(result) for result in placed}))
    told = (*_determinism(results), *_load(results), *_notes(arms, cost))
    return Outcome(study, arms, compared, effects, missing, failed, machines, told)


def _summary(
    plan: ArmPlan, compared: Comparisons | None, by_name: Mapping[str, Comparison]
) -> Summary | None:
    if compared is not None and plan.name == compared.reference.name:
        return compared.reference
    return by_name[plan.name].arm if plan.name in by_name else None


def _machine(result: Mapping[str, Any]) -> str:
    measured = result["measured"]
    return f"{measured['machine']}: {measured['platform']}, {measured['cores']} cores"


def _runs(study: Study, plan: ArmPlan, results: list[dict[str, Any]]) -> tuple[SeedRun, ...]:
    found: dict[int, SeedRun] = {}
    for result in results:
        if result["kind"] != "learning" or result["arm"] != plan.name:
            continue
        if result["status"] == "failed":
            last = result["failures"][-1]
            for seed in result["seeds"]:
                found[seed] = SeedRun(seed, None, last["failure"], last["tail"], math.nan)
            continue
        for run in result["runs"]:
            summary = RunSummary(**{k: v for k, v in run.items() if k != "seed"})
            score = _score(study, summary)
            failure = "" if math.isfinite(score) or not study.learns else "no score"
            if study.declared.metric == "time_to_threshold":
                failure = ""
            retried = bool(result["failures"])
            found[run["seed"]] = SeedRun(run["seed"], summary, failure, "", score, retried)
    return tuple(found[seed] for seed in study.declared.seeds if seed in found)


def _score(study: Study, summary: RunSummary) -> float:
    declared = study.declared
    if declared.metric == "return":
        return final_return(summary, declared.final_share)
    if declared.threshold is None:
        return math.nan
    from ppodiag.ablate.study import THRESHOLD_WINDOW

    return time_to(summary, declared.threshold, THRESHOLD_WINDOW)


def _scored(
    study: Study,
    runs: Mapping[str, tuple[SeedRun, ...]],
    timed: Mapping[str, Mapping[int, Mapping[str, Any]]],
    warmup: Mapping[str, float],
) -> tuple[list[ArmScores], verdict.Declared] | None:
    """Scores of the arms that were run, and what was declared; None: there is nothing to compare."""
    declared = study.declared
    worst = declared.worst
    if declared.metric == "time_to_threshold":
        scores, worst = _times(study, runs)
    elif declared.metric == "return":
        scores = [arm_scores(name, [run.score for run in of_arm]) for name, of_arm in runs.items()]
    else:
        scores = _timed_scores(study, timed, warmup)
    if len(scores) < 2:
        return None
    if all(arm.failed.all() for arm in scores):
        raise UsageError(f"no run of any arm has a score{_first_failure(runs)}", _WITHOUT_SCORE)
    return scores, verdict.Declared(BETTER[declared.metric], declared.margin, worst)


def _first_failure(runs: Mapping[str, tuple[SeedRun, ...]]) -> str:
    """What the first failed process said at last; empty where none failed."""
    for arm, of_arm in runs.items():
        for run in of_arm:
            if run.summary is None:
                said = " ".join(run.tail.split()[-40:])
                return f": {arm}, seed {run.seed}: {run.failure}: {said}"
    return ""


def _times(study: Study, runs: Mapping[str, tuple[SeedRun, ...]]) -> tuple[list[ArmScores], float]:
    budgets = {plan.name: plan.total_env_steps for plan in study.plans}
    table = {
        name: [
            [
                Run(
                    math.inf if run.summary is None else run.score,
                    float(
                        budgets[name] or (run.summary and run.summary.totals.get("env_steps")) or 0
                    ),
                    run.summary is None,
                )
                for run in of_arm
            ]
        ]
        for name, of_arm in runs.items()
    }
    found, horizon = restricted_times(table)
    return list(found), horizon


def _timed_scores(
    study: Study,
    timed: Mapping[str, Mapping[int, Mapping[str, Any]]],
    warmup: Mapping[str, float],
) -> list[ArmScores]:
    column = 0 if study.declared.metric == "steps_per_second" else 1
    rounds = range(study.declared.timing_rounds)
    return [
        arm_scores(
            plan.name,
            [
                round_values(timed[plan.name][number], warmup[plan.name])[column]
                if number in timed.get(plan.name, {})
                else math.nan
                for number in rounds
            ],
        )
        for plan in study.run_arms
    ]


def _identical(study: Study, runs: Mapping[str, tuple[SeedRun, ...]]) -> set[str]:
    """Arms whose every run has the trajectory of the reference's, bit by bit."""
    base = runs[study.reference.name]
    return {
        name
        for name, of_arm in runs.items()
        if name != study.reference.name
        and of_arm
        and all(
            one.summary is not None
            and other.summary is not None
            and one.summary.digest == other.summary.digest
            for one, other in zip(base, of_arm, strict=True)
        )
    }


def _determinism(results: list[dict[str, Any]]) -> tuple[str, ...]:
    """Whether the trainer gave the same run twice."""
    probes = [r for r in results if r["kind"] == "probe" and r["status"] == "complete"]
    if len(probes) < 2:
        return ()
    if len({probe["runs"][0]["digest"] for probe in probes}) == 1:
        return (
            "two short runs with one seed are equal to the last bit: the trainer is deterministic",
        )
    return (
        "two short runs with one seed differ: the trainer is not deterministic; equal seeds then "
        "pair little, and no arm can be found identical",
    )


def _load(results: list[dict[str, Any]]) -> tuple[str, ...]:
    """What else the machine did when the timed runs began."""
    timed = [result["measured"] for result in results if result["kind"] == "timing"]
    loads = [measured["load"] for measured in timed if measured.get("load") is not None]
    if not loads:
        return ()
    return (
        f"load average when the timed runs began: {min(loads):.1f} to {max(loads):.1f}, about 1 of it "
        "their own; more is other work, and moves their times",
    )


def _notes(arms: tuple[ArmOutcome, ...], cost: Mapping[str, Cost]) -> tuple[str, ...]:
    found = []
    retried = [f"{arm.name} seed {run.seed}" for arm in arms for run in arm.runs if run.retried]
    if retried:
        found.append(f"failed once and were run again: {', '.join(retried)}")
    if any(c.by == "processes" for c in cost.values()):
        found.append(
            "whole processes were timed, their start among it: the log has no env_steps_per_second"
        )
    hedges = {arm.plan.hedge for arm in arms if arm.plan.hedge}
    if hedges:
        found.append(f"planned steps: {'; '.join(sorted(hedges))}")
    logs = {note for arm in arms for run in arm.runs if run.summary for note in run.summary.notes}
    found += sorted(logs)[:5]
    return tuple(found)
