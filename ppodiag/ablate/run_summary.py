"""What an ablation keeps of a run's log: its curve, its totals, and a digest of its trajectory."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ppodiag.ablate.machine_tags import of_machine
from ppodiag.errors import UsageError
from ppodiag.runlog import Run, Series, read_run

FloatArray = NDArray[np.float64]

RETURN = "episode_return"
EPISODES = "episodes"


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One seed's run.

    Attributes:
        env_steps: shape (points,): where returns were logged; the log's own step where it has no count.
        returns: shape (points,): the mean return of the episodes that ended there.
        episodes: shape (points,): how many ended there; empty: the log does not count them.
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
    episodes: list[float] = field(default_factory=list)


def summarise(path: str) -> RunSummary:
    """The summary of a log.

    Raises:
        UsageError: there is no log, or it cannot be read.
    """
    run = read_run(path)
    returns = run.columns.get(RETURN)
    steps, values, episodes = _placed(run, returns)
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
        episodes=episodes,
    )


def _placed(run: Run, returns: Series | None) -> tuple[list[float], list[float], list[float]]:
    """Env steps, returns that are numbers, and the episodes behind each; none where not counted."""
    if returns is None:
        return [], [], []
    steps = returns.steps.astype(np.float64)
    counts = run.columns.get("env_steps")
    if counts is not None and run.step_unit != "env_steps":
        steps = np.interp(steps, counts.steps.astype(np.float64), counts.values)
    known = np.isfinite(returns.values)
    episodes = _episodes(run, returns)
    weights = [] if episodes is None else episodes[known].tolist()
    return steps[known].tolist(), returns.values[known].tolist(), weights


def _episodes(run: Run, returns: Series) -> FloatArray | None:
    """How many episodes ended at each point; None: the log does not say so of every mean in it.

    They are counted by the tag beside that of the returns: `…/episode_return` and `…/episodes`.
    """
    group, slash, _ = returns.tag.rpartition("/")
    counted = run.series.get(f"{group}{slash}{EPISODES}")
    if counted is None:
        return None
    known = dict(zip(counted.steps.tolist(), counted.values.tolist(), strict=True))
    found = np.array([known.get(step, math.nan) for step in returns.steps.tolist()])
    told = np.isfinite(returns.values)
    return found if (found[told] > 0).all() else None


def trajectory_digest(run: Run) -> str:
    """SHA-256 over tags, steps and values of all series that do not depend on the machine."""
    found = hashlib.sha256()
    for tag in sorted(run.series):
        if not of_machine(tag):
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
    """Mean return of the episodes that ended in the last `share` of the run's env steps; nan: none.

    A logged mean counts by the episodes behind it, so that it does not matter in what portions a
    trainer logs. A log that does not count them is averaged point by point.

    Raises:
        UsageError: the share is not above 0 and at most 1.
    """
    if not 0 < share <= 1:
        raise UsageError(f"the share of the run is {share}", "give one above 0, at most 1")
    if not summary.returns:
        return math.nan
    end = summary.totals.get("env_steps", summary.env_steps[-1])
    last = np.asarray(summary.env_steps) > end * (1 - share)
    if not last.any():
        return math.nan
    weights = np.asarray(summary.episodes)[last] if summary.episodes else None
    return float(np.average(np.asarray(summary.returns)[last], weights=weights))


def time_to(summary: RunSummary, threshold: float, window: int) -> float:
    """Env steps until the mean of `window` logged returns is at the threshold; inf: never."""
    values = np.asarray(summary.returns)
    if len(values) < window:
        return math.inf
    sums = np.cumsum(np.concatenate([[0.0], values]))
    means = (sums[window:] - sums[:-window]) / window
    there = np.flatnonzero(means >= threshold)
    return float(summary.env_steps[int(there[0]) + window - 1]) if len(there) else math.inf
