"""The learning rate follows another clock.

## What it checks
With a configuration that declares a schedule: the logged learning rate is compared with what each clock
(minibatch, optimizer_step, update, env_step at the rollout's start or end) and a constant would give.
Named are the best one, its error and the runner-up. Where two fit within the precision of the log, it
says "cannot tell".

## Why it matters
`warmup_steps` and `restart_period` are counted in ticks of a clock that the file does not name. If the
runtime counts in another one than its author thought, the warm-up is ten times as long, or as short.

## Instead
Declare the runtime's clock: `"$ppodiag": {"profile": "note,clock=optimizer_step"}`; then choose the
lengths for it.

## When not to use
Logs that average the learning rate over an update.

## Sources
- The definitions: the clock t of the schedule.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ppodiag.config import DoesNotApply
from ppodiag.diagnosis.clocks import FITS, SINGLE_PRECISION, fit_clocks
from ppodiag.diagnosis.context import IGNORED, RunContext, TooShort
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.other_file import other_file
from ppodiag.diagnosis.rule import INFO, RunCase, run_rule
from ppodiag.diagnosis.synthetic import SyntheticRun
from ppodiag.norms.recorded import replay_of
from ppodiag.wording import number, percent

TOLD_APART: Final = 3.0
"""[judgement] The runner-up's error over the best one's from which the two are told apart."""


@run_rule("RUN904", "lr-follows-another-clock", INFO, "lr", needs_config=True)
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding where another clock than the declared one explains the logged learning rate."""
    if not ctx.config.has_schedule:
        return
    assert ctx.context is not None
    lr = ctx.column("lr")
    if len(lr) < IGNORED + 1 or not np.isfinite(lr.values).all():
        raise TooShort("lr")
    if np.ptp(lr.values) <= SINGLE_PRECISION * abs(float(lr.values[0])):
        return  # RUN902 and RUN903 speak of a constant
    replay = replay_of(ctx.run) if ctx.has("pg_grad_norm") else None
    fits = fit_clocks(ctx.context, lr.values, replay)
    if len(fits) < 2:
        raise DoesNotApply("the file implies no learning rate")
    declared = ctx.context.profile.clock
    best, second = fits[0], fits[1]
    if best.clock == declared and best.error <= FITS:
        return
    precision = max(best.error, SINGLE_PRECISION)
    whole = [(int(lr.steps[0]), int(lr.steps[-1]))]
    own = next((fit.error for fit in fits if fit.clock == declared), float("inf"))
    if best.error > FITS:
        text = (
            f"the learning rate follows none of the clocks: the best, {best.clock}, differs from the "
            f"log by {percent(best.error)} of the peak, {second.clock} by {percent(second.error)}; the "
            f"file declares {declared}"
        )
    elif own <= TOLD_APART * precision:
        text = (
            f"cannot tell which clock the learning rate follows: {best.clock} differs from the log by "
            f"{percent(best.error)} of the peak, the declared {declared} by {percent(own)}"
        )
    else:
        text = (
            f"the learning rate follows the clock {best.clock} (it differs from the log by "
            f"{percent(best.error)} of the peak) and not {declared} ({percent(own)}); runner-up "
            f"{second.clock} ({percent(second.error)})"
        )
    yield ctx.finding(
        INFO,
        text,
        ranges=whole,
        columns=("lr",),
        causes=(
            *other_file(ctx),
            *(
                (f"the runtime steps its scheduler every {best.clock.replace('_', ' ')}",)
                if best.clock != "constant"
                else ()
            ),
            "the runtime uses other lengths than the file",
            "the run was resumed, and its scheduler began anew",
        ),
        next=f"ppodiag simulate CONFIG --profile note,clock={best.clock} --plot lr.png"
        if best.clock != "constant"
        else "ppodiag lint CONFIG --runtime DIR names what the code reads of the schedule",
        values={
            "fits": [(fit.clock, fit.read, float(number(fit.error))) for fit in fits],
            "declared": declared,
        },
    )


_CASE_CONFIG = {
    "training.ppo_requests": 204800,
    "ppo_config.stabilization_steps": 0,
    "advanced_optimization.learning_rate_schedule": {
        "type": "cosine_annealing_with_warmup",
        "warmup_steps": 3200,
        "min_lr_ratio": 0.1,
        "restart_period": 28800,
    },
}


def _case_run(divisor: int) -> "SyntheticRun":
    """A log whose learning rate follows the schedule of the case, in ticks of K / divisor an update."""
    from ppodiag.diagnosis.synthetic import healthy_run
    from ppodiag.schedule import Schedule, lr_ratio

    schedule = Schedule("cosine_annealing_with_warmup", 3200, 28800, floor=0.1, origin=3200)
    ticks = (np.arange(200) + 1) * (160 // divisor) - 1
    return healthy_run(0, lr=3e-4 * lr_ratio(schedule, ticks, np))


CASES = (
    RunCase(
        "a scheduler that is stepped every optimizer step",
        lambda _run: _case_run(2),
        INFO,
        "follows the clock optimizer_step",
        config=_CASE_CONFIG,
    ),
    RunCase(
        "a learning rate of its own",
        None,
        INFO,
        "follows none of the clocks",
        config=_CASE_CONFIG,
    ),
    RunCase("the declared clock", lambda _run: _case_run(1), config=_CASE_CONFIG),
)
