"""The real configuration: what its reader is told, worked out by hand."""

from __future__ import annotations

from pathlib import Path

import ppodiag

_LRS = "/advanced_optimization/learning_rate_schedule"


def test_findings_shown_by_default(corpus_config: Path) -> None:
    """Six findings, each at its value: code, severity, line and column, and the arithmetic."""
    report = ppodiag.lint(corpus_config)
    found = [
        (d.code, d.severity.word, d.pointer, (d.span.start_line, d.span.start_column))
        for d in report.diagnostics
    ]
    assert found == [
        ("LR111", "error", "/ppo_config/lr", (85, 11)),
        ("UNIT702", "warning", "/ppo_config/entropy_schedule/decay_steps", (97, 22)),
        ("STB601", "warning", "/ppo_config/stabilization_steps", (101, 28)),
        ("UNIT701", "warning", "/curriculum_learning/stages/2/duration_requests", (263, 30)),
        ("LR102", "warning", f"{_LRS}/warmup_steps", (274, 23)),
        ("LR103", "warning", f"{_LRS}/restart_period", (276, 25)),
    ]
    messages = {d.code: d.message for d in report.diagnostics}
    assert messages["LR102"] == (
        "warm-up takes at least 40% of the run: warmup_steps is 1,000 of at most 2,496 minibatch "
        "steps; at least 20% to at least 80% over minibatch sizes 32 to 128"
    )
    assert "1,496 of its 5,000 ticks" in messages["LR103"]
    assert (
        "0.82 of its peak if the batch stays at 64 and no update stops early" in messages["LR103"]
    )
    assert "0.19 to 0.99 over minibatch sizes 32 to 128" in messages["LR103"]
    assert "a rollout is 512 samples" in messages["STB601"]
    assert "10 times the largest (0.001) of 44 published" in messages["LR111"]
    assert (
        "2 times the run of 20,000: 'hard' (would begin at 25,000) never starts"
        in (messages["UNIT701"])
    )
    assert "10,000 minibatch steps of at most 2,496" in messages["UNIT702"]


def test_information_names_the_second_window(corpus_config: Path) -> None:
    """As information: a second block has a stabilization window of its own."""
    report = ppodiag.lint(corpus_config, severity="info")
    messages = {d.code: d.message for d in report.diagnostics if d.severity.word == "info"}
    assert (
        "statistics_stabilization has 200 environment steps, ppo_config has 100"
        in (messages["STB603"])
    )
    assert sorted(messages) == [
        "ACC302", "ACC303", "ACC306", "BS204", "BS209", "GCK501", "LR107", "LR114", "STB603",
    ]  # fmt: skip


def test_configuration_without_the_block(corpus_config: Path) -> None:
    """The corpus's other file, with no advanced block, is told only what is true of it."""
    other = corpus_config.with_name("ppo_revolutionary_stabilization@7f2ba18.json")
    found = [(d.code, d.span.start_line) for d in ppodiag.lint(other).diagnostics]
    # 5000 requests in rollouts of 256: 19 updates, 19 · 2 · 4 = 152 minibatches; S = 100 < 256.
    assert found == [("UNIT703", 8), ("STB601", 24), ("UNIT702", 151), ("UNIT702", 152)]
