"""The files of a run in a folder, and the other files beside them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from ppodiag.errors import PpodiagError, UsageError
from ppodiag.runlog.detect import detect, is_event_head
from ppodiag.runlog.run import Note

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_FILES = 10_000
DEEPEST = 6
"""Levels of folders below the run's own."""
_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json")
_OWN_TABLE = "log.jsonl"  # of the reference trainer; its event file holds single precision
_OWN_EVENTS = "events.out.tfevents.0.ppodiag"
_MAIN_TABLE = "progress.csv"  # Stable-Baselines3 and RLlib write it beside tables of less


@dataclass(slots=True)
class FolderFiles:
    """What a folder holds.

    Attributes:
        events: writer's folder, relative, `""` for the run's own, to (name, path) of event files.
        tables: (name, path) of CSV and JSONL files; only looked for where there are no events.
        notes: files that look like logs and are not read.
    """

    events: dict[str, list[tuple[str, Path]]] = field(default_factory=dict)
    tables: list[tuple[str, Path]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def search_folder(folder: Path) -> FolderFiles:
    """The logs in a folder and the folders below it; links to folders are not followed.

    Raises:
        UsageError: there are more files than a run has, or no log, or tables of equal right.
    """
    files = FolderFiles()
    tables = []
    for path in _walk(folder, files.notes):
        name = path.relative_to(folder).as_posix()
        if _is_event_file(path, name, files.notes):
            files.events.setdefault(name.rpartition("/")[0], []).append((name, path))
        elif path.suffix.lower() in _TABLES:
            tables.append((name, path))
    if _is_own(files, tables):
        files.events.clear()
        text = f"the run is {_OWN_TABLE}; not read: {_OWN_EVENTS}, which holds the same"
        files.notes.append(Note("info", "", text))
        files.tables = [table for table in tables if table[0] == _OWN_TABLE]
        return files
    if files.events:
        logs = [name for name, path in tables if path.suffix.lower() != ".json"]
        if logs:
            text = f"not read, as there are event files: {_listed(logs)}"
            files.notes.append(Note("info", "", text))
        return files
    files.tables = _one_table(folder, tables, files.notes)
    return files


def _is_own(files: FolderFiles, tables: list[tuple[str, Path]]) -> bool:
    """Whether the folder is a run of the reference trainer, which logs everything twice."""
    events = [name for found in files.events.values() for name, _ in found]
    return events == [_OWN_EVENTS] and any(name == _OWN_TABLE for name, _ in tables)


def _walk(folder: Path, notes: list[Note]) -> Iterator[Path]:
    """The files in a folder and below it; a folder that cannot be read is noted, not passed over."""

    def unreadable(error: OSError) -> None:
        name = os.path.relpath(str(error.filename), folder)
        notes.append(Note("error", name, f"cannot be read: {error.strerror}"))

    count = 0
    for root, folders, names in os.walk(folder, onerror=unreadable):
        here = folder / os.path.relpath(root, folder)
        depth = len(here.relative_to(folder).parts)
        folders[:] = sorted(f for f in folders if not f.startswith(".")) if depth < DEEPEST else []
        for name in sorted(names):
            count += 1
            if count > MOST_FILES:
                raise UsageError(
                    f"the folder holds more than {MOST_FILES} files", "name the folder of one run"
                )
            yield here / name


def _is_event_file(path: Path, name: str, notes: list[Note]) -> bool:
    named = "tfevents" in path.name
    try:
        if not path.is_file():
            return False
        with path.open("rb") as handle:
            head = handle.read(12)
    except OSError as error:
        if named:
            notes.append(Note("error", name, f"cannot be read: {error.strerror}"))
        return False
    if is_event_head(head):
        return True
    if named:
        what = "is empty" if not head else "begins with no record of an event file"
        notes.append(Note("warning" if not head else "error", name, f"{what}; it is left out"))
    return False


def _one_table(
    folder: Path, candidates: list[tuple[str, Path]], notes: list[Note]
) -> list[tuple[str, Path]]:
    tables = []
    for name, path in candidates:
        try:
            kind = detect(path)
        except (PpodiagError, OSError):
            continue
        if kind == "jsonl" or (kind == "csv" and path.suffix.lower() in (".csv", ".tsv")):
            tables.append((name, path))
    main = [table for table in tables if table[1].name == _MAIN_TABLE]
    chosen = main if len(main) == 1 else tables
    if len(chosen) == 1:
        others = [name for name, _ in tables if name != chosen[0][0]]
        text = f"the run is {chosen[0][0]}" + (f"; not read: {_listed(others)}" if others else "")
        notes.append(Note("info", "", text))
        return chosen
    if not tables:
        faults = "".join(f"; {note.place} {note.message}" for note in notes[:3])
        raise UsageError(
            f"the folder holds no log of a run{faults}",
            "name a folder with TensorBoard event files, a CSV file or a JSONL file",
        )
    raise UsageError(
        f"the folder holds {len(tables)} tables: {_listed([name for name, _ in tables])}",
        "name the one that is the run's log",
    )


def _listed(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
