"""The lowest entropy is out of reach.

## What it checks
`kl_regularization.entropy_min` is above ln |A|, the largest entropy that |A| discrete actions
have, or above the threshold of an enabled `entropy_threshold_penalty`.

## Why it matters
Above ln |A| the penalty for low entropy applies always. Above the other threshold each entropy is
penalised from one side or from both, and the two pull against each other.

## Instead
entropy_min < threshold < ln |A|.

## When not to use
Continuous actions, whose entropy has no upper bound; leave action_dim out of the file then.

## Sources
- The entropy of a uniform distribution over |A| actions is ln |A|.
"""

import math
from collections.abc import Iterator

from ppodiag.case import ABSENT, Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import WARNING, rule
from ppodiag.wording import count, number

ELSEWHERE = "/actor_critic_architecture/action_dim"


@rule("PPO009", "entropy-minimum-out-of-reach", WARNING)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where entropy_min is above ln |A| or above the other threshold; one, the first."""
    config = ctx.config
    lowest = config.kl_entropy_min
    if lowest is None:
        return
    actions = config.action_dim
    # The fallback in actor_critic_architecture may be ill; the schema speaks of it then.
    if type(actions) not in (int, float) or (actions is not None and actions < 1):
        actions = None
    if actions is not None and lowest > math.log(actions):
        yield ctx.finding(
            WARNING,
            "kl_entropy_min",
            f"entropy_min {lowest:.15g} is above ln {count(actions)} = {math.log(actions):.6g}, the "
            "largest entropy that the policy can have",
            f"set entropy_min below {number(math.log(actions))}",
            inputs=("action_dim" if "action_dim" in config.given else ELSEWHERE,),
            values={"entropy_min": lowest, "largest": math.log(actions)},
        )
        return
    threshold = config.entropy_threshold
    if config.entropy_threshold_enabled and threshold is not None and lowest > threshold:
        yield ctx.finding(
            WARNING,
            "kl_entropy_min",
            f"entropy_min {lowest:.15g} is above entropy_threshold_penalty.threshold "
            f"{threshold:.15g}: between them both penalties apply, in opposite directions",
            f"set entropy_min below {threshold:.15g}",
            inputs=("entropy_threshold",),
            values={"entropy_min": lowest, "threshold": threshold},
        )


CASES = (
    Case(
        "above ln 4",
        {"kl_regularization.entropy_min": 1.5},
        WARNING,
        "/kl_regularization/entropy_min",
        text="entropy_min 1.5 is above ln 4 = 1.386",
    ),
    Case(
        "above the threshold",
        {
            "kl_regularization.entropy_min": 0.5,
            "kl_regularization.entropy_threshold_penalty": {"enable": True, "threshold": 0.25},
        },
        WARNING,
        "/kl_regularization/entropy_min",
        text="entropy_min 0.5 is above entropy_threshold_penalty.threshold 0.25",
    ),
    Case(
        "the threshold is disabled",
        {
            "kl_regularization.entropy_min": 0.5,
            "kl_regularization.entropy_threshold_penalty": {"enable": False, "threshold": 0.25},
        },
    ),
    Case(
        "just above ln 4",
        {"kl_regularization.entropy_min": 1.3863},
        WARNING,
        "/kl_regularization/entropy_min",
        text="entropy_min 1.3863 is above ln 4 = 1.38629",
    ),
    Case(
        "actions of the wrong type are the schema's",
        {
            "kl_regularization.entropy_min": 1.5,
            "model_dimensions.action_dim": ABSENT,
            "actor_critic_architecture.action_dim": "4",
        },
    ),
    Case("below ln 4", {"kl_regularization.entropy_min": 1.38}),
)
