"""Running a command of click's: its exit code, its errors as errors of ppodiag's."""

from __future__ import annotations

import os
import platform
import shlex
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, TextIO

import click

from ppodiag import __version__
from ppodiag.commands.console import configure, current, detail, reset, warning
from ppodiag.commands.usage import as_usage_error

COMPLETE = "_PPODIAG_COMPLETE"
"""The environment variable with which a shell asks what may follow."""


def invoke(command: click.Command, arguments: Sequence[str], name: str) -> int:
    """Run a command on these arguments; its exit code.

    Raises:
        UsageError: the command line is wrong.
        KeyboardInterrupt: a question was answered with Ctrl-C.
    """
    reset()
    configure(as_json=_wants_json(arguments))  # for errors from before the options are known
    begin = time.monotonic()
    try:
        with _told_warnings():
            code = _code(command, list(arguments), name)
    except click.ClickException as error:
        raise as_usage_error(error, _path(command, arguments, name)) from None
    except click.Abort:
        raise KeyboardInterrupt from None
    seconds = time.monotonic() - begin
    detail(
        f"{shlex.join([name, *arguments])}: exit code {code} after {seconds:.2f} s "
        f"(ppodiag {__version__}, Python {platform.python_version()})",
        "finished",
        exit_code=code,
        seconds=round(seconds, 3),
    )
    return code


@contextmanager
def _told_warnings() -> Iterator[None]:
    """Warnings of Python's as lines of the log, where that is JSON."""
    with warnings.catch_warnings():
        shown = warnings.showwarning

        def told(
            message: Warning | str, category: type[Warning], filename: str, lineno: int,
            file: TextIO | None = None, line: str | None = None,
        ) -> None:  # fmt: skip
            if current().as_json:
                warning(f"{category.__name__}: {message}")
            else:
                shown(message, category, filename, lineno, file, line)

        warnings.showwarning = told
        yield


def _code(command: click.Command, arguments: list[str], name: str) -> int:
    if COMPLETE in os.environ:
        command.main(args=arguments, prog_name=name, complete_var=COMPLETE)
    try:
        # Not main(), which ends a broken pipe with the code of findings and writes to a log at Ctrl-C.
        with command.make_context(name, arguments) as context:
            result: Any = command.invoke(context)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    return result if isinstance(result, int) else 0


def _path(command: click.Command, arguments: Sequence[str], name: str) -> str:
    """The command as a person typed it, without what follows."""
    if isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        return f"{name} {arguments[0]}"
    return name


def _wants_json(arguments: Sequence[str]) -> bool:
    return "--log-format=json" in arguments or any(
        pair == ("--log-format", "json") for pair in pairwise(arguments)
    )
