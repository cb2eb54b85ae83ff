"""Declared, but not checkable.

## What it checks
With a configuration: for each feature that it turns on, whether the log has the column that would show
whether it works.

## Why it matters
A feature that nothing measures may be dead for months. Most of these columns cost a line.

## Instead
Log what the message names.

## When not to use
A log of a trainer that one cannot change.

## Sources
- The note's monitoring line: the learning rate should be exported.
"""

from collections.abc import Callable, Iterator

import numpy as np

from ppodiag.config import DoesNotApply, PPOConfig
from ppodiag.diagnosis.context import RunContext
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import INFO, RunCase, run_rule

FEATURES: tuple[tuple[str, Callable[[PPOConfig], bool], tuple[str, ...]], ...] = (
    ("learning_rate_schedule", lambda c: c.has_schedule, ("lr",)),
    ("adaptive_batch_size", lambda c: c.adaptive_batch, ("minibatch_size", "pg_grad_norm")),
    ("global-norm clipping", lambda c: c.clipping, ("pg_grad_norm",)),
    ("early_stopping", lambda c: c.early_stopping, ("minibatch_steps",)),
    ("accumulation_steps", lambda c: c.accumulation_steps > 1, ("optimizer_steps",)),
    ("use_gradient_checkpointing", lambda c: c.checkpointing, ("env_steps_per_second",)),
)
"""Feature, whether the file turns it on, and the columns that would show it."""


@run_rule("RUN952", "declared-but-not-checkable", INFO, needs_config=True)
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding that names each feature whose columns are missing."""
    missing: dict[str, list[str]] = {}
    for name, enabled, columns in FEATURES:
        try:
            on = enabled(ctx.config)
        except DoesNotApply as reason:
            if ctx.context is None:
                raise reason
            continue
        absent = [column for column in columns if not ctx.has(column)]
        if on and absent:
            missing[name] = absent
    if not missing:
        return
    said = "; ".join(f"{name} (no {', no '.join(columns)})" for name, columns in missing.items())
    yield ctx.finding(
        INFO,
        f"the file turns on what the log cannot show: {said}",
        causes=(
            "the trainer does not log these",
            "it logs them under a name that is not known",
        ),
        next="ppodiag diagnose RUN --list-tags lists every tag; --map COLUMN=TAG names one",
        values={"missing": missing},
    )


CASES = (
    RunCase(
        "no learning rate, no norm",
        lambda run: run.without("lr", "pg_grad_norm"),
        INFO,
        "learning_rate_schedule (no lr); global-norm clipping (no pg_grad_norm)",
        config={},
    ),
    RunCase(
        "all that the file turns on",
        lambda run: run.with_column("optimizer_steps", np.full(run.updates, 80.0)),
        config={},
    ),
)
