"""What follows from the batch-size law: gain, swing, and time to a bound, without simulating.

Notation: x = log b, y = log g, m = log ref, ν the share of noise in E‖g‖², σ the standard deviation
of log g at one size. Where noise dominates by ν, y = −(ν/2)·x + ε to first order.

Moving reference: x' = x + 0.9·rate·(m − y) and m' − m = 0.1·(y − m), so x + 9·rate·m stays what it
was: b ∝ ref^(−9·rate). Then m' = ρ·m + 0.1·ε with ρ = 0.9 + 0.1·gain and gain = 4.5·rate·ν. Below
gain 1 the loop settles; above, it runs away until a bound stops it.

Fixed reference: x' = x + rate·(1 − g/ref): a norm above the reference shrinks the batch, and a smaller
batch raises the norm. The feedback is positive at every rate.

The norm answers to the window, min(a·b, R): where that is the whole rollout ν counts as 0, for a larger
or smaller b changes nothing there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from ppodiag.batch import ADDED, KEPT, BatchLaw, window_samples
from ppodiag.norms.model import LARGEST_EXPONENT, FloatArray, NormModel

MEMORY_GAIN = KEPT / ADDED
"""9: b ∝ ref^(−9·rate)."""

LIMIT_GAIN = MEMORY_GAIN / 2
"""4.5: the loop gain is 4.5·rate·ν."""

CELLS = 90
"""Cells of the chain that stands for log b between the bounds.

So few that BLAS keeps to one thread; on a busy machine threads would wait for each other, for seconds.
"""

DRAWS = 240
"""Quantiles that stand for the scatter of one norm."""

FIRST_NORMS = 9
"""Quantiles that stand for the scatter of the first norm, which sets the moving reference."""

LONGEST = 1e9
"""Updates from which a bound counts as never reached."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """The loop at one rate and share of noise.

    Attributes:
        moving: whether the reference moves.
        gain: 4.5·rate·ν; from 1 on a moving reference no longer holds the batch. For the fixed
            reference it is growth of a deviation in one update, rate·ν/2. 0 where every size
            between the bounds has the whole rollout for its window.
        whole_from: the minibatch size, in samples, from which on the window is the whole rollout
            and the gain 0, where it lies between the bounds; None: it does not.
        sign: of the feedback on the batch size: −1 it is pulled back, +1 it is driven on, 0 none.
        swing: expected standard deviation of Δ log b between the bounds, to first order.
        critical_rate: the rate from which noise of share ν drives the batch to a bound; None: at
            every rate (fixed reference), or at none.
        calm_rate: the highest rate whose swing stays at or below the asked threshold; None: any.
        expected_to_bound: expected updates until b first reaches a bound; inf: more than 10⁹, nan:
            not known.
        median_to_bound: updates by which half of the runs have reached one.
    """

    moving: bool
    gain: float
    whole_from: float | None
    sign: int
    swing: float
    critical_rate: float | None
    calm_rate: float | None
    expected_to_bound: float
    median_to_bound: float


def analyse(law: BatchLaw, model: NormModel, threshold: float) -> Feedback:
    """The feedback of a law under a model of norms.

    Args:
        law: the batch-size law.
        model: the gradient norms.
        threshold: standard deviation of Δ log b that counts as a swing.
    """
    moving = law.reference is None
    whole = law.samples / law.accumulation
    low, high = law.ends
    share = model.share if low < whole else 0.0
    at_start = share if law.initial < whole else 0.0
    if moving:
        gain = LIMIT_GAIN * law.rate * share
        critical = 1 / (LIMIT_GAIN * share) if share > 0 else None
        sign = 0 if share == 0 else (1 if gain >= 1 else -1)
    else:
        gain = law.rate * share / 2
        critical = None
        sign = 1 if share > 0 else 0
    expected, median = updates_to_bound(law, model)
    return Feedback(
        moving=moving,
        gain=gain,
        whole_from=whole if share > 0 and whole < high else None,
        sign=sign,
        swing=expected_swing(law.rate, at_start, model.sigma) if moving else law.rate * model.sigma,
        critical_rate=critical if critical is None or critical < 1 else None,
        calm_rate=calm_rate(at_start, model.sigma, threshold)
        if moving
        else _fixed_calm(model, threshold),
        expected_to_bound=expected,
        median_to_bound=median,
    )


def expected_swing(rate: float, share: float, sigma: float) -> float:
    """Std of Δ log b with the moving reference: 0.9·rate·σ·sqrt(2/(1 + ρ)), below gain 1."""
    rho = KEPT + ADDED * LIMIT_GAIN * rate * share
    return KEPT * rate * sigma * math.sqrt(2 / (1 + rho))


def calm_rate(share: float, sigma: float, threshold: float) -> float | None:
    """The highest rate in (0, 1) whose expected swing is at most the threshold; None: any."""
    if expected_swing(1.0, share, sigma) <= threshold:
        return None
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if expected_swing(middle, share, sigma) <= threshold:
            low = middle
        else:
            high = middle
    return low


def _fixed_calm(model: NormModel, threshold: float) -> float | None:
    return None if model.sigma <= threshold else threshold / model.sigma


def updates_to_bound(law: BatchLaw, model: NormModel) -> tuple[float, float]:
    """Expected and median updates until b first reaches a bound, from where it begins.

    log b is followed as a Markov chain on a grid between the bounds, with the law itself for the step.
    With the fixed reference that is all there is to it. The moving one is taken from the first-order
    invariant x + 9·rate·m, which ties it to b; where it begins depends on the first norm, over which
    the result is averaged. The invariant itself drifts, to second order, and the bound that this alone
    would reach in time is counted as a second way out. Norms that remember (φ ≠ 0) and whole-number
    states are not covered: nan.
    """
    low, high = (math.log(end) for end in law.ends)
    start = math.log(law.initial)
    if not low < start < high:
        return 0.0, 0.0
    if model.phi != 0 or law.integer:
        return math.nan, math.nan
    if model.sigma == 0:
        updates = _without_noise(law, model, low, high, start)
        return updates, updates
    centres = low + (high - low) * (np.arange(CELLS) + 0.5) / CELLS
    firsts = [0.0] if law.reference is not None else model.sigma * _normals(FIRST_NORMS)
    chains = [_chain(law, model, centres, low, high, float(first)) for first in firsts]
    expected = float(np.mean([_expected(chain, centres, start) for chain in chains]))
    median = _median(chains, centres, start)
    if law.reference is None:
        slow = _drift_time(law, model, low, high)
        expected, median = (_both(time, slow) for time in (expected, median))
    return expected, median


def _both(one: float, other: float) -> float:
    """Time to the first of two ways out, each with a constant rate."""
    rate = 1 / one + 1 / other
    return 1 / rate if rate else math.inf


def _level(law: BatchLaw, model: NormModel, positions: FloatArray) -> FloatArray:
    """Median norm at log b, of the shape of `positions`; the window is at most the rollout."""
    windows = window_samples(law.accumulation, np.exp(positions), law.samples)
    initial = window_samples(law.accumulation, law.initial, law.samples)
    return np.asarray(model.level(windows / initial))


def drift(law: BatchLaw, model: NormModel) -> float:
    """Mean change of log b an update with the moving reference and stationary norms, below gain 1.

    To first order it is 0. Of second order is the mean of log(1 + rate·(ref − g)/ref), taken over the
    stationary scatter of g and ref at one size, and divided by 1 − gain, for the norm answers to the
    size. Above gain 1 there is no stationary state: nan.
    """
    gain = LIMIT_GAIN * law.rate * model.share
    if gain >= 1:
        return math.nan
    noise = model.sigma * _normals(DRAWS)
    spread = ADDED * model.sigma / math.sqrt(1 - KEPT**2)
    # An average of norms has their mean, not their median.
    centre = (model.sigma**2 - spread**2) / 2
    change = _moving_change(centre + spread * _normals(DRAWS)[:, None] - noise[None, :])
    return float(np.mean(np.log1p(law.rate * change))) / (1 - gain)


def _moving_change(log_ratio: FloatArray) -> FloatArray:
    """clip((ref' − g)/ref', −1, 1) with ref' = 0.9·ref + 0.1·g, given log(ref/g), of its shape."""
    over_norm = KEPT * np.exp(np.minimum(log_ratio, LARGEST_EXPONENT)) + ADDED
    return np.asarray(np.clip(1 - 1 / over_norm, -1, 1))


def _drift_time(law: BatchLaw, model: NormModel, low: float, high: float) -> float:
    """Updates in which the drift alone crosses the distance to a bound of log b.

    It has one speed where the window answers to the size and another where it is the whole rollout.
    Infinite where the gain is above 1, and where there is no drift.
    """
    start = math.log(law.initial)
    whole = min(max(math.log(law.samples / law.accumulation), low), high)
    answering, still = drift(law, model), drift(law, replace(model, share=0.0))
    end = low if still < 0 else high
    time = 0.0
    for speed, distance in (
        (answering, min(end, whole) - min(start, whole)),
        (still, max(end, whole) - max(start, whole)),
    ):
        if distance == 0:
            continue
        if math.isnan(speed) or speed == 0:
            return math.inf
        time += distance / speed
    return time


def _without_noise(law: BatchLaw, model: NormModel, low: float, high: float, start: float) -> float:
    """The noise-free loop stands still (moving) or drifts (fixed) until a bound."""
    if law.reference is None:
        return math.inf
    position = start
    for update in range(1, 1_000_001):
        norm = float(_level(law, model, np.asarray(position)))
        change = max(1 - norm / law.reference, -1.0)
        step = math.log1p(law.rate * change)
        if abs(step) < 1e-12:
            return math.inf
        position += step
        if position <= low or position >= high:
            return float(update)
    return math.inf


def _chain(
    law: BatchLaw, model: NormModel, centres: FloatArray, low: float, high: float, first: float
) -> FloatArray:
    """P(next cell | cell), shape (cells, cells); what a row lacks to 1 has reached a bound.

    Args:
        law, model: the loop.
        centres: log b in the middle of each cell.
        low, high: the bounds of log b.
        first: log of the first norm over its median; sets the moving reference.
    """
    cells, begin = len(centres), math.log(law.initial)
    levels = np.log(_level(law, model, centres))[:, None]
    logs = levels + model.sigma * _normals(DRAWS)[None, :]
    if law.reference is not None:
        over_reference = np.minimum(logs - math.log(law.reference), LARGEST_EXPONENT)
        change = np.clip(1 - np.exp(over_reference), -1, 1)
    else:
        old = math.log(model.norm) + first - (centres - begin) / (MEMORY_GAIN * law.rate)
        change = _moving_change(old[:, None] - logs)
    with np.errstate(divide="ignore"):
        reached = centres[:, None] + np.log1p(law.rate * change)
    place = (reached - low) / (high - low) * cells - 0.5
    inside = (reached > low) & (reached < high)
    lower = np.floor(np.where(inside, place, 0.0))
    weight = place - lower
    matrix = np.zeros(cells * cells)
    rows = np.broadcast_to(np.arange(cells)[:, None], place.shape)[inside]
    for offset, part in ((0, 1 - weight), (1, weight)):
        columns = np.clip(lower[inside] + offset, 0, cells - 1).astype(np.int64)
        matrix += np.bincount(rows * cells + columns, part[inside] / DRAWS, cells * cells)
    return matrix.reshape(cells, cells)


def _expected(chain: FloatArray, centres: FloatArray, start: float) -> float:
    """Expected updates until the chain leaves the range."""
    try:
        times = np.linalg.solve(np.eye(len(centres)) - chain, np.ones(len(centres)))
    except np.linalg.LinAlgError:
        return math.inf
    value = float(np.interp(start, centres, times))
    return value if 0 <= value < LONGEST else math.inf


def _median(chains: list[FloatArray], centres: FloatArray, start: float) -> float:
    """Updates after which, over all chains, half of the probability is gone; by doubling."""
    place = np.interp(start, centres, np.arange(len(centres)))
    low = int(place)
    begin = np.zeros(len(centres))
    begin[low] = 1 - (place - low)
    begin[min(low + 1, len(centres) - 1)] += place - low
    powers = [list(chains)]
    while len(powers) < 30 and _left([begin @ p for p in powers[-1]]) > 0.5:
        powers.append([p @ p for p in powers[-1]])
    if _left([begin @ p for p in powers[-1]]) > 0.5:
        return math.inf
    states, updates = [begin for _ in chains], 0
    for exponent in range(len(powers) - 1, -1, -1):
        further = [s @ p for s, p in zip(states, powers[exponent], strict=True)]
        if _left(further) > 0.5:
            states, updates = further, updates + 2**exponent
    return float(updates + 1)


def _left(states: list[FloatArray]) -> float:
    """Probability that no bound has been reached, averaged over the chains."""
    return float(np.mean([state.sum() for state in states]))


def _normals(count: int) -> FloatArray:
    """Quantiles (i + ½)/count of the standard normal distribution."""
    normal = NormalDist()
    return np.array([normal.inv_cdf((index + 0.5) / count) for index in range(count)])
