"""Commands that end with the process that starts them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ppodiag.launch.leash import leashed
from ppodiag.launch.process import run_process
from tests.ablate.executors.units import gone

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl(2) is Linux's")


@linux
def test_it_is_killed_with_its_parent() -> None:
    """After kill -9 of the parent nothing of the command is left."""
    code = (
        "import os, subprocess, time; from ppodiag.launch.leash import leashed\n"
        "child = subprocess.Popen(leashed(['sleep', '60']))\n"
        "while b'leash' in open(f'/proc/{child.pid}/cmdline', 'rb').read(): time.sleep(0.01)\n"
        "time.sleep(0.3); print(child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert not gone(child, 0.2)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert gone(child, 5)


def test_it_is_otherwise_the_command(tmp_path: Path) -> None:
    """Words, exit code and output are the command's own, whatever they hold."""
    words = [sys.executable, "-c", "import sys; print(sys.argv[1:]); sys.exit(7)", "a b", "-c", ""]
    ended = run_process(leashed(words), str(tmp_path / "output"))
    assert ended.code == 7
    assert ended.tail == "['a b', '-c', '']\n"


def test_a_command_that_is_not_there_stays_as_it_is() -> None:
    """So that starting it says the usual words."""
    assert leashed(["no-such-command", "x"]) == ["no-such-command", "x"]
