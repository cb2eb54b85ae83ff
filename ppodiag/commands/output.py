"""Writing a result: to the standard output, or to the file of `--output`."""

from __future__ import annotations

import sys

from ppodiag.commands.console import detail


def emit(text: str, output: str | None) -> None:
    """Write the text to the standard output, or whole to a file.

    Raises:
        UsageError: the file cannot be written.
    """
    if output is None:
        sys.stdout.write(text)
        return
    from ppodiag.writing import write_whole

    write_whole(output, text.encode("utf-8", "backslashreplace"))
    detail(f"wrote {output}", "wrote", path=output)
