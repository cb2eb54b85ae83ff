"""Running a command as it is typed, with an interrupt that reaches it once."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PATIENCE = 30.0
"""Seconds that an interrupted command has to end by itself."""


@dataclass(frozen=True)
class Done:
    """A command that has ended.

    Attributes:
        command: as typed.
        code: its exit code.
        output: what it wrote to the standard output.
        seconds: of the wall clock.
    """

    command: str
    code: int
    output: str
    seconds: float


def run(command: str) -> Done:
    """Run a command at the root of the project; its progress and errors go where ours go.

    Raises:
        KeyboardInterrupt: once the command has ended too.
        FileNotFoundError: the environment lacks the program.
    """
    words = shlex.split(command)
    here = str(Path(sys.executable).parent)
    path = os.pathsep.join([here, os.environ.get("PATH", os.defpath)])
    program = shutil.which(words[0], path=path)
    if program is None:
        raise FileNotFoundError(words[0])
    began = time.monotonic()
    process = subprocess.Popen(
        [program, *words[1:]],
        cwd=ROOT,
        env={**os.environ, "PATH": path, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        process_group=0
        if os.name == "posix"
        else None,  # so that Ctrl-C reaches it by us, and once
    )
    try:
        output, _ = process.communicate()
    except KeyboardInterrupt:
        _end(process)
        raise
    return Done(command, process.returncode, output, time.monotonic() - began)


def _end(process: subprocess.Popen[str]) -> None:
    """Ask the command to end; kill it where it does not."""
    process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
    try:
        process.communicate(timeout=PATIENCE)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.communicate()
