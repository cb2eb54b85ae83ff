"""The simulated batch size swings.

## What it checks
In a simulated run whose batch adapts, over the updates that have a norm: the standard deviation of
Δ log B from update to update, on the median path, is above 0.2; or it is above 0.05 and more than 60%
of the changes turn the direction of the one before.

## Why it matters
Each change moves the noise of the gradient, the number of optimizer steps and, with the clock of
minibatches, the learning rate. A size that follows single noisy norms does that without any reason.
The note's checklist calls it "batch size swings wildly".

## Instead
A lower adaptation_rate: the highest one whose expected swing stays below 0.2 is in the message. Or
tighter bounds.

## When not to use
Where the norms of the simulation are assumed: fit them to a run first (`--norms fit:PATH`).

## Sources
- The note's checklist: lower `adaptation_rate` or tighten the bounds.
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import WARNING, rule
from ppodiag.swing_limits import FLIPS, SWING, swings
from ppodiag.wording import counted, number, percent


@rule("TRJ001", "simulated-batch-swings", WARNING, stage="trajectory")
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the size swings on the median path."""
    trajectory = ctx.simulated
    if trajectory.sizes is None or trajectory.known_updates < 3:
        return
    from ppodiag.figures import feedback_of, spread

    deviation, flips = (spread(figure.tolist()).median for figure in trajectory.swings)
    if not swings(deviation, flips):
        return
    feedback = feedback_of(trajectory)
    calm = feedback.calm_rate if feedback else None
    rate = ctx.config.adaptation_rate
    advice = "lower adaptation_rate, or tighten min_batch_size and max_batch_size"
    if calm is not None and calm < rate:
        advice = f"set adaptation_rate to {number(calm)} or less, or tighten the bounds"
    yield ctx.finding(
        WARNING,
        "adaptation_rate",
        f"the minibatch size swings: its logarithm changes by {number(deviation)} an update (standard "
        f"deviation) and turns in {percent(flips)} of its changes, over "
        f"{counted(trajectory.known_updates, 'simulated update')} × {counted(len(trajectory.seeds), 'seed')}; "
        f"expected at most {SWING} and {percent(FLIPS)}",
        advice,
        inputs=("min_batch_size", "max_batch_size", "minibatch_size"),
        values={"std_delta_log": deviation, "sign_flips": flips},
    )


_CASE_ON = {
    "advanced_optimization.adaptive_batch_size": {
        "enable": True,
        "min_batch_size": 16,
        "max_batch_size": 512,
        "adaptation_rate": 0.1,
    },
    "training.ppo_requests": 204800,
}

CASES = (
    Case(
        "a rate of 0.8 with norms that scatter by 40%",
        {**_CASE_ON, "advanced_optimization.adaptive_batch_size.adaptation_rate": 0.8},
        WARNING,
        "/advanced_optimization/adaptive_batch_size/adaptation_rate",
        text="the minibatch size swings",
        norms="lognormal:norm=1,sigma=0.4",
    ),
    Case("a rate of 0.1", _CASE_ON, norms="lognormal:norm=1,sigma=0.4"),
    Case("a fixed batch", {}, norms="lognormal:norm=1,sigma=0.4"),
)
