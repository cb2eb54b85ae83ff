"""The adaptation drives the batch size to a bound.

## What it checks
With adaptation enabled and room between the bounds: a runtime that compares norms with the fixed
`max_grad_norm`, a warning (an error where the key is missing); or one with a moving reference and an
adaptation_rate above 2/9 = 0.222, a warning.

## Why it matters
A smaller minibatch has a larger gradient norm, E‖g‖² = ‖G‖² + tr Σ/B, and a larger norm shrinks the
batch: the feedback is positive. A fixed reference has nothing to hold it, so the size runs to a bound
wherever noise has a part in the norm. A moving reference follows the norm and holds the size as long
as the loop gain, 4.5 · rate · (share of noise in the squared norm), stays below 1; above a rate of 2/9
noise alone can pass it, and the size swings between the bounds.

## Instead
The moving reference, and a rate of 0.1. `ppodiag simulate` shows what the size does.

## When not to use
Norms that do not depend on the batch: a window that always holds the whole rollout, say.

## Sources
- McCandlish et al. 2018, An Empirical Model of Large-Batch Training, appendix A: the norm of a
  minibatch gradient.
- The definitions: ref ← 0.9·ref + 0.1·g, from which b ∝ ref^(−9·rate) and the gain follow.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import ABSENT, Case
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import ERROR, WARNING, rule
from ppodiag.wording import count, number, percent

GAIN: Final = 4.5
"""Loop gain over rate and share of noise: 9/2, from the reference's memory of 0.9."""

LARGEST_RATE: Final = 1 / GAIN
"""The rate at which the gain is 1 where the norm is all noise."""

ADVISED_RATE: Final = 0.1


@rule("BS208", "feedback-runs-to-a-bound", ERROR)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where nothing holds the size between its bounds."""
    config = ctx.config
    if not config.adaptive_batch or config.min_batch_size == config.max_batch_size:
        return
    if ctx.profile.batch_reference == "max_grad_norm":
        yield _fixed_reference(ctx)
        return
    rate = config.adaptation_rate
    if rate <= LARGEST_RATE:
        return
    yield ctx.finding(
        WARNING,
        "adaptation_rate",
        f"noise drives the batch size to its bounds: the loop gain is 4.5 · {number(rate)} = "
        f"{number(GAIN * rate)} × the share of noise in the squared gradient norm, and passes 1 from "
        f"a share of {percent(1 / (GAIN * rate))}; expected a rate of at most 2/9 = 0.222",
        f"set adaptation_rate to {ADVISED_RATE}",
        inputs=("min_batch_size", "max_batch_size"),
        values={"rate": rate, "gain": GAIN * rate, "critical_share": 1 / (GAIN * rate)},
        fix=Fix(
            f"set adaptation_rate to {ADVISED_RATE}",
            (
                Edit(
                    "/advanced_optimization/adaptive_batch_size/adaptation_rate", str(ADVISED_RATE)
                ),
            ),
        ),
        silences=("BS206",),
    )


def _fixed_reference(ctx: Context) -> Finding:
    config = ctx.config
    threshold = config.max_grad_norm
    if threshold is None:
        return ctx.finding(
            ERROR,
            "adaptive_batch",
            f"profile {ctx.profile.name} compares gradient norms with max_grad_norm, which is absent: "
            "the batch size has no reference",
            "give ppo_config.max_grad_norm, or use a runtime with a moving reference",
            inputs=("max_grad_norm",),
            values={},
        )
    rate = config.adaptation_rate
    return ctx.finding(
        WARNING,
        "adaptation_rate",
        f"nothing holds the batch size between {count(config.min_batch_size)} and "
        f"{count(config.max_batch_size)}: norms are compared with the fixed max_grad_norm "
        f"{number(threshold)}; a smaller batch raises the norm, which shrinks the batch, a deviation "
        f"growing by up to {number(rate)}/2 = {percent(rate / 2)} an update where noise dominates",
        "use a runtime with a moving reference, or disable adaptive_batch_size",
        inputs=("max_grad_norm", "min_batch_size", "max_batch_size"),
        values={"rate": rate, "growth": rate / 2},
        silences=("BS206",),
    )


_CASE_ON = {
    "advanced_optimization.adaptive_batch_size": {
        "enable": True,
        "min_batch_size": 32,
        "max_batch_size": 128,
        "adaptation_rate": 0.1,
    }
}

CASES = (
    Case(
        "a rate of 0.3: gain 1.35",
        {**_CASE_ON, "advanced_optimization.adaptive_batch_size.adaptation_rate": 0.3},
        WARNING,
        "/advanced_optimization/adaptive_batch_size/adaptation_rate",
        text="4.5 · 0.3 = 1.35 × the share of noise in the squared gradient norm, and passes 1 from "
        "a share of 74%",
    ),
    Case(
        "a fixed reference",
        _CASE_ON,
        WARNING,
        "/advanced_optimization/adaptive_batch_size/adaptation_rate",
        text="0.1/2 = 5.0% an update",
        profile="note,batch_reference=max_grad_norm",
    ),
    Case(
        "a fixed reference that is missing",
        {
            **_CASE_ON,
            "ppo_config.max_grad_norm": ABSENT,
            "advanced_optimization.gradient_optimization.clip_by_global_norm": False,
        },
        ERROR,
        "/advanced_optimization/adaptive_batch_size/enable",
        text="max_grad_norm, which is absent",
        profile="note,batch_reference=max_grad_norm",
        others=("CLP403",),
    ),
    Case(
        "2/9 rounded down",
        {**_CASE_ON, "advanced_optimization.adaptive_batch_size.adaptation_rate": 0.2222},
    ),
    Case(
        "2/9 rounded up",
        {**_CASE_ON, "advanced_optimization.adaptive_batch_size.adaptation_rate": 0.2223},
        WARNING,
        "/advanced_optimization/adaptive_batch_size/adaptation_rate",
        text="4.5 · 0.2223 = 1",
    ),
)
