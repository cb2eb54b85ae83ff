"""The entry point: a plain `lint PATH…` at once, everything else through click."""

from __future__ import annotations

import io
import os
import sys

from ppodiag.exits import GONE, INTERNAL, INTERRUPTED, USAGE

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    """Run the command line and exit with its code."""
    arguments = sys.argv[1:]

    def work() -> int:
        if is_plain_lint(arguments):
            from ppodiag.commands.plain import lint_plainly

            return lint_plainly(tuple(arguments[1:]))
        from ppodiag.cli import run

        return run(arguments)

    sys.exit(exit_code_of(work))


def exit_code_of(work: Callable[[], int]) -> int:
    """The exit code of a command; the only place where errors become exits."""
    _prepare_streams()
    try:
        code = work()
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output has gone; nothing is left to say.
        _forget_output()
        code = GONE
    except KeyboardInterrupt:
        from ppodiag.commands.console import warning

        warning("interrupted", "interrupted", exit_code=INTERRUPTED)
        code = INTERRUPTED
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None:
            # Often the output's own, as on a full disk: what it still holds must not fail once more.
            _forget_output()
        code = explain_error(error)
    return code


def _prepare_streams() -> None:
    """See that neither a closed stream nor a character that a terminal lacks stops a command."""
    if sys.stdout is None:  # closed by `>&-`
        sys.stdout = _Closed()
    if sys.stderr is None:
        sys.stderr = _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


class _Closed(io.StringIO):
    """A standard output that nobody opened; only writing to it is an error."""

    def write(self, text: str, /) -> int:
        from ppodiag.errors import UsageError

        raise UsageError(
            "the standard output is closed, and the result has nowhere to go",
            "leave >&- out, write >/dev/null, or name a file with --output",
        )


def _forget_output() -> None:
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # it is no file
        sys.stdout = _nowhere()


def _nowhere() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.FileIO(os.devnull, "w"), encoding="utf-8")


def is_plain_lint(arguments: list[str]) -> bool:
    """Whether the arguments are `lint` and paths alone, so that click is not needed."""
    return (
        len(arguments) > 1
        and arguments[0] == "lint"
        and not any(argument.startswith("-") for argument in arguments[1:])
        and "_PPODIAG_COMPLETE" not in os.environ
    )


def explain_error(error: Exception) -> int:
    """Print what went wrong and what to do; the exit code that it means."""
    from ppodiag.commands.console import current, fault
    from ppodiag.errors import PpodiagError, UsageError

    cause = error
    if isinstance(error, OSError):
        where = "the output" if error.filename is None else error.filename
        error = UsageError(
            f"{where}: {error.strerror or error}", "mend that, then give the same command again"
        )
    elif isinstance(error, MemoryError):
        error = UsageError("there is not enough memory", "give it more, or ask for less at once")
    if not isinstance(error, PpodiagError):
        return _report_fault(error)
    fault(error.message, error.remedy, exit_code=USAGE)
    if current().verbose and cause is not error:
        sys.stderr.write(_traceback(cause))
    return USAGE


def _report_fault(error: Exception) -> int:
    """Print lines to report a fault of ppodiag itself with; the exit code."""
    import platform

    from ppodiag import __version__
    from ppodiag.commands.console import current, fault

    about = (
        f"ppodiag {__version__}, Python {platform.python_version()}, {platform.platform()}, "
        f"arguments {sys.argv[1:]}"
    )
    message = "a fault of ppodiag itself; please report it with these lines:"
    if current().as_json:
        trace = _traceback(error)
        fault(message, event="internal_error", about=about, traceback=trace, exit_code=INTERNAL)
    else:
        fault(message)
        print(f"{about}\n{_traceback(error)}", file=sys.stderr, end="")
    return INTERNAL


def _traceback(error: Exception) -> str:
    import traceback

    return "".join(traceback.format_exception(error))


if __name__ == "__main__":
    main()
