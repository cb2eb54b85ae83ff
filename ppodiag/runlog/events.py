"""The scalars of TensorBoard event files, collected over the files of one run."""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass, field

from ppodiag.errors import UsageError
from ppodiag.runlog.records import Scan, read_records

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

MOST_PURGES = 1000
"""Restarts that are honoured; each costs one pass over what was read before it."""
_SCALARS = "scalars"
_START = 1  # SessionLog.START
_FLOAT = 1  # DataType.DT_FLOAT, what nearly every writer uses
_FLOAT32 = struct.Struct("<f")


@dataclass(slots=True)
class Points:
    """The points of one tag in one file, in the order of the file; all of equal length."""

    steps: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))
    walls: array[float] = field(default_factory=lambda: array("d"))

    def keep_before(self, step: int) -> int:
        """Drop the points at `step` and later; return their number."""
        if not self.steps or max(self.steps) < step:
            return 0
        kept = [i for i, s in enumerate(self.steps) if s < step]
        dropped = len(self.steps) - len(kept)
        self.steps = array("q", [self.steps[i] for i in kept])
        self.values = array("d", [self.values[i] for i in kept])
        self.walls = array("d", [self.walls[i] for i in kept])
        return dropped


@dataclass(slots=True)
class EventFile:
    """What one event file held.

    Attributes:
        name: its name in notes.
        tags: tag to points.
        scan: the records and what was wrong with them.
        unread: records that are not an event.
        others: values that are no scalar: kind to number.
        purges: (step, points dropped) of each restart that the writer declared.
    """

    name: str
    tags: dict[str, Points] = field(default_factory=dict)
    scan: Scan = field(default_factory=Scan)
    unread: int = 0
    others: dict[str, int] = field(default_factory=dict)
    purges: list[tuple[int, int]] = field(default_factory=list)


def event_type() -> tuple[Any, type[Exception]]:
    """TensorBoard's Event message, and the exception of bytes that are none.

    Raises:
        UsageError: tensorboard is not installed.
    """
    try:
        from google.protobuf.message import DecodeError
        from tensorboard.compat.proto.event_pb2 import Event
    except ImportError as error:
        raise UsageError(
            f"reading TensorBoard event files needs the package tensorboard ({error})",
            "pip install 'ppodiag[logs]'",
        ) from None
    return Event, DecodeError


def read_event_files(files: list[tuple[str, Path]]) -> list[EventFile]:
    """The scalars of the event files of one run.

    A `SessionLog.START` at a step drops every point at that step and later that was read before
    it, as TensorBoard does: the writer resumed there.

    Args:
        files: (name, path), in the order in which they were begun.

    Raises:
        UsageError: tensorboard is not installed.
        OSError: a file cannot be read.
    """
    event_class, no_event = event_type()
    parse = event_class.FromString
    read: list[EventFile] = []
    plugins: dict[str, str] = {}
    for name, path in files:
        read.append(EventFile(name))
        with path.open("rb") as handle:
            for record in read_records(handle, read[-1].scan):
                try:
                    event = parse(record)
                except no_event:
                    read[-1].unread += 1
                else:
                    _take(event, read, plugins)
    return read


def _take(event: Any, read: list[EventFile], plugins: dict[str, str]) -> None:
    """Add one event to the last file."""
    file = read[-1]
    values = event.summary.value
    if not values:
        log = event.session_log
        if log.status == _START and sum(len(f.purges) for f in read) < MOST_PURGES:
            _purge(read, event.step)
        return
    step, wall = event.step, event.wall_time
    for value in values:
        kind = value.WhichOneof("value")
        number: float | None = None
        if kind == "simple_value":
            number = value.simple_value
        elif kind == "tensor":
            number = _tensor_scalar(value, plugins)
        if number is None:
            kind = plugins.get(value.tag) or kind or "nothing"
            file.others[kind] = file.others.get(kind, 0) + 1
            continue
        points = file.tags.get(value.tag)
        if points is None:
            points = file.tags[value.tag] = Points()
        points.steps.append(step)
        points.values.append(number)
        points.walls.append(wall)


def _purge(read: list[EventFile], step: int) -> None:
    dropped = sum(points.keep_before(step) for file in read for points in file.tags.values())
    if dropped:
        read[-1].purges.append((step, dropped))


def _tensor_scalar(value: Any, plugins: dict[str, str]) -> float | None:
    """The number that a tensor of rank 0 holds, or None for any other tensor.

    The plugin's name stands with a tag's first value only. Without one, rank 0 and a numeric type
    make a scalar.
    """
    plugin = value.metadata.plugin_data.plugin_name
    if plugin:
        plugins[value.tag] = plugin
    if plugins.get(value.tag, _SCALARS) != _SCALARS:
        return None
    tensor = value.tensor
    if tensor.dtype == _FLOAT and len(tensor.tensor_content) == _FLOAT32.size:
        return float(_FLOAT32.unpack(tensor.tensor_content)[0])
    if tensor.dtype == _FLOAT and len(tensor.float_val) == 1 and not tensor.tensor_shape.dim:
        return float(tensor.float_val[0])
    if tensor.tensor_shape.dim and [d.size for d in tensor.tensor_shape.dim] != [1]:
        return None
    from tensorboard.util.tensor_util import make_ndarray

    try:
        array = make_ndarray(tensor)
    except (TypeError, ValueError):
        return None
    return float(array.reshape(-1)[0]) if array.size == 1 and array.dtype.kind in "fiub" else None
