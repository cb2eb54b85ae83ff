"""What so few seeds cannot show, however large the difference: said before the runs and after them."""

from __future__ import annotations

from ppodiag.ablate.effects import factors_of
from ppodiag.ablate.statistics.paired import fewest_seeds, smallest_p
from ppodiag.ablate.statistics.verdict import ALPHA, FEWEST
from ppodiag.ablate.study import Study
from ppodiag.wording import counted


def too_few(seeds: int, tests: int, noun: str, alpha: float = ALPHA) -> str:
    """Why no difference can be shown, and how many seeds are the fewest; empty where one can.

    Holm multiplies the smallest of k values of p by k, and where that one is above α no other is looked at. So with
    2^(1 − n) > α/k none of the k is ever found to differ.

    Args:
        seeds: n.
        tests: k, the arms or effects that are judged together.
        noun: what a pair is: a seed, or a round.
        alpha: α, of all of them together.
    """
    fewest = max(FEWEST, fewest_seeds(alpha / max(1, tests)))
    if seeds >= fewest:
        return ""
    p = smallest_p(seeds)
    over = f", over {tests} tests {min(1.0, tests * p):.3g}" if tests > 1 else ""
    return (
        f"{counted(seeds, noun)} cannot show a difference (smallest p {p:.3g}{over}; {fewest} can)"
    )


def forewarning(study: Study) -> str:
    """What the seeds of a study can never show, for those who have not run it yet; empty where there is nothing."""
    declared, noun = study.declared, "seed" if study.learns else "round"
    pairs = len(declared.seeds) if study.learns else declared.timing_rounds
    return too_few(pairs, len(factors_of(study.plans)) or len(study.run_arms) - 1, noun)
