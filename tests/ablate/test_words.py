"""The sentences that answer whether a feature pays."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from ppodiag.ablate.cost import Cost, Share, costs
from ppodiag.ablate.statistics.verdict import Verdict
from ppodiag.ablate.words import _advice, _cost, memory_saved, time_share


def cost(speed, memory):
    return Cost(5, 1000.0, 990.0, 1010.0, Share(*speed), 2e9, Share(*memory), "updates")


@pytest.mark.parametrize(
    ("speed", "memory", "said"),
    [
        # Half again as fast without it: of 1.5 units of time with it, 0.5 are its own.
        ((0.5, 0.4, 0.6), (-0.1, -0.2, -0.05),
         "costs 33% [29, 38] of the time and saves 9% of memory here"),
        ((-0.2, -0.25, -0.1), (0.1, 0.05, 0.2),
         "saves 20% [10, 25] of the time and takes 11% of memory here"),
        ((0.01, -0.02, 0.04), (0.0, -0.1, 0.1),
         "shows no effect on the time (1% [-2, 4]) and saves no memory here"),
        ((math.nan,) * 3, (math.nan,) * 3, "has no measured effect on the time here, its memory could not be measured"),
    ],
)  # fmt: skip
def test_costs_are_said_of_the_feature_and_not_of_the_arm_without_it(speed, memory, said):
    assert _cost(cost(speed, memory)) == said


def test_few_rounds_have_no_interval_and_no_advice_rests_on_them():
    """Three rounds hold the median between their ends with 0.75: what was seen is said, and no more."""
    base, arm = (
        {number: result([speed] * 4, 4e8) for number, speed in enumerate(speeds)}
        for speeds in ((1000.0, 1000.0, 1000.0), (1200.0, 1250.0, 1300.0))
    )
    rng = np.random.default_rng(0)
    found = costs({"on": base, "off": arm}, "on", {"on": 0.0, "off": 0.0}, rng)["off"]
    assert found.speed.value == pytest.approx(0.25)
    assert math.isnan(found.speed.low)
    assert _cost(found).startswith("was seen to take 20% of the time")
    assert _cost(found).endswith("in 3 rounds, too few for an interval")
    told = SimpleNamespace(comparison=SimpleNamespace(verdict=Verdict.IDENTICAL), cost=found)
    assert _advice(told, SimpleNamespace(study=SimpleNamespace(learns=True))) == ""


def test_memory_that_was_not_measured_is_said_and_speaks_for_the_feature():
    """Checkpointing is there for its memory: where that is not known it is not simply turned off."""
    unknown = (math.nan, math.nan, math.nan)
    found = cost((0.5, 0.4, 0.6), unknown)
    assert _cost(found) == ("costs 33% [29, 38] of the time here, its memory could not be measured")
    arm = SimpleNamespace(comparison=SimpleNamespace(verdict=Verdict.IDENTICAL), cost=found)
    learns = SimpleNamespace(study=SimpleNamespace(learns=True))
    assert _advice(arm, learns) == "turn it off, unless memory is short"
    known = SimpleNamespace(comparison=arm.comparison, cost=cost((0.5, 0.4, 0.6), (0, 0, 0)))
    assert _advice(known, learns) == "turn it off"


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
