"""The memory of this process."""

from __future__ import annotations

import sys


def own_peak_bytes() -> int | None:
    """The highest resident memory of this process so far; None: not known here (Windows).

    On Linux it is the program's own: `ru_maxrss` also holds the memory that the process had before it
    became this program, which is that of the one that started it.
    """
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
