"""The figures of a trajectory that a person reads first."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from ppodiag.batch import batch_law
from ppodiag.bytesize import size_text
from ppodiag.config import FIELDS, Unavailable
from ppodiag.feedback import Feedback, analyse
from ppodiag.memory import estimate_for
from ppodiag.norms.model import NormModel
from ppodiag.swing_limits import SWING
from ppodiag.trajectory import Trajectory
from ppodiag.wording import count, counted, number, percent

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over the paths: median, and the 5% and 95% quantiles."""

    median: float
    low: float
    high: float

    def text(self, show: Callable[[float], str]) -> str:
        """`2,496`, or `2,496 [2,216 to 2,784]` where the paths differ."""
        low, high = show(self.low), show(self.high)
        return show(self.median) if low == high else f"{show(self.median)} [{low} to {high}]"

    def plain(self) -> float | dict[str, float]:
        """For JSON: one number where the paths agree."""
        if self.low == self.high:
            return self.median
        return {"median": self.median, "p05": self.low, "p95": self.high}


def spread(values: Sequence[float]) -> Spread:
    """The spread of a figure over the paths; there must be one at least.

    Quantiles are values that occur, so counts stay counts.
    """
    low, median, high = np.quantile(np.asarray(values), (0.05, 0.5, 0.95), method="inverted_cdf")
    return Spread(median.item(), low.item(), high.item())


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, or several that belong together.

    Attributes:
        key: name in JSON; the unit is part of it.
        label: as the table calls it.
        text: value and unit in words.
        value: for JSON.
    """

    key: str
    label: str
    text: str
    value: Any


@dataclass(frozen=True, slots=True)
class Outline:
    """All figures of a trajectory, in the order in which a person asks for them."""

    figures: tuple[Figure, ...]
    feedback: Feedback | None = None
    notes: tuple[str, ...] = field(default=())

    def plain(self) -> dict[str, Any]:
        """Key to value, for JSON."""
        return {figure.key: figure.value for figure in self.figures}

    def median_of(self, key: str, part: str) -> float:
        """The median over the paths of one part of a figure."""
        value = self.plain()[key][part]
        return float(value["median"] if isinstance(value, dict) else value)


def outline(trajectory: Trajectory) -> Outline:
    """The figures of a trajectory.

    Counts are those of the plan; λ is taken over the ticks of the clock, or over those that the updates
    read where each reads one; quantiles of the batch size are over updates and paths together.
    """
    figures = [*_steps(trajectory)]
    feedback = None
    if trajectory.updates:
        figures += _learning_rate(trajectory)
        if trajectory.sizes is not None:
            feedback = feedback_of(trajectory)
            figures += _batch(trajectory)
            figures += _loop(feedback, trajectory)
        figures += _norms(trajectory)
    figures += _memory(trajectory)
    return Outline(tuple(figures), feedback, trajectory.remarks)


def _steps(t: Trajectory) -> list[Figure]:
    total, rollouts = t.config.total_env_steps or 0, t.context.budget.rollouts
    skipped = "none skipped" if not t.skipped else f"the first {count(t.skipped)} skipped"
    applied = f"{count(t.updates)} applied" if t.updates else "none applied, so nothing trains"
    done = f"{applied}, of {counted(rollouts, 'rollout')} of {count(t.samples)} samples, {skipped}"
    if not rollouts:
        done = f"none, so nothing trains: a rollout is {count(t.samples)} samples"
    hedge = "at most " if t.steps_are_upper_bounds else ""
    found = [
        Figure("env_steps", "environment steps", count(total), total),
        Figure(
            "applied_updates", "updates",
            done,
            t.updates,
        ),
        Figure("rollouts", "", "", rollouts),
        Figure("rollout_samples", "", "", t.samples),
        Figure("skipped_updates", "", "", t.skipped),
    ]  # fmt: skip
    if t.updates:
        for key, label, values in (
            ("minibatch_steps", "minibatch steps", t.minibatch_steps),
            ("optimizer_steps", "optimizer steps", t.optimizer_steps),
        ):
            figure = spread(values)
            text, stays = hedge + figure.text(count), count(getattr(t.context.run, key))
            if not t.fixed and text != hedge + stays:
                causes = [f"the size stays {t.context.size}"] if t.sizes is not None else []
                causes += ["no update stops early"] if t.minibatches is not None else []
                text += f"; {stays} if {' and '.join(causes)}"
            found.append(Figure(key, label, text, figure.plain()))
    return found


def _learning_rate(t: Trajectory) -> list[Figure]:
    found = []
    lr, schedule = t.config.lr, t.schedule
    if schedule.warmup:
        found.append(_warmup(t))
    if schedule.kind == "cosine_annealing_with_warmup":
        elapsed = [max(0, end - schedule.origin) / schedule.period for end in t.ticks]
        cycles = spread([done if schedule.restarts else min(done, 1.0) for done in elapsed])
        unit = t.profile.tick_unit
        rest = "" if schedule.restarts or max(elapsed) <= 1 else ", then at the floor"
        found.append(
            Figure(
                "cosine_cycles", "cosine cycles",
                f"{cycles.text(lambda x: f'{x:,.2f}')} of {count(schedule.period)} {unit}s{rest}",
                cycles.plain(),
            )
        )  # fmt: skip
    peak = spread([lr * ratio for ratio in t.peak_ratios])
    final = spread([lr * ratio for ratio in t.final_ratios])
    mean = spread([lr * ratio for ratio in t.mean_ratios])
    parts = ((peak, "peak"), (final, "final"), (mean, "mean"))
    text = " · ".join(f"{word} {figure.text(number)}" for figure, word in parts)
    found.append(Figure("lr", "learning rate", text, {w: f.plain() for f, w in parts}))
    if schedule.warmup:
        share = spread(t.warmup_shares)
        found.append(
            Figure("lr_share_in_warmup", "sum of LR in warm-up", share.text(percent), share.plain())
        )
    return found


def _warmup(t: Trajectory) -> Figure:
    """Where the warm-up ends, over all paths; one that never ends it counts as the latest."""
    ends = t.warmup_ends
    never = sum(map(math.isinf, ends)) / len(ends)
    lasts = [last for last, end in zip(t.final_ratios, ends, strict=True) if math.isinf(end)]
    stops = spread(lasts or [1.0])
    if never == 1:
        text = f"never ends: the run stops at {stops.text(percent)} of the peak"
        return Figure("warmup_ends", "warm-up", text, None)
    steps = spread(ends)
    updates = Spread(*(x / t.samples - t.skipped for x in (steps.median, steps.low, steps.high)))
    share = steps.median / max(t.collected, 1)
    if math.isinf(updates.median):
        text = f"never ends in {percent(never)} of the paths: they stop at {stops.text(percent)} of the "
        text += f"peak; the first one ends it at {_or_never(min(ends))} env steps"
    else:
        text = f"ends at {steps.text(_or_never)} env steps ({percent(share)} of the run)"
        text += f", in update {updates.text(_or_never)} of {count(t.updates)}"
        if never:
            text += f"; in {percent(never)} of the paths never"
    value = {
        "env_steps": _plain(steps), "share_of_run": _finite(share), "update": _plain(updates),
        "never_share": never,
    }  # fmt: skip
    return Figure("warmup_ends", "warm-up", text, value)


def _or_never(value: float) -> str:
    return "never" if math.isinf(value) else count(round(value))


def _plain(figure: Spread) -> int | dict[str, int | None] | None:
    """A spread of counts for JSON: as `Spread.plain`, with null for what never happens."""

    def whole(value: float) -> int | None:
        return round(value) if math.isfinite(value) else None

    plain = figure.plain()
    if isinstance(plain, dict):
        return {key: whole(value) for key, value in plain.items()}
    return whole(plain)


def bound_shares(t: Trajectory) -> tuple[float, float]:
    """Shares of all updates with a norm, and paths, at the lower and at the upper bound."""
    sizes = t.judged_sizes
    assert sizes is not None
    low, high = t.size_bounds
    return float(np.mean(sizes == low)), float(np.mean(sizes == high))


def _batch(t: Trajectory) -> list[Figure]:
    sizes = t.judged_sizes
    assert sizes is not None
    # Of the sizes as they are: numpy's quantiles would copy them as floats.
    places = [max(math.ceil(q * sizes.size) - 1, 0) for q in QUANTILES]
    values = np.partition(sizes, places, axis=None)[places]
    names = [f"p{round(100 * q):02d}" for q in QUANTILES]
    low, high = bound_shares(t)
    swings, flipped = (spread(figure.tolist()) for figure in t.swings)
    bounds = t.size_bounds
    shares = (
        f"{percent(low)} of updates at {count(bounds[0])}, {percent(high)} at {count(bounds[1])}"
    )
    if bounds[0] == bounds[1]:
        shares = f"always: {count(bounds[0])} is the only size between the bounds"
        shares += " that a rollout has room for" if bounds[1] == t.samples else ""
    return [
        Figure(
            "minibatch_size", "minibatch size",
            f"begins at {count(t.context.size)}; "
            + " · ".join(
                f"{'median' if q == 0.5 else f'{q:.0%}'} {count(v)}"
                for q, v in zip(QUANTILES, values, strict=True)
            ),
            dict(zip(names, (int(v) for v in values), strict=True)),
        ),
        Figure(
            "share_at_bound", "at a bound",
            shares,
            {"lower": low, "upper": high},
        ),
        Figure(
            "swing", "swing",
            f"std of Δ log B {swings.text(lambda x: f'{x:.3f}')}; changes of direction "
            f"{flipped.text(percent)}",
            {"std_delta_log": swings.plain(), "sign_flips": flipped.plain()},
        ),
    ]  # fmt: skip


def feedback_of(t: Trajectory) -> Feedback | None:
    """The feedback under a model of norms; None where a record is replayed."""
    if not isinstance(t.source, NormModel):
        return None
    return analyse(batch_law(t.config, t.profile), t.source, SWING)


def _loop(feedback: Feedback | None, t: Trajectory) -> list[Figure]:
    if feedback is None:
        return []
    assert isinstance(t.source, NormModel)
    words = {-1: "pulls back", 0: "does not act", 1: "drives on"}[feedback.sign]
    known = t.source.share_known
    if not known:
        text = "gain not known: the record does not tell the share of noise, and none "
        text += "is simulated"
    elif feedback.moving:
        text = f"gain {feedback.gain:.2f} of 1: {words}"
    else:
        text = f"fixed reference, {words}: {percent(feedback.gain)} an update"
    if feedback.whole_from is not None:
        text += f" (0 from size {count(feedback.whole_from)} on: its window is the whole rollout)"
    text += f"; to a bound {_updates(feedback.median_to_bound, t.updates)}"
    rates = {"critical_rate": feedback.critical_rate, "calm_rate": feedback.calm_rate}
    if feedback.moving and feedback.critical_rate is not None:
        text += f"; gain 1 at rate {feedback.critical_rate:.3f}"
    value = {
        "gain": feedback.gain if known else None, "sign": feedback.sign if known else None,
        "no_gain_from_size": feedback.whole_from,
        "expected_swing": feedback.swing,
        "median_updates_to_bound": _finite(feedback.median_to_bound),
        "expected_updates_to_bound": _finite(feedback.expected_to_bound), **rates,
    }  # fmt: skip
    return [Figure("feedback", "feedback", text, value)]


def _updates(number_of: float, whole: int) -> str:
    if np.isnan(number_of):
        return "in a time not known"
    if number_of == 0:
        return "from the start"
    if number_of > 1e7:
        return "never"
    about = counted(float(f"{number_of:.2g}"), "update")
    return f"in about {about}, of the run's {count(whole)}"


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def norm_quantiles(t: Trajectory, threshold: float) -> tuple[float, float, float, float]:
    """Share of the finite norms above a threshold, and their 5%, 50% and 95% quantiles; or nan."""
    assert t.norms is not None
    known = np.isfinite(t.norms)
    finite = t.norms if known.all() else t.norms[known]
    if not finite.size:
        return (float("nan"),) * 4
    low, median, high = (q.item() for q in np.quantile(finite, (0.05, 0.5, 0.95)))
    return float(np.mean(finite > threshold)), low, median, high


def _norms(t: Trajectory) -> list[Figure]:
    if t.norms is None or t.source is None:
        return []
    threshold = t.config.max_grad_norm if t.config.clipping else None
    share, low, median, high = norm_quantiles(t, threshold or 0.0)
    if np.isnan(share):
        return [Figure("pg_grad_norm", "gradient norm", "none is finite", None)]
    text = f"median {number(median)} [{number(low)} to {number(high)}]"
    value: dict[str, Any] = {"median": median, "p05": low, "p95": high}
    assumed = isinstance(t.source, NormModel) and t.source.assumed
    if assumed:
        text += ", assumed"
    elif threshold is not None:
        text += f"; {percent(share)} of updates above max_grad_norm {number(threshold)}"
        value["share_clipped"] = share
    return [Figure("pg_grad_norm", "gradient norm", text, value)]


def _memory(t: Trajectory) -> list[Figure]:
    """The estimate at the initial minibatch size, over the batch range, and what checkpointing saves."""
    try:
        return _estimated(t)
    except Unavailable as error:
        key = FIELDS[str(error)][0].rsplit("/", 1)[-1] if str(error) in FIELDS else str(error)
        text = f"not estimated: {key} is absent or invalid"
        return [Figure("memory_bytes", "memory", text, None)]


def _estimated(t: Trajectory) -> list[Figure]:
    config = t.config
    here = None if config.architecture is None else estimate_for(config, t.context.size)
    if here is None:
        text = "not estimated: the file does not say what the networks are"
        return [Figure("memory_bytes", "memory", text, None)]
    other = estimate_for(config, t.context.size, checkpointing=not config.checkpointing)
    assert other is not None
    parts = {field.name: getattr(here, field.name) for field in fields(here)}
    value: dict[str, Any] = {"total": here.total, **parts}
    text = f"{size_text(here.total)} at size {count(t.context.size)}"
    if t.context.range_contexts:
        sizes = t.context.range_contexts[0].size, t.context.range_contexts[-1].size
        ends = [estimate_for(config, size) for size in sizes]
        low, high = (end.total if end else 0 for end in ends)
        if sizes[0] < sizes[1]:
            text += (
                f", {size_text(low)} at {count(sizes[0])}, {size_text(high)} at {count(sizes[1])}"
            )
        value |= {"total_at_min": low, "total_at_max": high}
    saved = abs(other.total - here.total)
    whole = max(other.total, here.total)
    verb = "saves" if config.checkpointing else "would save"
    if (other.total > here.total) != config.checkpointing:
        verb = "saves nothing, it costs" if config.checkpointing else "would cost"
    text += f"; checkpointing {verb} {size_text(saved)} ({percent(saved / whole)})"
    value["total_checkpointed" if not config.checkpointing else "total_plain"] = other.total
    return [Figure("memory_bytes", "memory, estimated", text, value)]
