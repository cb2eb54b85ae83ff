"""One process of a trainer: started, watched, ended; what it said is kept."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ppodiag.errors import UsageError
from ppodiag.own_memory import own_peak_bytes

GRACE_SECONDS = 10.0
"""Between asking a process to end and killing it. [judgement]"""

POLL_SECONDS = 0.02
TAIL_BYTES = 4000
"""Of a failed process's output that is kept in a result."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended.

    Attributes:
        code: exit code; negative: the signal that killed it.
        seconds: from its start to its end.
        tail: the last of what it wrote, both streams.
        timed_out: whether it was ended for its time.
        peak_bytes: its largest resident memory, its children not counted; None: not known here, or
            less than this process's own, which a child begins with.
    """

    code: int
    seconds: float
    tail: str
    timed_out: bool = False
    peak_bytes: int | None = None

    @property
    def failure(self) -> str:
        """Why it failed, in a line; empty where it did not."""
        if self.timed_out:
            return f"ended after {self.seconds:.0f} s: it took too long"
        if self.code < 0:
            return f"killed by {_signal_name(-self.code)}"
        return f"exit code {self.code}" if self.code else ""


def run_process(
    command: Sequence[str],
    output: str,
    *,
    environment: Mapping[str, str] | None = None,
    timeout: float | None = None,
    tick: Callable[[], None] | None = None,
    pid_file: str | None = None,
) -> Ended:
    """Run a command to its end.

    The process leads a group of its own, so that what it starts ends with it; an exception in this
    process, KeyboardInterrupt among them, ends the group before it goes on.

    Args:
        command: the words.
        output: file that takes standard output and errors; its folder exists.
        environment: variables beside this process's own.
        timeout: seconds.
        tick: called now and then while it runs; what it raises ends the process.
        pid_file: takes the number of the process, for `orphans.end_orphan`.

    Raises:
        UsageError: it cannot be started.
    """
    began = time.monotonic()
    with open(output, "wb") as log:
        try:
            process = subprocess.Popen(
                list(command), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})}, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise UsageError(
                f"cannot start {command[0]}: {error.strerror}", "check the trainer's command"
            ) from None
        timed_out = False
        try:
            if pid_file is not None:
                with open(pid_file, "w", encoding="ascii") as file:
                    file.write(str(process.pid))
            while True:
                found = _wait(process)
                if found is not None:
                    break
                if timeout is not None and time.monotonic() - began > timeout:
                    timed_out = True
                    found = _end(process)
                    break
                if tick is not None:
                    tick()
                time.sleep(POLL_SECONDS)
        except BaseException:
            _end(process)
            raise
        _kill_group(process.pid)
    code, peak = found
    return Ended(code, time.monotonic() - began, read_tail(output), timed_out, peak)


def read_tail(path: str) -> str:
    """The last of a file, as text."""
    with open(path, "rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - TAIL_BYTES))
        return file.read().decode("utf-8", "replace")


def _wait(process: subprocess.Popen[bytes]) -> tuple[int, int | None] | None:
    """Exit code and peak memory where it has ended, None while it runs."""
    if not hasattr(os, "wait4"):  # Windows
        code = process.poll()
        return None if code is None else (code, None)
    pid, status, usage = os.wait4(process.pid, os.WNOHANG)
    if not pid:
        return None
    process.returncode = os.waitstatus_to_exitcode(status)
    peak = usage.ru_maxrss * (1 if os.uname().sysname == "Darwin" else 1024)
    handed_on = own_peak_bytes()
    return process.returncode, peak if handed_on is None or peak > handed_on else None


def _end(process: subprocess.Popen[bytes]) -> tuple[int, int | None]:
    """Ask a process to end, and kill its group where it does not."""
    process.terminate()
    until = time.monotonic() + GRACE_SECONDS
    found = None
    while found is None and time.monotonic() < until:
        found = _wait(process)
        time.sleep(POLL_SECONDS)
    _kill_group(process.pid)
    while found is None:
        process.kill()
        found = _wait(process)
        time.sleep(POLL_SECONDS)
    return found


def _kill_group(pid: int) -> None:
    """Kill what is left of a group."""
    if hasattr(os, "killpg"):
        try:
            os.killpg(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
