"""From a path to a run: the one way in."""

from __future__ import annotations

import os
from pathlib import Path

from ppodiag.errors import UsageError
from ppodiag.runlog.run import Note, Run, Series

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ppodiag.runlog.run import FileKind, StepUnit

    Read = tuple[FileKind, dict[str, Series], StepUnit | None, list[Note]]

_ORDER = {"error": 0, "warning": 1, "info": 2}


def read_run(path: str | os.PathLike[str], mapping: Mapping[str, str] | None = None) -> Run:
    """The log of one training run.

    Args:
        path: a TensorBoard event file, a CSV file, a JSONL file, or the folder of one run. The
            content decides which, not the name.
        mapping: canonical column (a key of `ppodiag.runlog.tags.COLUMNS`) to the tag that holds it;
            it goes before every known name.

    Returns:
        The run. What could not be read of a damaged log is told in its notes.

    Raises:
        UsageError: there is no such file, it is not a log, nothing of it can be read, a folder
            holds several runs, the mapping does not fit, or `tensorboard` is needed and missing.
    """
    from ppodiag.runlog.canonical import recognise

    try:
        kind, series, unit, notes = _read(Path(path))
    except UsageError as error:
        raise UsageError(f"{os.fspath(path)}: {error.message}", error.remedy) from None
    except (OSError, ValueError) as error:  # ValueError: a path with a zero byte
        what = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{os.fspath(path)}: cannot be read: {what}", "check the path") from None
    meaning = recognise(series, mapping)
    damaged = any(note.severity == "error" for note in notes)
    if kind == "tensorboard":
        unit = meaning.step_unit
    return Run(
        path=os.fspath(path),
        kind=kind,
        series=series,
        canonical=meaning.canonical,
        notes=tuple(sorted([*notes, *meaning.notes], key=lambda note: _ORDER[note.severity])),
        trainer=meaning.trainer,
        step_unit=unit,
        beside=_events_beside(Path(path)) if kind == "csv" and damaged else "",
    )


def _events_beside(table: Path) -> str:
    """The folder beside a table, or beside its folder, that holds event files; empty: there is none."""
    if table.is_dir():
        return ""
    try:
        above = table.parent.resolve().parent
        for folder in (table.parent, *sorted(p for p in above.iterdir() if p.is_dir())):
            if any("tfevents" in name.name for name in folder.iterdir()):
                return os.path.relpath(folder) if not table.is_absolute() else str(folder)
    except OSError:
        pass
    return ""


def _read(path: Path) -> Read:
    if not path.is_dir():
        return _read_file(path)
    from ppodiag.runlog.folder import search_folder

    files = search_folder(path)
    if not files.events:
        name, table = files.tables[0]
        kind, series, unit, notes = _read_file(table)
        located = [
            Note(n.severity, f"{name}: {n.place}" if n.place else name, n.message) for n in notes
        ]
        return kind, series, unit, files.notes + located
    from ppodiag.runlog.event_run import read_event_run

    series, notes = read_event_run(files.events)
    return "tensorboard", series, None, files.notes + notes


def _read_file(path: Path) -> Read:
    from ppodiag.runlog.detect import detect

    kind = detect(path)
    if kind == "tensorboard":
        from ppodiag.runlog.event_run import read_event_run

        return kind, *_with_unit(read_event_run({"": [("", path)]}))
    if kind == "csv":
        from ppodiag.runlog.csv_log import read_csv

        return kind, *read_csv(path)
    from ppodiag.runlog.jsonl import read_jsonl

    return kind, *read_jsonl(path)


def _with_unit(
    read: tuple[dict[str, Series], list[Note]],
) -> tuple[dict[str, Series], StepUnit | None, list[Note]]:
    return read[0], None, read[1]
