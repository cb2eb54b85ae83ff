"""Progress on the terminal for what takes more than a few seconds; none where nobody watches."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

FIRST_AFTER = 2.0
"""Seconds before anything is shown."""

EVERY = 0.2
"""Seconds between two changes of the line."""


@contextmanager
def counter(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """A function that shows `done of whole what`, on one line of the terminal; None in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    begin = last = time.monotonic()
    shown = False

    def show(done: int, whole: int) -> None:
        nonlocal last, shown
        now = time.monotonic()
        if now - begin < FIRST_AFTER or now - last < EVERY:
            return
        last, shown = now, True
        left = (now - begin) * (whole - done) / done if done else 0.0
        text = f"{done:,} of {whole:,} {what}, {left:.0f} s left"
        print(f"\r{text:<70}", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        if shown:
            print(f"\r{'':70}\r", end="", file=sys.stderr, flush=True)
