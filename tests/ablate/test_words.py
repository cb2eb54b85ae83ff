"""The sentences that answer whether a feature pays."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from ppodiag.ablate.cost import Cost, Share, costs
from ppodiag.ablate.cost_words import (
    cost_words,
    costs_no_time,
    memory_saved,
    time_share,
    told_time,
)
from ppodiag.ablate.statistics.verdict import Verdict
from ppodiag.ablate.words import _advice
from ppodiag.report.ablation import less_time

OF = "255 MiB as logged"


def cost(speed, memory, **other):
    known = {
        "rounds": 5, "steps_per_second": 1000.0, "lowest": 990.0, "highest": 1010.0, "speed": Share(*speed),
        "peak_bytes": 255.0 * 2**20, "memory": Share(*memory), "memory_of": "as logged", "overlaps": False,
        "seconds": 3.0, "by": "updates",
    }  # fmt: skip
    return Cost(**(known | other))


@pytest.mark.parametrize(
    ("speed", "memory", "said"),
    [
        # Half again as fast without it: of 1.5 units of time with it, 1 is left without.
        ((0.5, 0.4, 0.6), (-0.1, -0.2, -0.05),
         f"33% [29, 38] less time without it, 10% [5, 20] more memory without it ({OF})"),
        ((-0.2, -0.25, -0.1), (0.1, 0.05, 0.2),
         f"25% [11, 33] more time without it, 10% [5, 20] less memory without it ({OF})"),
        ((0.01, -0.02, 0.04), (0.0, -0.01, 0.01),
         f"the same time within 5% (-2% to 4% less without it), the same memory within 2% ({OF})"),
        ((math.nan,) * 3, (math.nan,) * 3,
         "the time was not measured, the memory was not measured: the log has no peak_memory, the process's is "
         "not known (on Linux: no larger than ppodiag's)"),
    ],
)  # fmt: skip
def test_costs_are_said_of_a_run_without_the_feature_as_the_table_has_them(speed, memory, said):
    found = cost(speed, memory)
    assert cost_words(found) == said
    if told := told_time(found):
        assert less_time(found.speed).split("%")[0].lstrip("-") + "%" in said
        assert told.value == 1 - 1 / (1 + speed[0])


@pytest.mark.parametrize(
    ("speed", "other", "said"),
    [
        ((0.7, -0.25, 1.6), {}, "the time cannot be told (-33% to 62% less without it)"),
        ((0.5, 0.1, 1.6), {"overlaps": True}, "the time cannot be told (9% to 62% less without it, runs of both overlap)"),
        ((0.5, 0.4, 0.6), {"seconds": 0.04}, "the time cannot be told (0.04 s timed a run, 1 s are the least)"),
        ((0.5, 0.4, 0.6), {"rounds": 1}, "time and memory cannot be told from 1 round, 5 are the fewest"),
    ],
)  # fmt: skip
def test_a_time_that_cannot_be_told_is_no_effect_and_no_null_either(speed, other, said):
    """Wide intervals, overlapping runs, milliseconds and single rounds: no share, no advice."""
    found = cost(speed, (-0.1, -0.2, 0.3), **other)
    assert cost_words(found).split(" without it (")[0].startswith(said)
    assert "no effect" not in cost_words(found)
    assert told_time(found) is None
    assert not costs_no_time(found)
    told = SimpleNamespace(comparison=SimpleNamespace(verdict=Verdict.IDENTICAL), cost=found)
    assert "turn it off" not in _advice(told, SimpleNamespace(study=SimpleNamespace(learns=True)))


def test_few_rounds_have_no_interval_and_no_advice_rests_on_them():
    """Three rounds hold the median between their ends with 0.75."""
    base, arm = (
        {number: result([speed] * 4, 4e8) for number, speed in enumerate(speeds)}
        for speeds in ((1000.0, 1000.0, 1000.0), (1200.0, 1250.0, 1300.0))
    )
    rng = np.random.default_rng(0)
    found = costs({"on": base, "off": arm}, "on", {"on": 0.0, "off": 0.0}, rng)["off"]
    assert found.speed.value == pytest.approx(0.25)
    assert math.isnan(found.speed.low)
    assert cost_words(found) == "time and memory cannot be told from 3 rounds, 5 are the fewest"
    told = SimpleNamespace(comparison=SimpleNamespace(verdict=Verdict.IDENTICAL), cost=found)
    assert _advice(told, SimpleNamespace(study=SimpleNamespace(learns=True))) == ""


def test_memory_that_was_not_measured_speaks_for_the_feature():
    """Checkpointing is there for its memory: where that is not known it is not simply turned off."""
    found = cost((0.5, 0.4, 0.6), (math.nan, math.nan, math.nan))
    arm = SimpleNamespace(comparison=SimpleNamespace(verdict=Verdict.IDENTICAL), cost=found)
    learns = SimpleNamespace(study=SimpleNamespace(learns=True))
    assert _advice(arm, learns) == "turn it off, unless memory is short"
    known = SimpleNamespace(comparison=arm.comparison, cost=cost((0.5, 0.4, 0.6), (0, 0, 0)))
    assert _advice(known, learns) == "turn it off"


def test_the_timed_span_is_that_of_the_updates_and_ranges_are_compared():
    """4096 env steps in 4 updates: 1024 in each, at 1024 env steps/s a second; two of them count."""
    timed = {
        "on": {n: result([1, 1, 1024.0, 1024.0 + n], 4e8) for n in range(5)},
        "off": {n: result([1, 1, 1027.0, 1027.0], 4e8) for n in range(5)},
    }
    found = costs(timed, "on", {"on": 0.5, "off": 0.5}, np.random.default_rng(0))["off"]
    assert found.seconds == pytest.approx(2 * 1024 / 1027)
    assert not found.overlaps
    timed["off"][0] = result([1, 1, 1025.0, 1025.0], 4e8)
    found = costs(timed, "on", {"on": 0.5, "off": 0.5}, np.random.default_rng(0))["off"]
    assert found.overlaps


@pytest.mark.parametrize(
    ("logged", "said"),
    [(None, "of the process, libraries included"), (4e8, "as logged"),
     (6.9e8, "as logged, about the whole process's, libraries included")],
)  # fmt: skip
def test_whose_memory_it_is_is_said(logged, said):
    timed = {arm: {0: result([5, 5, 5], logged)} for arm in ("on", "off")}
    found = costs(timed, "on", {"on": 0, "off": 0}, np.random.default_rng(0))
    assert found["off"].memory_of == said


def test_shares_of_time_and_memory_are_of_the_run_that_has_the_feature():
    assert time_share(Share(1.0, 0.0, 3.0)) == Share(0.5, 0.0, 0.75)
    assert memory_saved(cost((0, 0, 0), (-0.25, -0.3, -0.2))) == pytest.approx(0.2)


def result(speeds, peak, seconds=2.0):
    return {
        "runs": [{"speeds": speeds, "peak_bytes": peak, "totals": {"env_steps": 4096.0}}],
        "measured": {"seconds": seconds, "peak_process_bytes": 7e8},
    }


def test_rounds_are_compared_in_pairs_and_the_first_updates_are_dropped():
    timed = {
        "all-on": {0: result([1, 1, 100, 100], 4e8), 1: result([1, 1, 50, 50], 4e8)},
        "no-x": {0: result([9, 9, 200, 200], 2e8), 1: result([9, 9, 100, 100], 2e8)},
    }
    found = costs(timed, "all-on", {"all-on": 0.5, "no-x": 0.5}, np.random.default_rng(0))
    assert found["all-on"].steps_per_second == 75
    assert (found["all-on"].lowest, found["all-on"].highest) == (50, 100)
    assert found["no-x"].speed.value == 1.0
    assert found["no-x"].memory.value == 0.5
    assert found["no-x"].by == "updates"


def test_a_log_without_speeds_is_timed_by_its_process_and_that_is_said():
    timed = {"all-on": {0: result([], None)}, "no-x": {0: result([], None, 4.0)}}
    found = costs(timed, "all-on", {"all-on": 0.5, "no-x": 0.5}, np.random.default_rng(0))
    assert found["all-on"].steps_per_second == 2048
    assert found["all-on"].peak_bytes == 7e8
    assert found["no-x"].by == "processes"


def test_a_round_that_one_arm_lacks_is_left_out_of_both():
    timed = {"all-on": {0: result([5, 5], 1), 1: result([7, 7], 1)}, "no-x": {1: result([7, 7], 1)}}
    found = costs(timed, "all-on", {"all-on": 0, "no-x": 0}, np.random.default_rng(0))
    assert found["no-x"].rounds == 1
    assert found["no-x"].speed.value == 0.0
