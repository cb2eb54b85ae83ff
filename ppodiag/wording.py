"""Numbers and hedges as messages write them."""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from collections.abc import Callable

    from ppodiag.context import Context
    from ppodiag.plan import RolloutPlan


def count(number: float) -> str:
    """A whole number with thousands separators, for example `2,496`; beyond 10^19 its magnitude."""
    return f"{number:,.0f}" if abs(number) < 1e19 else f"{number:.4g}"


def counted(number_of: float, noun: str) -> str:
    """`1 seed` or `1,000 seeds`."""
    return f"{count(number_of)} {noun}" + ("" if number_of == 1 else "s")


def number(value: float) -> str:
    """A number as short as it is exact to four significant digits, for example `0.01`, `1e-06`."""
    return f"{value:.4g}"


def percent(share: float) -> str:
    """A share in percent, for example `40%`; one decimal below 10%."""
    if 0 < share < 0.0005:
        return "under 0.1%"
    if share != 0 and abs(share) < 0.1:
        return f"{100 * share:.1f}%"
    return f"{100 * share:.0f}%" if abs(share) < 1e6 else f"{100 * share:.3g}%"


def ratio(value: float) -> str:
    """λ or another ratio with two decimals; more where two would show 0 or 1 that it is not."""
    for digits in (2, 3, 4):
        text = f"{value:.{digits}f}"
        if float(text) not in (0.0, 1.0) or value in (0.0, 1.0):
            return text
    return f"{value:.2g}"


def at_most(context: Context) -> str:
    """`at most ` where updates may stop early, else nothing; stands before a step count."""
    return "at most " if context.may_stop_early else ""


def at_least(context: Context) -> str:
    """`at least ` where updates may stop early, else nothing; stands before a share of the run."""
    return "at least " if context.may_stop_early else ""


def if_it_holds(context: Context) -> str:
    """The conditions of a figure at the end of the run, with a leading blank, or nothing."""
    conditions = []
    if context.config.adaptive_batch and not context.run_is_simulated:
        conditions.append(f"the batch stays at {context.size}")
    if context.may_stop_early:
        conditions.append("no update stops early")
    return " if " + " and ".join(conditions) if conditions else ""


def across(
    context: Context,
    figure: Callable[[Context], float],
    show: Callable[[float], str],
    hedge: str = "",
) -> str:
    """`; 20% to 80% over minibatch sizes 32 to 128`, or nothing where the batch is fixed.

    Args:
        context: the context that the finding speaks of.
        figure: the figure at one minibatch size.
        show: one of the functions above, to write it.
        hedge: words before each figure, such as `at least `.
    """
    interval = context.over_range(figure)
    if interval is None:
        return ""
    sizes = context.range_contexts
    low, high = show(interval.low), show(interval.high)
    where = f"over minibatch sizes {sizes[0].size} to {sizes[-1].size}"
    return f"; {hedge}{low} {where}" if low == high else f"; {hedge}{low} to {hedge}{high} {where}"


def steps(context: Context, ticks: float) -> str:
    """A count of ticks in words, for example `2,496 minibatch steps`."""
    return counted(ticks, context.profile.tick_unit)


def division(rollout: RolloutPlan) -> str:
    """`1,024 = 15 × 68 + 4`: how the minibatches of an epoch make up the rollout.

    Of sequences, some of which are shorter, only the smallest minibatch can be told.
    """
    whole, tail = rollout.minibatches - 1, rollout.smallest
    if rollout.samples == whole * rollout.size + tail:
        return f"{count(rollout.samples)} = {count(whole)} × {count(rollout.size)} + {count(tail)}"
    return (
        f"{count(rollout.minibatches)} minibatches of up to {count(rollout.size)} samples, the "
        f"smallest of {count(tail)}"
    )
