"""Training the gallery's configurations and keeping their logs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .rows import GALLERY, KINDS, ROOT, Row


def record(row: Row) -> None:
    """Train both configurations of a row and put their logs beside them.

    Raises:
        SystemExit: the trainer failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        outs = {kind: Path(folder) / kind for kind in KINDS}
        # At once, so that their speeds can be compared on a machine that does other work too.
        _wait([_start(row, kind, out) for kind, out in outs.items()])
        for kind, out in outs.items():
            shutil.copyfile(out / "log.jsonl", row.log(kind))


def _start(row: Row, kind: str, out: Path) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(GALLERY), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "reference_trainer", str(row.config(kind).relative_to(ROOT))]
    return subprocess.Popen(
        [*command, "--env", row.env, "--out", str(out)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
    )


def _wait(started: list[subprocess.Popen[bytes]]) -> None:
    codes = [process.wait() for process in started]
    if any(codes):
        raise SystemExit(f"the trainer ended with exit codes {codes}")
