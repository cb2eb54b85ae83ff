"""LR109: the floor of the schedule is no ratio, or one that was not meant."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import equals, within
from ppodiag.confirm.course import RUN, final_ratios, part_moves_less, ratios
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.log import Log
from ppodiag.confirm.unsettled import CannotSettle
from ppodiag.wording import count, number, ratio

REACHED = 0.05
"""[judgement] λ at the end of a run that has got to a floor near 0."""


@experiment("LR109")
def plan(asked: Asked) -> Trial:
    """The whole run: its lowest learning rate after the warm-up."""
    if not 0 <= asked.context.raw("min_lr_ratio") <= 1:
        raise CannotSettle("the trainer refuses a ratio outside 0 to 1")
    asked = asked.shortened()
    context = asked.context
    config = context.config
    lr, floor = config.lr, config.min_lr_ratio
    arms = {RUN: asked.arm(None)}
    if floor == 1:
        claim = equals(
            "the floor is the peak, so λ = 1 from the end of the warm-up on",
            lambda logs: _lowest(logs[RUN], lr, config.warmup_steps),
            1.0,
            "the lowest λ after the warm-up is {}",
            ratio,
        )
        return Trial(arms, (claim,), asked.note)
    end = final_ratios(context)
    if end.high > REACHED:
        raise CannotSettle("the run ends before the schedule gets to its floor")
    last = context.lr_ratio(context.run.final_tick)
    claims = (
        within(
            f"the floor is lr · r = {number(lr)} · {number(floor)} = {number(lr * floor)}; the run "
            f"ends at λ({count(context.run.final_tick)}) · lr = {number(lr * last)}",
            lambda logs: logs[RUN].last("lr"),
            lr * end.low * (1 - 1e-9),
            lr * end.high * (1 + 1e-9),
            "the last update reads {}",
        ),
        part_moves_less(
            "there the policy moves less than in the middle of the run",
            (-1, 0),
            (context.run.updates // 3, context.run.updates // 3 + 2),
        ),
    )
    return Trial(arms, claims, asked.note)


def _lowest(log: Log, lr: float, warmup: int) -> float:
    """The lowest λ of the updates that begin after the warm-up."""
    after = log.of("tick") - log.of("minibatch_steps") >= warmup
    found = ratios(log, lr)[after]
    return float(found.min()) if len(found) else float("nan")
