"""The batch size and the gradient norm feed each other.

## What it checks
Where the minibatch size varies: the correlation of each Δ log B with the next Δ log of the gradient norm
is below −0.3, so that a smaller batch is followed by a higher norm. At least 20 updates are needed.

## Why it matters
The adaptation shrinks the batch where norms are high, and a smaller batch has higher norms: the size
answers to its own echo. See the page on the feedback of the batch size.

## Instead
A lower adaptation_rate, a moving reference, or a fixed batch.

## When not to use
Short logs: with 20 updates chance alone gives −0.3 in one of ten.

## Sources
- McCandlish et al. 2018, An Empirical Model of Large-Batch Training, appendix A: E‖g‖² = ‖G‖² + tr Σ/B.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ppodiag.diagnosis.context import RunContext, TooShort
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import WARNING, RunCase, run_rule
from ppodiag.diagnosis.synthetic import SyntheticRun
from ppodiag.wording import count, number

CORRELATION: Final = -0.3
"""[judgement] From which the echo is more than chance over a run of some length."""

FEWEST: Final = 20
"""[judgement] Updates."""

CHANCE: Final = 3.0
"""[judgement] Standard errors, 1/sqrt(n), that a correlation must exceed."""


@run_rule("RUN923", "batch-feedback", WARNING, "minibatch_size", "pg_grad_norm")
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding where a change of the size is followed by the opposite change of the norm."""
    steps, (sizes, norms) = ctx.together("minibatch_size", "pg_grad_norm")
    usable = norms > 0
    if usable.sum() < FEWEST:
        raise TooShort("minibatch_size")
    batch, gradient = np.diff(np.log(sizes[usable])), np.diff(np.log(norms[usable]))
    # The size of update k is decided by norm k − 1; the norm that answers to it is norm k.
    if np.count_nonzero(batch) < FEWEST / 2:
        return
    found = float(np.corrcoef(batch, gradient)[0, 1])
    if found >= CORRELATION or abs(found) < CHANCE / np.sqrt(len(batch)):
        return
    yield ctx.finding(
        WARNING,
        f"a smaller batch is followed by a higher gradient norm: the correlation of Δ log B with the "
        f"next Δ log norm is {number(found)} over {count(len(batch))} updates; expected above "
        f"{CORRELATION}",
        ranges=[(int(steps[0]), int(steps[-1]))],
        columns=("minibatch_size", "pg_grad_norm"),
        causes=(
            "noise dominates the gradient norm, which falls with the samples of a window",
            "adaptation_rate is high: the size follows single norms",
        ),
        next="ppodiag simulate CONFIG --norms fit:RUN,model=noise gives the share of noise and the gain",
        values={"correlation": found, "updates": len(batch)},
    )


def _case_loop(run: SyntheticRun) -> SyntheticRun:
    """Sizes that scatter, and norms that are all noise: g ∝ 1/sqrt(B)."""
    rng = np.random.default_rng(0)
    sizes = np.rint(64 * np.exp(0.15 * rng.standard_normal(run.updates)))
    norms = np.sqrt(64 / sizes) * np.exp(0.02 * rng.standard_normal(run.updates))
    return run.with_column("minibatch_size", sizes).with_column("pg_grad_norm", norms)


def _case_apart(run: SyntheticRun) -> SyntheticRun:
    """Sizes that scatter, and norms that do not care."""
    rng = np.random.default_rng(0)
    return run.with_column(
        "minibatch_size", np.rint(64 * np.exp(0.05 * rng.standard_normal(run.updates)))
    )


CASES = (
    RunCase("norms that are all noise", _case_loop, WARNING, "a smaller batch is followed by",
            others=("RUN921",)),
    RunCase("norms that do not depend on the batch", _case_apart),
)  # fmt: skip
