"""The simulated batch size brings a fault of the schedule about.

## What it checks
The rules of the learning-rate schedule and of lengths are asked again, with the steps of the median
path of a simulated run. What they find there, and not at the initial minibatch size, is named.

## Why it matters
The clock of minibatches and that of optimizer steps run faster where the batch is smaller. A warm-up
that is short at the initial size may take half of the run at another.

## Instead
A profile whose clock does not depend on the batch, a fixed batch, or lengths that suit the whole range.

## When not to use
Where the norms of the simulation are assumed.

## Sources
- The definitions: K = E·M, and M = ceil(R / B).
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, WARNING, rule
from ppodiag.wording import count

ASKED: Final = ("LR", "ACC306", "UNIT702")
"""Codes, or prefixes of them, of the rules that depend on the steps of the run."""


@rule("TRJ004", "schedule-meets-the-batch", INFO, stage="trajectory")
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the simulated steps bring warnings that the planned ones do not."""
    trajectory = ctx.simulated
    if trajectory.fixed or not trajectory.updates:
        return
    path = trajectory.median_path
    run = trajectory.run_of(path)
    if run == ctx.run:
        return
    then = ctx.with_run(run)
    asked = {code: rule for code, rule in ctx.rules.items() if code.startswith(ASKED)}
    planned = {f.code for rule in asked.values() for f in rule.run(ctx)}
    found = [
        f
        for rule in asked.values()
        for f in rule.run(then)
        if f.severity >= WARNING and f.code not in planned
    ]
    if not found:
        return
    ctx.code = "TRJ004"
    yield ctx.finding(
        INFO,
        found[0].pointer,
        f"with {_cause(ctx)} the run has {count(run.minibatch_steps)} minibatch steps on the "
        f"median path, and not {count(ctx.run.minibatch_steps)}; then "
        + "; ".join(f"{f.code}: {f.message}" for f in found),
        found[0].remedy,
        inputs=("adaptation_rate", "min_batch_size", "max_batch_size"),
        values={"codes": [f.code for f in found], "minibatch_steps": run.minibatch_steps},
    )


def _cause(ctx: Context) -> str:
    """What makes the steps of the run others than the plan's."""
    trajectory = ctx.simulated
    causes = ["the simulated batch sizes"] if trajectory.sizes is not None else []
    causes += ["the recorded early stops"] if trajectory.minibatches is not None else []
    return " and ".join(causes)


CASES = (
    Case(
        "a fixed reference takes the batch from 64 to 256",
        {
            "advanced_optimization.learning_rate_schedule.warmup_steps": 20000,
            "advanced_optimization.adaptive_batch_size": {
                "enable": True,
                "min_batch_size": 64,
                "max_batch_size": 256,
                "adaptation_rate": 0.1,
            },
        },
        INFO,
        "/advanced_optimization/learning_rate_schedule/warmup_steps",
        text="LR102",
        profile="note,batch_reference=max_grad_norm",
        norms="noise:norm=0.4,share=0.5,sigma=0.15",
        others=("TRJ002",),
    ),
    Case(
        "a batch that stays",
        {
            "advanced_optimization.adaptive_batch_size": {
                "enable": True,
                "min_batch_size": 64,
                "max_batch_size": 256,
                "adaptation_rate": 0.05,
            },
        },
        norms="constant:norm=0.4",
    ),
)
