"""What several tests share."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT.parent / "shared" / "corpus" / "vidurrl" / "configs"

settings.register_profile(
    "ppodiag", deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ppodiag")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # As in the background of a script: children would inherit that, and tests of interrupts fail.
    signal.signal(signal.SIGINT, signal.default_int_handler)

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def require(present: object, what: str) -> None:
    """Skip where a part is absent on a user's machine; fail for that in CI."""
    if present:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing in CI")
    pytest.skip(f"{what} is not installed")


def as_a_plain_user(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command to which permissions apply: root leaves its right to pass over them behind."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        tool = shutil.which("setpriv")
        require(tool, "setpriv, which lays down root's rights")
        command = [str(tool), "--bounding-set=-dac_override,-dac_read_search", *command]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=env, **options
    )


@pytest.fixture
def corpus_config() -> Path:
    """The real configuration, where the corpus lies beside the project."""
    path = CORPUS / "ppo_warmstart@8196a6c.json"
    if not path.exists():
        pytest.skip("the corpus is not beside the project")
    return path


@pytest.fixture
def ppodiag(tmp_path: Path) -> Run:
    """Run the command line in a process of its own, in an empty folder, without a terminal."""

    def run(
        *arguments: str | Path,
        input: str | bytes | None = None,
        cwd: Path | None = None,
        **env: str,
    ) -> subprocess.CompletedProcess[str]:
        data = input.encode() if isinstance(input, str) else input
        done = subprocess.run(
            [sys.executable, "-m", "ppodiag", *map(str, arguments)],
            input=data,
            cwd=cwd or tmp_path,
            env={
                **{k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")},
                "PYTHONPATH": str(ROOT),
                "PYTHONIOENCODING": "utf-8",
                **env,
            },
            capture_output=True,
            timeout=60,
            check=False,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    return run


def clean_copy(target: Path) -> Path:
    """A copy of the project without what is built, cached or hidden away by git."""
    left_out = shutil.ignore_patterns(
        ".git", ".venv", ".bench", "__pycache__", "*.pyc", "dist", "build", "*.egg-info",
        ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".import_linter_cache",
        ".coverage*", "site", "demo-output",
    )  # fmt: skip
    shutil.copytree(ROOT, target, ignore=left_out)
    return target
