"""What follows from the batch-size law, shown over a grid by simulating the law itself."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import pytest

from ppodiag.batch import BatchLaw, adapt, minibatch_size, swing, window_samples
from ppodiag.feedback import analyse, calm_rate, drift, expected_swing
from ppodiag.norms.model import NormModel

LOW, BEGIN, HIGH = 32, 128, 512
SIGMA = 0.15


def law_of(rate: float, reference: float | None, low: int = LOW, high: int = HIGH) -> BatchLaw:
    return BatchLaw(float(BEGIN), low, high, rate, 10**9, reference, False)


@functools.cache
def sizes_of(
    rate: float, share: float, fixed: bool, updates: int = 400, seeds: int = 200
) -> np.ndarray[Any, Any]:
    """Minibatch sizes, shape (updates, seeds), with the level at the reference."""
    law, model = law_of(rate, 1.0 if fixed else None), NormModel("noise", 1.0, share, SIGMA)
    state, reference, found = np.full(seeds, law.initial), np.zeros(seeds), []
    for _, factor in zip(range(updates), model.factors(range(seeds)), strict=False):
        size = minibatch_size(law, state)
        found.append(size)
        norm = model.level(size / law.initial) * factor
        state, reference = adapt(law, state, reference, norm)
    return np.array(found)


def share_at_a_bound(sizes: np.ndarray[Any, Any]) -> float:
    """Over the second half."""
    half = sizes[len(sizes) // 2 :]
    return float(np.mean((half == LOW) | (half == HIGH)))


def updates_to_a_bound(sizes: np.ndarray[Any, Any]) -> float:
    """Median over the seeds; inf where half of them never get there."""
    at = (sizes == LOW) | (sizes == HIGH)
    first = np.where(at.any(axis=0), at.argmax(axis=0), math.inf)
    return float(np.median(first))


@pytest.mark.parametrize("share", [0.5, 0.75, 0.95])
@pytest.mark.parametrize("rate", [0.05, 0.1, 0.2, 0.3, 0.5])
def test_fixed_reference_runs_to_a_bound(rate: float, share: float) -> None:
    """With a fixed reference and noise of half and more, 60% to all of the late updates are there."""
    assert share_at_a_bound(sizes_of(rate, share, True)) > 0.6


@pytest.mark.parametrize("share", [0.0, 0.5, 0.95])
@pytest.mark.parametrize("rate", [0.05, 0.1, 0.2])
def test_moving_reference_stays_inside(rate: float, share: float) -> None:
    """With the moving reference and a rate up to 0.2, fewer than 2% of the updates are at a bound."""
    assert share_at_a_bound(sizes_of(rate, share, False)) < 0.02


@pytest.mark.parametrize(("rate", "share_there"), [(0.3, 0.15), (0.5, 0.39)])
def test_moving_reference_swings_above_two_ninths(rate: float, share_there: float) -> None:
    """Above 2/9, with noise of 95%, the size goes from bound to bound, and the more the higher."""
    sizes = sizes_of(rate, 0.95, False)
    assert share_at_a_bound(sizes) == pytest.approx(share_there, abs=0.05)
    assert np.mean((sizes == LOW).any(axis=0) & (sizes == HIGH).any(axis=0)) > 0.5


@pytest.mark.parametrize("rate", [0.05, 0.1])
@pytest.mark.parametrize("fall", [0.5, 0.8, 1.25])
def test_a_lasting_fall_of_the_norm(rate: float, fall: float) -> None:
    """A norm that falls by f for good multiplies b by about f^(9·rate): shrinks it where f < 1."""
    law = law_of(rate, None, 1, 10**6)
    state, reference = law.initial, 0.0
    for update in range(400):
        state, reference = adapt(law, state, reference, 1.0 if update < 50 else fall)
    # A lower norm enlarges the batch, so the fall by f of the norm is a rise of b by f^(−9·rate).
    assert math.log(state / law.initial) == pytest.approx(-9 * rate * math.log(fall), rel=0.2)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.95])
@pytest.mark.parametrize("rate", [0.05, 0.1, 0.2])
def test_expected_swing(rate: float, share: float) -> None:
    """Below gain 1 the predicted standard deviation of Δ log b is within 15% of the simulated one.

    Rounding to whole samples adds to the smallest.
    """
    simulated = float(swing(sizes_of(rate, share, False)[50:])[0].mean())
    assert expected_swing(rate, share, SIGMA) == pytest.approx(simulated, rel=0.15)


@pytest.mark.parametrize(
    ("rate", "share", "fixed"),
    [
        (0.1, 0.5, True), (0.1, 0.95, True), (0.2, 0.5, True), (0.3, 0.95, True), (0.5, 0.5, True),
        (0.5, 0.0, True), (0.3, 0.95, False), (0.5, 0.5, False), (0.5, 0.95, False),
        (0.2, 0.95, False),
    ],
)  # fmt: skip
def test_median_updates_to_a_bound(rate: float, share: float, fixed: bool) -> None:
    """The predicted time is within 15% of the simulated one (fixed), or within a factor of 1.7."""
    simulated = updates_to_a_bound(sizes_of(rate, share, fixed, 800, 300))
    predicted = analyse(
        law_of(rate, 1.0 if fixed else None), NormModel("noise", 1.0, share, SIGMA), 0.2
    ).median_to_bound
    factor = 1.15 if fixed else 1.7
    assert simulated / factor <= predicted <= simulated * factor


@pytest.mark.parametrize(
    ("begin", "low", "share", "rollout", "fixed", "gain", "whole_from"),
    [
        (64, 32, 0.5, 128, True, 0.025, 64),
        (64, 16, 0.5, 128, True, 0.025, 64),
        (64, 32, 0.95, 256, True, 0.0475, 128),
        # 2 · 64 = R: every size between the bounds has the whole rollout for its window.
        (100, 64, 0.5, 128, True, 0.0, None),
        (100, 64, 0.95, 128, True, 0.0, None),
        (64, 32, 0.95, 128, False, 2.1375, 64),
        (64, 32, 0.95, 300, False, 2.1375, 150),
    ],
)  # fmt: skip
def test_a_window_is_no_larger_than_the_rollout(
    begin: int, low: int, share: float, rollout: int, fixed: bool, gain: float, whole_from: float
) -> None:
    """With a = 2 windows of min(2·B, R) samples the predicted time is within 15% of the simulated."""
    law = BatchLaw(
        float(begin), low, 512, 0.1 if fixed else 0.5, rollout, 1.0 if fixed else None, False, 2
    )
    model = NormModel("noise", 1.0, share, SIGMA)
    found = analyse(law, model, 0.2)
    assert (found.gain, found.whole_from) == (pytest.approx(gain), whole_from)
    assert found.sign == (1 if gain else 0)
    state, reference, sizes = np.full(200, law.initial), np.zeros(200), []
    for _, factor in zip(range(1000), model.factors(range(200)), strict=False):
        size = minibatch_size(law, state)
        sizes.append(size)
        relative = window_samples(2, size, rollout) / window_samples(2, begin, rollout)
        state, reference = adapt(law, state, reference, model.level(relative) * factor)
    there = np.isin(np.array(sizes), law.ends)
    simulated = float(np.median(np.where(there.any(axis=0), there.argmax(axis=0), math.inf)))
    assert found.median_to_bound == pytest.approx(simulated, rel=0.15)


def test_no_bound_is_above_the_rollout() -> None:
    """Bounds of 64 and 512 with R = 64: every minibatch is the rollout, from the start."""
    law = BatchLaw(64.0, 64, 512, 0.1, 64, None, False)
    assert law.ends == (64, 64)
    assert analyse(law, NormModel(), 0.2).median_to_bound == 0


@pytest.mark.parametrize("sigma", [0.15, 30.0, 100.0])
@pytest.mark.parametrize("norm", [1e-150, 1.0, 1e150])
@pytest.mark.parametrize("reference", [None, 1e-300, 1.0])
@pytest.mark.parametrize("rate", [1e-6, 0.1])
def test_extreme_norms_give_no_warning(
    sigma: float, norm: float, reference: float | None, rate: float
) -> None:
    """Norms far from 1, or that scatter by powers of e^100, overflow nowhere (warnings are errors)."""
    for share in (0.0, 1.0):
        found = analyse(law_of(rate, reference), NormModel("noise", norm, share, sigma), 0.2)
        assert found.median_to_bound > 0


def test_slow_drift_of_the_moving_reference() -> None:
    """Even below gain 1 the size drifts, to second order: predicted within 40% of the simulated."""
    sizes = sizes_of(0.3, 0.0, False, 1500, 200)
    simulated = float(np.mean(np.log(sizes[1400] / sizes[100]))) / 1300
    predicted = drift(law_of(0.3, None), NormModel("noise", 1.0, 0.0, SIGMA))
    assert predicted < 0
    assert predicted == pytest.approx(simulated, rel=0.4)


def test_signs_and_gain() -> None:
    """Gain 4.5·rate·ν, pulled back below 1 and driven on above; a fixed reference drives on."""
    pulled = analyse(law_of(0.1, None), NormModel("noise", 1, 0.5, SIGMA), 0.2)
    assert (pulled.sign, pulled.gain) == (-1, pytest.approx(0.225))
    assert pulled.critical_rate == pytest.approx(1 / 2.25)
    driven = analyse(law_of(0.5, None), NormModel("noise", 1, 0.95, SIGMA), 0.2)
    assert (driven.sign, driven.gain) == (1, pytest.approx(2.1375))
    fixed = analyse(law_of(0.1, 1.0), NormModel("noise", 1, 0.5, SIGMA), 0.2)
    assert (fixed.sign, fixed.gain, fixed.critical_rate) == (1, pytest.approx(0.025), None)
    without = analyse(law_of(0.1, None), NormModel("lognormal", 1, 0.0, SIGMA), 0.2)
    assert (without.sign, without.critical_rate) == (0, None)


def test_calm_rate_keeps_the_swing_below_the_threshold() -> None:
    """At the calm rate the expected swing is the threshold; with little scatter any rate is calm."""
    rate = calm_rate(0.5, 0.5, 0.2)
    assert rate is not None
    assert expected_swing(rate, 0.5, 0.5) == pytest.approx(0.2)
    assert calm_rate(0.5, 0.1, 0.2) is None


def test_without_noise() -> None:
    """A constant norm moves nothing with the moving reference, and drives a fixed one to a bound."""
    constant = NormModel("constant", 2.0, 0.0, 0.0)
    assert analyse(law_of(0.1, None), constant, 0.2).median_to_bound == math.inf
    # d = (1 − 2)/1 = −1: each update multiplies by 0.9; ln 4 / −ln 0.9 = 13.2 updates to 32.
    assert analyse(law_of(0.1, 1.0), constant, 0.2).median_to_bound == 14
    assert analyse(law_of(0.1, 2.0), constant, 0.2).median_to_bound == math.inf


def test_what_is_not_covered_is_not_guessed() -> None:
    """Norms that remember have no predicted time; a size that begins at a bound is there."""
    remembering = NormModel("lognormal", 1, 0.0, SIGMA, 0.5)
    assert math.isnan(analyse(law_of(0.1, None), remembering, 0.2).median_to_bound)
    there = BatchLaw(32.0, 32, 512, 0.1, 10**9, None, False)
    assert analyse(there, NormModel(), 0.2).median_to_bound == 0
