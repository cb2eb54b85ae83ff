"""The learning-rate formulas, against a literal transcription and brute force."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from ppodiag.schedule import Schedule, lr_ratio, lr_ratio_mean, lr_ratio_sum, ticks_below

KINDS = st.sampled_from(["cosine_annealing_with_warmup", "linear", "constant"])


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    warmup = draw(st.integers(0, 60))
    return Schedule(
        kind=draw(KINDS),  # type: ignore[arg-type]
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


@given(schedules(), st.integers(0, 300), st.integers(0, 300))
def test_closed_sums_equal_brute_force(s: Schedule, a: int, b: int) -> None:
    """The closed form of Σ λ equals the sum tick by tick."""
    start, stop = min(a, b), max(a, b)
    brute = math.fsum(literal(s, t) for t in range(start, stop))
    assert math.isclose(lr_ratio_sum(s, start, stop), brute, rel_tol=1e-9, abs_tol=1e-9)


@given(schedules(), st.integers(0, 300), st.integers(0, 300), st.sampled_from([0.01, 0.2, 0.7]))
def test_ticks_below_equal_brute_force(s: Schedule, a: int, b: int, threshold: float) -> None:
    """The count of ticks after warm-up with λ below a threshold equals the count tick by tick."""
    start, stop = min(a, b), max(a, b)
    brute = sum(literal(s, t) < threshold for t in range(max(start, s.warmup), stop))
    assert ticks_below(s, threshold, start, stop) == brute


@given(st.integers(0, 1000), st.integers(1, 1000), st.floats(0, 1), st.integers(0, 5000))
def test_within_bounds(warmup: int, period: int, floor: float, t: int) -> None:
    """A clamped schedule stays within [0, 1], and its peak is exactly 1."""
    s = Schedule("cosine_annealing_with_warmup", warmup, period, floor=floor, origin=warmup)
    assert 0 <= lr_ratio(s, t) <= 1
    assert lr_ratio(s, warmup) == 1


def test_a_run_of_10_to_the_15_is_no_work() -> None:
    """Sums over 10^15 ticks are closed forms: whole cycles of a cosine have a mean of (1 + r)/2."""
    s = Schedule("cosine_annealing_with_warmup", 0, 10**6, floor=0.1)
    assert math.isclose(lr_ratio_mean(s, 0, 10**15), 0.55 + 0.45e-6, rel_tol=1e-9)
