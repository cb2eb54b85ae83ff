"""A dead or missing clip threshold.

## What it checks
Clipping on (flag true, or flag absent and the key given) with max_grad_norm ≤ 0; or the flag true
and max_grad_norm missing: errors. The flag explicitly false with max_grad_norm given: information.

## Why it matters
With a threshold of zero every gradient is scaled to nothing and no weight ever moves. With the
flag and no threshold the runtime takes a default of its own, or none. With the flag false the
threshold that a reader sees does nothing.

## Instead
clip_by_global_norm true and max_grad_norm 0.5.

## When not to use
A threshold kept for later; then remove it, or say so.

## Sources
- torch.nn.utils.clip_grad_norm_: gradients are scaled by max_norm / norm.
"""

from collections.abc import Iterator

from ppodiag.case import ABSENT, Case
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import ERROR, INFO, rule
from ppodiag.wording import number

FLAG = "/advanced_optimization/gradient_optimization/clip_by_global_norm"


@rule("CLP401", "dead-or-missing-threshold", ERROR)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where flag and threshold contradict each other."""
    config = ctx.config
    flag = config.clip_by_global_norm
    threshold = None
    if "max_grad_norm" in config.given and ctx.value["ppo_config"]["max_grad_norm"] is not None:
        threshold = ctx.raw("max_grad_norm")
    if threshold is None:
        if flag:
            yield ctx.finding(
                ERROR,
                FLAG,
                "clip_by_global_norm is true and ppo_config.max_grad_norm is missing: there is no "
                "threshold to clip to",
                'add "max_grad_norm": 0.5 to ppo_config',
                silences=("CLP403",),
            )
    elif flag is False:
        yield ctx.finding(
            INFO,
            "max_grad_norm",
            f"max_grad_norm {number(threshold)} does nothing: clip_by_global_norm is false",
            "set clip_by_global_norm to true, or remove max_grad_norm",
            inputs=(FLAG,),
            values={"max_grad_norm": threshold},
        )
    elif threshold <= 0:
        yield ctx.finding(
            ERROR,
            "max_grad_norm",
            f"max_grad_norm is {number(threshold)}: every gradient is scaled to nothing, no weight "
            "moves; expected a norm above 0",
            "set max_grad_norm to 0.5",
            inputs=(FLAG,),
            values={"max_grad_norm": threshold},
            fix=Fix("set max_grad_norm to 0.5", (Edit("/ppo_config/max_grad_norm", "0.5"),)),
        )


CASES = (
    Case(
        "a threshold of zero",
        {"ppo_config.max_grad_norm": 0},
        ERROR,
        "/ppo_config/max_grad_norm",
        text="max_grad_norm is 0: every gradient",
    ),
    Case(
        "the flag without a threshold",
        {"ppo_config.max_grad_norm": ABSENT},
        ERROR,
        "/advanced_optimization/gradient_optimization/clip_by_global_norm",
        text="there is no threshold to clip to",
    ),
    Case(
        "a threshold with the flag off",
        {"advanced_optimization.gradient_optimization.clip_by_global_norm": False},
        INFO,
        "/ppo_config/max_grad_norm",
        text="max_grad_norm 0.5 does nothing",
        others=("CLP403",),
    ),
    Case(
        "the threshold alone turns clipping on",
        {"advanced_optimization.gradient_optimization.clip_by_global_norm": ABSENT},
    ),
)
