"""What is predicted of a run, and what its log says about it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ppodiag.confirm.log import Log
from ppodiag.wording import number

Logs = Mapping[str, Log]
"""Name of an arm to its log."""

CONFIRMED, REFUTED, OPEN = "confirmed", "refuted", "cannot be settled here"

STILL = 1e-8
"""KL divergence, in nats, of a policy that did not move: more than single precision leaves of 0."""

EXACT = 1e-9
"""Relative difference of two numbers that are meant to be one."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a log says of a claim.

    Attributes:
        text: the value with what it is.
        holds: whether the claim does; None: this run does not tell.
    """

    text: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Claim:
    """One prediction that a run can refute.

    Attributes:
        predicted: the arithmetic and its result, in words.
        measure: reads the logs of the experiment's arms.
    """

    predicted: str
    measure: Callable[[Logs], Measured]


def within(
    predicted: str,
    value: Callable[[Logs], float],
    low: float,
    high: float,
    shown: str,
    show: Callable[[float], str] = number,
) -> Claim:
    """A claim that a number lies in an interval, both ends included.

    Args:
        predicted: the arithmetic and its result.
        value: the number in the logs; nan: they do not tell.
        low, high: the interval; equal ends are compared with a relative tolerance of `EXACT`.
        shown: what the measured number is, with `{}` in its place.
        show: writes the number.
    """

    def measure(logs: Logs) -> Measured:
        found = value(logs)
        if math.isnan(found):
            return Measured("not in the log", None)
        slack = EXACT * max(abs(low), abs(high) if math.isfinite(high) else 0.0)
        return Measured(shown.format(show(found)), low - slack <= found <= high + slack)

    return Claim(predicted, measure)


def equals(
    predicted: str,
    value: Callable[[Logs], float],
    expected: float,
    shown: str,
    show: Callable[[float], str] = number,
) -> Claim:
    """A claim that a number is another one; arguments as for `within`."""
    return within(predicted, value, expected, expected, shown, show)


def verdict_of(measured: Sequence[Measured]) -> str:
    """Refuted where one claim fails, open where one is not told, confirmed where all hold."""
    if any(m.holds is False for m in measured):
        return REFUTED
    if not measured or any(m.holds is None for m in measured):
        return OPEN
    return CONFIRMED
