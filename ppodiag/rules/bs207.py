"""The batch size is caught in the rounding.

## What it checks
With adaptation enabled and a runtime that keeps the batch size as an integer: rate · B · 0.1 <
0.5, so a gradient norm 10% off its reference changes nothing.

## Why it matters
Where the batch can shrink into the dead zone, that is information too: from there it does not come
back. Each update's change is rounded away, and the size stays where it is however long the norm stays
off. An adaptation that a log shows as constant looks like a feature that nobody reads.

## Instead
A larger rate or a larger minibatch, or a runtime that keeps the size as a float.

## When not to use
Runtimes that keep a float, such as the default profile.

## Sources
- The definitions: B ← round(B · (1 + rate · d)) with d the relative distance of the norm.
"""

import math
from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, rule
from ppodiag.wording import count, number

DISTANCE: Final = 0.1
"""[judgement] Relative distance of the norm from its reference that should change the size."""


@rule("BS207", "rounding-dead-zone", INFO, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where a tenth off the reference is rounded away."""
    config = ctx.config
    if not config.adaptive_batch or ctx.profile.batch_state != "integer":
        return
    change = config.adaptation_rate * ctx.size * DISTANCE
    if change >= 0.5:
        return
    needed = 0.5 / (config.adaptation_rate * ctx.size)
    takes = f"it takes {number(100 * needed)}%" if needed < 1 else "no norm can change it"
    rate = 0.5 / (ctx.size * DISTANCE)
    yield ctx.finding(
        INFO,
        "adaptation_rate",
        f"rounding swallows the adaptation: a norm 10% off its reference changes the size by "
        f"{number(config.adaptation_rate)} · {count(ctx.size)} · 0.1 = {number(change)} samples, "
        f"which rounds to 0; {takes}",
        f"set adaptation_rate to {math.ceil(1000 * rate) / 1000:g} or more, or use larger minibatches"
        if rate < 1
        else f"use minibatches of {count(0.5 / (config.adaptation_rate * DISTANCE))} or more",
        inputs=("minibatch_size",),
        values={"change": change, "distance_needed": needed},
    )


_CASE_ON = {
    "advanced_optimization.adaptive_batch_size": {
        "enable": True,
        "min_batch_size": 32,
        "max_batch_size": 128,
        "adaptation_rate": 0.05,
    }
}

CASES = (
    Case(
        "0.05 · 64 · 0.1 = 0.32",
        _CASE_ON,
        INFO,
        "/advanced_optimization/adaptive_batch_size/adaptation_rate",
        text="0.05 · 64 · 0.1 = 0.32 samples",
        profile="note,batch_state=integer",
    ),
    Case(
        "0.08 · 64 · 0.1 = 0.512 is enough, 0.08 · 32 · 0.1 = 0.256 is not",
        {**_CASE_ON, "advanced_optimization.adaptive_batch_size.adaptation_rate": 0.08},
        INFO,
        "/advanced_optimization/adaptive_batch_size/adaptation_rate",
        text="though not at the initial 64",
        profile="note,batch_state=integer",
    ),
    Case(
        "0.01 · 4: no norm changes the size",
        {
            **_CASE_ON,
            "ppo_config.minibatch_size": 4,
            "advanced_optimization.adaptive_batch_size.min_batch_size": 4,
            "advanced_optimization.adaptive_batch_size.max_batch_size": 8,
            "advanced_optimization.adaptive_batch_size.adaptation_rate": 0.01,
            "advanced_optimization.gradient_optimization.accumulation_steps": 8,
            "advanced_optimization.learning_rate_schedule": {"type": "constant"},
        },
        INFO,
        "/advanced_optimization/adaptive_batch_size/adaptation_rate",
        text="which rounds to 0; no norm can change it",
        profile="note,batch_state=integer",
    ),
    Case("a float state", _CASE_ON),
    Case(
        "0.16 · 32 · 0.1 = 0.512 at the lower bound",
        {**_CASE_ON, "advanced_optimization.adaptive_batch_size.adaptation_rate": 0.16},
        profile="note,batch_state=integer",
    ),
)
