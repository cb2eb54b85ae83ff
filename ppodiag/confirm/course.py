"""Measures and claims about the course of a run: the learning rate, its clock, and how the policy moves."""

from __future__ import annotations

import math

import numpy as np

from ppodiag.confirm.arm import Arm
from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured
from ppodiag.confirm.keys import ADAPTS, CONSTANT, EARLY_STOP, SIZE, WINDOW
from ppodiag.confirm.log import Log
from ppodiag.context import Context, Interval
from ppodiag.norms.model import FloatArray
from ppodiag.plan import read_ticks
from ppodiag.schedule import lr_ratio, lr_ratio_mean
from ppodiag.wording import at_most, count, counted, ratio

RUN = "run"
"""Name of the arm that runs the configuration as it stands."""

MOST_WATCHED = 8
"""[judgement] Updates over which movement is compared; enough for the mean of a noisy measure."""

AFTER = 2
"""Updates behind the one in which a restart falls, up to which a run about restarts goes."""

GRID = 20_001
"""Ticks among which the extremes of λ over a range of run lengths are looked for."""


def ratios(log: Log, lr: float) -> FloatArray:
    """λ read by the last optimizer step of each applied update, as the log has it."""
    return np.asarray(log.of("lr") / lr)


def ticks_each(log: Log) -> float:
    """Ticks of an applied update, on average; nan where none was applied."""
    return log.last("tick") / log.updates if log.updates else math.nan


def movement(kl: FloatArray) -> float:
    """Root of the mean KL divergence of some updates: how far the policy moves, in units of lr."""
    return math.sqrt(max(float(np.nanmean(kl)), 0.0)) if np.isfinite(kl).any() else math.nan


def first_steps(asked: Asked) -> tuple[dict[str, Arm], Claim]:
    """Arms and a claim: early in the warm-up the policy moves less than at a constant rate.

    Both runs begin with the same weights and, as the first rollout is the same, the same samples.
    """
    context = asked.context
    ticks, warmup = context.rollout.ticks, context.config.warmup_steps
    updates = max(1, min(warmup // (4 * ticks), MOST_WATCHED, asked.most))
    mean = lr_ratio_mean(context.schedule, 0, updates * ticks, 1)
    if context.profile.one_lr_per_update:
        mean = lr_ratio_mean(context.schedule, *_reads(context, updates))
    fixed = {EARLY_STOP: False, ADAPTS: False, SIZE: context.size, WINDOW: 0}
    arms = {
        "begin": asked.arm(updates, fixed),
        "begin-constant": asked.arm(updates, {**fixed, **CONSTANT}),
    }
    predicted = (
        f"in the first {counted(updates, 'update')} λ has a mean of {ratio(mean)}: the policy moves "
        f"less than at a constant lr"
    )

    def measure(logs: Logs) -> Measured:
        own = movement(logs["begin"].of("approx_kl"))
        other = movement(logs["begin-constant"].of("approx_kl"))
        return compared(own, other, "of what it moves at a constant lr")

    return arms, Claim(predicted, measure)


def _reads(context: Context, updates: int) -> tuple[int, int, int]:
    stride = context.rollout.ticks
    first = stride if context.profile.update_tick == "last" and stride > 1 else 0
    return first, first + updates * stride, stride


def compared(own: float, other: float, beside: str) -> Measured:
    """A movement that should be smaller than another, as a ratio."""
    if math.isnan(own) or math.isnan(other) or other <= 0:
        return Measured("the log does not tell how the policy moved", None)
    return Measured(
        f"it moves {ratio(own / other)} {beside} (√KL {own:.2g} beside {other:.2g})", own < other
    )


def part_moves_less(
    predicted: str, slow: tuple[int, int], fast: tuple[int, int], name: str = RUN
) -> Claim:
    """A claim that the policy moves less in some updates of a run than in others.

    Args:
        predicted: why.
        slow, fast: first update and the one behind the last, among the applied ones; negative ones
            count from the end, 0 behind the last is the end.
        name: of the arm.
    """

    def measure(logs: Logs) -> Measured:
        kl = logs[name].of("approx_kl")
        parts = [kl[a : b or None] for a, b in (slow, fast)]
        if not all(len(part) for part in parts):
            return Measured("the run has too few updates", None)
        return compared(
            movement(parts[0]), movement(parts[1]), "of what it moves at the higher rate"
        )

    return Claim(predicted, measure)


def depends_on_gradients(context: Context) -> bool:
    """Whether the ticks of an update depend on what the run meets: adaptation, or early stops."""
    if context.profile.one_lr_per_update:
        return False
    return context.config.adaptive_batch or context.config.early_stopping


def over_sizes(context: Context, name: str) -> Interval:
    """The extremes of an integer of the run's plan over the batch range.

    Where updates may stop early, each does one optimizer step at least: the lower end is one for each.
    """
    found = context.over_range(lambda c: float(getattr(c.run, name)))
    value = float(getattr(context.run, name))
    low, high = (value, value) if found is None else (found.low, found.high)
    by_updates = name in ("ticks", "final_tick") and context.profile.one_lr_per_update
    if context.config.early_stopping and not by_updates:
        low = min(low, float(context.run.updates))
    return Interval(low, high)


def shown_count(context: Context, name: str) -> str:
    """An integer of the run's plan as claims write it: at the initial size, and over the range."""
    found = over_sizes(context, name)
    hedge = at_most(context)
    text = hedge + count(getattr(context.run, name))
    if context.range_contexts and found.low < found.high:
        rest = count(found.high) if hedge else f"{count(found.low)} to {count(found.high)}"
        text += f" ({hedge}{rest} over the batch range)"
    return text


def final_ratios(context: Context) -> Interval:
    """The lowest and highest λ that the run can end with, whatever its batch sizes and early stops."""
    ticks = over_sizes(context, "final_tick")
    grid = np.unique(np.linspace(ticks.low, ticks.high, GRID).round().astype(np.int64))
    found = lr_ratio(context.schedule, grid, np)
    return Interval(float(np.min(found)), float(np.max(found)))


def span(interval: Interval, show: object = ratio) -> str:
    """`0.82`, or `0.19 to 0.99`."""
    assert callable(show)
    low, high = show(interval.low), show(interval.high)
    return str(low) if low == high else f"{low} to {high}"


def final_claim(context: Context, lr: float, name: str = RUN) -> Claim:
    """The claim about λ at the run's end."""
    end = context.run.final_tick
    interval = final_ratios(context)
    predicted = f"λ({count(end)}) = {ratio(context.lr_ratio(end))} at the end"
    if depends_on_gradients(context):
        predicted += f"; {span(interval)} over the lengths that the clock can have"
    slack = 1e-9

    def measure(logs: Logs) -> Measured:
        found = ratios(logs[name], lr)
        if not len(found):
            return Measured("no update was applied", None)
        ticks = logs[name].last("tick")
        return Measured(
            f"the last update reads λ = {ratio(float(found[-1]))}, after {counted(ticks, 'tick')}",
            bool(interval.low - slack <= found[-1] <= interval.high + slack),
        )

    return Claim(predicted, measure)


def rises(log: Log, lr: float) -> int:
    """Restarts that the log shows: rises of λ from one update to the next after a fall."""
    steps = np.sign(np.diff(ratios(log, lr)))
    moved = steps[steps != 0]
    return int(np.sum((moved[1:] > 0) & (moved[:-1] < 0)))


def update_ends(context: Context, updates: int) -> FloatArray:
    """λ of the last optimizer step of each of the first applied updates."""
    rollout, first = context.rollout, context.run.first_tick
    starts = first + rollout.ticks * np.arange(updates)
    steps = rollout.epochs * rollout.minibatches, rollout.epochs * rollout.windows
    at = read_ticks(context.profile, starts, rollout.samples, steps[0] - 1, steps[1] - 1)
    return np.asarray(lr_ratio(context.schedule, at, np), float)
