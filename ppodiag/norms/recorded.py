"""Gradient norms from a recorded run: replayed, or a model fitted to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ppodiag.errors import UsageError
from ppodiag.norms.fit import Fit, fit_models
from ppodiag.norms.model import FloatArray, IntArray, NormModel, Replay
from ppodiag.norms.placing import Plan, place
from ppodiag.norms.spec import FromRun

if TYPE_CHECKING:
    from ppodiag.runlog.run import Run

MOST = 1e15
"""The largest number that a size or a count can be."""

NORM, SIZE, MINIBATCHES = "pg_grad_norm", "minibatch_size", "minibatch_steps"


def read_norms(path: str, plan: Plan | None = None) -> Replay:
    """The norms of a run, and its batch sizes and minibatch steps where it has them.

    Args:
        path: the log.
        plan: the run that it is replayed in, to tell the update of each row; None: each is one.

    Raises:
        UsageError: it cannot be read, or holds no gradient norm.
    """
    from ppodiag.runlog import read_run

    return replay_of(read_run(path), plan)


def replay_of(run: Run, plan: Plan | None = None) -> Replay:
    """The same of a run that is read already.

    Raises:
        UsageError: it holds no gradient norm.
    """
    series = run.columns.get(NORM)
    if series is None or not len(series.values):
        raise UsageError(
            f"{run.path} holds no gradient norm",
            "log it under a known name, such as pg_grad_norm or Training/GradientNorm",
        )
    steps = _update_steps(run, series.steps)
    norms = _aligned(run, NORM, steps)
    assert norms is not None  # the series is there
    norms = np.where(norms >= 0, norms, np.nan)
    sizes, minibatches = (_counts(_aligned(run, c, steps)) for c in (SIZE, MINIBATCHES))
    notes = tuple(_reader_notes(run))
    if plan is None:
        return Replay(run.path, norms, sizes, minibatches, notes=notes)
    placing = place(steps, run.step_unit, plan)
    return Replay(
        run.path,
        placing.mean(norms),
        None if sizes is None else placing.last(sizes),
        None if minibatches is None else placing.last(minibatches),
        notes=(*notes, *placing.notes),
    )


def _reader_notes(run: Run) -> Iterator[str]:
    """What the reader says of damage, and of the columns that are used."""
    for note in run.notes:
        if note.severity != "info" or any(c in note.message for c in (NORM, SIZE, MINIBATCHES)):
            place = f"{note.place}: " if note.place else ""
            yield f"{note.severity} in {run.path}: {place}{note.message}"


def _update_steps(run: Run, steps: IntArray) -> IntArray:
    """The steps of the applied updates: those with a norm, and those that trained without one.

    An update whose norms were not finite has none in some logs, and minibatch steps all the same.
    """
    done = run.columns.get(MINIBATCHES)
    if done is None:
        return steps
    trained = done.steps[done.values >= 1]
    if len(np.unique(trained)) < len(trained) or not np.isin(steps, trained).all():
        return steps  # another axis, or steps that name no single update
    return trained


def _counts(values: FloatArray | None) -> FloatArray | None:
    """The values that can be a size or a count, the others nan; None where none can."""
    if values is None:
        return None
    kept = np.where((values >= 1) & (values <= MOST), values, np.nan)
    return kept if np.isfinite(kept).any() else None


def _aligned(run: Run, column: str, steps: IntArray) -> FloatArray | None:
    """A column at the steps of the norms; nan where it has none; None where it is absent."""
    series = run.columns.get(column)
    if series is None or not len(series.values):
        return None
    if len(series.steps) == len(steps) and np.array_equal(series.steps, steps):
        return np.asarray(series.values, dtype=float)
    known = dict(zip(series.steps.tolist(), series.values.tolist(), strict=True))
    return np.array([known.get(step, np.nan) for step in steps.tolist()])


def source_from_run(
    spec: FromRun,
    relative: Callable[[FloatArray], FloatArray],
    plan: Plan | None = None,
    run: Run | None = None,
) -> tuple[NormModel | Replay, tuple[str, ...]]:
    """What `run:PATH` or `fit:PATH` means, and notes for the reader.

    Args:
        spec: what was asked for.
        relative: from minibatch sizes to n/n₀ of their windows, for the configuration at hand.
        plan: the run that the norms are for; None: each row is one update.
        run: the record, where it is read already.

    Raises:
        UsageError: the run cannot be used, or the wanted model cannot be fitted to it.
    """
    record = read_norms(spec.path, plan) if run is None else replay_of(run, plan)
    if spec.kind == "run":
        if spec.share is not None and record.sizes is None:
            raise UsageError(
                f"{spec.path} holds no minibatch sizes, so its norms cannot be rescaled",
                "leave share out, or log minibatch_size",
            )
        notes = (_replay_note(record, spec.share), *record.notes)
        return replace(record, share=spec.share or 0.0), notes
    sizes = None if record.sizes is None else relative(record.sizes)
    fits = fit_models(record.norms, sizes)
    chosen = fits[0]
    if spec.model is not None:
        wanted = [fit for fit in fits if fit.model.name == spec.model]
        if not wanted:
            raise UsageError(
                f"{spec.model} cannot be fitted: {fits[0].remark or fits[1].remark}",
                "leave model out, or state the parameters",
            )
        chosen = wanted[0]
    return chosen.model, (*(fit_note(fit, fit is chosen) for fit in fits), *record.notes)


def _replay_note(record: Replay, share: float | None) -> str:
    rescaled = (
        f"rescaled to the simulated minibatch size with a noise share of {share:g}"
        if share
        else "not rescaled to the simulated minibatch size"
    )
    stops = "" if record.minibatches is None else "; early stops are replayed"
    known = int(np.isfinite(record.norms).sum())
    return f"{known:,} norms from {record.path}, {rescaled}{stops}"


def fit_note(fit: Fit, chosen: bool) -> str:
    """One fit in a line: parameters, AICc, R² and the test of its residuals."""
    p = "" if np.isnan(fit.residual_p) else f", normal residuals p = {fit.residual_p:.2g}"
    used = "used: " if chosen else "not used: "
    remark = f"; {fit.remark}" if fit.remark else ""
    return (
        f"{used}{fit.model.describe()} fits {fit.norms:,} norms with AICc {fit.aicc:,.1f}, "
        f"R² {fit.r_squared:.2f}{p}{remark}"
    )
