"""One process at a time in a folder that results are kept in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from ppodiag.errors import UsageError

LOCK = ".lock"
"""Name of the file that is locked; it stays, empty of meaning, when the lock is gone."""


@contextmanager
def only_process(folder: str) -> Iterator[None]:
    """Hold a folder for this process; it is made where it is not there.

    The system lets go of the lock when the process ends, however it ends, so none is ever left over.
    Windows has no such lock, and there nothing is held; neither is it on a file system without locks.

    Raises:
        UsageError: another process holds it, or the folder cannot be written.
    """
    try:
        os.makedirs(folder, exist_ok=True)
        handle = os.open(os.path.join(folder, LOCK), os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise UsageError(
            f"cannot write to {folder}: {error.strerror}", "choose another place with --out"
        ) from None
    try:
        _take(handle, folder)
        yield
    finally:
        os.close(handle)


def without_lock(folder: str) -> list[str]:
    """What lies in a folder, the lock's own file left out; nothing where there is no folder."""
    return [name for name in os.listdir(folder) if name != LOCK] if os.path.isdir(folder) else []


def _take(handle: int, folder: str) -> None:
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(handle, 20).decode("ascii", "replace").strip()
        raise UsageError(
            f"{folder} is in use by {f'process {holder}' if holder.isdigit() else 'another process'}",
            "wait for it to end, or choose another --out",
        ) from None
    except OSError:
        return
    os.ftruncate(handle, 0)
    os.write(handle, str(os.getpid()).encode())
