"""Numbers as messages write them."""

from __future__ import annotations

import pytest

from ppodiag.wording import count, number, percent, ratio


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0%"),
        (1e-6, "under 0.1%"),
        (0.0123, "1.2%"),
        (0.4006, "40%"),
        (1.6, "160%"),
        (1, "100%"),
    ],
)
def test_percent(share: float, text: str) -> None:
    """Whole percent from 10 on, one decimal below, and no 0% for what is not zero."""
    assert percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.8156, "0.82"),
        (0.9946, "0.99"),
        (0.9996, "0.9996"),
        (0.004, "0.004"),
        (1, "1.00"),
        (0, "0.00"),
    ],
)
def test_ratio(value: float, text: str) -> None:
    """Two decimals; more where two would say 0 or 1 of what is neither."""
    assert ratio(value) == text


def test_count_and_number() -> None:
    """Thousands are separated; other numbers have four significant digits."""
    assert count(2496) == "2,496"
    assert [number(v) for v in (0.01, 3e-7, 1 / 3, 97.65625)] == [
        "0.01",
        "3e-07",
        "0.3333",
        "97.66",
    ]
