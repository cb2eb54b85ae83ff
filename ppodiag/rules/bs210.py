"""A switch of the adaptive batch size that does nothing.

## What it checks
Adaptation enabled with min_batch_size = max_batch_size; or disabled (or not enabled) with other
keys set.

## Why it matters
The reader of the file believes that the batch adapts, or that the bounds bind; neither is so.

## Instead
Remove the block, or enable it with a real range.

## When not to use
A block that is kept disabled on purpose, to be switched on again; it is information.

## Sources
- The definitions.
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.config import FIELDS
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, rule
from ppodiag.wording import count

KEYS = ("min_batch_size", "max_batch_size", "adaptation_rate")
ENABLE = "/" + FIELDS["adaptive_batch"][0]
BLOCK = ENABLE.rsplit("/", 1)[0]


@rule("BS210", "switch-does-nothing", INFO)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the switch and the other keys contradict each other."""
    config = ctx.config
    if config.adaptive_batch:
        if config.min_batch_size != config.max_batch_size:
            return
        yield ctx.finding(
            INFO,
            ENABLE,
            "the batch size adapts within no range: both bounds are "
            f"{count(config.min_batch_size)}",
            "widen the bounds, or disable the adaptation",
            inputs=("min_batch_size", "max_batch_size"),
            values={"bound": config.min_batch_size},
            silences=("BS205", "BS206", "BS207", "BS208", "BS209"),
        )
        return
    given = [key for key in KEYS if key in config.given]
    if given:
        stated = "adaptive_batch" in config.given
        yield ctx.finding(
            INFO,
            ENABLE if stated else BLOCK,
            f"the adaptive batch size is {'disabled' if stated else 'not enabled'}, so "
            f"{', '.join(given)} {'does' if len(given) == 1 else 'do'} nothing; "
            f"the minibatch size stays at {count(ctx.size)}",
            "set enable to true, or remove the block",
            inputs=given,
        )


CASES = (
    Case(
        "both bounds 64",
        {
            "advanced_optimization.adaptive_batch_size": {
                "enable": True,
                "min_batch_size": 64,
                "max_batch_size": 64,
                "adaptation_rate": 0.1,
            }
        },
        INFO,
        "/advanced_optimization/adaptive_batch_size/enable",
        text="both bounds are 64",
    ),
    Case(
        "disabled with bounds",
        {
            "advanced_optimization.adaptive_batch_size": {
                "enable": False,
                "min_batch_size": 32,
                "max_batch_size": 128,
            }
        },
        INFO,
        "/advanced_optimization/adaptive_batch_size/enable",
        text="min_batch_size, max_batch_size do nothing; the minibatch size stays at 64",
    ),
    Case(
        "disabled and nothing else",
        {"advanced_optimization.adaptive_batch_size": {"enable": False}},
    ),
)
