"""Progress of what takes more than a few seconds; none where nobody watches."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ppodiag.commands.console import current, progress_line

FIRST_AFTER = 2.0
"""Seconds before anything is shown."""

EVERY = 0.2
"""Seconds between two changes of the line on a terminal."""
EVERY_AS_JSON = 1.0
"""Seconds between two lines of `--log-format json`."""
EVERY_IN_PIPE = 10.0
"""Seconds between two lines where nobody watches, if `--verbose` asks for them."""

LOOK = 0.1
"""Seconds between two looks whether a line of `ticking` is due."""


class Line:
    """One line of the terminal that changes while work goes on, and is gone afterwards.

    With `--log-format json`, and with `--verbose` where the standard error is no terminal, lines that
    stay; else nothing in a pipe. `--quiet` and `--no-progress` leave it out.
    """

    def __init__(self, first_after: float | None = None) -> None:
        """Begin; nothing is shown before `first_after` seconds, or `FIRST_AFTER`, have passed."""
        console = current()
        wait = FIRST_AFTER if first_after is None else first_after
        self._changes = sys.stderr.isatty() and not console.as_json
        self.wanted = (
            console.progress
            and not console.quiet
            and (self._changes or console.as_json or console.verbose)
        )
        self._every = (
            EVERY if self._changes else EVERY_AS_JSON if console.as_json else EVERY_IN_PIPE
        )
        self._next = time.monotonic() + (wait if self._changes else self._every)
        self._shown = 0

    def due(self) -> bool:
        """Whether the next line is wanted by now."""
        return self.wanted and time.monotonic() >= self._next

    def show(self, text: str, **fields: object) -> None:
        """Show this line now; fields are for the JSON log."""
        self._next = time.monotonic() + self._every
        if not self._changes:
            progress_line(text, **fields)
            return
        text = text[: shutil.get_terminal_size((100, 24)).columns - 1]
        print(f"\r{text:<{self._shown}}", end="", file=sys.stderr, flush=True)
        self._shown = len(text)

    def close(self) -> None:
        """Take the line away."""
        if self._shown:
            print(f"\r{'':{self._shown}}\r", end="", file=sys.stderr, flush=True)
            self._shown = 0


@contextmanager
def counter(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """A function that shows `done of whole what`; None where nobody wants to know."""
    line = Line()
    if not line.wanted:
        yield None
        return
    begin = time.monotonic()

    def show(done: int, whole: int) -> None:
        if not line.due():
            return
        left = (time.monotonic() - begin) * (whole - done) / done if done else None
        text = f"{done:,} of {whole:,} {what}" + ("" if left is None else f", {left:.0f} s left")
        line.show(text, done=done, whole=whole, unit=what)

    try:
        yield show
    finally:
        line.close()


@contextmanager
def ticking(what: str) -> Iterator[None]:
    """Show `what, so many seconds` while something goes on that does not tell how far it is."""
    line = Line()
    if not line.wanted:
        yield
        return
    begin, done = time.monotonic(), threading.Event()

    def tick() -> None:
        while not done.wait(LOOK):
            if line.due():
                line.show(f"{what}, {time.monotonic() - begin:.0f} s")

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        line.close()
