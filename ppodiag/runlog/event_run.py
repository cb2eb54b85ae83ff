"""A run out of event files: order, faults as notes, one series per tag."""

from __future__ import annotations

import re
import struct

from ppodiag.errors import UsageError
from ppodiag.runlog.events import EventFile, read_event_files
from ppodiag.runlog.merge import merge_files
from ppodiag.runlog.run import Note, Series

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_WALL_TIME = re.compile(r"tfevents\.(\d{9,11})\b")
_MOST_NAMED = 3


def read_event_run(
    groups: Mapping[str, list[tuple[str, Path]]],
) -> tuple[dict[str, Series], list[Note]]:
    """Tag to series, over all writers of a run.

    Args:
        groups: writer's folder, relative and `""` for the run's own, to (name, path) of its files.
            A writer's own folder stands before its tags where the run's own folder has files.

    Raises:
        UsageError: no file holds a scalar, or two writers' folders hold the same tag.
        OSError: a file cannot be read.
    """
    series: dict[str, Series] = {}
    notes: list[Note] = []
    files: list[EventFile] = []
    owners: dict[str, str] = {}
    for folder in sorted(groups):
        read = read_event_files(sorted(groups[folder], key=_begun))
        found, merged = merge_files(read)
        files += read
        notes += [note for file in read for note in _file_notes(file)] + merged
        for tag, one in found.items():
            name = f"{folder}/{tag}" if folder and "" in groups else tag
            if name in series:
                raise UsageError(
                    f"the folder holds several runs: {owners[name]!r} and {folder!r} both log {tag!r}",
                    "name the folder of one run",
                )
            series[name] = Series(name, one.steps, one.values, one.wall_times)
            owners[name] = folder
    if not series:
        raise UsageError(_no_scalars(files), "name the log of a run that has trained")
    return series, notes


def _begun(file: tuple[str, Path]) -> tuple[float, str]:
    """Seconds since 1970 of a file's first event, or what its name says; then the name."""
    name, path = file
    with path.open("rb") as handle:
        head = handle.read(21)
    if len(head) == 21 and head[12] == 0x09:  # field 1 of Event, a double
        return struct.unpack_from("<d", head, 13)[0], name
    told = _WALL_TIME.search(path.name)
    return (float(told[1]) if told else 0.0), name


def _no_scalars(files: list[EventFile]) -> str:
    records = sum(file.scan.records for file in files)
    faults = [
        f"{_place(f.name, f.scan.stopped[0])}: {f.scan.stopped[1]}" for f in files if f.scan.stopped
    ]
    why = f"; {faults[0]}" if faults else ""
    return (
        f"{len(files)} event file{'s' * (len(files) > 1)} with {records} records and no scalar{why}"
    )


def _place(name: str, byte: int) -> str:
    return f"{name}: byte {byte}" if name else f"byte {byte}"


def _file_notes(file: EventFile) -> list[Note]:
    scan, notes = file.scan, []
    if scan.stopped:
        byte, what = scan.stopped
        text = f"{what}; {scan.records} records before it are read, nothing after it"
        notes.append(Note("error", _place(file.name, byte), text))
    for byte, what in scan.skipped[:_MOST_NAMED]:
        notes.append(Note("error", _place(file.name, byte), f"a record is left out: {what}"))
    if len(scan.skipped) > _MOST_NAMED:
        text = f"{len(scan.skipped)} records are left out in all; the first {_MOST_NAMED} are named"
        notes.append(Note("error", file.name, text))
    if file.unread:
        text = f"{file.unread} records have a right CRC and are no event; they are left out"
        notes.append(Note("error", file.name, text))
    for step, dropped in file.purges:
        text = f"the writer resumed at step {step}: {dropped} points from there on are superseded"
        notes.append(Note("info", file.name, text))
    if file.others:
        kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(file.others.items()))
        notes.append(Note("info", file.name, f"not scalars, and left out: {kinds}"))
    return notes
