"""Checkpoints: written at once or not at all, the last two kept, read without running any code."""

from __future__ import annotations

import hashlib
import io
import os
import re
from contextlib import suppress
from typing import Any

import torch

from ppodiag.errors import UsageError
from ppodiag.writing import write_whole

MAGIC = b"ppodiag checkpoint 1\n"
KEPT = 2
_REST = re.compile(r"checkpoint-\d+\.pt\.\d+\.tmp")
"""What a process leaves that was killed while it wrote."""
_NAME = re.compile(r"checkpoint-(\d+)\.pt")


def save_checkpoint(folder: str, rollouts: int, state: dict[str, Any]) -> str:
    """Write a state, and drop all but the last two.

    The file is a line that names the kind, the SHA-256 of the rest, and what torch.save makes.

    Args:
        folder: where; it is made.
        rollouts: rollouts that the state has seen; they name the file.
        state: nested dicts and lists of tensors, numbers and texts.

    Returns:
        The path.

    Raises:
        UsageError: it cannot be written; what was there before is whole.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot make {folder}: {error.strerror}", "choose another place"
        ) from None
    content = io.BytesIO()
    torch.save(state, content)
    payload = content.getvalue()
    digest = hashlib.sha256(payload).hexdigest().encode()
    path = os.path.join(folder, f"checkpoint-{rollouts:09d}.pt")
    write_whole(path, MAGIC + digest + b"\n" + payload)
    rest = [name for name in os.listdir(folder) if _REST.fullmatch(name)]
    for older in [*(file for _, file in _files(folder)[KEPT:]), *rest]:
        with suppress(OSError):  # gone already, or not ours to remove
            os.unlink(os.path.join(folder, older))
    return path


def load_checkpoint(folder: str) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    """The newest state that is whole, and what is wrong with newer ones.

    Nothing of a file is run: its checksum is compared, and torch reads nothing but tensors, numbers
    and texts from it.

    Returns:
        The state, or None where there is no checkpoint; and notes on files that were passed over.

    Raises:
        UsageError: there are checkpoints, and none can be read.
    """
    notes: list[str] = []
    files = _files(folder)
    for _, path in files:
        try:
            return _read(path), tuple(notes)
        except _Unreadable as fault:
            notes.append(f"{path}: {fault}; the one before it is used")
    if files:
        raise UsageError(
            f"no checkpoint in {folder} can be read: {files[0][1]}: {_fault_of(files[0][1])}",
            "start the run anew in another folder",
        )
    return None, ()


class _Unreadable(Exception):
    """What is wrong with a file."""


def _fault_of(path: str) -> str:
    try:
        _read(path)
    except _Unreadable as fault:
        return str(fault)
    return "it can be read now"


def _read(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise _Unreadable(f"it cannot be read: {error.strerror}") from None
    digest, payload = data[len(MAGIC) : len(MAGIC) + 64], data[len(MAGIC) + 65 :]
    if not data.startswith(MAGIC):
        raise _Unreadable("it is no checkpoint of this trainer")
    if hashlib.sha256(payload).hexdigest().encode() != digest:
        raise _Unreadable("it is damaged: its checksum is not that of its content")
    try:
        state = torch.load(io.BytesIO(payload), map_location="cpu", weights_only=True)
    except Exception as error:
        raise _Unreadable(f"torch does not load it: {error}") from None
    if not isinstance(state, dict):
        raise _Unreadable("it holds no state")
    return state


def _files(folder: str) -> list[tuple[int, str]]:
    """Number and path of the checkpoints of a folder, newest first."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    found = [(int(m[1]), os.path.join(folder, m[0])) for m in map(_NAME.fullmatch, names) if m]
    return sorted(found, reverse=True)
