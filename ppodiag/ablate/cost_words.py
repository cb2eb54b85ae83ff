"""What timed runs say of a feature's time and memory, and when they say nothing."""

from __future__ import annotations

import math

from ppodiag.ablate.cost import FEWEST_ROUNDS, Cost, Share
from ppodiag.wording import counted, number

LEAST_SECONDS = 1.0
"""Timed seconds of a run below which nothing is said of its time: a pause of the machine is as long. [judgement]"""

SAME_TIME = 0.05
"""An interval of less time that lies within ± this share is called the same time. [judgement]"""

NO_MEMORY = (
    "the log has no peak_memory, the process's is not known (on Linux: no larger than ppodiag's)"
)
"""Linux tells a process at least the memory of the one that started it; see `launch.process.Ended`."""

VISIBLE = 0.02
"""The same as `SAME_TIME` for memory; and a share of memory below which an advice does not weigh it. [judgement]"""


def time_share(speed: Share) -> Share:
    """How much less time a run takes without the feature, as a share: 1 − 1/(1 + v), v being how much faster it is."""
    value, low, high = (1 - 1 / (1 + v) for v in (speed.value, speed.low, speed.high))
    return Share(value, low, high)


def told_time(cost: Cost) -> Share | None:
    """How much less time a run takes without the feature, where that can be told; None: it cannot.

    The runs must be timed long enough, in rounds enough for an interval, which must leave out 0; and the slowest run of
    the one arm must be faster than the fastest of the other.
    """
    if cost.rounds < FEWEST_ROUNDS or _untold(cost) or cost.speed is None:
        return None
    share = time_share(cost.speed)
    apart = not share.low <= 0 <= share.high and not cost.overlaps
    return share if apart and not _same(share) else None


def costs_no_time(cost: Cost) -> bool:
    """Whether it is told that a run without the feature takes as long, or longer."""
    told = told_time(cost)
    if told is not None:
        return told.value < 0
    few = cost.rounds < FEWEST_ROUNDS or bool(_untold(cost)) or cost.speed is None
    return not few and cost.speed is not None and _same(time_share(cost.speed))


def _same(share: Share) -> bool:
    return max(-share.low, share.high) <= SAME_TIME


def cost_words(cost: Cost) -> str:
    """Time and memory of a run without the feature, beside one with it."""
    if cost.rounds < FEWEST_ROUNDS:
        many = counted(cost.rounds, "round")
        return f"time and memory cannot be told from {many}, {FEWEST_ROUNDS} are the fewest"
    return f"{_time(cost)}, {_memory(cost)}"


def _untold(cost: Cost) -> str:
    """Why nothing can be said of the time; empty where it can."""
    if cost.speed is None or math.isnan(cost.speed.value):
        return "the time was not measured"
    if cost.seconds < LEAST_SECONDS:
        timed = f"{number(cost.seconds)} s timed a run, {LEAST_SECONDS:g} s are the least"
        return f"the time cannot be told ({timed})"
    return ""


def _time(cost: Cost) -> str:
    if why := _untold(cost):
        return why
    assert cost.speed is not None  # `_untold` looked
    share, told = time_share(cost.speed), told_time(cost)
    low, high = 100 * share.low, 100 * share.high
    if _same(share):
        return f"the same time within {100 * SAME_TIME:.0f}% ({_whole(low)}% to {_whole(high)}% less without it)"
    if told is None:
        more = ", runs of both overlap" if not share.low <= 0 <= share.high else ""
        return f"the time cannot be told ({_whole(low)}% to {_whole(high)}% less without it{more})"
    if told.value > 0:
        return f"{_whole(100 * told.value)}% [{_whole(low)}, {_whole(high)}] less time without it"
    return f"{_whole(-100 * told.value)}% [{_whole(-high)}, {_whole(-low)}] more time without it"


def _memory(cost: Cost) -> str:
    memory = cost.memory
    if memory is None or math.isnan(memory.value):
        return f"the memory was not measured: {NO_MEMORY}"
    low, high, of = 100 * memory.low, 100 * memory.high, _of(cost)
    if max(-memory.low, memory.high) <= VISIBLE:
        return f"the same memory within {100 * VISIBLE:.0f}% ({of})"
    if memory.low <= 0 <= memory.high:
        return (
            f"the memory cannot be told ({_whole(low)}% to {_whole(high)}% less without it; {of})"
        )
    if memory.value > 0:
        return f"{_whole(100 * memory.value)}% [{_whole(low)}, {_whole(high)}] less memory without it ({of})"
    return f"{_whole(-100 * memory.value)}% [{_whole(-high)}, {_whole(-low)}] more memory without it ({of})"


def _of(cost: Cost) -> str:
    """What the memory is of, without which a share of it says little."""
    return f"{cost.peak_bytes / 2**20:,.0f} MiB {cost.memory_of}"


def _whole(percent: float) -> str:
    """A whole percent, and no minus before 0."""
    return f"{round(percent) + 0:d}"


def memory_saved(cost: Cost) -> float:
    """Share of the arm's memory that the feature saves; negative: it takes more."""
    if cost.memory is None or math.isnan(cost.memory.value):
        return 0.0
    saved = -cost.memory.value
    return saved / (1 + saved)


def memory_told(cost: Cost) -> bool:
    """Whether it was measured; a feature whose memory was not may be there for that alone."""
    return cost.memory is not None and not math.isnan(cost.memory.value)
