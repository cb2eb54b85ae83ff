"""`--memory SIZE` and `--mem SIZE`."""

from __future__ import annotations

from ppodiag.errors import UsageError


def parse_memory(text: str | None, option: str = "--memory") -> int | None:
    """Bytes of a size of memory; None where none is given.

    Raises:
        UsageError: it is no size.
    """
    if text is None:
        return None
    from ppodiag.bytesize import parse_size

    try:
        return parse_size(text)
    except UsageError as error:
        raise UsageError(f"{option} {error.message}", error.remedy) from None
