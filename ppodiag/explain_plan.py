"""The derived budget: every integer of a run, and the lines that it came from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ppodiag.config import FIELDS, DoesNotApply, pointer_of
from ppodiag.context import Context
from ppodiag.full import resolve
from ppodiag.options import Options
from ppodiag.profile import option_values
from ppodiag.schedule import lr_ratio_mean
from ppodiag.source.reader import read_document

if TYPE_CHECKING:
    from ppodiag.source.document import Document

Row = tuple[str, str, Callable[[Context], float], str, tuple[str, ...]]

ROWS: tuple[Row, ...] = (
    ("T", "environment steps", lambda c: c.config.total_env_steps or 0, "", ("total_env_steps",)),
    ("n", "environments", lambda c: c.config.num_envs, "", ("num_envs",)),
    ("R", "samples in a rollout", lambda c: c.rollout.samples, "rollout_len · n", ("rollout_len",)),
    ("U", "rollouts", lambda c: c.budget.rollouts, "T / R, whole", ()),
    (
        "D",
        "skipped updates",
        lambda c: c.budget.skipped,
        "min(U, floor(S / R))",
        ("stabilization_steps",),
    ),
    ("B", "minibatch size", lambda c: c.rollout.size, "", ("minibatch_size",)),
    ("M", "minibatches an epoch", lambda c: c.rollout.minibatches, "ceil(R / B)", ()),
    ("a", "minibatches a window", lambda c: c.rollout.accumulation, "", ("accumulation_steps",)),
    ("G", "optimizer steps an epoch", lambda c: c.rollout.windows, "ceil(M / a)", ()),
    ("E", "epochs", lambda c: c.rollout.epochs, "", ("epochs",)),
    ("K", "ticks an update", lambda c: c.rollout.ticks, "of the clock", ()),
    ("N_mb", "minibatch steps", lambda c: c.run.minibatch_steps, "(U − D) · E · M", ()),
    ("N_opt", "optimizer steps", lambda c: c.run.optimizer_steps, "(U − D) · E · G", ()),
    ("N", "ticks of the clock", lambda c: c.run.ticks, "", ()),
    ("W", "warm-up, ticks", lambda c: c.config.warmup_steps, "", ("warmup_steps",)),
    ("P", "cycle, ticks", lambda c: _period(c), "", ("restart_period",)),
    ("W/N", "share of the warm-up", lambda c: c.config.warmup_steps / c.run.ticks, "", ()),
    ("λ_end", "final ratio", lambda c: c.lr_ratio(c.run.final_tick), "", ("min_lr_ratio",)),
    (
        "λ_mean",
        "mean ratio",
        lambda c: lr_ratio_mean(c.schedule, *c.run.reads),
        "",
        (),
    ),
)
"""Symbol, meaning, figure, formula, and the fields that it is read from."""


def _period(context: Context) -> float:
    if context.config.schedule_kind != "cosine_annealing_with_warmup":
        raise DoesNotApply
    return context.schedule.period


def explain_plan(data: bytes, path: str, options: Options) -> str:
    """A table: symbol, meaning, value, range over the batch sizes, formula, and lines.

    Args:
        data: the file.
        path: its name.
        options: as for a lint; `profile` and `overrides` count.
    """
    document = read_document(data, path, options.format)
    _, context = resolve(document, options, {})
    profile = context.profile
    assumed = "" if context.profile_declared else " (assumed)"
    lines = [f"{path}: plan under profile {profile.name}{assumed}"]
    clock = option_values(profile)["clock"]
    lines.append(f"clock: {clock}" + _hedge(context))
    lines.append(f"{'':2}{'':8}{'':26}{'value':>16}  {'range':<20}from")
    for symbol, meaning, figure, formula, fields in ROWS:
        shown, spread = _figure(context, figure), _spread(context, figure)
        source = "; ".join(filter(None, [formula, *(_origin(f, document) for f in fields)]))
        lines.append(f"  {symbol:<8}{meaning:<26}{shown:>16}  {spread:<20}{source}".rstrip())
    return "\n".join(lines) + "\n"


def _hedge(context: Context) -> str:
    try:
        stops = context.config.early_stopping
    except DoesNotApply:
        return ""
    return "; step counts are upper bounds (KL early stop)" if stops else ""


def _write(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"


def _figure(context: Context, figure: Callable[[Context], float]) -> str:
    try:
        return _write(figure(context))
    except DoesNotApply:
        return "not known"


def _spread(context: Context, figure: Callable[[Context], float]) -> str:
    try:
        interval = context.over_range(figure)
    except DoesNotApply:
        return ""
    if interval is None or interval.low == interval.high:
        return ""
    return f"{_write(interval.low)} to {_write(interval.high)}"


def _origin(field: str, document: Document) -> str:
    pointer = pointer_of(field)
    if not document.has(pointer):
        return f"{pointer.rsplit('/', 1)[1]} absent (default {FIELDS[field][1]})"
    return f"line {document.span(pointer).start_line}"
