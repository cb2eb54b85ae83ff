"""The shape of scores, and what stands for runs that failed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ppodiag.ablate.statistics.scores import arm_scores, fill_failures, require_paired
from ppodiag.errors import UsageError


def test_one_task_is_a_row() -> None:
    """(seeds,) becomes (1, seeds); (tasks, seeds) stays."""
    one = arm_scores("a", [1, 2, 3])
    assert (one.tasks, one.seeds, one.failures) == (1, 3, 0)
    two = arm_scores("b", [[1, 2, 3], [4, 5, 6]])
    assert (two.tasks, two.seeds) == (2, 3)


def test_what_is_not_finite_has_failed() -> None:
    """Scores of nan and inf count as failed runs, and so does a marked one whatever its score."""
    arm = arm_scores("a", [1.0, math.nan, math.inf, 4.0], failed=[False, False, False, True])
    assert arm.failed.tolist() == [[False, True, True, True]]
    assert np.isnan(arm.values[0, 1:]).all()
    assert arm.failures == 3


def test_a_failed_run_is_not_censored() -> None:
    """Where a run both failed and was censored, it failed."""
    arm = arm_scores("a", [9, 9], failed=[True, False], censored=[True, True])
    assert arm.censored.tolist() == [[False, True]]


def test_shapes_are_refused() -> None:
    """No run, three axes, or a mask of another shape."""
    for values in ([], [[]], [[[1.0]]], 3.0):
        with pytest.raises(UsageError, match="have shape"):
            arm_scores("a", values)
    with pytest.raises(UsageError, match=r"scores of shape \(1, 2\) and a mask of shape \(1, 3\)"):
        arm_scores("a", [1, 2], failed=[True, False, True])


def test_a_failed_run_gets_the_worst_score_of_its_task() -> None:
    """By hand: the worst of any arm, per task, and the declared one where that is worse."""
    a = arm_scores("a", [[5, 3, math.nan], [10, math.nan, 30]])
    b = arm_scores("b", [[2, 4, 6], [40, 20, 15]])
    high = fill_failures([a, b], "higher")
    assert high[0].values.tolist() == [[5, 3, 2], [10, 10, 30]]
    assert high[0].failed.tolist() == a.failed.tolist()
    assert high[1].values.tolist() == b.values.tolist()
    low = fill_failures([a, b], "lower")
    assert low[0].values.tolist() == [[5, 3, 6], [10, 40, 30]]
    assert fill_failures([a, b], "higher", worst=3)[0].values.tolist() == [[5, 3, 2], [10, 3, 30]]
    assert fill_failures([a, b], "lower", worst=50)[0].values.tolist() == [[5, 3, 50], [10, 50, 30]]


def test_nothing_finished() -> None:
    """Without a finished run the worst outcome has to be declared."""
    a, b = (arm_scores(name, [[1, 2], [math.nan, math.nan]]) for name in "ab")
    with pytest.raises(UsageError, match="no run of task 1 finished"):
        fill_failures([a, b], "higher")
    assert fill_failures([a, b], "higher", worst=-1)[0].values.tolist() == [[1, 2], [-1, -1]]


def test_pairs_need_the_same_seeds() -> None:
    """Arms of different shapes are refused."""
    with pytest.raises(UsageError, match="paired seeds need the same runs"):
        require_paired(arm_scores("a", [1, 2]), arm_scores("b", [1, 2, 3]))
