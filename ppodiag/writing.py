"""Writing a file at once or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from ppodiag.errors import UsageError


def write_whole(path: str, data: bytes) -> None:
    """Write a file through one beside it, so that an interrupt leaves the old one whole.

    The permissions of an existing file are kept; a link is followed.

    Raises:
        UsageError: it cannot be written.
    """
    if os.path.exists(path) and not os.path.isfile(path):  # a device or a pipe, such as /dev/stdout
        try:
            with open(path, "wb") as file:
                file.write(data)
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}", "choose another") from None
        return
    real = os.path.realpath(path)
    beside = f"{real}.{os.getpid()}.tmp"
    try:
        with open(beside, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(real):
            os.chmod(beside, os.stat(real).st_mode & 0o7777)
        os.replace(beside, real)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", "choose another place") from None
    finally:
        if os.path.exists(beside):
            os.unlink(beside)


@contextmanager
def whole_file(path: str) -> Iterator[str]:
    """A path to write to, of a file that takes the place of `path` when all went well.

    Raises:
        UsageError: it cannot be written.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        yield path
        return
    real = os.path.realpath(path)
    beside = f"{real}.{os.getpid()}.tmp{os.path.splitext(real)[1]}"
    try:
        yield beside
        os.replace(beside, real)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", "choose another place") from None
    finally:
        if os.path.exists(beside):
            os.unlink(beside)
