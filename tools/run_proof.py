"""Plant symptoms in synthetic runs and count what is found; the tables of docs/proof-runs.md.

Prints Markdown. Run by `make docs`. Recall is by strength, over runs with other levels, trends and
noise each; false alarms are counted on clean runs, with and without their configuration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ppodiag.case import ABSENT
from ppodiag.closed_loop import simulate_run
from ppodiag.config import parse_config
from ppodiag.context import Context
from ppodiag.diagnosis.clocks import predicted_rates
from ppodiag.diagnosis.engine import diagnose_run
from ppodiag.diagnosis.rule import RunRule
from ppodiag.diagnosis.synthetic import SyntheticRun, healthy_run
from ppodiag.finding import Severity
from ppodiag.healthy import with_changes
from ppodiag.norms.model import Replay
from ppodiag.profile import NOTE
from ppodiag.rules.loader import load_run_rules

CLEAN, PLANTED = 200, 100
ABS = "advanced_optimization.adaptive_batch_size"
ADAPTIVE = {
    ABS: {"enable": True, "min_batch_size": 32, "max_batch_size": 128, "adaptation_rate": 0.1}
}

Plant = Callable[[SyntheticRun, float], SyntheticRun]


@dataclass(frozen=True)
class Symptom:
    """How one rule's symptom is planted.

    Attributes:
        strengths: from weak to strong.
        documented: the strength from which it must be found.
        unit: of a strength, in words.
        plant: makes an ill run of a clean one.
        adaptive: whether the run's batch adapts.
        needs_config: whether the rule is asked with the configuration.
        baseline: whether the clean run is the baseline.
    """

    strengths: tuple[float, ...]
    documented: float
    unit: str
    plant: Plant
    adaptive: bool = False
    needs_config: bool = False
    baseline: bool = False


def clean_run(seed: int, adaptive: bool = False) -> tuple[SyntheticRun, Context]:
    """A clean run and its configuration; lengths from 60 to 300 updates, rollouts of 512 to 4,096."""
    rng = np.random.default_rng(10_000 + seed)
    updates = int(rng.integers(60, 301))
    length = int(2 ** rng.integers(6, 10))
    changes: dict[str, Any] = {
        "training.ppo_requests": updates * length * 8,
        "ppo_config.rollout_len": length,
        "ppo_config.stabilization_steps": 0,
        "advanced_optimization.learning_rate_schedule.warmup_steps": int(updates),
        "advanced_optimization.learning_rate_schedule.restart_period": ABSENT,
        **(ADAPTIVE if adaptive else {}),
    }
    if not adaptive and rng.random() < 0.3:
        changes["advanced_optimization.learning_rate_schedule"] = {"type": "linear"}
    value = with_changes(changes)
    context = Context(parse_config(value), NOTE, value=value)
    run = healthy_run(seed, updates, length * 8)
    sizes = None
    if adaptive:
        # The law itself answers to the norms; a quarter of their squares is noise.
        replay = Replay(
            "synthetic", run.columns["pg_grad_norm"], np.full(updates, 64.0), share=0.25
        )
        trajectory = simulate_run(context, replay)
        assert trajectory.sizes is not None
        assert trajectory.norms is not None
        sizes = trajectory.sizes[:, 0].astype(float)
        run = run.with_column("pg_grad_norm", trajectory.norms[:, 0])
    else:
        trajectory = simulate_run(context)
    run = run.with_column("lr", predicted_rates(trajectory).astype(np.float32).astype(float))
    if sizes is not None:
        run = run.with_column("minibatch_size", sizes)
    return run, context


def _late(run: SyntheticRun, share: float) -> Any:
    """True in the last part of a run."""
    return np.arange(run.updates) >= run.updates - round(share * run.updates)


def _spike(run: SyntheticRun, times: float) -> SyntheticRun:
    at = run.updates * 2 // 3
    return run.with_column(
        "pg_grad_norm", lambda g: np.where(np.arange(len(g)) == at, times * _level(g, at), g)
    )


def _level(values: Any, at: int) -> float:
    return float(np.median(values[max(0, at - 5) : at + 6]))


def _steps_back(run: SyntheticRun, count: float) -> SyntheticRun:
    steps = run.steps.copy()
    gap = int(steps[1] - steps[0])
    steps[run.updates // 2 :] -= round(count) * gap
    return replace(run, steps=steps)


def _renamed(run: SyntheticRun, _: float) -> SyntheticRun:
    tags = {"Training/LearningRate": run.columns["lr"], "Training/Entropy": run.columns["entropy"]}
    return replace(run, columns={}, tags=tags)


def _noisy_loop(run: SyntheticRun, share: float) -> SyntheticRun:
    """Sizes that scatter by 15%, and norms of which a share is noise."""
    rng = np.random.default_rng(run.updates)
    sizes = np.rint(64 * np.exp(0.15 * rng.standard_normal(run.updates)))
    level = np.sqrt((1 - share) + share * 64 / sizes)
    norms = level * np.exp(0.03 * rng.standard_normal(run.updates))
    return run.with_column("minibatch_size", sizes).with_column("pg_grad_norm", norms)


def _swing(run: SyntheticRun, deviation: float) -> SyntheticRun:
    rng = np.random.default_rng(run.updates)
    steps = deviation * rng.standard_normal(run.updates)
    logs = np.log(64) + np.cumsum(steps) - 0.5 * np.concatenate([[0], np.cumsum(steps)[:-1]])
    return run.with_column("minibatch_size", np.clip(np.rint(np.exp(logs)), 8, 4096))


SYMPTOMS: Mapping[str, Symptom] = {
    "RUN901": Symptom((0.02, 0.1, 0.2, 0.5), 0.2, "share of the run at zero",
        lambda r, s: r.with_column("lr", lambda lr: np.where(_late(r, s), 0.0, lr))),
    "RUN902": Symptom((1,), 1, "one value throughout",
        lambda r, _: r.with_column("lr", lambda lr: 0.0 * lr + 3e-4), needs_config=True),
    "RUN903": Symptom((1,), 1, "zeros throughout",
        lambda r, _: r.with_column("lr", lambda lr: 0.0 * lr)),
    "RUN904": Symptom((1.2, 1.5, 2, 4), 2, "ticks of the file for one of the log",
        lambda r, s: r.with_column("lr", lambda lr: lr[(np.arange(len(lr)) / s).astype(int)]),
        needs_config=True),
    "RUN905": Symptom((1.2, 1.6, 2, 5), 2, "rise in one update",
        lambda r, s: r.with_column("lr", lambda lr: np.where(
            np.arange(len(lr)) == len(lr) // 2, s * lr, lr)), needs_config=True),
    "RUN911": Symptom((0.5, 2, 5, 20), 20, "median norm over max_grad_norm",
        lambda r, s: r.with_column("pg_grad_norm", lambda g: g / np.median(g) * 0.5 * s),
        needs_config=True),
    "RUN912": Symptom((2, 3, 5, 10, 30), 10, "times its neighbours", _spike),
    "RUN913": Symptom((1.05, 1.15, 1.25, 1.5), 1.25, "growth an update, in the last 25",
        lambda r, s: r.with_column("pg_grad_norm", lambda g: g * s ** np.clip(
            np.arange(len(g)) - len(g) + 25, 0, None))),
    "RUN914": Symptom((0.1, 0.01, 1e-3, 1e-6), 1e-3, "of its level, in the last fifth",
        lambda r, s: r.with_column("pg_grad_norm", lambda g: np.where(_late(r, 0.2), s * g, g))),
    "RUN921": Symptom((0.02, 0.3, 0.5), 0.3, "standard deviation of the steps of log B", _swing,
        adaptive=True),
    "RUN922": Symptom((0.3, 0.6, 0.9), 0.6, "share of the run at a bound",
        lambda r, s: r.with_column("minibatch_size", lambda b: np.where(_late(r, s), 128.0, b)),
        adaptive=True, needs_config=True),
    "RUN923": Symptom((0.2, 0.5, 0.9), 0.9, "share of noise in the squared norm", _noisy_loop,
        adaptive=True),
    "RUN931": Symptom((1.2, 2, 3, 10), 3, "times the target, in a tenth of the run",
        lambda r, s: r.with_column("approx_kl", lambda kl: np.where(_late(r, 0.1), 0.02 * s, kl))),
    "RUN932": Symptom((0.2, 0.35, 0.5), 0.35, "median clip fraction",
        lambda r, s: r.with_column("clip_fraction", lambda c: c / np.median(c) * s)),
    "RUN933": Symptom((0.3, 0.15, 0.05), 0.15, "of ln A, in the last fifth",
        lambda r, s: r.with_column("entropy", lambda h: np.where(_late(r, 0.2), s * np.log(4), h)),
        needs_config=True),
    "RUN934": Symptom((0.2, 0.05, 0.0), 0.05, "explained variance",
        lambda r, s: r.with_column("explained_variance", lambda ev: 0.0 * ev + s)),
    "RUN935": Symptom((3, 10, 20, 100), 20, "times the value loss from one update on",
        lambda r, s: r.with_column("value_loss", lambda v: np.where(_late(r, 0.3), s * v, v))),
    "RUN941": Symptom((1.2, 1.4, 1.7, 3), 1.7, "times as slow",
        lambda r, s: r.with_column("env_steps_per_second", lambda v: v / s), baseline=True),
    "RUN951": Symptom((1, 5), 1, "updates that the steps go back", _steps_back),
    "RUN952": Symptom((1,), 1, "no learning rate in the log",
        lambda r, _: r.without("lr"), needs_config=True),
    "RUN953": Symptom((1,), 1, "the note's names", _renamed),
}  # fmt: skip
"""How each rule's symptom is planted; there is one for every rule."""


def recall(code: str, rules: Mapping[str, RunRule], planted: int) -> list[float]:
    """The share of ill runs in which the rule speaks, by strength."""
    symptom, rule = SYMPTOMS[code], {code: rules[code]}
    shares = []
    for strength in symptom.strengths:
        found = 0
        for seed in range(planted):
            run, context = clean_run(1000 + seed, symptom.adaptive)
            ill = symptom.plant(run, strength).as_run()
            given = context if symptom.needs_config else None
            baseline = run.as_run() if symptom.baseline else None
            found += bool(diagnose_run(ill, rule, given, baseline).findings)
        shares.append(found / planted)
    return shares


def false_alarms(rules: Mapping[str, RunRule], clean: int) -> dict[str, tuple[int, int]]:
    """By rule: clean runs with a finding at warning or above, and with information."""
    counts = dict.fromkeys(rules, (0, 0))
    for seed in range(clean):
        run, context = clean_run(seed, adaptive=seed % 2 == 1)
        baseline, _ = clean_run(seed, adaptive=seed % 2 == 1)
        given = context if seed % 4 < 3 else None
        found = diagnose_run(run.as_run(), rules, given, baseline.as_run()).findings
        for code in {f.code for f in found}:
            worst = max(f.severity for f in found if f.code == code)
            loud, quiet = counts[code]
            high = worst >= Severity.WARNING
            counts[code] = (loud + high, quiet + (not high))
    return counts


def check_complete(rules: Mapping[str, RunRule]) -> None:
    """Raise where a rule has no symptom, or a symptom no rule."""
    if set(rules) != set(SYMPTOMS):
        raise SystemExit(f"rules and symptoms differ: {sorted(set(rules) ^ set(SYMPTOMS))}")


def run_table() -> str:
    """Recall by strength and false alarms, as Markdown."""
    rules = load_run_rules()
    check_complete(rules)
    alarms = false_alarms(rules, CLEAN)
    lines = [
        f"| rule | symptom, and recall at each strength ({PLANTED} runs) | documented | recall there | "
        f"false alarms of {CLEAN} (information) |",
        "|---|---|---:|---:|---:|",
    ]
    for code in rules:
        symptom = SYMPTOMS[code]
        shares = recall(code, rules, PLANTED)
        by = ", ".join(
            f"{s:g}: {share:.2f}" for s, share in zip(symptom.strengths, shares, strict=True)
        )
        there = shares[symptom.strengths.index(symptom.documented)]
        loud, quiet = alarms[code]
        lines.append(
            f"| [{code}](rules/{code.lower()}.md) | {symptom.unit}: {by} | "
            f"{symptom.documented:g} | {there:.2f} | {loud} ({quiet}) |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(run_table(), end="")
