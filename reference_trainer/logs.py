"""The logs of one seed: a JSON line and TensorBoard scalars for each update."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Mapping
from typing import Any

from ppodiag.errors import UsageError
from ppodiag.json_text import parse_json
from reference_trainer.metrics import tag_of

LINES = "log.jsonl"
EVENTS = "events.out.tfevents.0.ppodiag"


class SeedLog:
    """Writes `log.jsonl` and an event file, and cuts both back to where a checkpoint saw them.

    Numbers in the JSON lines are written so that reading them gives the same double; the event file
    holds single precision. A value that is absent or not finite is null there and missing here.

    Attributes:
        folder: where they lie.
        remark: why there is no event file; empty where there is one.
    """

    def __init__(self, folder: str, positions: Mapping[str, int] | None = None) -> None:
        """Open the logs.

        Args:
            folder: where; it is made.
            positions: bytes of each file to keep, from `positions`; None: begin anew.

        Raises:
            UsageError: they cannot be written, or are shorter than `positions` says.
        """
        self.folder, self.remark = folder, ""
        try:
            os.makedirs(folder, exist_ok=True)
            self._lines = _open(os.path.join(folder, LINES), positions)
            self._events = None
            if _tensorboard():
                self._events = _open(os.path.join(folder, EVENTS), positions)
                if self._events.tell() == 0:
                    self._event(file_version="brain.Event:2")
            else:
                self.remark = "no event file is written: tensorboard is not installed"
        except OSError as error:
            raise UsageError(
                f"cannot write to {folder}: {error.strerror}", "choose another place with --out"
            ) from None

    def write(self, values: Mapping[str, Any]) -> None:
        """Write one row.

        Raises:
            UsageError: the disk is full, or the folder is gone.
        """
        kept = {name: _finite(value) for name, value in values.items()}
        try:
            self._lines.write(json.dumps(kept, allow_nan=False).encode() + b"\n")
            self._lines.flush()
            if self._events is not None:
                self._scalars(int(values["env_steps"]), kept)
                self._events.flush()
        except OSError as error:
            raise UsageError(
                f"cannot write to {self.folder}: {error.strerror}",
                "make room, then go on with --resume",
            ) from None

    def _scalars(self, step: int, values: Mapping[str, Any]) -> None:
        from tensorboard.compat.proto.summary_pb2 import Summary

        found = [
            Summary.Value(tag=tag_of(name), simple_value=float(value))
            for name, value in values.items()
            if value is not None
        ]
        self._event(step=step, summary=Summary(value=found))

    def _event(self, **content: Any) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.summary.writer.record_writer import RecordWriter

        RecordWriter(self._events).write(
            Event(wall_time=time.time(), **content).SerializeToString()
        )

    def positions(self) -> dict[str, int]:
        """Bytes of each file, all of them on the disk."""
        found = {}
        for name, file in ((LINES, self._lines), (EVENTS, self._events)):
            if file is not None:
                file.flush()
                os.fsync(file.fileno())
                found[name] = file.tell()
        return found

    def close(self) -> None:
        """Close the files."""
        self._lines.close()
        if self._events is not None:
            self._events.close()


def read_rows(folder: str) -> list[dict[str, Any]]:
    """The rows of `log.jsonl`, in their order.

    Raises:
        UsageError: a line holds no row.
    """
    path = os.path.join(folder, LINES)
    if not os.path.exists(path):
        return []
    rows = []
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            try:
                row = parse_json(line)
            except ValueError:
                row = None
            if not isinstance(row, dict):
                raise UsageError(f"{path}: line {number} holds no row", "train the run anew")
            rows.append(row)
    return rows


def _open(path: str, positions: Mapping[str, int] | None) -> Any:
    """A file that is written from the place that was asked for, nothing behind it."""
    kept = (positions or {}).get(os.path.basename(path), 0)
    file = open(path, "r+b" if os.path.exists(path) else "w+b")  # noqa: SIM115  # closed by `close`
    length = file.seek(0, os.SEEK_END)
    if length < kept:
        file.close()
        raise UsageError(
            f"{path} has {length:,} bytes, and the checkpoint saw {kept:,}",
            "start the run anew in another folder",
        )
    file.truncate(kept)
    file.seek(kept)
    return file


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _tensorboard() -> bool:
    from importlib.util import find_spec

    return find_spec("tensorboard") is not None
