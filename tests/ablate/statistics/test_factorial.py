"""Effects of a factorial study, by hand arithmetic and on planted effects."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from ppodiag.ablate.statistics.factorial import Effects, factorial_effects
from ppodiag.ablate.statistics.scores import arm_scores, fill_failures
from ppodiag.ablate.statistics.verdict import Declared, Verdict
from ppodiag.errors import UsageError


def effects(
    names: str, cells: dict[tuple[bool, ...], list[float]], better: str = "higher"
) -> Effects:
    arms = {state: arm_scores(str(state), values) for state, values in cells.items()}
    rng = np.random.default_rng(1)
    return factorial_effects(names.split(), arms, Declared(better), rng, resamples=500)


ON, OFF = True, False
TWO = {
    (ON, ON): [10.0, 12.0],
    (ON, OFF): [4.0, 5.0],
    (OFF, ON): [1.0, 1.0],
    (OFF, OFF): [3.0, 3.0],
}


def test_two_factors_by_hand() -> None:
    """Main effects are means of two differences, the interaction is one of two differences.

    a: seed 0: ((10 − 1) + (4 − 3))/2 = 5; seed 1: ((12 − 1) + (5 − 3))/2 = 6.5.
    b: seed 0: ((10 − 4) + (1 − 3))/2 = 2; seed 1: ((12 − 5) + (1 − 3))/2 = 2.5.
    a where b is on is larger by (10 − 1) − (4 − 3) = 8, and by 11 − 2 = 9.
    """
    found = effects("a b", TWO)
    assert [effect.factors for effect in found.main] == [("a",), ("b",)]
    assert found.main[0].paired.differences.tolist() == [5.0, 6.5]
    assert found.main[1].paired.differences.tolist() == [2.0, 2.5]
    [both] = found.interactions
    assert both.factors == ("a", "b")
    assert both.paired.differences.tolist() == [8.0, 9.0]
    assert both.paired.mean.estimate == 8.5
    assert {effect.verdict for effect in (*found.main, both)} == {Verdict.EXPLORATORY}


def planted(seeds: int, rng: np.random.Generator) -> dict[tuple[bool, ...], list[float]]:
    """a: +2, and 2 more where c is on; b: nothing. Each seed has a level of its own."""
    level = rng.normal(0, 20, seeds)
    return {
        (a, b, c): (
            level + 3.0 * a + 2.0 * (a and c) - 1.0 * a + rng.normal(0, 0.3, seeds)
        ).tolist()
        for a, b, c in product((ON, OFF), repeat=3)
    }


def test_planted_effects_are_found_and_planted_nulls_are_not() -> None:
    """Over the settings of c the effect of a is 3, and that of c half of its interaction, 1."""
    found = effects("a b c", planted(12, np.random.default_rng(7)))
    main = {effect.factors[0]: effect for effect in found.main}
    assert main["a"].paired.mean.estimate == pytest.approx(3.0, abs=0.3)
    assert main["c"].paired.mean.estimate == pytest.approx(1.0, abs=0.3)
    assert (main["a"].verdict, main["b"].verdict) == (Verdict.BETTER, Verdict.UNDECIDED)
    between = {effect.factors: effect for effect in found.interactions}
    assert between["a", "c"].paired.mean.estimate == pytest.approx(2.0, abs=0.4)
    assert between["a", "c"].p < 0.05
    assert min(between["a", "b"].p, between["b", "c"].p) > 0.05


def test_where_lower_is_better_the_sign_of_the_verdict_turns() -> None:
    """The effect itself keeps its sign: on minus off."""
    found = effects("a b c", planted(12, np.random.default_rng(7)), "lower")
    assert found.main[0].verdict is Verdict.WORSE
    assert found.main[0].paired.mean.estimate > 0


def test_p_values_are_adjusted_within_each_family() -> None:
    """Three main effects: the smallest p counts three times."""
    found = effects("a b c", planted(12, np.random.default_rng(7)))
    smallest = min(found.main, key=lambda effect: effect.paired.p)
    assert smallest.p == pytest.approx(min(1.0, 3 * smallest.paired.p))


def test_sums_that_differ_by_rounding_alone_are_no_effect() -> None:
    """0.1 + 0.2 in the one order and the other: an interaction of exactly 0."""
    cells = {
        (ON, ON): [0.3, 0.3],
        (ON, OFF): [0.1, 0.1],
        (OFF, ON): [0.2, 0.2],
        (OFF, OFF): [0.0, 0.0],
    }
    [both] = effects("a b", cells).interactions
    assert both.paired.differences.tolist() == [0.0, 0.0]


def test_failed_runs_are_counted() -> None:
    """They stand as the worst outcome, and the reader is told how many there are."""
    cells = {**TWO, (OFF, OFF): [3.0, float("nan")]}
    arms = [arm_scores(str(state), values) for state, values in cells.items()]
    filled = dict(zip(cells, fill_failures(arms, "higher"), strict=True))
    found = factorial_effects(
        ["a", "b"], filled, Declared(), np.random.default_rng(1), resamples=200
    )
    assert found.failed == 1
    # 1 stands for the lost run: a ((12 − 1) + (5 − 1))/2.
    assert found.main[0].paired.differences.tolist() == [5.0, 7.5]


def test_a_missing_combination_is_refused() -> None:
    """Effects of a part of the design would be other effects."""
    with pytest.raises(UsageError, match="1 of 4 combinations are missing"):
        effects("a b", {state: v for state, v in TWO.items() if state != (OFF, OFF)})
