"""Two trajectories of one trainer, compared to the last bit."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from ppodiag.ablate.machine_tags import of_machine
from ppodiag.runlog import Series


@dataclass(frozen=True, slots=True, order=True)
class Column:
    """A tag whose values differ.

    Attributes:
        step: the log's own step of the first point that differs.
        tag: its name in the log.
    """

    step: int
    tag: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two runs.

    Attributes:
        columns: that differ, the earliest first.
        echoes: tags that only repeat the value which was changed, and so show no effect of it.
        compared: number of tags that were compared.
        largest: of the differences at equal steps, as a share of the larger value; 1: as large as
            the value itself or more, not finite, or of the steps themselves.
    """

    columns: tuple[Column, ...] = ()
    echoes: tuple[str, ...] = ()
    compared: int = 0
    largest: float = 0.0


NOTHING = Comparison()
"""Nothing differs, or nothing was compared."""


def compare(
    one: Mapping[str, Series],
    other: Mapping[str, Series],
    ignored: Set[str] = frozenset(),
    values: tuple[Any, Any] | None = None,
) -> Comparison:
    """What differs between two runs, to the last bit; NaN equals NaN.

    Args:
        one, other: tag to series.
        ignored: tags that do not count.
        values: what was changed, in the two runs: a tag that is constantly one in the first and the
            other in the second is an echo.
    """
    tags = [tag for tag in {**one, **other} if tag not in ignored and not of_machine(tag)]
    found, echoes = [], []
    for tag in tags:
        step = first_difference(one.get(tag), other.get(tag))
        if step is None:
            continue
        if values is not None and _echo(one.get(tag), other.get(tag), values):
            echoes.append(tag)
        else:
            found.append(Column(step, tag))
    order = {tag: number for number, tag in enumerate(tags)}
    found.sort(key=lambda column: (column.step, order[column.tag]))
    largest = max((_largest(one.get(c.tag), other.get(c.tag)) for c in found), default=0.0)
    return Comparison(tuple(found), tuple(echoes), len(tags), largest)


def first_difference(one: Series | None, other: Series | None) -> int | None:
    """The step of the first point that differs, in steps or values; None: nothing does."""
    if one is None or other is None:
        there = one or other
        return int(there.steps[0]) if there is not None and len(there) else None
    size = min(len(one), len(other))
    same = (one.steps[:size] == other.steps[:size]) & (
        _bits(one.values[:size]) == _bits(other.values[:size])
    )
    at = int(size if same.all() else np.argmin(same))
    if at < size:
        return int(min(one.steps[at], other.steps[at]))
    longer = one if len(one) > len(other) else other
    return int(longer.steps[at]) if len(longer) > size else None


def _largest(one: Series | None, other: Series | None) -> float:
    if one is None or other is None or len(one) != len(other) or (one.steps != other.steps).any():
        return 1.0
    values = np.stack([one.values, other.values])
    values = values[:, _bits(one.values) != _bits(other.values)]
    scale = np.abs(values).max(axis=0, initial=0.0)
    if not np.isfinite(scale).all():
        return 1.0
    apart = np.abs(values[0] - values[1])
    return float(np.max(apart / np.where(scale > 0, scale, 1.0), initial=0.0).clip(0.0, 1.0))


def _bits(values: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    whole = np.where(np.isnan(values), np.nan, values)
    return np.ascontiguousarray(whole, np.float64).view(np.int64)


def _echo(one: Series | None, other: Series | None, values: tuple[Any, Any]) -> bool:
    for series, value in zip((one, other), values, strict=True):
        if series is None or isinstance(value, str) or not len(series):
            return False
        if not (series.values == float(value)).all():
            return False
    return True
