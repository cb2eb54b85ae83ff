"""Simulate the statistics of ablations where the truth is known: coverage, false verdicts, power.

Prints the Markdown tables of docs/statistics.md; `--write` puts them there. Takes a minute or two, so `make docs` leaves
them alone; a test simulates some rows anew, with other draws.

Scores of both arms are drawn independently, normal or skewed (exponential), with standard deviation 1, so that the paired
differences have standard deviation √2; effects and margins are in units of that.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np

from ppodiag.ablate.statistics.aggregate import iqm, mean
from ppodiag.ablate.statistics.bootstrap import interval
from ppodiag.ablate.statistics.comparison import compare
from ppodiag.ablate.statistics.equivalence import tost
from ppodiag.ablate.statistics.improvement import improvement
from ppodiag.ablate.statistics.scores import FloatArray, arm_scores
from ppodiag.ablate.statistics.verdict import Declared, Verdict

PAGE = Path(__file__).resolve().parents[1] / "docs" / "statistics.md"
SIMULATIONS, RESAMPLES, SEED = 2000, 500, 2021
SHAPES = ("normal", "skewed")
SEEDS = (5, 10, 20, 50)
ARMS = 7
SKEWED_IQM = 2 * (0.75 * (1 + math.log(4 / 3)) - 0.25 * (1 + math.log(4))) - 1
"""Of the exponential distribution less its mean: the mean between ln(4/3) and ln 4."""

FAMILIES = (
    (1, 0.0, None), (ARMS, 0.0, None), (1, 0.5, None), (1, 1.0, None), (1, 1.5, None), (ARMS, 1.0, None),
    (ARMS, 1.5, None), (1, 0.0, 1.0), (ARMS, 0.0, 1.0), (ARMS, 0.0, 1.5), (1, 1.0, 1.0), (ARMS, 1.0, 1.0),
)  # fmt: skip
"""Arms, true difference, margin; the last two in standard deviations of the paired differences."""

Row = tuple[float, ...]


def drawn(shape: str, size: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
    """Scores with mean 0 and standard deviation 1."""
    return rng.normal(size=size) if shape == "normal" else rng.exponential(size=size) - 1


def coverage(shape: str, seeds: int, simulations: int, entropy: int = SEED) -> Row:
    """Shares of intervals that hold the truth: of the IQM, the mean difference, P(X > Y) (95%), and t (90%)."""
    rng = np.random.default_rng([entropy, seeds, SHAPES.index(shape)])
    truth = 0.0 if shape == "normal" else SKEWED_IQM
    held = np.zeros(4)
    for x, y in drawn(shape, (simulations, 2, 1, seeds), rng):
        d = x - y
        within = tost(float(d.mean()), float(d.std(ddof=1)), seeds, 1.0, 0.05)
        held += (
            interval(iqm, x, rng=rng, resamples=RESAMPLES).holds(truth),
            interval(mean, d, rng=rng, resamples=RESAMPLES).holds(0.0),
            improvement(x, y, rng, resamples=RESAMPLES).holds(0.5),
            within.low <= 0 <= within.high,
        )
    return tuple(held / simulations)


def verdicts(
    shape: str,
    arms: int,
    effect: float,
    margin: float | None,
    simulations: int,
    entropy: int = SEED,
) -> Row:
    """Of 10 seeds, shares of: better, worse, equivalent, undecided among all arms; and families with one not undecided.

    Every arm has the same true difference.
    """
    entropies = [
        entropy,
        arms,
        round(100 * effect),
        round(100 * (margin or 0)),
        SHAPES.index(shape),
    ]
    rng = np.random.default_rng(entropies)
    scale = math.sqrt(2)
    declared = Declared(margin=None if margin is None else margin * scale)
    kinds = (Verdict.BETTER, Verdict.WORSE, Verdict.EQUIVALENT, Verdict.UNDECIDED)
    counts, families = np.zeros(4), 0
    for table in drawn(shape, (simulations, arms + 1, 10), rng):
        others = [arm_scores(str(k), row + effect * scale) for k, row in enumerate(table[1:])]
        found = compare(arm_scores("all on", table[0]), others, declared, rng, resamples=1)
        said = [arm.verdict for arm in found.arms]
        counts += [said.count(kind) for kind in kinds]
        families += any(verdict is not Verdict.UNDECIDED for verdict in said)
    return (*(counts / (simulations * arms)), families / simulations)


def coverage_table() -> str:
    """One row a shape and number of seeds, in percent."""
    lines = ["| scores | seeds | IQM | mean difference | P(X > Y) | t interval of TOST |"]
    lines.append("|---|---|---|---|---|---|")
    for shape in SHAPES:
        for seeds in SEEDS:
            cells = _cells(coverage(shape, seeds, SIMULATIONS))
            lines.append(f"| {shape} | {seeds} | {cells} |")
    return "\n".join(lines) + "\n"


def verdict_table() -> str:
    """One row a shape and family, in percent."""
    lines = [
        "| scores | arms | true difference | margin | better | worse | equivalent | undecided | any verdict |"
    ]
    lines.append("|---|---|---|---|---|---|---|---|---|")
    for shape in SHAPES:
        for arms, effect, margin in FAMILIES:
            cells = _cells(verdicts(shape, arms, effect, margin, SIMULATIONS))
            said = "none" if margin is None else f"{margin:g}"
            lines.append(f"| {shape} | {arms} | {effect:g} | {said} | {cells} |")
    return "\n".join(lines) + "\n"


def _cells(row: Row) -> str:
    return " | ".join(f"{100 * share:.1f}" for share in row)


def main() -> None:
    """Print the tables, or write them into the page."""
    text = PAGE.read_text(encoding="utf-8") if "--write" in sys.argv else ""
    for name, table in (("coverage", coverage_table()), ("verdicts", verdict_table())):
        print(table)
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        if text:
            before, _, rest = text.partition(begin)
            text = f"{before}{begin}{table}{end}{rest.partition(end)[2]}"
    if text:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
