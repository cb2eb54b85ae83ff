"""What ends a command from outside: Ctrl-C, and what asks for the same."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM, and a terminal that is closed, end the work as Ctrl-C does.

    A signal that is ignored stays so: nohup does that to SIGHUP, and a shell to the SIGINT of what a
    script puts into the background. Outside the main thread nothing is changed,
    for there Python takes no handler.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {}
    for name in ("SIGTERM", "SIGHUP"):  # Windows lacks the second
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            try:
                before[number] = signal.signal(number, end)
            except ValueError:
                break
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
