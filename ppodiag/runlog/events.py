"""TensorBoard event files, read by the official package."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ppodiag.errors import UsageError
from ppodiag.runlog.run import Note, Series, SeriesBuilder, joined

FRAME = 16
"""Bytes of a record beside its data: length, and two checksums."""

MARK = b"brain.Event:"
"""Stands in the first record of every event file."""


@dataclass
class EventFile:
    """What one event file holds."""

    path: str
    series: dict[str, Series] = field(default_factory=dict)
    first_wall: float = 0.0
    records: int = 0
    started: bool = False
    notes: list[Note] = field(default_factory=list)


def looks_like_events(path: str) -> bool:
    """Whether a file begins as event files do, or is named so."""
    with open(path, "rb") as file:
        head = file.read(256)
    return MARK in head or ".tfevents." in os.path.basename(path)


def read_event_file(path: str) -> EventFile:
    """The scalars of one file, up to where it is cut or damaged.

    Raises:
        UsageError: the tensorboard package is missing, or no record can be read.
    """
    found = EventFile(path)
    builder, offset = SeriesBuilder(), 0
    unread = 0
    for record, event in _events(path, found):
        offset += FRAME + len(record)
        found.records += 1
        if found.records == 1:
            found.first_wall = event.wall_time
        if event.HasField("session_log") and event.session_log.status == 1:
            found.started = True
        for value in event.summary.value:
            number = _scalar(value)
            if number is None:
                unread += 1
            else:
                builder.add(value.tag, event.step, number, event.wall_time)
    size = os.path.getsize(path)
    if not found.records:
        raise UsageError(
            f"{path} holds no readable event: {size:,} bytes, damaged or cut at the first",
            "name a TensorBoard event file, a CSV or a JSONL file, or a folder with one",
        )
    if offset < size:
        found.notes.append(Note(
            "warning", f"{path}, byte {offset:,}",
            f"the file is cut or damaged here; {found.records:,} records before it were read, the "
            f"{size - offset:,} bytes after it were not",
        ))  # fmt: skip
    if unread:
        found.notes.append(
            Note("info", path, f"{unread:,} values are no scalars (pictures, histograms, texts)")
        )
    found.series = builder.build()
    return found


def _events(path: str, found: EventFile) -> Iterator[tuple[bytes, Any]]:
    try:
        from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
        from tensorboard.compat.proto.event_pb2 import Event
    except ImportError:
        raise UsageError(
            f"{path} is a TensorBoard file, and tensorboard is not installed",
            "pip install 'ppodiag[logs]'",
        ) from None
    from google.protobuf.message import DecodeError

    for record in RawEventFileLoader(path).Load():
        try:
            event = Event.FromString(record)
        except DecodeError:
            found.notes.append(
                Note("warning", f"{path}, record {found.records + 1:,}", "is no event; left out")
            )
            event = Event()
        yield record, event


def _scalar(value: Any) -> float | None:
    """The number of a summary value; None where it is none."""
    if value.HasField("simple_value"):
        return float(value.simple_value)
    if not value.HasField("tensor"):
        return None
    tensor = value.tensor
    size = 1
    for dim in tensor.tensor_shape.dim:
        size *= dim.size
    if size != 1 or len(tensor.tensor_content) > 16 or tensor.string_val:
        return None
    from tensorboard.util.tensor_util import make_ndarray

    try:
        return float(make_ndarray(tensor).reshape(()))
    except (TypeError, ValueError):
        return None


def merge_files(files: list[EventFile]) -> tuple[dict[str, Series], list[Note]]:
    """The series of one writer's files, in the order of time; a restart replaces what it does again.

    Where a later file begins at a step that an earlier one has passed, the earlier points from there
    on are dropped, as TensorBoard does.
    """
    notes = [note for file in files for note in file.notes]
    merged: dict[str, list[Series]] = {}
    for file in sorted(files, key=lambda f: (f.first_wall, f.path)):
        dropped = 0
        for tag, series in file.series.items():
            parts = merged.setdefault(tag, [])
            if parts and len(series):
                kept, lost = _before(parts, int(series.steps[0]))
                merged[tag], dropped = kept, dropped + lost
            merged[tag].append(series)
        if dropped:
            notes.append(Note(
                "warning", file.path,
                f"a restart: {dropped:,} earlier points at the steps that it does again were dropped",
            ))  # fmt: skip
    return {tag: joined(parts) for tag, parts in merged.items() if parts}, notes


def _before(parts: list[Series], step: int) -> tuple[list[Series], int]:
    """The points before a step, and how many were not."""
    kept, lost = [], 0
    for part in parts:
        mask = part.steps < step
        lost += int((~mask).sum())
        if mask.all():
            kept.append(part)
        elif mask.any():
            wall = None if part.wall is None else part.wall[mask]
            kept.append(Series(part.tag, part.steps[mask], part.values[mask], wall))
    return kept, lost
