"""Suppressions: where they hold, until when, and what is said of those that do not."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from ppodiag.healthy import with_changes
from ppodiag.linter import lint_bytes
from ppodiag.options import Options
from ppodiag.result import FileReport
from ppodiag.rules.loader import fast_rules

TODAY = datetime.date(2026, 6, 15)


def lint(ignore: dict[str, Any], changes: dict[str, Any] | None = None, **more: Any) -> FileReport:
    value = with_changes({"ppo_config.lr": 0.01, **(changes or {})})
    value["$ppodiag"] = {"profile": "note", "ignore": ignore}
    options = Options(today=TODAY, **more)
    return lint_bytes(json.dumps(value, indent=1).encode(), "x.json", options, fast_rules())


def codes(report: FileReport) -> list[str]:
    return [d.code for d in report.diagnostics]


def test_a_reason_is_enough() -> None:
    """A suppression with a reason takes the finding away and is counted."""
    report = lint({"LR111": {"reason": "as in the paper"}})
    assert codes(report) == []
    assert report.suppressed == 1


@pytest.mark.parametrize(
    ("at", "left"),
    [
        ("/ppo_config/lr", []),
        ("/ppo_config", []),
        ("/ppo_config/l", ["SUP001", "LR111"]),
        ("/training", ["SUP001", "LR111"]),
    ],
)
def test_a_place(at: str, left: list[str]) -> None:
    """A pointer limits it to that place and what is below; elsewhere it suppresses nothing."""
    report = lint({"LR111": {"reason": "x", "at": at}})
    assert sorted(codes(report)) == sorted(left)


@pytest.mark.parametrize(
    ("until", "left"),
    [("2026-06-15", []), ("2026-06-14", ["LR111", "SUP002"]), ("2026-02-31", ["SUP003"])],
)
def test_a_date(until: str, left: list[str]) -> None:
    """It holds on its last day; the day after it is expired; a date that is none is said to be none."""
    assert sorted(codes(lint({"LR111": {"reason": "x", "until": until}}))) == left


def test_several_of_one_rule() -> None:
    """An array holds several, each judged alone."""
    report = lint(
        {"LR111": [{"reason": "x", "at": "/ppo_config"}, {"reason": "y", "at": "/training"}]}
    )
    assert codes(report) == ["SUP001"]
    assert report.diagnostics[0].pointer == "/$ppodiag/ignore/LR111/1"


def test_rules_that_are_not_looked_for() -> None:
    """A suppression of a rule that does not count here is not called useless."""
    assert codes(lint({"LR111": {"reason": "x"}}, {"ppo_config.lr": 3e-4}, select=("STB",))) == []
    assert codes(lint({"LR111": {"reason": "x"}}, {"ppo_config.lr": 3e-4})) == ["SUP001"]


def test_information_may_be_suppressed_unseen() -> None:
    """A suppression of an information finding is used, though information is not shown."""
    report = lint({"LR111": {"reason": "x"}, "PPO001": {"reason": "y"}}, {"ppo_config.gamma": 0.8})
    assert codes(report) == []


def test_syntax_errors_stay() -> None:
    """Syntax errors and findings about suppressions cannot be suppressed."""
    assert sorted(codes(lint({"SYN001": {"reason": "x"}}))) == ["LR111", "SUP003"]
    assert sorted(codes(lint({"SUP001": {"reason": "x"}}))) == ["LR111", "SUP003"]


def test_comments_in_jsonc() -> None:
    """A comment holds for its own line, or alone for the line below; several codes in one."""
    text = (
        '{"ppo_config": {"epochs": 4, "rollout_len": 128, "minibatch_size": 64,\n"lr": 0.01 %s\n}}'
    )
    options = Options(today=TODAY)
    for comment, left in (
        ("", ["CLP403", "LR111"]),
        ("// ppodiag: ignore[LR111]: as in the paper", ["CLP403"]),
        ("/* ppodiag: ignore[LR111] until 2026-01-01: x */", ["CLP403", "LR111", "SUP002"]),
        ("// ppodiag: ignore[LR111, LR101]: x", ["CLP403", "SUP001"]),
        ("// ppodiag: ignore[LR999]: x", ["CLP403", "LR111", "SUP003"]),
        ("// nothing to do with it", ["CLP403", "LR111"]),
    ):
        report = lint_bytes((text % comment).encode(), "x.jsonc", options, fast_rules())
        assert sorted(codes(report)) == left, comment
