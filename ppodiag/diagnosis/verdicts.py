"""The note's checklist, each line with a verdict: the cause with its evidence, or "not this"."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ppodiag.config import DoesNotApply, PPOConfig
from ppodiag.diagnosis.engine import Diagnosis
from ppodiag.diagnosis.verdict_type import Verdict
from ppodiag.finding import Severity
from ppodiag.runlog.run import Series
from ppodiag.wording import count, number


def verdicts(diagnosis: Diagnosis) -> tuple[Verdict, ...]:
    """One verdict for each line of the checklist."""
    return tuple(
        _caused(diagnosis, symptom, codes)
        or _left_out(diagnosis, symptom, codes)
        or absent(diagnosis, symptom)
        for symptom, codes, absent in CHECKLIST
    )


def _caused(diagnosis: Diagnosis, symptom: str, codes: tuple[str, ...]) -> Verdict | None:
    """The verdict where a rule found the symptom, at warning or above."""
    found = [f for f in diagnosis.findings if f.code in codes and f.severity >= Severity.WARNING]
    if not found:
        return None
    first = found[0]
    name = diagnosis.names.get(first.code, "").replace("-", " ")
    return Verdict(
        symptom,
        f"cause: {first.code} {name}",
        first.message,
        tuple(dict.fromkeys(f.code for f in found)),
    )


def _left_out(diagnosis: Diagnosis, symptom: str, codes: tuple[str, ...]) -> Verdict | None:
    """No verdict where rules that would find the symptom were not run."""
    absent = [code for code in codes if code not in diagnosis.names]
    if not absent:
        return None
    return Verdict(symptom, "cannot tell", f"--select or --ignore leaves out {', '.join(absent)}")


def _config(diagnosis: Diagnosis) -> PPOConfig | None:
    return None if diagnosis.context is None else diagnosis.context.config


def _series(diagnosis: Diagnosis, column: str) -> Series | None:
    series = diagnosis.run.columns.get(column)
    return series if series is not None and np.isfinite(series.values).any() else None


def _missing(diagnosis: Diagnosis, symptom: str, column: str) -> Verdict:
    if any(f.code == "RUN951" and f.severity is Severity.ERROR for f in diagnosis.findings):
        text = f"{column} is not in what could be read, and a part of the log was lost: RUN951"
        return Verdict(symptom, "cannot tell", text, ("RUN951",))
    return Verdict(
        symptom,
        "cannot tell",
        f"{column} is not logged under a known name; --map {column}=TAG names it, --list-tags lists "
        "what is there",
    )


def _no_lr_zero(diagnosis: Diagnosis, symptom: str) -> Verdict:
    lr = _series(diagnosis, "lr")
    if lr is None:
        return _missing(diagnosis, symptom, "lr")
    values = lr.values[np.isfinite(lr.values)]
    low, high = float(values.min()), float(values.max())
    if low == high:
        text = f"the learning rate is {number(low)} in all {count(len(values))} updates"
    else:
        text = f"the learning rate is {number(low)} to {number(high)}"
    constant = [f.code for f in diagnosis.findings if f.code == "RUN902"]
    if constant:
        text += "; but it is constant, though the file declares a schedule: RUN902"
    return Verdict(symptom, "not this", text, tuple(constant))


def _no_swing(diagnosis: Diagnosis, symptom: str) -> Verdict:
    sizes = _series(diagnosis, "minibatch_size")
    if sizes is not None:
        values = sizes.values[np.isfinite(sizes.values)]
        text = f"the minibatch size is {count(values.min())} to {count(values.max())}"
        if values.min() == values.max():
            text = f"the minibatch size is {count(values[0])} throughout"
        return Verdict(symptom, "not this", text)
    config = _config(diagnosis)
    try:
        if config is not None and not config.adaptive_batch:
            return Verdict(symptom, "not this", "the file fixes the minibatch size")
    except DoesNotApply:
        pass
    return _missing(diagnosis, symptom, "minibatch_size")


def _no_explosion(diagnosis: Diagnosis, symptom: str) -> Verdict:
    norms = _series(diagnosis, "pg_grad_norm")
    if norms is None:
        return _missing(diagnosis, symptom, "pg_grad_norm")
    values = norms.values[np.isfinite(norms.values)]
    text = f"gradient norms have median {number(np.median(values))}, maximum {number(values.max())}"
    always = [f for f in diagnosis.findings if f.code == "RUN911"]
    if always:
        text += "; but clipping acts always: RUN911"
    return Verdict(symptom, "not this", text, tuple(f.code for f in always))


def _not_slower(diagnosis: Diagnosis, symptom: str) -> Verdict:
    if "RUN941" in diagnosis.unchecked:
        costs = _costs(_config(diagnosis))
        text = f"{diagnosis.unchecked['RUN941']}; --compare RUN compares the speed"
        return Verdict(symptom, "cannot tell", text + costs)
    return Verdict(symptom, "not this", "no slower than the baseline, within the noise")


def _costs(config: PPOConfig | None) -> str:
    """What the file turns on that costs time."""
    if config is None:
        return ""
    on = []
    try:
        if config.checkpointing:
            on.append("gradient checkpointing")
        if config.accumulation_steps > 1:
            on.append(f"accumulation over {config.accumulation_steps} minibatches")
    except DoesNotApply:
        return ""
    return f"; the file turns on {' and '.join(on)}, try without" if on else ""


CHECKLIST: tuple[tuple[str, tuple[str, ...], Callable[[Diagnosis, str], Verdict]], ...] = (
    ("LR stuck at zero", ("RUN901", "RUN903"), _no_lr_zero),
    ("Batch size swings wildly", ("RUN921", "RUN922", "RUN923"), _no_swing),
    ("Gradient explosion despite clipping", ("RUN913", "RUN912"), _no_explosion),
    ("Training slower than expected", ("RUN941",), _not_slower),
)
"""Symptom, the rules that find its cause, and what is said where none does."""
