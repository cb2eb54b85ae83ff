"""The page on the statistics: its example prints what it shows, and its simulated shares come out again."""

from __future__ import annotations

import contextlib
import io
import math
import re
import sys
from typing import Any

import numpy as np
import pytest

from ppodiag.ablate.statistics.power import seeds_for_difference, seeds_for_equivalence
from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import statistics_proof as proof

PAGE = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
FEWER = 400
"""Simulations beside the 2,000 of the page."""


@pytest.fixture(scope="module")
def example() -> tuple[dict[str, Any], str]:
    """The names of the example and what it prints."""
    match = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert match is not None
    names: dict[str, Any] = {}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(match.group(1), names)
    return names, printed.getvalue()


def test_the_example_prints_what_is_shown(example: tuple[dict[str, Any], str]) -> None:
    """To the last digit: same scores, same seed."""
    match = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert match is not None
    assert example[1] == match.group(1)


def test_the_example_by_hand(example: tuple[dict[str, Any], str]) -> None:
    """The figures that the page works out by hand."""
    found = example[0]["found"]
    a, b, c = found.arms
    assert found.reference.iqm.estimate == pytest.approx(219.5)
    assert a.paired.differences.tolist() == [-32, -27, -18, -35, -10, -30, -39, -9, -31, -34]
    assert (a.paired.mean.estimate, a.paired.p, a.p) == pytest.approx((-26.5, 2 / 1024, 6 / 1024))
    assert b.paired.differences.tolist() == [3, -3, 3, -2, 2, 1, -3, 1, 2, -2]
    assert b.paired.deviation == pytest.approx(math.sqrt(53.6 / 9))
    assert b.equivalence.p == pytest.approx(0.00008, abs=5e-6)
    assert b.p_equivalence == pytest.approx(3 * b.equivalence.p)
    assert c.paired.differences.tolist() == [20, -17, 5, -7, 32, -10, 10, -28, 20, 28]
    assert c.paired.deviation == pytest.approx(math.sqrt(3674.1 / 9))
    assert c.seeds_to_decide == 156
    for number in ("219.5", "−26.5", "0.00195", "2.440", "0.7717", "6.22", "20.205", "155.01"):
        assert number in PAGE


def shares(name: str) -> list[list[str]]:
    """The cells of a simulated table, without its two head lines."""
    match = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", PAGE, re.DOTALL)
    assert match is not None
    return [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in match.group(1).splitlines()[2:]
    ]


def near(found: proof.Row, cells: list[str], simulations: int) -> None:
    """Shares of fewer simulations beside those of the page, within 4 standard errors of the difference."""
    shown = np.array([float(cell) / 100 for cell in cells])
    spread = np.sqrt(
        np.maximum(shown * (1 - shown), 0.005) * (1 / simulations + 1 / proof.SIMULATIONS)
    )
    assert (np.abs(np.array(found) - shown) <= 4 * spread).all(), (found, cells)


def test_coverage_comes_out_again() -> None:
    """With other draws, a row of each shape; all rows are there."""
    rows = shares("coverage")
    assert [(row[0], int(row[1])) for row in rows] == [
        (s, n) for s in proof.SHAPES for n in proof.SEEDS
    ]
    for row in (rows[1], rows[4]):
        near(proof.coverage(row[0], int(row[1]), FEWER, entropy=7), row[2:], FEWER)


def test_coverage_is_what_the_page_says() -> None:
    """Bootstrap intervals: below 91% with 5 seeds, above 92% with 50; t at least 87% of 90% everywhere."""
    for row in shares("coverage"):
        mean_covered, t_covered = float(row[3]), float(row[5])
        assert int(row[1]) != 5 or mean_covered < 91
        assert int(row[1]) != 50 or mean_covered > 92
        assert t_covered > 87


def test_verdicts_come_out_again() -> None:
    """With other draws, of seven arms: a planted effect is found and a planted null is not."""
    rows = {tuple(row[:4]): row[4:] for row in shares("verdicts")}
    assert len(rows) == len(proof.SHAPES) * len(proof.FAMILIES)
    for shape, arms, effect, margin in (("normal", 7, 1.5, None), ("skewed", 1, 0.0, 1.0)):
        key = (shape, str(arms), f"{effect:g}", "none" if margin is None else f"{margin:g}")
        near(
            proof.verdicts(shape, arms, effect, margin, FEWER // 2, entropy=7),
            rows[key],
            FEWER // 2,
        )


def test_the_seeds_that_would_decide_do() -> None:
    """10 seeds by formula, for a difference of 1 and for equivalence within 1: 80% of normal runs on the page."""
    assert seeds_for_difference(1.0, 1.0, 0.05) == seeds_for_equivalence(0.0, 1.0, 1.0, 0.05) == 10
    rows = {tuple(row[:4]): row[4:] for row in shares("verdicts")}
    assert float(rows["normal", "1", "1", "none"][0]) == pytest.approx(80, abs=3)
    assert float(rows["normal", "1", "0", "1"][2]) == pytest.approx(80, abs=3)


def test_false_verdicts_are_as_rare_as_meant() -> None:
    """On the page: without an effect, and at the margin, at most 5% of families with the noise of 2,000."""
    noise = 4 * math.sqrt(0.05 * 0.95 / proof.SIMULATIONS)
    checked = 0
    for _, arms, effect, margin, better, worse, equivalent, _, families in shares("verdicts"):
        if effect == "0" and margin == "none":
            assert float(families) / 100 <= 0.05 + noise
            checked += 1
        if effect == margin:
            assert float(equivalent) / 100 <= 0.05 + noise
            assert float(worse) == 0
            checked += 1
        if effect == "1.5" and arms == "1":
            assert float(better) > 95
            checked += 1
    assert checked == 5 * len(proof.SHAPES)
