"""Trainers that outlived the process that started them, as after kill -9."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

SECONDS = 5.0
"""To wait for a killed process to be gone."""


def end_orphan(pid_file: str) -> bool:
    """Kill the process group that a pid file names, where it is still the one that was started.

    Numbers of processes are used again: it counts only where its command line names the folder that
    the file lies in. Without /proc nothing can be told, and nothing is done.

    Returns:
        Whether a process was killed.
    """
    try:
        with open(pid_file, encoding="ascii") as file:
            pid = int(file.read())
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read()
    except (OSError, ValueError):
        return False
    if os.path.dirname(os.path.abspath(pid_file)).encode() not in words:
        return False
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    until = time.monotonic() + SECONDS
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < until:
        time.sleep(0.05)
    return True
