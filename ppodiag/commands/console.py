"""What a command says beside its result: notes and errors on the standard error, and in colour or not.

As text for people, or with `--log-format json` one JSON object a line, of the form that
`schemas/log-line.schema.json` describes.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace

from ppodiag.printing import printable

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True, slots=True)
class Console:
    """How a command speaks.

    Attributes:
        quiet: results and errors alone.
        verbose: also what was taken from where, and how long it took.
        as_json: one JSON object a line instead of text.
        colour: True or False; None: as the terminal has it.
        progress: whether progress may be shown.
    """

    quiet: bool = False
    verbose: bool = False
    as_json: bool = False
    colour: bool | None = None
    progress: bool = True


_console = Console()


def current() -> Console:
    """How the command that runs speaks."""
    return _console


def configure(**changes: Any) -> None:
    """Change how the command that runs speaks; each option of the command line does so."""
    global _console
    _console = replace(_console, **changes)


def reset() -> None:
    """Speak as a command without options does."""
    global _console
    _console = Console()


def note(text: str, event: str = "note", **fields: object) -> None:
    """Say something that is no result; left out with `--quiet`."""
    if not _console.quiet:
        _say("info", event, text, fields)


def detail(text: str, event: str = "detail", **fields: object) -> None:
    """Say something that only `--verbose` asks for."""
    if _console.verbose and not _console.quiet:
        _say("debug", event, text, fields)


def warning(text: str, event: str = "warning", **fields: object) -> None:
    """Say something that a person must know, though the command goes on or ends; never left out."""
    _say("warning", event, text, fields)


def fault(message: str, remedy: str = "", event: str = "error", **fields: object) -> None:
    """Say what is wrong, and what to do; never left out."""
    if _console.as_json:
        _say("error", event, message, {**({"help": remedy} if remedy else {}), **fields})
        return
    _say("error", event, f"error: {message}", {})
    if remedy:
        _say("error", event, f"  = help: {remedy}", {})


def progress_line(text: str, **fields: object) -> None:
    """Write a line of progress to a log, which stays; the terminal's line is `progress.Line`."""
    _say("info", "progress", text, fields)


def _say(level: str, event: str, text: str, fields: dict[str, Any]) -> None:
    if not _console.as_json:
        print(printable(text), file=sys.stderr, flush=True)
        return
    import json
    from datetime import UTC, datetime

    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"time": now, "level": level, "event": event, "message": text, **fields}
    print(json.dumps(line), file=sys.stderr, flush=True)


def wants_colour() -> bool:
    """Whether what is written to the standard output is to be in colour.

    `--color` decides; then NO_COLOR, FORCE_COLOR and TERM=dumb; then whether it is a terminal.
    """
    if _console.colour is not None:
        return _console.colour
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
