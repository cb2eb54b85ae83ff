"""Reading what `--norms` says: a model with parameters, a run to replay, or a run to fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ppodiag.errors import UsageError
from ppodiag.norms.model import NormModel

FORMS = (
    "constant:norm=1",
    "lognormal:norm=1,sigma=0.15,phi=0",
    "noise:norm=1,share=0.5,sigma=0.15,phi=0",
    "run:PATH",
    "run:PATH,share=0.5",
    "fit:PATH",
    "fit:PATH,model=noise",
)
"""One example of each form."""

_KEYS = {
    "constant": ("norm",),
    "lognormal": ("norm", "sigma", "phi"),
    "noise": ("norm", "share", "sigma", "phi"),
}

_RANGES: dict[str, tuple[Callable[[float], bool], str]] = {
    "norm": (lambda x: 0 < x <= 1e150, "above 0"),
    "share": (lambda x: 0 <= x <= 1, "between 0 and 1"),
    "sigma": (lambda x: 0 <= x <= 100, "between 0 and 100"),
    "phi": (lambda x: -1 < x < 1, "between −1 and 1, both exclusive"),
}


@dataclass(frozen=True, slots=True)
class FromRun:
    """Norms that come from a recorded run.

    Attributes:
        kind: `run`: replay its norms; `fit`: fit a model to them.
        path: the run.
        share: ν to rescale replayed norms with; None: not rescaled.
        model: the model to fit; None: the best.
    """

    kind: str
    path: str
    share: float | None = None
    model: str | None = None


def parse_norms(text: str, default_norm: float = 1.0) -> NormModel | FromRun:
    """What a text such as `noise:share=0.9` or `run:logs/run1` asks for.

    Args:
        text: kind, a colon, and key=value pairs; see `FORMS`. A path may hold commas where what
            follows them is no known key.
        default_norm: the norm of a model that names none.

    Raises:
        UsageError: no such model or key, or a value out of its range.
    """
    kind, _, rest = text.partition(":")
    if kind in ("run", "fit"):
        return _from_run(kind, rest)
    if kind not in _KEYS:
        raise UsageError(
            f"no model of norms is called {kind!r}", f"write one of {'; '.join(FORMS)}"
        )
    model = NormModel(kind, default_norm)
    if kind != "noise":
        model = replace(model, share=0.0)
    if kind == "constant":
        model = replace(model, sigma=0.0)
    for pair in filter(None, rest.split(",")):
        key, _, value = pair.partition("=")
        if key.strip() not in _KEYS[kind]:
            raise UsageError(
                f"{kind} has no parameter {key.strip()!r}", f"choose of {', '.join(_KEYS[kind])}"
            )
        change: Any = {key.strip(): number_of(key.strip(), value)}
        model = replace(model, **change)
    return model


def number_of(key: str, text: str) -> float:
    """The value of a parameter, within its range."""
    holds, words = _RANGES[key]
    try:
        value = float(text)
    except ValueError:
        raise UsageError(f"{key}={text!r} is no number", f"write a number {words}") from None
    if not holds(value):
        raise UsageError(f"{key}={text} is out of range", f"write a number {words}")
    return value


def _from_run(kind: str, rest: str) -> FromRun:
    option = "share" if kind == "run" else "model"
    path, comma, value = rest.rpartition(f",{option}=")
    if not comma:
        path, value = rest, ""
    if not path:
        raise UsageError(f"--norms {kind}: names no run", f"write {kind}:PATH")
    if not comma:
        return FromRun(kind, path)
    if kind == "run":
        return FromRun(kind, path, share=number_of("share", value))
    if value not in _KEYS:
        raise UsageError(f"no model is called {value!r}", f"choose of {', '.join(_KEYS)}")
    return FromRun(kind, path, model=value)
