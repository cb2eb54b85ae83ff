"""When time and memory tell two kinds of runs apart."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ppodiag.ablate.dead_knobs.costs import (
    Measured,
    Reading,
    measured,
    peak_memory,
    update_seconds,
)
from ppodiag.ablate.dead_knobs.plan import COST_ROUNDS
from ppodiag.runlog.run import Canonical, Run, Series


def run(speed: tuple[float, ...] = (), **tags: tuple[float, ...]) -> Run:
    series = {tag: Series(tag, np.arange(len(v)), np.array(v)) for tag, v in tags.items()}
    canonical = {}
    if speed:
        found = Series("time/fps", np.arange(len(speed)), np.array(speed))
        name = "env_steps_per_second"
        canonical = {name: Canonical(name, found, "", "", "")}
    return Run("", "jsonl", series, canonical, (), None, None)


def test_a_gap_as_wide_as_the_spread_counts() -> None:
    """10 to 11 against 12 to 13: the gap of 1 is as wide as either; 11.9 is too near."""
    assert Measured("s", (10.0, 11.0), (12.0, 13.0)).apart
    assert Measured("s", (12.0, 13.0), (10.0, 11.0)).apart
    assert not Measured("s", (10.0, 11.0), (11.9, 12.9)).apart


def test_small_differences_do_not_count() -> None:
    """Less than 3%, or less than what the start of a process varies by, is no effect."""
    assert not Measured("s", (100.0, 100.0), (102.9, 102.9)).apart
    assert Measured("s", (100.0, 100.0), (103.1, 103.1)).apart
    assert not Measured("s", (0.04, 0.04), (0.06, 0.06), least=0.1).apart
    assert not Measured("s", (0.0, 0.0), (0.0, 0.0)).apart


def test_change_and_resolution() -> None:
    """Medians 10 and 12: +20%; spreads of 1 and 2 on 10: a shift of 1.5 + 2 would be seen."""
    found = Measured("s", (9.5, 10.0, 10.5), (11.0, 12.0, 13.0))
    assert found.change == pytest.approx(0.2)
    assert found.resolution == pytest.approx(0.35)
    assert Measured("s", (10.0, 10.0), (10.0, 10.0)).resolution == 0.03


def test_equal_kinds_are_hardly_ever_told_apart() -> None:
    """Of 20,000 pairs of equal kinds, normal, exponential and log-normal, under 1 in 1,000."""
    rng = np.random.default_rng(0)
    draws = {
        "normal": rng.normal(1, 0.1, (20_000, 2, COST_ROUNDS)),
        "exponential": 1 + rng.exponential(0.3, (20_000, 2, COST_ROUNDS)),
        "log-normal": rng.lognormal(0, 0.5, (20_000, 2, COST_ROUNDS)),
    }
    for name, drawn in draws.items():
        apart = sum(Measured("", tuple(a), tuple(b)).apart for a, b in drawn.tolist())
        assert apart < 20, name


def test_what_is_timed() -> None:
    """Logged updates before logged speed before the process; the first update is left out."""
    assert update_seconds(run(update_seconds=(9.0, 1.0, 3.0)), 5.0).value == 2.0
    assert update_seconds(run(speed=(1.0, 500.0)), 5.0) == Reading(
        "seconds of 1,000 env steps", 2.0
    )
    assert update_seconds(run(loss=(1.0,)), 5.0) == Reading("seconds of the process", 5.0, 0.1)


def test_what_memory_is_taken() -> None:
    """A logged peak before other logged memory before the process; none where none is known."""
    both = run(memory=(5.0,), peak_memory_bytes=(7.0, 9.0, math.nan))
    assert peak_memory(both, 1) == Reading("highest peak_memory_bytes", 9.0)
    assert peak_memory(run(gpu_memory=(5.0,)), 1) == Reading("highest gpu_memory", 5.0)
    assert peak_memory(run(loss=(1.0,)), 64) == Reading("peak memory of the process", 64.0, 2e6)
    assert peak_memory(run(loss=(1.0,)), None) is None


def test_runs_that_are_measured_differently_are_not_compared() -> None:
    """One reading missing, or of something else, or no number: no measure."""
    one = Reading("a", 1.0)
    assert measured([one, one], [one, one]) == Measured("a", (1.0, 1.0), (1.0, 1.0))
    assert measured([one, one], [one, None]) is None
    assert measured([one, one], [one, Reading("b", 1.0)]) is None
    assert measured([one, one], [one, Reading("a", math.nan)]) is None
