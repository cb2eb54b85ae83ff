"""Running commands side by side: medians of interleaved repetitions, and peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
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


def _run(words: list[str]) -> tuple[float, int]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV"))}
    begin = time.perf_counter()
    process = subprocess.Popen(
        words,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env=env,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(words)} failed with exit code {process.returncode}")
    return seconds, usage.ru_maxrss * 1024
