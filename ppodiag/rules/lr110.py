"""The first optimizer step has a learning rate of zero.

## What it checks
Warm-up as t/W gives λ(0) = 0. Where the first optimizer step reads t = 0 (clock minibatch with
windows of one minibatch; clock optimizer_step always) that step does nothing: information. Where
one value serves a whole update (clock update, or env_step read at the rollout's start) the whole
first update does nothing: a warning. Silent where the clock ticked through skipped updates.

## Why it matters
One lost step is harmless, but Adam's moments count it. A lost first update is a rollout thrown
away, and its gradient norms and KL still appear in the log.

## Instead
Warm-up as (t + 1)/W, if the runtime can; see the profiles.

## When not to use
Where the first update is meant to be without effect.

## Sources
- volcengine/verl pull request 3674 and pytorch/torchtitan issue 1261: warm-up that begins at zero.
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, WARNING, rule
from ppodiag.wording import count


@rule("LR110", "first-step-at-zero", WARNING, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the first optimizer step, or the whole first update, reads λ = 0."""
    warmup, profile = ctx.config.warmup_steps, ctx.profile
    if warmup == 0 or profile.warmup_form != "t/W":
        return
    if profile.clock == "minibatch" and min(ctx.rollout.accumulation, ctx.rollout.minibatches) > 1:
        return
    if profile.clock == "env_step" and profile.update_tick == "last":
        return
    if profile.skipped_updates == "ticking" and ctx.budget.skipped >= 1:
        return
    whole = profile.one_lr_per_update
    what = (
        f"the whole first update ({count(ctx.rollout.epochs * ctx.rollout.windows)} optimizer "
        "steps) has"
        if whole
        else "the first optimizer step has"
    )
    yield ctx.finding(
        WARNING if whole else INFO,
        "warmup_steps",
        f"{what} a learning rate of 0: warm-up is t/W with W = {count(warmup)}, and it reads t = 0",
        "use a runtime (or declare a profile) whose warm-up is (t + 1)/W"
        + (", or set warmup_steps to 0" if whole else "; one lost step is harmless"),
        inputs=("accumulation_steps",),
        values={"warmup_ticks": warmup},
    )


CASES = (
    Case(
        "clock optimizer_step",
        {},
        INFO,
        "/advanced_optimization/learning_rate_schedule/warmup_steps",
        text="the first optimizer step has a learning rate of 0",
        others=("LR103",),
        profile="torch-optimizer-step",
    ),
    Case(
        "one value for the whole first update",
        {
            "advanced_optimization.learning_rate_schedule.warmup_steps": 50,
            "advanced_optimization.learning_rate_schedule.restart_period": 946,
        },
        WARNING,
        "/advanced_optimization/learning_rate_schedule/warmup_steps",
        text="the whole first update (80 optimizer steps) has a learning rate of 0",
        profile="cleanrl",
    ),
    Case("warm-up as (t + 1)/W", {}, profile="torch-optimizer-step,warmup_form=(t+1)/W"),
    Case("the clock ticked through a skipped update", {}, profile="note,skipped_updates=ticking"),
)
