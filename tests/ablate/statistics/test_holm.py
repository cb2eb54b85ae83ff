"""Holm's adjustment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppodiag.ablate.statistics.holm import holm

P_VALUES = st.lists(st.floats(0, 1), max_size=9)


def test_by_hand() -> None:
    """0.01, 0.02, 0.03, 0.04 of four: 4·0.01, 3·0.02, then 2·0.03 and 0.04 raised to 0.06."""
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.6, 0.9]) == (1.0, 1.0)
    assert holm([0.03]) == (0.03,)
    assert holm([]) == ()


def step_down(p_values: list[float], alpha: float) -> list[bool]:
    """Holm's own words: refuse from the smallest on while p(i) ≤ α/(k − i + 1)."""
    refused = [False] * len(p_values)
    for rank, i in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if p_values[i] * (len(p_values) - rank) > alpha:
            break
        refused[i] = True
    return refused


@given(P_VALUES, st.floats(0.001, 0.5))
def test_it_refuses_what_the_step_down_refuses(p_values: list[float], alpha: float) -> None:
    """Adjusted p ≤ α exactly where the step-down procedure refuses."""
    assert [p <= alpha for p in holm(p_values)] == step_down(p_values, alpha)


@given(P_VALUES)
def test_between_p_and_bonferroni(p_values: list[float]) -> None:
    """Never below p itself, never above Bonferroni's k·p or 1, and in the order of p."""
    found = holm(p_values)
    assert all(p <= q <= min(1.0, len(p_values) * p) for p, q in zip(p_values, found, strict=True))
    assert [q for _, q in sorted(zip(p_values, found, strict=True))] == sorted(found)
