"""A configuration that is another run's is the first suspect; the run's own never is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ppodiag
from ppodiag.config import parse_config
from ppodiag.context import Context
from ppodiag.diagnosis.engine import diagnose_run
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.synthetic import healthy_run
from ppodiag.healthy import with_changes
from ppodiag.profile import NOTE
from ppodiag.rules.loader import load_run_rules
from ppodiag.schedule import Schedule, lr_ratio
from tests.conftest import ROOT

RULES = {code: rule for code, rule in load_run_rules().items() if code.startswith("RUN90")}

GALLERY = ROOT / "examples" / "gallery" / "lr-at-zero"

SUSPECT = "this is not the configuration of that run"


def found(lr: Any, **schedule: Any) -> list[RunFinding]:
    """What is said of 200 updates of 160 minibatch steps at these learning rates; the file's lr is 3e-4."""
    changes = {
        f"advanced_optimization.learning_rate_schedule.{k}": v for k, v in schedule.items()
    } | {"training.ppo_requests": 204_800, "ppo_config.stabilization_steps": 0}
    value = with_changes(changes)
    run = healthy_run(0).with_column("lr", lambda old: np.broadcast_to(lr, old.shape))
    context = Context(parse_config(value), NOTE, value=value)
    return list(diagnose_run(run.as_run(), RULES, context).findings)


def suspects(findings: list[RunFinding]) -> set[str]:
    """Codes of the findings whose first cause is another file; it is first or not there."""
    for finding in findings:
        assert not any(cause.startswith(SUSPECT) for cause in finding.causes[1:])
    return {f.code for f in findings if f.causes and f.causes[0].startswith(SUSPECT)}


def test_a_log_beside_another_files_warm_up() -> None:
    """A rise that ends at 2.5% of lr, by a file whose warm-up ended long before, blames no warm-up."""
    log, file = str(GALLERY / "ill.jsonl"), str(GALLERY / "healthy.json")
    findings = list(ppodiag.diagnose(log, config=file).findings)
    at_zero = next(f for f in findings if f.code == "RUN901")
    assert "ends before, and no clock explains the log" in at_zero.message
    assert not any("warmup_steps is too large" in cause for cause in at_zero.causes)
    assert suspects(findings) == {"RUN901", "RUN904"}


def test_a_log_beside_its_own_file() -> None:
    """The run's own file is not suspected of being another's."""
    log, file = str(GALLERY / "ill.jsonl"), str(GALLERY / "ill.json")
    findings = list(ppodiag.diagnose(log, config=file).findings)
    assert "never leaves the warm-up" in next(f.message for f in findings if f.code == "RUN901")
    assert suspects(findings) == set()


def test_a_constant_that_the_file_does_not_hold() -> None:
    """A constant of 1e-2 beside lr 3e-4 is first another file's; its cause says both numbers."""
    findings = found(1e-2)
    assert suspects(findings) == {"RUN902"}
    assert "the logged peak is 0.01, the file's lr 0.0003" in findings[0].causes[0]


@pytest.mark.parametrize("value", [3e-4, 3e-4 * 160 / 3200], ids=["lr", "first-update"])
def test_a_constant_that_the_file_holds(value: float) -> None:
    """lr, and the rate that the schedule has in its first update, are this file's."""
    findings = found(value, warmup_steps=3200)
    assert {f.code for f in findings} == {"RUN902"}
    assert suspects(findings) == set()


def test_a_slower_clock_is_no_other_file() -> None:
    """A warm-up counted in updates, of which 200 of 3,200 happen, blames the clock alone."""
    schedule = Schedule("cosine_annealing_with_warmup", 3200, 28_800, floor=0.1, origin=3200)
    findings = found(3e-4 * lr_ratio(schedule, np.arange(200), np), warmup_steps=3200)
    never = next(f for f in findings if f.code == "RUN901")
    assert "never leaves the warm-up" in never.message
    assert suspects(findings) == set()


def test_a_schedule_of_another_peak() -> None:
    """The file's schedule at ten times its lr follows no clock, and is first another file's."""
    schedule = Schedule("cosine_annealing_with_warmup", 1600, 3200, floor=0.1, origin=1600)
    ratios = lr_ratio(schedule, 160 * np.arange(1, 201) - 1, np)
    assert "RUN904" in suspects(found(3e-3 * ratios, warmup_steps=1600, restart_period=3200))
