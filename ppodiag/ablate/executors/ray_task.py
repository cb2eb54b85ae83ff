"""What a Ray task does: one unit in a folder of its node; its result and its logs go back."""

from __future__ import annotations

import io
import os
import platform
import shutil
import tempfile
import zipfile
from dataclasses import replace
from typing import Any

from ppodiag.ablate.unit import Unit, run_unit, trainer_of
from ppodiag.launch.trainer import UserTrainer

LARGEST_FILE = 64 * 2**20
"""Bytes; a larger file, such as a checkpoint of a large network, is left out and named. [judgement]"""

LEFT_OUT = "left-out.txt"


class UnfitNode(Exception):
    """The node cannot run any unit."""


def run_away(unit: Unit, place: str | None) -> tuple[dict[str, Any], bytes]:
    """Run a unit; its result, and the unit's folder as a zip archive.

    Args:
        unit: what to run; its folder is of the machine that asked.
        place: the folder from which the study was begun; None: the one that Ray has set.

    Raises:
        UnfitNode: the node does not have that folder, and the trainer's command counts on it.
    """
    if place is not None:
        try:
            os.chdir(place)
        except OSError as error:
            if isinstance(trainer_of(unit.trainer), UserTrainer):
                raise UnfitNode(
                    f"node {platform.node()} has no folder {place}: {error.strerror}"
                ) from None
    folder = tempfile.mkdtemp(prefix="ppodiag-unit-")
    try:
        result = run_unit(replace(unit, folder=os.path.join(folder, "unit")), leash=True)
        return result, packed(os.path.join(folder, "unit"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def packed(folder: str) -> bytes:
    """A folder's files as a zip archive; those above `LARGEST_FILE` are named in one of its own."""
    held = io.BytesIO()
    left_out = []
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for at, _, files in os.walk(folder):
            for name in sorted(files):
                path = os.path.join(at, name)
                inside = os.path.relpath(path, folder)
                if not os.path.isfile(path):
                    continue
                if os.path.getsize(path) > LARGEST_FILE:
                    left_out.append(f"{inside}: {os.path.getsize(path):,} bytes\n")
                else:
                    archive.write(path, inside)
        if left_out:
            archive.writestr(LEFT_OUT, "".join(left_out))
    return held.getvalue()


def unpack(archive: bytes, folder: str) -> None:
    """Write a packed folder's files in place of what is there."""
    beside = f"{folder}.{os.getpid()}.tmp"
    shutil.rmtree(beside, ignore_errors=True)
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        found.extractall(beside)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(beside, exist_ok=True)
    os.replace(beside, folder)
