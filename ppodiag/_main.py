"""The entry point: a plain `lint PATH…` at once, everything else through click."""

from __future__ import annotations

import os
import sys

from ppodiag.exits import INTERNAL, USAGE


def main() -> None:
    """Run the command line and exit with its code; the only place where errors become exits."""
    arguments = sys.argv[1:]
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # what a terminal cannot show must not stop a report
            stream.reconfigure(errors="backslashreplace")
    try:
        if is_plain_lint(arguments):
            from ppodiag.commands.plain import lint_plainly

            code = lint_plainly(tuple(arguments[1:]))
        else:
            from ppodiag.cli import run

            code = run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output has gone; nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = USAGE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        code = 130
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None:
            # Often the output's own, as on a full disk: what it still holds must not fail once more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = explain_error(error)
    sys.exit(code)


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
    from ppodiag.errors import PpodiagError, UsageError
    from ppodiag.report.wrap import printable

    if isinstance(error, OSError):
        where = "the output" if error.filename is None else error.filename
        error = UsageError(
            f"{where}: {error.strerror or error}", "mend that, then give the same command again"
        )
    elif isinstance(error, MemoryError):
        error = UsageError("there is not enough memory", "give it more, or ask for less at once")
    if isinstance(error, PpodiagError):
        print(f"error: {printable(error.message)}", file=sys.stderr)
        if error.remedy:
            print(f"  = help: {printable(error.remedy)}", file=sys.stderr)
        return USAGE
    import traceback

    from ppodiag import __version__

    print("error: a fault of ppodiag itself; please report it with these lines:", file=sys.stderr)
    print(
        f"ppodiag {__version__}, Python {sys.version.split()[0]}, {sys.platform}", file=sys.stderr
    )
    print("".join(traceback.format_exception(error)), file=sys.stderr, end="")
    return INTERNAL


if __name__ == "__main__":
    main()
