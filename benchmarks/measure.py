"""Running commands side by side: medians of interleaved repetitions, and peak memory."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass, field


@dataclass
class Command:
    """A command line that is measured.

    Attributes:
        name: as the table calls it.
        words: the command.
        seconds: wall times, one a repetition.
        peak: largest resident set, in bytes; children of children not counted.
    """

    name: str
    words: list[str]
    seconds: list[float] = field(default_factory=list)
    peak: int = 0

    @property
    def median(self) -> float:
        """The median wall time in seconds."""
        return statistics.median(self.seconds)


def run_interleaved(commands: list[Command], repetitions: int) -> None:
    """Run each command in turn, `repetitions` times over, after one round that is not counted."""
    for repetition in range(repetitions + 1):
        for command in commands:
            seconds, peak = _run(command.words)
            if repetition:
                command.seconds.append(seconds)
                command.peak = max(command.peak, peak)


_ALONE = """
import json, os, sys, time
null = os.open(os.devnull, os.O_RDWR)
actions = [(os.POSIX_SPAWN_DUP2, null, number) for number in range(3)]
begin = time.perf_counter()
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=actions)
_, status, usage = os.wait4(pid, 0)
seconds = time.perf_counter() - begin
print(json.dumps([os.waitstatus_to_exitcode(status), seconds, usage.ru_maxrss * 1024]))
"""
"""A bare interpreter that starts the command: ru_maxrss of a process begins with the size of the one
that started it, and this one's, about 9 MB, is less than that of any command here."""


def _run(words: list[str]) -> tuple[float, int]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV"))}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _ALONE, *words], stdout=subprocess.PIPE, text=True, env=env,
        check=True,
    )  # fmt: skip
    code, seconds, peak = json.loads(done.stdout)
    if code not in (0, 1):
        raise SystemExit(f"{' '.join(words)} failed with exit code {code}")
    return seconds, peak
