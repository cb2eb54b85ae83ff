"""The entropy collapses, or does not fall.

## What it checks
For discrete actions whose number the configuration gives, with H the entropy and |A| the actions:
H / ln|A| below 0.2 for ten updates, a warning; still above 0.95 in the second half of the run, a
warning; a fall by more than half within a fifth of the run, information.

## Why it matters
A policy without entropy explores nothing any more; one whose entropy never falls prefers no action to
another, and has learned nothing that it uses.

## Instead
For a collapse a higher entropy_coef or a lower learning rate; for a policy that stays uniform look at
the advantages: do they say anything?

## When not to use
Tasks whose best policy is nearly deterministic, or nearly random.

## Sources
- Mnih et al. 2016, Asynchronous Methods for Deep Reinforcement Learning: the entropy bonus against
  premature convergence.
"""

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from ppodiag.config import DoesNotApply
from ppodiag.diagnosis.context import NotLogged, RunContext, span_text, stretches
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import INFO, WARNING, RunCase, run_rule
from ppodiag.wording import count, number, percent

COLLAPSED: Final = 0.2
UNIFORM: Final = 0.95
FALL: Final = 0.5
WITHIN: Final = 0.2
"""[judgement] Share of the run in which a fall is quick."""

LONG: Final = 10
"""[judgement] Updates of a collapse."""


@run_rule("RUN933", "entropy", WARNING, "entropy", needs_config=True)
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding where the entropy is next to nothing, stays at its highest, or falls quickly."""
    actions = ctx.config.action_dim
    if actions is None or actions < 2:
        raise DoesNotApply(
            "the file does not hold the number of actions; --set model_dimensions.action_dim=N gives it"
        )
    entropy = ctx.settled("entropy")
    most = math.log(actions)
    ratio = entropy.values / most
    if ratio.max() > 1.05:
        raise NotLogged("an entropy in nats of that many actions")
    low = stretches(entropy.steps, ratio < COLLAPSED, LONG)
    half = ratio[len(ratio) // 2 :]
    said = f"of ln {actions} = {number(most)}"
    if low:
        yield ctx.finding(
            WARNING,
            f"the entropy has collapsed: below {percent(COLLAPSED)} {said} at {span_text(low)}, at last "
            f"{percent(float(ratio[-1]))}",
            ranges=low,
            columns=("entropy", "episode_return"),
            causes=("entropy_coef is too low for this learning rate",
                    "a few large advantages decided early"),
            next="compare with a run at ten times the entropy_coef: does the return end higher?",
            values={"last": float(ratio[-1])},
        )  # fmt: skip
    elif np.min(half) > UNIFORM:
        yield ctx.finding(
            WARNING,
            f"the entropy has not fallen: still {percent(float(np.median(half)))} {said} in the second "
            f"half, {count(len(half))} updates; expected below {percent(UNIFORM)} by then",
            ranges=[(int(entropy.steps[len(ratio) // 2]), int(entropy.steps[-1]))],
            columns=("entropy", "explained_variance", "approx_kl"),
            causes=(
                "the learning rate is too low, or still in its warm-up",
                "the advantages carry no signal: explained variance near 0, rewards hardly differ",
                "entropy_coef is too high",
            ),
            next="ppodiag simulate CONFIG: how much learning rate did the run get? Then look at the rewards",
            values={"median": float(np.median(half))},
        )
    drop = _quick_fall(ratio)
    if drop is not None and not low:
        first, last = drop
        yield ctx.finding(
            INFO,
            f"the entropy falls from {percent(float(ratio[first]))} to {percent(float(ratio[last]))} "
            f"{said} within {percent(WITHIN)} of the run",
            ranges=[(int(entropy.steps[first]), int(entropy.steps[last]))],
            columns=("entropy", "approx_kl"),
            causes=(
                "the learning rate is high there",
                "the task is easy: the return rises as quickly",
            ),
            next="does episode_return rise in the same steps? Then it is learning, else a collapse",
            values={"from": float(ratio[first]), "to": float(ratio[last])},
        )


def _quick_fall(ratio: Any) -> tuple[int, int] | None:
    """First and last index of a fall by more than half within a fifth of the run."""
    span = max(2, math.ceil(WITHIN * len(ratio)))
    for last in range(1, len(ratio)):
        first = max(0, last - span)
        top = first + int(np.argmax(ratio[first:last]))
        if ratio[last] < FALL * ratio[top]:
            return top, last
    return None


CASES = (
    RunCase(
        "a collapse at two thirds of the run",
        lambda run: run.with_column(
            "entropy",
            lambda entropy: entropy * np.clip(1 - (np.arange(len(entropy)) - 100) / 50, 0.05, 1),
        ),
        WARNING,
        "the entropy has collapsed: below 20% of ln 4 = 1.386",
        config={},
    ),
    RunCase(
        "a policy that stays uniform",
        lambda run: run.with_column("entropy", lambda entropy: np.full(len(entropy), 1.38)),
        WARNING,
        "the entropy has not fallen: still 100% of ln 4",
        config={},
    ),
    RunCase("a slow fall", config={}),
)
