"""The log beside its configuration: counts in the same unit, and where the plan comes from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ppodiag.case import ABSENT
from ppodiag.config import parse_config
from ppodiag.context import Context
from ppodiag.diagnosis.comparison import Row, basis, compare
from ppodiag.diagnosis.context import RunContext
from ppodiag.diagnosis.engine import diagnose_run
from ppodiag.diagnosis.synthetic import SyntheticRun
from ppodiag.finding import Severity
from ppodiag.healthy import with_changes
from ppodiag.profile import NOTE
from ppodiag.report.diagnosis import render_diagnoses
from ppodiag.report.html.run_section import run_section
from ppodiag.rules.loader import load_run_rules

ROLLOUT, ENVS = 128, 4

BATCH = "advanced_optimization.adaptive_batch_size"


def about(
    updates: int, per_update: int, *, adaptive: bool = False, changes: dict[str, Any] | None = None
) -> RunContext:
    """A log of so many updates, so many steps apart, beside a file of 39 × 128 × 4 steps."""
    value = with_changes(
        {
            "ppo_config.rollout_len": ROLLOUT,
            "parallel_training": {"enable": True, "num_envs": ENVS},
            "training.ppo_requests": 20_000,
            "ppo_config.stabilization_steps": 0,
            "ppo_config.minibatch_size": 64,
            BATCH: {
                "enable": adaptive,
                "min_batch_size": 32,
                "max_batch_size": 128,
                "adaptation_rate": 0.5,
            },
            **(changes or {}),
        }
    )
    columns = {"lr": np.full(updates, 3e-4), "pg_grad_norm": np.linspace(4.0, 0.1, updates)}
    steps = per_update * np.arange(1, updates + 1)
    context = Context(parse_config(value), NOTE, value=value)
    return RunContext(SyntheticRun(steps, columns).as_run(), context)


def row(ctx: RunContext, name: str) -> Row:
    return next(found for found in compare(ctx) if found.name == name)


def test_steps_of_one_environment_are_converted() -> None:
    """39 updates of 128 steps in each of 4 environments are 19,968 of 20,000: they agree."""
    covered = row(about(39, ROLLOUT), "steps covered")
    assert (covered.logged, covered.agrees) == ("4,992", True)
    assert covered.planned == "20,000; 4,992 × 4 environments = 19,968"


def test_steps_of_one_environment_that_are_too_few() -> None:
    """20 updates are 10,240 of 20,000 steps, whoever counts."""
    covered = row(about(20, ROLLOUT), "steps covered")
    assert covered.planned == "20,000; 2,560 × 4 environments = 10,240"
    assert covered.agrees is False


def test_steps_of_all_environments_stay() -> None:
    """A log that counts the steps of all environments is compared as it is."""
    covered = row(about(39, ROLLOUT * ENVS), "steps covered")
    assert covered == Row("steps covered", "19,968", "20,000", True)


def test_the_plan_says_that_it_takes_the_logged_norms() -> None:
    """An adaptive batch follows the logged norms, so the planned rates do; a fixed one takes nothing."""
    said = basis(about(39, ROLLOUT, adaptive=True))
    assert said.startswith(
        "planned: the file's, replayed with the logged norms, which make its minibatch size "
    )
    assert basis(about(39, ROLLOUT)) == ""


def test_where_it_is_said() -> None:
    """The text and the page end the table with it, and the first updates are spoken of once."""
    ctx = about(39, ROLLOUT, adaptive=True)
    diagnosis = diagnose_run(replace(ctx.run, path="log"), {}, ctx.context)
    for text in (
        render_diagnoses([diagnosis], Severity.INFO, False),
        run_section(diagnosis, (), 0),
    ):
        assert text.count("replayed with the logged norms") == 1
        assert " ".join(text.split()).count("of the first 3 only the learning rate is judged") == 1
        assert "RMS difference" in text


def test_a_log_of_three_updates_has_none_that_is_judged() -> None:
    """No clause on the first three updates where there are no others."""
    assert about(3, ROLLOUT).settling == ""
    assert about(4, ROLLOUT).settling != ""


def test_a_fixed_batch_follows_the_logged_minibatch_steps_alone() -> None:
    """Early stops are replayed, and norms that change nothing are not named."""
    ctx = about(39, ROLLOUT)
    columns = {name: series.values for name, series in ctx.run.columns.items()}
    columns["minibatch_steps"] = np.full(39, 8.0)
    run = SyntheticRun(ROLLOUT * np.arange(1, 40), columns).as_run()
    said = basis(RunContext(run, ctx.context))
    assert said == "planned: the file's, replayed with the logged minibatch steps"


def test_rules_that_were_not_checked_have_names() -> None:
    """RUN933 without a number of actions is named in words, with the key that would give it."""
    ctx = about(39, ROLLOUT, changes={"model_dimensions": ABSENT})
    diagnosis = diagnose_run(ctx.run, {"RUN933": load_run_rules()["RUN933"]}, ctx.context)
    for text in (
        render_diagnoses([diagnosis], Severity.INFO, False),
        run_section(diagnosis, (), 0),
    ):
        words = " ".join(text.split())
        assert "RUN933 entropy: the file does not hold the number of actions" in words
        assert "--set model_dimensions.action_dim=N" in words
