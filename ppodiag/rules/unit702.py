"""Another schedule is longer than the run.

## What it checks
The decay of an enabled entropy schedule, the entropy boost (where no entropy schedule is enabled),
or the decay of the reference KL, each counted in minibatch steps, is longer than N_mb. One finding
a key. Silent where both ends of a schedule are given and equal, for then nothing decays.

## Why it matters
What is to be small at the end never gets there: an entropy bonus that has decayed by a quarter
keeps the policy random, a boost that never ends is no boost.

## Instead
Lengths of at most N_mb.

## When not to use
A decay that is meant to end beyond this run.

## Sources
- The definitions: these keys count minibatch steps.
"""

from collections.abc import Iterator
from typing import Any

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import WARNING, rule
from ppodiag.wording import across, at_most, count, percent


@rule("UNIT702", "schedule-longer-than-the-run", WARNING, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding for each schedule in minibatch steps that exceeds N_mb."""
    config = ctx.config
    lengths = []
    if config.entropy_schedule:
        lengths.append(("entropy_decay_minibatches", "the entropy schedule", "decay"))
    elif config.entropy_warmup_coef is not None:
        lengths.append(("kl_warmup_minibatches", "the entropy boost", "length"))
    lengths.append(("kl_ref_decay_minibatches", "the reference KL", "decay"))
    for field, what, part in lengths:
        length = getattr(config, field)
        if length is None:
            continue
        run = ctx.run
        if length <= run.minibatch_steps or _is_flat(ctx, field):
            continue
        share = run.minibatch_steps / length
        spread = across(ctx, lambda c: c.run.minibatch_steps, count, at_most(ctx))
        yield ctx.finding(
            WARNING,
            field,
            f"{what} wants {count(length)} minibatch steps of {at_most(ctx)}"
            f"{count(run.minibatch_steps)} in the run{spread}; it gets through {at_most(ctx)}"
            f"{percent(share)} of its {part}",
            f"set it to {count(run.minibatch_steps)} or less, or train longer",
            inputs=("total_env_steps", "rollout_len", "num_envs", "epochs", "minibatch_size"),
            values={"minibatch_steps": run.minibatch_steps, "wanted": length},
            fix=Fix(
                f"set it to {run.minibatch_steps}, the whole run",
                (Edit(ctx.pointer(field), str(run.minibatch_steps)),),
            ),
        )


_ENDS = {
    "entropy_decay_minibatches": (("ppo_config", "entropy_schedule"), "initial", "final"),
    "kl_ref_decay_minibatches": (
        ("kl_regularization",),
        "kl_ref_coef_initial",
        "kl_ref_coef_final",
    ),
}
"""Block and keys of the two ends of a schedule."""


def _is_flat(ctx: Context, field: str) -> bool:
    """Whether both ends of the schedule are given and equal."""
    if field == "kl_warmup_minibatches":
        # The boost is over entropy_coef, whose default is a value like any other.
        return bool(ctx.config.entropy_warmup_coef == ctx.config.entropy_coef)
    path, first, last = _ENDS[field]
    block: Any = ctx.value
    for part in path:
        block = block[part]
    return first in block and last in block and bool(block[first] == block[last])


CASES = (
    Case(
        "an entropy schedule of twice the run",
        {"ppo_config.entropy_schedule": {"enable": True, "decay_steps": 318720}},
        WARNING,
        "/ppo_config/entropy_schedule/decay_steps",
        text="the entropy schedule wants 318,720 minibatch steps of 159,360 in the run; it gets "
        "through 50% of its decay",
    ),
    Case(
        "an entropy boost of twice the run",
        {
            "ppo_config.entropy_warmup_coef": 0.05,
            "kl_regularization.warmup_steps": 318720,
        },
        WARNING,
        "/kl_regularization/warmup_steps",
        text="the entropy boost wants 318,720",
    ),
    Case(
        "a KL decay of twice the run",
        {"kl_regularization.kl_ref_decay_steps": 318720},
        WARNING,
        "/kl_regularization/kl_ref_decay_steps",
        text="the reference KL wants 318,720",
    ),
    Case(
        "exactly the run",
        {"ppo_config.entropy_schedule": {"enable": True, "decay_steps": 159360}},
    ),
    Case(
        "an entropy schedule with equal ends",
        {
            "ppo_config.entropy_schedule": {
                "enable": True,
                "initial": 0.01,
                "final": 0.01,
                "decay_steps": 318720,
            }
        },
    ),
    Case(
        "a reference KL that is 0 from end to end",
        {
            "kl_regularization.kl_ref_coef_initial": 0,
            "kl_regularization.kl_ref_coef_final": 0.0,
            "kl_regularization.kl_ref_decay_steps": 318720,
        },
    ),
    Case(
        "a boost to the coefficient that holds anyway",
        {"ppo_config.entropy_warmup_coef": 0.001, "kl_regularization.warmup_steps": 318720},
    ),
    Case("the boost has no coefficient", {"kl_regularization.warmup_steps": 318720}),
    Case(
        "an enabled entropy schedule leaves the boost unused",
        {
            "ppo_config.entropy_schedule": {"enable": True, "decay_steps": 100},
            "ppo_config.entropy_warmup_coef": 0.05,
            "kl_regularization.warmup_steps": 318720,
        },
    ),
)
