"""Writing a file at once or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from ppodiag.errors import UsageError


def write_whole(path: str, data: bytes) -> None:
    """Write a file as `whole_file` does, and have it on the disk before it takes its place.

    Raises:
        UsageError: it cannot be written.
    """
    with whole_file(path) as beside, open(beside, "wb") as file:
        file.write(data)
        file.flush()
        if beside != path:
            os.fsync(file.fileno())


@contextmanager
def whole_file(path: str) -> Iterator[str]:
    """A path to write to, of a file that takes the place of `path` when all went well.

    So an interrupt leaves the old one whole. The permissions of an existing file are kept; a link is
    followed. A device or a pipe, such as /dev/stdout, is written to itself.

    Raises:
        UsageError: it cannot be written.
    """
    itself = os.path.exists(path) and not os.path.isfile(path)
    real = os.path.realpath(path)
    beside = path if itself else f"{real}.{os.getpid()}.tmp"
    try:
        yield beside
        if not itself:
            if os.path.exists(real):
                os.chmod(beside, os.stat(real).st_mode & 0o7777)
            os.replace(beside, real)
    except OSError as error:
        why = error.strerror or error
        raise UsageError(f"cannot write {path}: {why}", "choose another place") from None
    finally:
        if not itself and os.path.exists(beside):
            os.unlink(beside)
