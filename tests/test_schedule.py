"""The learning-rate formulas, against a literal transcription and brute force."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, replace
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ppodiag.schedule import (
    Schedule,
    first_restart,
    lr_ratio,
    lr_ratio_mean,
    lr_ratio_peak,
    lr_ratio_sum,
    ticks_below,
)

COSINE: Literal["cosine_annealing_with_warmup"] = "cosine_annealing_with_warmup"
LINEAR: Literal["linear"] = "linear"
CONSTANT: Literal["constant"] = "constant"
KINDS = (COSINE, LINEAR, CONSTANT)
if TYPE_CHECKING:
    from ppodiag.schedule import Kind

NOTE = Schedule(COSINE, warmup=1000, period=5000, floor=0.1, origin=1000)
"""The block of the worked examples: W = 1000, P = 5000, r = 0.1."""


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    warmup = draw(st.integers(0, 60))
    return Schedule(
        kind=draw(st.sampled_from(KINDS)),
        warmup=warmup,
        period=draw(st.integers(1, 80)),
        restarts=draw(st.booleans()),
        floor=draw(st.sampled_from([0.0, 0.005, 0.1, 0.5, 1.0])),
        end=draw(st.integers(1, 200)),
        clamped=draw(st.booleans()),
        shift=draw(st.integers(0, 1)),
        origin=draw(st.sampled_from([0, warmup])),
    )


def literal(s: Schedule, t: int) -> float:
    """λ(t) as the page of definitions writes it."""
    if t < s.warmup:
        return (t + s.shift) / s.warmup
    if s.kind == "constant":
        return 1.0
    if s.kind == "linear":
        fallen = 1 - (1 - s.floor) * (t - s.warmup) / max(s.end - s.warmup, 1)
        return max(s.floor, fallen) if s.clamped else fallen
    phase = (t - s.origin) % s.period if s.restarts else min(t - s.origin, s.period)
    return s.floor + (1 - s.floor) / 2 * (1 + math.cos(math.pi * phase / s.period))


@given(schedules(), st.integers(0, 400))
def test_ratio_equals_the_definition(s: Schedule, t: int) -> None:
    """λ(t) equals the definition at every tick, of every kind and convention."""
    assert lr_ratio(s, t) == literal(s, t)


@given(
    schedules(), st.integers(0, 300), st.integers(0, 900),
    st.one_of(st.just(1), st.integers(1, 200)),
)  # fmt: skip
@example(Schedule(COSINE, warmup=3, period=10, origin=3), 0, 900, 20)
@example(Schedule(COSINE, warmup=3, period=12, origin=3), 0, 900, 8)
@example(Schedule(COSINE, warmup=4, period=10, origin=0), 0, 8, 1)  # ends before the restart
@example(Schedule(COSINE, warmup=4, period=10, origin=0), 0, 15, 1)  # and after it
@example(Schedule(COSINE, warmup=9, period=10, origin=9), 0, 9, 4)  # ends in the warm-up
@example(Schedule(COSINE, warmup=1, period=10, origin=1, shift=1), 0, 1, 1)
@example(Schedule(COSINE, warmup=2, period=6, origin=0), 0, 40, 6)  # one phase for ever
@example(Schedule(COSINE, warmup=0, period=6, origin=0, restarts=False), 2, 3, 1)
@example(Schedule(COSINE, warmup=0, period=6, origin=0, restarts=False), 2, 9, 2)
@example(Schedule(COSINE, warmup=0, period=6, origin=0, restarts=False), 0, 9, 2)
@example(Schedule(COSINE, warmup=0, period=7, origin=0), 0, 20, 5)  # 0 and 5, then 3, then 1
@example(Schedule(LINEAR, warmup=2, end=9, floor=0.1), 0, 20, 3)
@example(Schedule(LINEAR, warmup=2, end=3, floor=0.1, clamped=False), 1, 4, 1)
def test_closed_sums_equal_brute_force(s: Schedule, start: int, length: int, stride: int) -> None:
    """Sum, mean and peak of λ in closed form equal those read by read, at any distance of the reads."""
    stop = start + length
    read = [literal(s, t) for t in range(start, stop, stride)]
    brute = math.fsum(read)
    assert math.isclose(lr_ratio_sum(s, start, stop, stride), brute, rel_tol=1e-9, abs_tol=1e-9)
    if read:
        mean = lr_ratio_mean(s, start, stop, stride)
        assert math.isclose(mean, brute / len(read), rel_tol=1e-9, abs_tol=1e-9)
        assert lr_ratio_peak(s, start, stop, stride) == max(read)


@pytest.mark.parametrize(("period", "stride"), [(999_983, 2048), (7, 2048), (10**9 + 7, 65_536)])
def test_a_billion_reads_cost_nothing(period: int, stride: int) -> None:
    """A mean over 10^9 reads takes no longer than over one cycle; whole rounds average to r + half."""
    s = Schedule(COSINE, warmup=0, period=period, origin=0)
    mean = lr_ratio_mean(s, 0, 10**9 * stride, stride)
    assert mean == pytest.approx(0.5 + 0.5 / period, rel=1e-4)


@given(schedules(), st.integers(0, 300), st.integers(0, 300), st.sampled_from([0.01, 0.2, 0.7]))
def test_ticks_below_equal_brute_force(s: Schedule, a: int, b: int, threshold: float) -> None:
    """The count of ticks after warm-up with λ below a threshold equals the count tick by tick."""
    start, stop = min(a, b), max(a, b)
    brute = sum(literal(s, t) < threshold for t in range(max(start, s.warmup), stop))
    assert ticks_below(s, threshold, start, stop) == brute


TEN = Schedule(COSINE, period=10)
"""λ = 1, 0.98, 0.90, 0.79, 0.65, 0.5, 0.35, 0.21, 0.10, 0.02, and again."""


@pytest.mark.parametrize(
    ("schedule", "threshold", "start", "stop", "count"),
    [
        (TEN, 0.4, 0, 10, 4),
        (TEN, 0.4, 0, 6, 0),
        (TEN, 0.4, 0, 7, 1),
        (TEN, 0.4, 7, 17, 4),
        (TEN, 0.4, 8, 38, 12),
        (TEN, 0.4, 5, 5, 0),
        (TEN, 1.5, 0, 25, 25),
        (replace(TEN, warmup=3, origin=3), 0.4, 0, 13, 4),
        (replace(TEN, warmup=3, origin=3), 0.4, 0, 11, 2),
        (replace(TEN, restarts=False), 0.4, 0, 25, 19),
        (replace(TEN, restarts=False), 0.4, 12, 25, 13),
        (replace(TEN, restarts=False, floor=0.4), 0.4, 0, 25, 0),
        (replace(TEN, restarts=False, floor=0.4), 0.41, 0, 25, 15),
        (replace(TEN, restarts=False, origin=5, warmup=5), 0.4, 0, 11, 0),
        (Schedule(LINEAR, warmup=2, end=12), 0.4, 0, 20, 11),
        (Schedule(LINEAR, warmup=2, end=12), 0.4, 9, 9, 0),
        (Schedule(LINEAR, warmup=2, end=12), 0.4, 15, 20, 5),
        (Schedule(LINEAR, end=10, floor=0.5), 0.4, 0, 20, 0),
        (Schedule(CONSTANT, warmup=10), 0.4, 0, 20, 0),
    ],
)
def test_ticks_below_by_hand(
    schedule: Schedule, threshold: float, start: int, stop: int, count: int
) -> None:
    """Of ten phases the last four are below 0.4; of a line from 1 to 0 in ten ticks, those after six."""
    assert ticks_below(schedule, threshold, start, stop) == count


def test_defaults_are_a_cosine_of_one_tick() -> None:
    """Nothing given: no warm-up, cycles of one tick from 0 on, a clamped floor of 0; strides of 1."""
    assert Schedule(COSINE) == Schedule(COSINE, 0, 1, True, 0.0, 1, True, 0, 0)
    assert (lr_ratio_sum(NOTE, 0, 4), lr_ratio_mean(NOTE, 0, 4)) == (0.006, 0.0015)
    assert lr_ratio_peak(NOTE, 0, 4) == 0.003


def test_a_schedule_cannot_be_changed() -> None:
    """A schedule is a value: the contexts of a configuration share it."""
    with pytest.raises(FrozenInstanceError):
        NOTE.warmup = 0  # type: ignore[misc]


def test_shortest_ramps() -> None:
    """W = 1 with (t + 1)/W begins at the peak; a line of one tick is at its floor after it."""
    assert lr_ratio(Schedule(CONSTANT, warmup=1, shift=1), 0) == 1
    assert lr_ratio(Schedule(LINEAR, end=1, clamped=False), 1) == 0
    assert lr_ratio_sum(Schedule(LINEAR, end=1, clamped=False), 0, 2) == 1


@given(schedules())
@example(Schedule(COSINE, warmup=60, period=60, origin=0))
@example(Schedule(COSINE, warmup=0, period=1, origin=0))
def test_first_restart_equals_brute_force(s: Schedule) -> None:
    """The first restart is the first tick after t = W at which the phase is 0 again."""
    brute = next(t for t in range(s.warmup + 1, 500) if (t - s.origin) % s.period == 0)
    assert first_restart(s) == brute


@given(st.integers(0, 1000), st.integers(1, 1000), st.floats(0, 1), st.integers(0, 5000))
def test_within_bounds(warmup: int, period: int, floor: float, t: int) -> None:
    """A cosine stays within [0, 1], and its peak is exactly 1."""
    s = Schedule(COSINE, warmup, period, floor=floor, origin=warmup)
    assert 0 <= lr_ratio(s, t) <= 1
    assert lr_ratio(s, warmup) == 1


@pytest.mark.parametrize(
    ("ticks", "final", "mean"),
    [(2496, 0.8156, 0.7615), (4992, 0.1874, 0.6249), (1248, 0.9946, 0.5986)],
)
def test_worked_example(ticks: int, final: float, mean: float) -> None:
    """The note's block over 2,496 minibatch steps (B = 64), 4,992 (B = 32) and 1,248 (B = 128)."""
    assert round(lr_ratio(NOTE, ticks - 1), 4) == final
    assert round(lr_ratio_mean(NOTE, 0, ticks), 4) == mean


def test_ends_of_the_cosine() -> None:
    """Half-way up at W/2, half-way down at P/2, and at each restart the peak again."""
    assert lr_ratio(NOTE, 0) == 0
    assert lr_ratio(NOTE, 500) == 0.5
    assert lr_ratio(NOTE, 1000) == lr_ratio(NOTE, 6000) == lr_ratio(NOTE, 11000) == 1
    assert math.isclose(lr_ratio(NOTE, 3500), 0.55)
    # One tick before the restart: 0.1 + 0.9·sin²(π/10000) is 8.9e-8 above the floor.
    assert math.isclose(lr_ratio(NOTE, 5999) - 0.1, 8.883e-8, rel_tol=1e-3)
    assert first_restart(NOTE) == 6000


def test_one_cycle_stays_at_its_floor() -> None:
    """Without restarts λ is r from the end of the one cycle on."""
    once = replace(NOTE, restarts=False)
    assert [lr_ratio(once, t) for t in (6000, 6001, 10**15)] == [0.1, 0.1, 0.1]


def test_ends_of_the_linear_schedule() -> None:
    """Clamped, λ stays at r beyond the end; unclamped, it goes on falling, below zero."""
    linear = Schedule(LINEAR, warmup=100, end=1100, floor=0.0)
    assert [lr_ratio(linear, t) for t in (100, 600, 1100, 1600)] == [1, 0.5, 0, 0]
    assert lr_ratio(replace(linear, clamped=False), 1600) == -0.5


def test_origin_at_zero_counts_the_warmup() -> None:
    """A cosine that counts from 0 is already a fifth of its cycle down when the warm-up ends."""
    s = replace(NOTE, origin=0)
    assert math.isclose(lr_ratio(s, 1000), 0.1 + 0.45 * (1 + math.cos(math.pi / 5)))
    assert first_restart(s) == 5000
    assert first_restart(replace(s, warmup=5000)) == 10000


def test_a_run_of_10_to_the_15_is_no_work() -> None:
    """Sums over 10^15 ticks are closed forms: whole cycles of a cosine have a mean of (1 + r)/2."""
    s = Schedule(COSINE, 0, 10**6, floor=0.1)
    assert math.isclose(lr_ratio_mean(s, 0, 10**15), 0.55 + 0.45e-6, rel_tol=1e-9)


@pytest.mark.parametrize("restarts", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_an_array_of_ticks_gives_what_each_tick_gives(kind: Kind, restarts: bool) -> None:
    """The same lines over numpy give λ of every tick to 1e-15, in the shape of the ticks."""
    np = pytest.importorskip("numpy")
    s = replace(NOTE, kind=kind, restarts=restarts, end=9000, warmup=100, origin=100, period=700)
    ticks = np.arange(3000).reshape(3, 1000)
    ratios = lr_ratio(s, ticks, np)
    assert ratios.shape == (3, 1000)
    one_by_one = [lr_ratio(s, t) for t in range(3000)]
    assert np.abs(ratios.ravel() - one_by_one).max() <= 1e-15
