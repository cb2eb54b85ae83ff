"""What an ablation keeps of a run's log: its curve, its totals, and a digest of its trajectory."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field

import numpy as np

from ppodiag.errors import UsageError
from ppodiag.runlog import Run, Series, read_run

TIMED = ("second", "time", "fps", "sps", "memory", "speed", "throughput", "wall", "duration")
"""Words in a tag that depends on the machine and is no part of a trajectory."""

RETURN = "episode_return"


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One seed's run.

    Attributes:
        env_steps: shape (points,): where returns were logged; the log's own step where it has no count.
        returns: shape (points,): the mean return of the episodes that ended there.
        digest: SHA-256 of every logged value that does not depend on the machine.
        rows: points of the longest series.
        speeds: env steps/s of each update, as logged.
        peak_bytes: highest logged memory; None: not logged.
        totals: last values: env steps, optimizer steps, minibatch steps, learning rate.
        notes: what the reader of the log had to say.
    """

    env_steps: list[float]
    returns: list[float]
    digest: str
    rows: int
    speeds: list[float] = field(default_factory=list)
    peak_bytes: float | None = None
    totals: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def summarise(path: str) -> RunSummary:
    """The summary of a log.

    Raises:
        UsageError: there is no log, or it cannot be read.
    """
    run = read_run(path)
    returns = run.columns.get(RETURN)
    steps, values = _placed(run, returns)
    speeds = run.columns.get("env_steps_per_second")
    return RunSummary(
        env_steps=steps,
        returns=values,
        digest=trajectory_digest(run),
        rows=max(len(series) for series in run.series.values()),
        speeds=[] if speeds is None else [v for v in speeds.values.tolist() if math.isfinite(v)],
        peak_bytes=_peak(run),
        totals=_totals(run),
        notes=[f"{n.place}: {n.message}" for n in run.notes if n.severity != "info"],
    )


def _placed(run: Run, returns: Series | None) -> tuple[list[float], list[float]]:
    """Returns that are numbers, over env steps."""
    if returns is None:
        return [], []
    steps = returns.steps.astype(np.float64)
    counts = run.columns.get("env_steps")
    if counts is not None and run.step_unit != "env_steps":
        steps = np.interp(steps, counts.steps.astype(np.float64), counts.values)
    known = np.isfinite(returns.values)
    return steps[known].tolist(), returns.values[known].tolist()


def is_timed(tag: str) -> bool:
    """Whether a tag depends on the machine by its name."""
    return any(word in tag.lower() for word in TIMED)


def trajectory_digest(run: Run) -> str:
    """SHA-256 over tags, steps and values of all series that do not depend on the machine."""
    found = hashlib.sha256()
    for tag in sorted(run.series):
        if not is_timed(tag):
            series = run.series[tag]
            found.update(tag.encode() + b"\0")
            found.update(np.ascontiguousarray(series.steps, np.int64).tobytes())
            found.update(np.ascontiguousarray(series.values, np.float64).tobytes())
    return found.hexdigest()


def _peak(run: Run) -> float | None:
    for tag, series in run.series.items():
        if "peak_memory" in tag and np.isfinite(series.values).any():
            return float(np.nanmax(series.values))
    return None


def _totals(run: Run) -> dict[str, float]:
    found = {}
    for name in ("env_steps", "lr", "minibatch_size"):
        series = run.columns.get(name)
        if series is not None and len(series):
            found[name] = float(series.values[-1])
    for name in ("minibatch_steps", "optimizer_steps"):
        series = run.columns.get(name)
        if series is not None and len(series):
            found[name] = float(np.nansum(series.values))
    lr = run.columns.get("lr")
    if lr is not None and np.isfinite(lr.values).any():
        found["mean_logged_lr"] = float(np.nanmean(lr.values))
    return {name: value for name, value in found.items() if math.isfinite(value)}


def final_return(summary: RunSummary, share: float) -> float:
    """Mean of the returns that were logged over the last `share` of the run's env steps; nan: none.

    Raises:
        UsageError: the share is not above 0 and at most 1.
    """
    if not 0 < share <= 1:
        raise UsageError(f"the share of the run is {share}", "give one above 0, at most 1")
    if not summary.returns:
        return math.nan
    end = summary.totals.get("env_steps", summary.env_steps[-1])
    from_ = end * (1 - share)
    last = [v for at, v in zip(summary.env_steps, summary.returns, strict=True) if at > from_]
    return float(np.mean(last)) if last else math.nan


def time_to(summary: RunSummary, threshold: float, window: int) -> float:
    """Env steps until the mean of `window` logged returns is at the threshold; inf: never."""
    values = np.asarray(summary.returns)
    if len(values) < window:
        return math.inf
    sums = np.cumsum(np.concatenate([[0.0], values]))
    means = (sums[window:] - sums[:-window]) / window
    there = np.flatnonzero(means >= threshold)
    return float(summary.env_steps[int(there[0]) + window - 1]) if len(there) else math.inf
