"""Writing a file at once or not at all: the only place that lays down a file which a reader opens whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ppodiag.errors import UsageError

_LONGEST = 50
"""Characters of a name that a file beside it begins with: the whole name stays below 255 bytes."""


def write_whole(path: str, data: bytes) -> None:
    """Write a file as `whole_file` does.

    Raises:
        UsageError: it cannot be written.
    """
    with whole_file(path) as beside, open(beside, "wb") as file:
        file.write(data)


@contextmanager
def whole_file(path: str) -> Iterator[str]:
    """A path to write to, of a file that takes the place of `path` when all went well.

    It is on the disk before it does, so neither an interrupt nor a loss of power leaves half of one.
    Permissions and, where that is allowed, the owner of an existing file are kept; a link is followed. A
    device or a pipe, such as /dev/stdout, is written to itself.

    Raises:
        UsageError: it cannot be written; what was there before is whole.
    """
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            yield path
            return
        real = _target(path)
        beside = _made_beside(real)
        try:
            yield beside
            _like(beside, real)
            sync(beside)
            os.replace(beside, real)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(beside)
        sync(os.path.dirname(real))
    except OSError as error:
        why = error.strerror or error
        raise UsageError(f"cannot write {path}: {why}", "choose another place") from None


def sync(path: str) -> None:
    """Let a file, or the names in a folder, reach the disk: they are there after a loss of power."""
    if os.path.isdir(path) and os.name == "nt":  # folders cannot be opened there
        return
    handle = os.open(path, os.O_RDONLY if os.path.isdir(path) else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _target(path: str) -> str:
    """The file that a path leads to, as `open` would write to it."""
    real = os.path.realpath(path)
    if os.path.islink(real):  # the path leads round in a circle
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if os.path.exists(real) and not os.access(real, os.W_OK):
        raise PermissionError(errno.EACCES, "it is read-only")
    return real


def _made_beside(real: str) -> str:
    """The path of a new, empty file in the same folder; nobody's file, and nobody's link."""
    folder, name = os.path.split(real)
    number = os.getpid()
    while True:
        beside = os.path.join(folder, f"{name[:_LONGEST]}.{number}.tmp")
        try:
            os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except FileExistsError:
            number = int.from_bytes(os.urandom(5), "big")
        else:
            return beside


def _like(beside: str, real: str) -> None:
    """Give a file the owner and the permissions of the one whose place it takes."""
    if not os.path.exists(real):
        return
    found, mine = os.stat(real), os.stat(beside)
    if (found.st_uid, found.st_gid) != (mine.st_uid, mine.st_gid):
        with suppress(PermissionError):
            os.chown(beside, found.st_uid, found.st_gid)
    os.chmod(beside, found.st_mode & 0o7777)
