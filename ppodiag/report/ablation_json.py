"""The outcome of a study as JSON, and its runs as CSV."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ppodiag import __version__
from ppodiag.ablate.outcome import ArmOutcome, Outcome
from ppodiag.report.ablation_effects import effects_content

COLUMNS = (
    "arm", "seed", "score", "failed", "env_steps", "minibatch_steps", "optimizer_steps", "final_lr",
    "digest",
)  # fmt: skip
"""Of the CSV: one row a run."""


def render_json(outcome: Outcome, sentences: Sequence[str]) -> str:
    """Everything that the report rests on; what is not a number or not finite is null."""
    study = outcome.study
    content = {
        "ppodiag": __version__,
        "configuration": study.path,
        "trainer": study.trainer.identity(),
        "declared": asdict(study.declared),
        "command": study.command,
        "sentences": list(sentences),
        "arms": [_arm(arm, outcome) for arm in outcome.arms],
        "effects": effects_content(outcome),
        "missing": list(outcome.missing),
        "failed": [
            {"unit": result["unit"], "failures": result["failures"]} for result in outcome.failed
        ],
        "machines": list(outcome.machines),
        "notes": list(outcome.notes),
    }
    return json.dumps(_finite(content), indent=2) + "\n"


def _arm(arm: ArmOutcome, outcome: Outcome) -> dict[str, Any]:
    plan, compared = arm.plan, arm.comparison
    found: dict[str, Any] = {
        "name": arm.name,
        "reference": arm is outcome.reference,
        "already_off": plan.already_off,
        "verdict": arm.verdict or None,
        "differences": [
            {"pointer": pointer, "reference": before, "arm": after}
            for pointer, before, after in plan.differences
        ],
        "total_env_steps": plan.total_env_steps,
        "minibatch_steps": plan.minibatch_steps,
        "optimizer_steps": plan.optimizer_steps,
        "mean_lr": plan.mean_lr,
        "planned": plan.hedge or "exact",
        "findings": [asdict(finding) for finding in plan.findings],
        "findings_gone": list(plan.gone),
        "scores": [
            {"seed": run.seed, "score": run.score, "failure": run.failure or None}
            for run in arm.runs
        ],
        "iqm": None if arm.summary is None else asdict(arm.summary.iqm),
        "cost": None if arm.cost is None else asdict(arm.cost),
    }
    if compared is not None:
        found |= {
            "difference": asdict(compared.paired.mean),
            "differences_by_seed": compared.paired.differences.tolist(),
            "p": compared.p,
            "p_equivalence": compared.p_equivalence,
            "probability_of_improvement": asdict(compared.improvement),
            "seeds_to_decide": compared.seeds_to_decide,
            "smallest_visible": compared.smallest_visible,
            "notes": list(compared.notes),
        }
    return found


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(below) for below in value]
    return value


def render_csv(outcome: Outcome) -> str:
    """One row for each run of each arm."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for arm in outcome.arms:
        for run in arm.runs:
            totals = run.summary.totals if run.summary else {}
            writer.writerow(
                [
                    arm.name, run.seed, "" if math.isnan(run.score) else repr(run.score),
                    "yes" if run.failure else "no", _number(totals.get("env_steps")),
                    _number(totals.get("minibatch_steps")), _number(totals.get("optimizer_steps")),
                    "" if "lr" not in totals else repr(totals["lr"]),
                    run.summary.digest if run.summary else "",
                ]
            )  # fmt: skip
    return text.getvalue()


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"
