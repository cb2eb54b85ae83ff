"""The README's first command, in a clean copy, as a visitor runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.conftest import clean_copy, require


def test_make_demo(tmp_path: Path) -> None:
    """`make demo` sets itself up and lints a configuration; it ends well though there are findings."""
    require(shutil.which("make"), "make")
    copy = clean_copy(tmp_path / "ppodiag")
    env = {
        k: v for k, v in os.environ.items() if not k.startswith(("VIRTUAL_ENV", "PYTHON", "COV"))
    }
    done = subprocess.run(
        ["make", "demo"], cwd=copy, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "$ ppodiag lint examples/ill.json" in done.stdout
    assert "error[LR111] the peak learning rate 0.01" in done.stdout
    assert "N_mb    minibatch steps" in done.stdout
    assert "torch" not in " ".join(os.listdir(copy / ".venv" / "lib"))
