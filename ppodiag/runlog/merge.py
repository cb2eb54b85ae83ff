"""One series per tag out of the files of one run: restarts, and writers at the same time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ppodiag.runlog.run import Note, Series

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ppodiag.runlog.events import EventFile


@dataclass(slots=True)
class _Overlap:
    """What one file did to the points before it, over all tags."""

    tags: int = 0
    points: int = 0
    step: int = 2**63 - 1
    all_of_it: bool = True


@dataclass(slots=True)
class _Overlaps:
    restarted: dict[str, _Overlap] = field(default_factory=dict)
    beside: dict[str, _Overlap] = field(default_factory=dict)
    backwards: list[str] = field(default_factory=list)


def merge_files(files: Sequence[EventFile]) -> tuple[dict[str, Series], list[Note]]:
    """Tag to series, over files in the order in which they were begun.

    A later file that goes back to a step resumed the run there: what stood at that step and later
    is superseded. Files written at the same time that share a tag cannot be put in one order: the
    one with more points is read, the other is set aside. Within one file nothing is changed.
    """
    overlaps = _Overlaps()
    tags = dict.fromkeys(tag for file in files for tag in file.tags)
    series: dict[str, Series] = {}
    for tag in tags:
        parts = [(file.name, _series(tag, file)) for file in files if file.tags.get(tag)]
        parts = [(name, part) for name, part in parts if len(part.steps)]
        if parts:
            series[tag] = _join(parts, overlaps)
    return series, _notes(overlaps)


def _series(tag: str, file: EventFile) -> Series:
    points = file.tags[tag]
    return Series(
        tag,
        np.array(points.steps, np.int64),
        np.array(points.values, np.float64),
        np.array(points.walls, np.float64),
    )


def _join(parts: list[tuple[str, Series]], overlaps: _Overlaps) -> Series:
    kept = parts[0][1]
    for name, part in parts[1:]:
        if _end(kept) > _begin(part):
            fewer = min(kept, part, key=lambda s: len(s.steps))
            _count(overlaps.beside, name, len(fewer.steps), int(part.steps[0]), True)
            kept = kept if fewer is part else part
            continue
        before = kept.steps < part.steps[0]
        if not before.all():
            superseded = int((~before).sum())
            _count(overlaps.restarted, name, superseded, int(part.steps[0]), not before.any())
        kept = _concatenate(_select(kept, before), part)
    if (np.diff(kept.steps) < 0).any():
        overlaps.backwards.append(kept.tag)
    return kept


def _begin(series: Series) -> float:
    return float(series.wall_times[0]) if series.wall_times is not None else 0.0


def _end(series: Series) -> float:
    return float(series.wall_times[-1]) if series.wall_times is not None else 0.0


def _select(series: Series, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Series:
    walls = series.wall_times
    return Series(
        series.tag,
        series.steps[keep],
        series.values[keep],
        None if walls is None else walls[keep],
    )


def _concatenate(first: Series, second: Series) -> Series:
    walls = None
    if first.wall_times is not None and second.wall_times is not None:
        walls = np.concatenate([first.wall_times, second.wall_times])
    return Series(
        first.tag,
        np.concatenate([first.steps, second.steps]),
        np.concatenate([first.values, second.values]),
        walls,
    )


def _count(where: dict[str, _Overlap], name: str, points: int, step: int, whole: bool) -> None:
    overlap = where.setdefault(name, _Overlap())
    overlap.tags += 1
    overlap.points += points
    overlap.step = min(overlap.step, step)
    overlap.all_of_it = overlap.all_of_it and whole


def _notes(overlaps: _Overlaps) -> list[Note]:
    notes = []
    for name, o in overlaps.restarted.items():
        text = f"begins again at step {o.step}: {o.points} earlier points of {o.tags} tags are superseded"
        if o.all_of_it:
            text += ", all that the files before it held of them: two runs in one folder?"
        notes.append(Note("error" if o.all_of_it else "warning", name, text))
    for name, o in overlaps.beside.items():
        text = (
            f"was written at the same time as a file before it: {o.tags} tags are in both, "
            f"{o.points} points of the smaller share are set aside"
        )
        notes.append(Note("error", name, text))
    if overlaps.backwards:
        names = ", ".join(map(repr, overlaps.backwards[:3]))
        more = len(overlaps.backwards) - 3
        names += f" and {more} more" if more > 0 else ""
        text = f"steps go back within one file; the points stand as they were written: {names}"
        notes.append(Note("warning", "", text))
    return notes
