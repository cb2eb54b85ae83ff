"""The batch-size law against a literal transcription of the definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppodiag.batch import BatchLaw, adapt, batch_law, minibatch_size, swing, window_samples
from ppodiag.config import Unavailable, parse_config
from ppodiag.healthy import with_changes
from ppodiag.profile import parse_profile

ABS = "advanced_optimization.adaptive_batch_size"
ON = {ABS: {"enable": True, "min_batch_size": 32, "max_batch_size": 128, "adaptation_rate": 0.1}}


def naive(law: BatchLaw, norms: list[float]) -> tuple[list[int], float, float]:
    """The definitions, one update at a time, in plain Python."""
    b, ref, sizes = float(law.initial), None, []
    for g in norms:
        sizes.append(min(round(b), law.samples))
        if not math.isfinite(g):
            continue
        new = g if ref is None else 0.9 * ref + 0.1 * g
        if law.reference is not None:
            new = law.reference
        if new == 0:
            continue
        ref = new
        d = min(max((ref - g) / ref, -1), 1)
        b = min(max(b * (1 + law.rate * d), law.low), law.high)
        if law.integer:
            b = round(b)
    return sizes, b, ref or 0.0


norms = st.lists(
    st.one_of(
        st.floats(0, 1e6), st.just(0.0), st.sampled_from([math.nan, math.inf]), st.floats(0.5, 2)
    ),
    max_size=60,
)


@st.composite
def laws(draw: st.DrawFn) -> BatchLaw:
    low = draw(st.integers(1, 300))
    high = draw(st.integers(low, 600))
    return BatchLaw(
        initial=float(draw(st.integers(low, high))),
        low=low,
        high=high,
        rate=draw(st.floats(0.001, 0.999)),
        samples=draw(st.integers(1, 700)),
        reference=draw(st.one_of(st.none(), st.floats(0.01, 100))),
        integer=draw(st.booleans()),
    )


@given(law=laws(), norms=norms)
def test_law_is_the_literal_one(law: BatchLaw, norms: list[float]) -> None:
    """Stepped one update at a time, sizes and state are those of the definitions, to the bit."""
    state, reference, sizes = law.initial, 0.0, []
    for norm in norms:
        sizes.append(int(minibatch_size(law, state)))
        state, reference = adapt(law, state, reference, norm)
    wanted, b, ref = naive(law, norms)
    assert sizes == wanted
    assert float(state) == b
    if law.reference is None:
        assert float(reference) == ref


@given(law=laws(), norms=norms)
def test_many_seeds_are_as_one(law: BatchLaw, norms: list[float]) -> None:
    """Arrays over seeds give the bits that each seed gives alone, whatever its neighbours do."""
    columns = np.array([norms, list(reversed(norms)), [1.0] * len(norms)]).T.reshape(-1, 3)
    states, references = np.full(3, law.initial), np.zeros(3)
    alone = [(law.initial, 0.0)] * 3
    for row in columns:
        states, references = adapt(law, states, references, row)
        alone = [adapt(law, *pair, norm) for pair, norm in zip(alone, row, strict=True)]
    assert states.tolist() == [float(state) for state, _ in alone]


@pytest.mark.parametrize(("b", "size"), [(62.5, 62), (63.5, 64), (64.49, 64), (200.0, 100)])
def test_rounding(b: float, size: int) -> None:
    """Halves round to even, and no minibatch is larger than the rollout."""
    law = BatchLaw(64.0, 32, 512, 0.1, 100, None, False)
    assert minibatch_size(law, b) == size


def test_by_hand() -> None:
    """Rate 0.1: a first norm is its own reference; then 2 against 0.9 + 0.2 = 1.1 shrinks by 8.2%."""
    law = BatchLaw(64.0, 32, 128, 0.1, 1024, None, False)
    state, reference = adapt(law, 64.0, 0.0, 1.0)
    assert (float(state), float(reference)) == (64.0, 1.0)
    state, reference = adapt(law, state, reference, 2.0)
    assert float(reference) == pytest.approx(1.1)
    assert float(state) == pytest.approx(64 * (1 - 0.1 * 0.9 / 1.1))


def test_zero_norms_leave_no_reference() -> None:
    """A run that begins with norms of 0 takes its reference from the first norm above 0."""
    law = BatchLaw(64.0, 32, 128, 0.1, 1024, None, False)
    state, reference = adapt(law, 64.0, 0.0, 0.0)
    assert (float(state), float(reference)) == (64.0, 0.0)
    state, reference = adapt(law, state, reference, 5.0)
    assert (float(state), float(reference)) == (64.0, 5.0)


def test_law_of_a_configuration() -> None:
    """The law begins between the bounds and takes the profile's reference and state."""
    config = parse_config(with_changes({**ON, "ppo_config.minibatch_size": 256}))
    law = batch_law(config, parse_profile("note"))
    assert law == BatchLaw(128.0, 32, 128, 0.1, 1024, None, False, 2)
    fixed = batch_law(
        config, parse_profile("note,batch_reference=max_grad_norm,batch_state=integer")
    )
    assert (fixed.reference, fixed.integer) == (0.5, True)


def test_fixed_reference_needs_a_threshold() -> None:
    """Without max_grad_norm there is nothing to compare norms with."""
    config = parse_config(
        with_changes({**ON, "ppo_config.max_grad_norm": None})
        | {"ppo_config": {**with_changes({})["ppo_config"], "max_grad_norm": None}}
    )
    with pytest.raises(Unavailable):
        batch_law(config, parse_profile("note,batch_reference=max_grad_norm"))


def test_swing_by_hand() -> None:
    """64, 128, 64, 128: Δ log B is ±ln 2, its mean a third of that; each change turns."""
    deviation, flips = swing(np.array([64, 128, 64, 128]))
    ln2 = math.log(2)
    assert deviation == pytest.approx(math.sqrt((2 * (2 / 3) ** 2 + (4 / 3) ** 2) / 3) * ln2)
    assert flips == 1.0


def test_swing_of_a_short_or_still_run() -> None:
    """Two updates, or a size that stays: no swing."""
    assert swing(np.array([64, 128])) == (0.0, 0.0)
    deviation, flips = swing(np.full((10, 2), 64))
    assert deviation.tolist() == [0, 0]
    assert flips.tolist() == [0, 0]


def test_swing_counts_turns_among_consecutive_changes() -> None:
    """Of 64, 128, 64 the one pair turns; of + + − one of two; beside a size that stays no pair counts."""
    deviation, flips = swing(np.array([64, 128, 64]))
    assert (deviation, flips) == (pytest.approx(math.log(2)), 1.0)
    assert swing(np.array([64, 128, 256, 128]))[1] == 0.5
    assert swing(np.array([64, 128, 128, 64, 128]))[1] == 1.0
    assert swing(np.array([64, 128, 256, 512]))[1] == 0.0


def test_swing_of_a_short_run_has_an_entry_a_seed() -> None:
    """One update and two updates of three seeds: three zeros, and three zeros."""
    for updates in (1, 2):
        deviation, flips = swing(np.full((updates, 3), 64))
        assert deviation.tolist() == [0, 0, 0]
        assert flips.tolist() == [0, 0, 0]


@pytest.mark.parametrize(("samples", "ends"), [(1024, (32, 512)), (100, (32, 100)), (16, (16, 16))])
def test_ends_are_bounded_by_the_rollout(samples: int, ends: tuple[int, int]) -> None:
    """Bounds of 32 and 512 in rollouts of 1,024, 100 and 16 samples; a window is one minibatch."""
    law = BatchLaw(64.0, 32, 512, 0.1, samples, None, False)
    assert law.ends == ends
    assert law.accumulation == 1


def test_a_window_beyond_64_bits_is_the_rollout() -> None:
    """min(a·B, R) with a = 10^18, and with a·B = 2·64 below R."""
    sizes = np.array([64, 512])
    assert window_samples(10**18, sizes, 512).tolist() == [512, 512]
    assert window_samples(2, sizes, 512).tolist() == [128, 512]
