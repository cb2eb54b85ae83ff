"""Event files for tests, written with TensorBoard's own record writer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.conftest import require

Scalar = tuple[str, int, float]


def scalar_event(tag: str, step: int, value: float, wall: float) -> Any:
    from tensorboard.compat.proto.event_pb2 import Event

    event = Event(wall_time=wall, step=step)
    event.summary.value.add(tag=tag, simple_value=value)
    return event


def write_events(path: Path, events: list[Any]) -> Path:
    """An event file with its version record and these events."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.record_writer import RecordWriter

    path.parent.mkdir(parents=True, exist_ok=True)
    wall = events[0].wall_time if events else 0.0
    with path.open("wb") as handle:
        writer = RecordWriter(handle)
        for event in [Event(wall_time=wall, file_version="brain.Event:2"), *events]:
            writer.write(event.SerializeToString())
        writer.flush()
    return path


def write_scalars(path: Path, scalars: list[Scalar], wall: float = 1000.0) -> Path:
    """An event file of scalars, a second apart from `wall` on."""
    return write_events(path, [scalar_event(*scalar, wall + i) for i, scalar in enumerate(scalars)])


def require_tensorboard() -> None:
    try:
        import tensorboard
    except ImportError:
        tensorboard = None
    require(tensorboard, "tensorboard")
