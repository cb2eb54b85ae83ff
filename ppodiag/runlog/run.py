"""What a run's log holds, once it is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

IntArray = np.ndarray[Any, np.dtype[np.int64]]
FloatArray = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was not read as it stands, or that a reader must know.

    Attributes:
        severity: info, warning, or error where data were lost.
        place: file, and byte or line.
        message: what was found, and what was made of it.
    """

    severity: str
    place: str
    message: str


@dataclass(frozen=True, eq=False)
class Series:
    """One quantity over the run, in the order of the log.

    Attributes:
        tag: name in the log.
        steps: shape (points,), as the log counts them.
        values: shape (points,); nan where the log says so.
        wall: seconds since 1970, shape (points,); None: not recorded.
    """

    tag: str
    steps: IntArray
    values: FloatArray
    wall: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, eq=False)
class Run:
    """A run's log.

    Attributes:
        path: as it was named.
        kind: tensorboard, csv or jsonl.
        series: by tag.
        canonical: by canonical column (see `ppodiag.runlog.tags`), unit and sign as that says; the tag
            is the one that it came from.
        trainer: whose names the tags are, or nothing.
        notes: what was not read as it stands.
    """

    path: str
    kind: str
    series: Mapping[str, Series]
    canonical: Mapping[str, Series] = field(default_factory=dict)
    trainer: str = ""
    notes: tuple[Note, ...] = ()


class SeriesBuilder:
    """Collects points by tag."""

    def __init__(self) -> None:
        self._points: dict[str, tuple[list[int], list[float], list[float]]] = {}

    def add(self, tag: str, step: int, value: float, wall: float | None = None) -> None:
        """One point."""
        steps, values, walls = self._points.setdefault(tag, ([], [], []))
        steps.append(step)
        values.append(value)
        if wall is not None:
            walls.append(wall)

    def build(self) -> dict[str, Series]:
        """All series."""
        return {
            tag: Series(
                tag,
                np.array(steps, dtype=np.int64),
                np.array(values, dtype=np.float64),
                np.array(walls, dtype=np.float64) if len(walls) == len(steps) else None,
            )
            for tag, (steps, values, walls) in self._points.items()
        }


def joined(parts: Iterable[Series]) -> Series:
    """One series after another; the tag of the first."""
    every = list(parts)
    walls = [part.wall for part in every]
    return Series(
        every[0].tag,
        np.concatenate([part.steps for part in every]),
        np.concatenate([part.values for part in every]),
        np.concatenate([w for w in walls if w is not None])
        if all(w is not None for w in walls)
        else None,
    )
