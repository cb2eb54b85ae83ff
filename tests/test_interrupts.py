"""Ctrl-C, SIGTERM and a closed terminal, at any moment of any command that writes: whole files, nothing left over."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.files import ILL, write
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")

WORDS = {
    "lint --fix": ["lint", "a.json", "b.json", "c.json", "--unsafe-fixes"],
    "lint --update-baseline": ["lint", "a.json", "--baseline", "known.json", "--update-baseline"],
    "lint --output": ["lint", "a.json", "--format", "sarif", "--output", "out.json"],
    "simulate --plot --output": ["simulate", "a.json", "--plot", "out.svg", "--format", "csv", "--output", "out.csv"],
    "diagnose --output": ["diagnose", "log.jsonl", "--format", "html", "--output", "out.html"],
}  # fmt: skip
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if os.name != "nt" else ()
MOMENTS = int(os.environ.get("PPODIAG_MOMENTS", "3"))
"""Of each command, in the suite; drawn anew in each run of it, as no moment may matter."""


def started(folder: Path, words: list[str]) -> subprocess.Popen[bytes]:
    """A command as a shell starts it, also where this process has signals ignored."""

    def as_a_shell_does() -> None:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    return subprocess.Popen(
        [sys.executable, "-m", "ppodiag", *words], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, preexec_fn=as_a_shell_does,
    )  # fmt: skip


def prepare(folder: Path) -> None:
    """The inputs, and an older output that must not be lost."""
    for name in ("a.json", "b.json", "c.json"):
        write(folder / name, ILL)
    lines = [json.dumps({"step": i, "loss": 1 / (i + 1), "learning_rate": 0.1}) for i in range(50)]
    (folder / "log.jsonl").write_text("\n".join(lines) + "\n")
    for name in ("out.json", "out.svg", "out.csv", "out.html"):
        (folder / name).write_text("old")
    (folder / "known.json").write_text('{"version": 1, "findings": []}')


@pytest.mark.parametrize("name", WORDS)
def test_an_interrupted_command_leaves_whole_files(tmp_path: Path, name: str) -> None:
    """Each file is the old one or the one of a run left alone, and there is no other; the exit code says 130."""
    alone = tmp_path / "alone"
    alone.mkdir()
    prepare(alone)
    before = {path.name: path.read_bytes() for path in alone.iterdir()}
    began = time.monotonic()
    with started(alone, WORDS[name]) as process:
        process.communicate(timeout=120)
    assert process.returncode in (0, 1)
    whole = time.monotonic() - began
    after = {path.name: path.read_bytes() for path in alone.iterdir()}
    assert after != before
    for number in range(MOMENTS):
        folder = tmp_path / str(number)
        folder.mkdir()
        prepare(folder)
        with started(folder, WORDS[name]) as process:
            # Early moments are the interpreter's; the rest are spread over the run, and a little past it.
            time.sleep(random.uniform(0.3, 1.1) * whole)
            process.send_signal(SIGNALS[number % len(SIGNALS)])
            _, errors = process.communicate(timeout=120)
        assert process.returncode in (0, 1, 130, *(-number for number in SIGNALS)), errors.decode()
        assert b"Traceback" not in errors or b"KeyboardInterrupt" in errors.splitlines()[-1], (
            errors.decode()
        )
        found = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert set(found) == set(after)
        for file, content in found.items():
            assert content in (before.get(file), after[file]), (file, content[:200])
