"""Reading a run, whatever it was written by."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ppodiag.errors import UsageError
from ppodiag.runlog.events import EventFile, looks_like_events, merge_files, read_event_file
from ppodiag.runlog.lines import read_jsonl
from ppodiag.runlog.run import Note, Run, Series
from ppodiag.runlog.table import read_csv
from ppodiag.runlog.tags import canonical_columns

MOST_FILES = 10_000
"""Files of a folder that are looked at."""

_REMEDY = "name a TensorBoard event file, a CSV or a JSONL file, or a folder with one"


def read_run(path: str, mapping: Mapping[str, str] | None = None) -> Run:
    """The log at a path: an event file, a CSV or JSONL file, or a folder that holds one run.

    Args:
        path: file or folder.
        mapping: canonical column to tag, counting before the known names.

    Raises:
        UsageError: there is no log, or nothing in it can be read.
    """
    try:
        if os.path.isdir(path):
            kind, series, notes = _read_folder(path)
        else:
            kind, series, notes = _read_file(path)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}", _REMEDY) from None
    canonical, trainer = canonical_columns(series, mapping)
    return Run(path, kind, series, canonical, trainer, tuple(notes))


def _read_file(path: str) -> tuple[str, dict[str, Series], list[Note]]:
    if not os.path.isfile(path):
        if os.path.exists(path):
            raise UsageError(f"{path} is no regular file", _REMEDY)
        raise UsageError(f"{path} does not exist", _REMEDY)
    if os.path.getsize(path) == 0:
        raise UsageError(f"{path} is empty", _REMEDY)
    if looks_like_events(path):
        file = read_event_file(path)
        return "tensorboard", file.series, file.notes
    with open(path, "rb") as opened:
        head = opened.read(4096)
    if b"\x00" in head:
        raise UsageError(f"{path} is no run: its first bytes are neither events nor text", _REMEDY)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return ("jsonl", *read_jsonl(path))
    return ("csv", *read_csv(path))


def _read_folder(path: str) -> tuple[str, dict[str, Series], list[Note]]:
    events, tables = _files_below(path)
    if events:
        return _read_writers(path, events, tables)
    if not tables:
        raise UsageError(f"{path} holds no event, CSV or JSONL file", _REMEDY)
    preferred = [t for t in tables if os.path.basename(t) in ("progress.csv", "metrics.jsonl")]
    chosen = preferred or tables
    if len(chosen) > 1:
        names = ", ".join(os.path.relpath(t, path) for t in chosen[:5])
        raise UsageError(f"{path} holds several logs: {names}", "name the one to read")
    return _read_file(chosen[0])


def _files_below(path: str) -> tuple[list[str], list[str]]:
    """Event files, and CSV and JSONL files, of a folder; links to folders are not followed."""
    events, tables, seen = [], [], 0
    for folder, below, names in os.walk(path):
        below.sort()
        for name in sorted(names):
            seen += 1
            if seen > MOST_FILES:
                raise UsageError(f"{path} holds more than {MOST_FILES:,} files", "name one run")
            whole = os.path.join(folder, name)
            if ".tfevents." in name:
                events.append(whole)
            elif name.endswith((".csv", ".jsonl")):
                tables.append(whole)
    return events, tables


def _read_writers(
    path: str, events: list[str], tables: list[str]
) -> tuple[str, dict[str, Series], list[Note]]:
    """The event files of a folder: each folder below is a writer; the fullest one is the run."""
    writers: dict[str, list[EventFile]] = {}
    notes: list[Note] = []
    for name in events:
        try:
            writers.setdefault(os.path.dirname(name), []).append(read_event_file(name))
        except UsageError as error:
            if "not installed" in error.message:
                raise
            notes.append(Note("warning", name, f"left out: {error.message}"))
    if not writers:
        raise UsageError(
            f"{path} holds no event file that can be read: {notes[0].message}", _REMEDY
        )
    points = {
        w: sum(len(s) for f in files for s in f.series.values()) for w, files in writers.items()
    }
    main = max(writers, key=lambda writer: points[writer])
    series: dict[str, Series] = {}
    for writer, files in writers.items():
        merged, found = merge_files(files)
        notes += found
        if writer == main:
            series |= merged
        else:
            inner = os.path.relpath(writer, path)
            series |= {f"{inner}/{tag}": part for tag, part in merged.items()}
    if len(writers) > 1:
        notes.append(Note(
            "info", path, f"{len(writers)} writers; the tags of {os.path.relpath(main, path)} stand "
            "without a prefix",
        ))  # fmt: skip
    if tables:
        names = ", ".join(os.path.relpath(t, path) for t in tables[:3])
        notes.append(Note("info", path, f"not read beside the events: {names}"))
    return "tensorboard", series, notes
