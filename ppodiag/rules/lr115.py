"""The KL anchor is gone before the learning rate's peak.

## What it checks
W > 0, and `kl_regularization.kl_ref_decay_steps` is at most W, both in minibatch steps. Silent
where the initial reference coefficient is given as 0.

## Why it matters
The penalty towards the reference policy protects a warm-started policy while steps are large. If
it has decayed before the learning rate reaches its peak, the largest steps are taken unprotected.

## Instead
`kl_ref_decay_steps` of at least 2 W.

## When not to use
Training from scratch, where the reference policy means nothing.

## Sources
- A judgement on the definitions.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import WARNING, rule
from ppodiag.wording import count

ADVISED: Final = 2
"""[judgement] Lengths of the warm-up that the anchor should last."""


@rule("LR115", "kl-anchor-gone-before-peak", WARNING, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the KL anchor decays within the warm-up."""
    warmup, decay = ctx.config.warmup_steps, ctx.config.kl_ref_decay_minibatches
    if warmup == 0 or decay is None:
        return
    rollout = ctx.rollout
    per_update = rollout.epochs * rollout.minibatches
    minibatches = warmup * per_update / rollout.ticks
    if decay > minibatches:
        return
    block = ctx.value["kl_regularization"]
    if block.get("kl_ref_coef_initial") == 0:
        return
    converted = ""
    if minibatches != warmup:
        unit = ctx.profile.tick_unit
        converted = f" ({count(warmup)} {unit}s)"
    advised = int(ADVISED * minibatches)
    yield ctx.finding(
        WARNING,
        "kl_ref_decay_minibatches",
        "the KL anchor is gone before the learning rate's peak: kl_ref_decay_steps is "
        f"{count(decay)} minibatch steps, the warm-up lasts {count(minibatches)}{converted}",
        f"set kl_ref_decay_steps to {count(advised)} or more (twice the warm-up)",
        inputs=("warmup_steps",),
        values={"decay_minibatch_steps": decay, "warmup_minibatch_steps": minibatches},
        fix=Fix(
            f"set kl_ref_decay_steps to {advised}",
            (Edit("/kl_regularization/kl_ref_decay_steps", str(advised)),),
        ),
    )


CASES = (
    Case(
        "gone when the peak is reached",
        {"kl_regularization.kl_ref_decay_steps": 1600},
        WARNING,
        "/kl_regularization/kl_ref_decay_steps",
        text="kl_ref_decay_steps is 1,600 minibatch steps, the warm-up lasts 1,600",
    ),
    Case(
        "in optimizer steps the warm-up is twice as long in minibatches",
        {
            "kl_regularization.kl_ref_decay_steps": 3000,
            "advanced_optimization.gradient_optimization.accumulation_steps": 2,
        },
        WARNING,
        "/kl_regularization/kl_ref_decay_steps",
        text="the warm-up lasts 3,200 (1,600 optimizer steps)",
        profile="torch-optimizer-step",
        others=("LR103",),
    ),
    Case("one step longer", {"kl_regularization.kl_ref_decay_steps": 1601}),
)
