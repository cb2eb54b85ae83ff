"""A command that is killed with the process that starts it, whatever kills that one.

A worker of a cluster may be killed outright: by the kernel, by Ray's monitor of memory, with its node's
daemon. What it had started would live on, on a machine that nobody looks at.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1
"""Of prctl(2): the signal that a process gets when its parent ends; it outlasts exec."""

_CODE = f"""
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl({PR_SET_PDEATHSIG}, signal.SIGKILL)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execvp(sys.argv[2], sys.argv[2:])
"""


def leashed(command: Sequence[str]) -> list[str]:
    """The words that run a command so, to be started by the thread that waits for it; Linux only.

    Elsewhere, and where there is no such command, the words as they are. A process of Python that
    becomes the command costs a few hundredths of a second.
    """
    if not sys.platform.startswith("linux") or shutil.which(command[0]) is None:
        return list(command)
    return [sys.executable, "-I", "-S", "-c", _CODE, str(os.getpid()), *command]
