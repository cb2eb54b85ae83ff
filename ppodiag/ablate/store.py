"""Where the results of a study lie: one file a unit, written at once or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from ppodiag.ablate.result_shape import is_result
from ppodiag.ablate.unit import Unit
from ppodiag.errors import UsageError
from ppodiag.json_text import read_json
from ppodiag.locking import without_lock
from ppodiag.writing import write_whole

STUDY = "study.json"
RESULTS = "results"
FORMAT = 1


class Store:
    """The folder of a study.

    Attributes:
        folder: of the study, absolute.
    """

    def __init__(self, folder: str) -> None:
        self.folder = os.path.abspath(folder)

    def begin(self, study: dict[str, Any]) -> None:
        """Lay down what the study is, or see that it is the one that lies there.

        Raises:
            UsageError: another study lies there, other files, or the folder cannot be written.
        """
        if not self.has_begun(study):
            content = {"format": FORMAT, **json.loads(json.dumps(study))}
            write_whole(
                os.path.join(self.folder, STUDY), (json.dumps(content, indent=2) + "\n").encode()
            )

    def has_begun(self, study: dict[str, Any]) -> bool:
        """Whether this study lies there already; nothing is written.

        Another one without any result gives way.

        Raises:
            UsageError: another study lies there, or other files.
        """
        path = os.path.join(self.folder, STUDY)
        content = {"format": FORMAT, **json.loads(json.dumps(study))}
        if os.path.exists(path):
            there = self.study()
            different = sorted(
                key
                for key in {*there, *content}
                if key != "command" and there.get(key) != content.get(key)
            )
            if different and next(self.results(), None) is None:
                return False  # nothing came of that one, as where its trainer could not be started
            if different:
                raise UsageError(
                    f"{self.folder} holds another study: {first_difference(there, content)} "
                    f"({', '.join(different)} differ)",
                    "choose another --out, or give the options with which it was begun",
                )
            return True
        if without_lock(self.folder):
            raise UsageError(
                f"{self.folder} is not empty and holds no study", "choose another --out"
            )
        return False

    def study(self) -> dict[str, Any]:
        """What the study is.

        Raises:
            UsageError: the folder holds none.
        """
        path = os.path.join(self.folder, STUDY)
        try:
            found = read_json(path)
            if found["format"] != FORMAT:
                raise UsageError(f"{path} has format {found['format']}", "run the study anew")
            if not isinstance(found["units"], dict) or not isinstance(found["command"], str):
                raise ValueError("its units or its command are of another kind")
        except OSError as error:
            raise UsageError(
                f"{self.folder} holds no study: {STUDY}: {error.strerror}",
                "give the folder that --out named",
            ) from None
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{path} is no record of a study: {error}", "run it anew") from None
        return dict(found)

    def log_folder(self, name: str) -> str:
        """Where the logs of a unit lie."""
        return os.path.join(self.folder, "units", *name.split("/"))

    def result(self, unit: Unit) -> dict[str, Any] | None:
        """The result of a unit; None: there is none, or it is one of something else."""
        found = _read(self._path(unit.name))
        return found if found is not None and found.get("digest") == unit.digest else None

    def keep(self, result: dict[str, Any]) -> None:
        """Write a result.

        Raises:
            UsageError: it cannot be written.
        """
        path = self._path(result["unit"])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_whole(path, (json.dumps(result) + "\n").encode())

    def forget(self, name: str) -> None:
        """Remove the result of a unit, so that it is run again."""
        path = self._path(name)
        if os.path.exists(path):
            os.unlink(path)

    def results(self) -> Iterator[dict[str, Any]]:
        """Every result that can be read, in the order of their names."""
        top = os.path.join(self.folder, RESULTS)
        paths = [os.path.join(at, f) for at, _, files in os.walk(top) for f in files]
        for path in sorted(paths):
            found = _read(path) if path.endswith(".json") else None
            if found is not None:
                yield found

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, RESULTS, *name.split("/")) + ".json"


SHOWN = 40
"""Characters of a value that a message shows."""


def first_difference(there: Any, here: Any, name: str = "") -> str:
    """The first value that two records do not share, as `seeds 3 → 2`: of lists their lengths where these differ.

    Args:
        there: a record of a study.
        here: the one that is wanted, in whose order its keys are gone through.
        name: of the value.
    """
    if isinstance(there, dict) and isinstance(here, dict):
        for key in (*here, *there):
            if key == "command" or (key in there and key in here and there[key] == here[key]):
                continue
            if key not in there or key not in here:
                return f"{name} {key} is only {'here' if key in here else 'there'}".strip()
            return first_difference(there[key], here[key], key)
    if isinstance(there, list) and isinstance(here, list):
        if len(there) != len(here):
            return f"{name} {len(there)} → {len(here)}"
        pairs = zip(there, here, strict=True)
        return next((first_difference(a, b, name) for a, b in pairs if a != b), name)
    return f"{name} {_shown(there)} → {_shown(here)}"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _read(path: str) -> dict[str, Any] | None:
    try:
        found = read_json(path)
    except (OSError, ValueError):
        return None
    return found if is_result(found) else None


def merge(target: Store, source: Store) -> tuple[int, int]:
    """Take over results that another machine made of the same study.

    A result that is there already stays; a failed one gives way to a complete one.

    Returns:
        How many results were taken, and how many stayed.

    Raises:
        UsageError: the studies differ, or a result is of another configuration or version.
    """
    ours, theirs = target.study(), source.study()
    ours.pop("command", None)
    theirs.pop("command", None)
    if different := sorted(k for k in {*ours, *theirs} if ours.get(k) != theirs.get(k)):
        raise UsageError(
            f"{source.folder} holds another study: {first_difference(theirs, ours)} "
            f"({', '.join(different)} differ)",
            "merge studies of the same configuration, arms, seeds and options",
        )
    units = ours["units"]
    taken = stayed = 0
    present = {result["unit"]: result for result in target.results()}
    for result in source.results():
        name = result["unit"]
        if units.get(name) != result.get("digest"):
            raise UsageError(
                f"{source.folder}: {name} was run with another configuration or version",
                "run it anew there, or leave that folder out",
            )
        mine = present.get(name)
        if mine is None or (mine["status"] == "failed" and result["status"] == "complete"):
            target.keep(result)
            taken += 1
        else:
            stayed += 1
    return taken, stayed
