"""The figures of benchmarks/learning.py, worked out by hand."""

from __future__ import annotations

import sys

import pytest

from tests.conftest import ROOT


def test_running_means_levels_and_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    """100 episodes of 0 and 300 of 500: the mean rises by 5 an episode, from 0 to 500."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from learning_curves import Curve, chance, interval

    monkeypatch.delitem(sys.modules, "learning_curves")
    curve = Curve(0, [10 * (k + 1) for k in range(400)], [0.0] * 100 + [500.0] * 300, 1.0)
    assert len(curve.means()) == 301
    assert (curve.means()[0], curve.means()[1], curve.final(), curve.best()) == (0, 5, 500, 500)
    assert curve.reached(400.0) == 1800
    assert curve.reached(475.0) == 1950
    assert curve.reached(501.0) is None
    assert (curve.at(5), curve.at(1000), curve.at(1009), curve.at(1010)) == (0, 0, 0, 5)
    assert interval([3.0, 3.0]) == (3, 3, 3)
    mean, low, high = interval([0.0, 10.0] * 50)
    assert mean == 5
    assert 3.5 < low < 4.5 < 5.5 < high < 6.5
    assert chance([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]) == 1
    assert 0.05 < chance([0.0] * 3, [9.0] * 3) < 0.15  # 2 of 20 splits
