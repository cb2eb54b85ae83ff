"""One hazard, one finding: echoes, the batch range, the profiles, the missing run length."""

from __future__ import annotations

import json
from typing import Any

import pytest

import ppodiag
from ppodiag.case import ABSENT
from ppodiag.evaluate import without_echoes
from ppodiag.finding import Finding, Severity
from ppodiag.healthy import with_changes

LRS = "advanced_optimization.learning_rate_schedule"
ABS = "advanced_optimization.adaptive_batch_size"
A = "advanced_optimization.gradient_optimization.accumulation_steps"
ON = {ABS: {"enable": True, "min_batch_size": 32, "max_batch_size": 128, "adaptation_rate": 0.1}}


def found(changes: dict[str, Any], **options: Any) -> dict[str, ppodiag.Diagnostic]:
    report = ppodiag.lint(json.dumps(with_changes(changes)), severity="info", **options)
    return {d.code: d for d in report.diagnostics}


@pytest.mark.parametrize(
    ("changes", "speaks", "silent"),
    [
        ({f"{LRS}.warmup_steps": 159360}, "LR101", {"LR102", "LR103", "LR104", "LR112"}),
        ({f"{LRS}.restart_period": 100}, "LR105", {"LR107", "LR108"}),
        ({f"{LRS}.restart_period": 1}, "LR108", {"LR104", "LR105", "LR106", "LR107"}),
        (
            {f"{LRS}.min_lr_ratio": 1e-5, f"{LRS}.restart_period": 1000},
            "LR109",
            {"LR104", "LR106", "LR112", "LR113", "LR116"},
        ),
        ({A: 17, "training.ppo_requests": 30000}, "ACC301", {"ACC302", "ACC304", "ACC306"}),
        ({A: 16, "training.ppo_requests": 30000}, "ACC304", {"ACC306"}),
        (
            {"training.ppo_requests": 5000, "ppo_config.stabilization_steps": 0},
            "UNIT703",
            {"ACC306"},
        ),
        (
            {**ON, f"{ABS}.min_batch_size": 2000, f"{ABS}.adaptation_rate": 0.9},
            "BS201",
            {"BS202", "BS203", "BS204", "BS205", "BS206", "BS209"},
        ),
        ({**ON, f"{ABS}.max_batch_size": 4096}, "BS202", {"BS203"}),
        (
            {**ON, f"{ABS}.min_batch_size": 64, f"{ABS}.max_batch_size": 64},
            "BS210",
            {"BS205", "BS206", "BS207", "BS209"},
        ),
        (
            {"training.ppo_requests": 5120, "ppo_config.stabilization_steps": 5120},
            "STB602",
            {"UNIT703"},
        ),
    ],
)
def test_echoes_are_silenced(changes: dict[str, Any], speaks: str, silent: set[str]) -> None:
    """The finding that names the cause speaks; those that follow from it do not."""
    codes = set(found(changes))
    assert speaks in codes
    assert not codes & silent


def finding(code: str, severity: Severity, **more: Any) -> Finding:
    return Finding(code, severity, "/x", "m", "r", **more)


def test_only_equal_or_lower_severity_is_silenced() -> None:
    """A warning silences a warning and information, never an error; nor does one silence itself."""
    echo = {s: finding("BB101", s) for s in Severity}
    source = finding("AA101", Severity.WARNING, silences=("BB",))
    assert without_echoes([source, echo[Severity.WARNING]]) == [source]
    assert without_echoes([source, echo[Severity.INFO]]) == [source]
    assert without_echoes([source, echo[Severity.ERROR]]) == [source, echo[Severity.ERROR]]
    itself = finding("BB102", Severity.WARNING, silences=("BB",))
    assert without_echoes([itself, itself]) == [itself, itself]


def test_what_holds_in_the_range_alone_silences_nothing() -> None:
    """A finding over the range is information and keeps the others."""
    ranged = finding("AA101", Severity.INFO, silences=("BB",), sizes=(32, 64))
    other = finding("BB101", Severity.INFO)
    assert without_echoes([ranged, other]) == [ranged, other]


def test_the_range_makes_information_that_names_the_sizes() -> None:
    """M = 16 at 64; at 128 M = a = 8: information, with the sizes where it holds."""
    over = found({**ON, A: 8})["ACC304"]
    assert over.severity.word == "info"
    assert over.sizes == (128, 128)
    assert "at minibatch size 128, which adaptation may reach" in over.message
    assert "not at the initial 64" in over.message
    assert over.fix is None


def test_a_code_found_at_the_initial_size_is_not_repeated() -> None:
    """Where a rule speaks at the initial size, the range brings no second finding of it."""
    report = ppodiag.lint(json.dumps(with_changes({**ON, A: 16})), severity="info")
    assert [d.severity.word for d in report.diagnostics if d.code == "ACC304"] == ["warning"]


def test_the_range_never_raises_a_severity() -> None:
    """A fixed and an adaptive file differ at warning and above by the rules of adaptation alone."""
    fixed = {c for c, d in found({A: 8}).items() if d.severity >= Severity.WARNING}
    adaptive = {c for c, d in found({**ON, A: 8}).items() if d.severity >= Severity.WARNING}
    assert fixed == adaptive


def test_other_profiles_are_asked() -> None:
    """A finding names the presets that would say otherwise, and what they would say."""
    changes = {f"{LRS}.warmup_steps": 48000, f"{LRS}.restart_period": 111360}
    warmup = found(changes)["LR102"]
    # 48,000 of 159,360 minibatch steps is 30%; of 79,680 optimizer steps 60%; CleanRL's clock has
    # 996 ticks, so there the warm-up never ends and LR101 speaks in its place.
    assert warmup.severity.word == "warning"
    assert warmup.elsewhere == {
        "torch-optimizer-step": "error",
        "huggingface": "error",
        "sb3": "absent",
        "cleanrl": "absent",
    }


def test_without_a_run_length_one_finding_names_the_silent_rules() -> None:
    """T unknown: information only, which names the rules that did not apply; the others speak."""
    codes = found({"training.ppo_requests": ABSENT, "ppo_config.lr": 0.01})
    assert {c for c, d in codes.items() if d.severity > Severity.INFO} == {"LR111"}
    message = codes["UNIT704"].message
    for code in ("LR101", "LR102", "LR103", "UNIT703", "STB602", "ACC306"):
        assert code in message
    assert "LR111" not in message


def test_nothing_rests_on_what_cannot_be_trusted() -> None:
    """A rule that reads an invalid key does not apply; a misspelt key is not taken for absent."""
    broken = found({"ppo_config.rollout_len": "128", "ppo_config.lr": 0.01})
    assert {c for c, d in broken.items() if d.severity > Severity.INFO} == {"SCH101", "LR111"}
    misspelt = found({f"{LRS}.warmup_stepz": 10**9, f"{LRS}.warmup_steps": ABSENT})
    assert {c for c, d in misspelt.items() if d.severity > Severity.INFO} == {"SCH104"}


@pytest.mark.parametrize(
    ("stop", "severity"), [(False, "warning"), (True, "info")], ids=["whole", "stopped early"]
)
def test_early_stop_hedges_and_caps(stop: bool, severity: str) -> None:
    """With the KL early stop, figures are bounds, and what judges the end is information."""
    changes = {
        f"{LRS}.restart_period": 126080,
        f"{LRS}.min_lr_ratio": 0.2,
        "kl_regularization.early_stopping": {"enable": stop, "kl_threshold": 0.1},
        "ppo_config.entropy_schedule": {"enable": True, "decay_steps": 10**6},
    }
    codes = found(changes)
    assert codes["LR104"].severity.word == severity
    assert ("if no update stops early" in codes["LR104"].message) == stop
    assert ("of at most 159,360" in codes["UNIT702"].message) == stop
