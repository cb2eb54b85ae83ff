"""Trajectories compared to the last bit."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ppodiag.ablate.dead_knobs.comparing import Column, compare, first_difference
from ppodiag.runlog import Series


def series(tag: str, *values: float, steps: tuple[int, ...] | None = None) -> Series:
    at = steps or tuple(range(10, 10 * len(values) + 1, 10))
    return Series(tag, np.array(at, np.int64), np.array(values, np.float64))


def log(**tags: tuple[float, ...]) -> dict[str, Series]:
    return {tag: series(tag, *values) for tag, values in tags.items()}


def test_one_bit_is_a_difference() -> None:
    """The next double after 0.1 differs, from its step on; its share of the value is told."""
    there = float(np.nextafter(0.1, 1))
    found = compare(log(loss=(1.0, 0.1, 0.1)), log(loss=(1.0, 0.1, there)))
    assert found.columns == (Column(30, "loss"),)
    assert found.largest == pytest.approx(1.4e-16, rel=0.1)


def test_nan_equals_nan_and_zero_is_not_minus_zero() -> None:
    """Bits count, but for the kinds of NaN."""
    assert not compare(log(loss=(math.nan, -math.inf)), log(loss=(-math.nan, -math.inf))).columns
    assert compare(log(loss=(0.0,)), log(loss=(-0.0,))).columns == (Column(10, "loss"),)


def test_steps_lengths_and_missing_tags_differ() -> None:
    """Where a point stands counts as its value does."""
    one = series("loss", 1.0, 2.0)
    assert first_difference(one, series("loss", 1.0, 2.0, steps=(10, 15))) == 15
    assert first_difference(one, series("loss", 1.0, 2.0, 3.0)) == 30
    assert first_difference(one, None) == 10
    assert first_difference(one, one) is None
    assert compare({"loss": one}, {}).largest == 1.0


def test_the_earliest_column_comes_first() -> None:
    """Columns are in the order of their first step, then of the log."""
    one = log(z=(1.0, 2.0), a=(1.0, 2.0), b=(1.0, 2.0))
    other = log(z=(1.0, 3.0), a=(1.0, 3.0), b=(0.0, 2.0))
    assert [column.tag for column in compare(one, other).columns] == ["b", "z", "a"]


def test_time_and_memory_and_what_is_ignored_do_not_count() -> None:
    """Tags of the machine by name, and those that the caller leaves out."""
    one = log(**{"time/fps": (1.0,), "rss_mb": (1.0,), "queue": (1.0,), "loss": (1.0,)})
    other = log(**{"time/fps": (2.0,), "rss_mb": (2.0,), "queue": (2.0,), "loss": (1.0,)})
    found = compare(one, other, frozenset(("queue",)))
    assert (found.columns, found.compared) == ((), 1)


def test_an_echo_is_a_constant_that_is_the_value_itself() -> None:
    """A column that is 1 throughout where the key is 1, and 2 where it is 2, shows nothing."""
    one, other = log(a=(1.0, 1.0), loss=(3.0, 4.0)), log(a=(2.0, 2.0), loss=(3.0, 4.0))
    found = compare(one, other, values=(1, 2))
    assert (found.columns, found.echoes) == ((), ("a",))
    assert compare(one, other, values=(1, 3)).columns == (Column(10, "a"),)
    assert compare(log(a=(0.0,)), log(a=(1.0,)), values=(False, True)).echoes == ("a",)
    assert compare(log(a=(1.0, 1.0)), log(a=(2.0, 2.5)), values=(1, 2)).columns
