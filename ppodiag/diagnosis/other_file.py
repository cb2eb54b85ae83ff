"""Whether the configuration beside a log may be another run's: their peak learning rates differ."""

from __future__ import annotations

from typing import Final

import numpy as np

from ppodiag.config import DoesNotApply
from ppodiag.diagnosis.clocks import FITS, fit_clocks, predicted_rates
from ppodiag.diagnosis.context import RunContext
from ppodiag.norms.recorded import replay_of
from ppodiag.trajectory_rows import StepReader
from ppodiag.wording import number

SAME_PEAK: Final = 0.05
"""[judgement] Share of a peak learning rate up to which another one is the same."""


def follows_a_clock(ctx: RunContext) -> bool:
    """Whether any clock of the file's schedule explains the logged learning rate."""
    assert ctx.context is not None
    replay = replay_of(ctx.run) if ctx.has("pg_grad_norm") else None
    fits = fit_clocks(ctx.context, ctx.column("lr").values, replay)
    return any(fit.clock != "constant" and fit.error <= FITS for fit in fits)


def other_file(ctx: RunContext) -> tuple[str, ...]:
    """The cause that the file is another run's, where the learning rates say so; else nothing.

    They do where no clock explains the log and its peak is neither `lr`, nor a learning rate of the
    plan's first update, nor the plan's peak over as many updates.
    """
    if ctx.context is None:
        return ()
    values = ctx.column("lr").values
    peak = float(np.nanmax(np.abs(values)))
    try:
        wanted, rates = ctx.config.lr, predicted_rates(ctx.forecast)[: len(values)]
        if not len(rates) or peak == 0 or follows_a_clock(ctx):
            return ()
        first = float(StepReader(ctx.forecast, 0).first_of(np.arange(1))[0])
    except DoesNotApply:
        return ()
    planned = float(np.max(rates))
    if any(abs(peak - one) <= SAME_PEAK * one for one in (wanted, first, float(rates[0]), planned)):
        return ()
    return (
        "this is not the configuration of that run, or its lr was overridden: the logged peak is "
        f"{number(peak)}, the file's lr {number(wanted)} (its plan comes to {number(planned)} in as many "
        "updates)",
    )
