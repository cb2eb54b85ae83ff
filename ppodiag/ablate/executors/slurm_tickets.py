"""Which Slurm jobs work for a study: one file a job, so that the jobs outlive whoever submitted them."""

from __future__ import annotations

import glob
import json
import os
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ppodiag.ablate.unit import Unit
from ppodiag.writing import write_whole


@dataclass(frozen=True, slots=True)
class Ticket:
    """A job that was submitted, or is about to be.

    Attributes:
        path: of the file; a job that does not find it does nothing.
        cluster: submitit's name of where it runs: slurm, local or debug.
        job: its number there; None: not known, or not yet.
        units: digests by name.
    """

    path: str
    cluster: str
    job: str | None
    units: Mapping[str, str]

    def written(self) -> Ticket:
        """The same, on the disk."""
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        content = {"cluster": self.cluster, "job": self.job, "units": dict(self.units)}
        write_whole(self.path, (json.dumps(content) + "\n").encode())
        return self

    def drop(self) -> None:
        """Take it away."""
        with suppress(FileNotFoundError):
            os.unlink(self.path)


def new_ticket(folder: str, cluster: str, units: Sequence[Unit]) -> Ticket:
    """A ticket on the disk, of a job that is about to be submitted."""
    path = os.path.join(folder, "tickets", f"{uuid.uuid4().hex}.json")
    return Ticket(path, cluster, None, {unit.name: unit.digest for unit in units}).written()


def tickets(folder: str) -> list[Ticket]:
    """Those that lie there, but for what cannot be read."""
    found = []
    for path in sorted(glob.glob(os.path.join(glob.escape(folder), "tickets", "*.json"))):
        try:
            with open(path, encoding="utf-8") as file:
                content = json.load(file)
            found.append(Ticket(path, content["cluster"], content["job"], content["units"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found
