"""One process at a time in a folder of results."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ppodiag.errors import UsageError
from ppodiag.locking import LOCK, only_process, without_lock
from tests.cli.files import write
from tests.conftest import ROOT, Run

pytest.importorskip("fcntl", reason="Windows has no such lock")

HOLD = """
import sys, time
from ppodiag.locking import only_process
with only_process(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def held_by_another(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds a folder until the block ends."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "held\n"
        yield holder
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()


def test_a_folder_that_another_process_holds(tmp_path: Path) -> None:
    """The error names the process; after kill -9 the folder is free, with nothing to tidy up."""
    with held_by_another(tmp_path / "out") as holder:
        refused = pytest.raises(UsageError, match=f"is in use by process {holder.pid}")
        with refused, only_process(str(tmp_path / "out")):
            pass
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        with only_process(str(tmp_path / "out")):
            assert without_lock(str(tmp_path / "out")) == []
    assert (tmp_path / "out" / LOCK).read_text() == str(os.getpid())


def test_the_lock_is_no_content(tmp_path: Path) -> None:
    """What lies beside it is."""
    with only_process(str(tmp_path)):
        assert without_lock(str(tmp_path)) == []
    (tmp_path / "a").touch()
    assert without_lock(str(tmp_path)) == ["a"]
    assert without_lock(str(tmp_path / "none")) == []


@pytest.mark.parametrize(
    "words",
    [
        ["ablate", "a.json", "--trainer", "true {config} {seed} {out}", "--seeds", "2", "--arms",
         "no-schedule"],
        ["ablate", "a.json", "--trainer", "true {config} {seed} {out}", "--dead-knobs"],
        ["confirm", "a.json"],
    ],
    ids=["ablate", "dead-knobs", "confirm"],
)  # fmt: skip
def test_two_commands_in_one_folder(ppodiag: Run, tmp_path: Path, words: list[str]) -> None:
    """The second is refused before it runs anything, and leaves the folder as it was."""
    from ppodiag.healthy import with_changes

    ill = with_changes({"advanced_optimization.learning_rate_schedule.warmup_steps": 300_000})
    write(tmp_path / "a.json", ill)
    with held_by_another(tmp_path / "out") as holder:
        done = ppodiag(*words, "--out", "out")
        assert f"out is in use by process {holder.pid}" in done.stderr
        assert "choose another --out" in done.stderr
        assert done.returncode == 2
        assert not (tmp_path / "out" / "units").exists()
        assert not (tmp_path / "out" / "runs").exists()


def test_the_trainer_too(tmp_path: Path) -> None:
    """A run in a folder that another process trains into is refused, and writes nothing there."""
    pytest.importorskip("torch")
    from reference_trainer.training import train
    from tests.trainer.configs import small

    with held_by_another(tmp_path / "out"):
        with pytest.raises(UsageError, match="is in use by process"):
            train(small(), env="CartPole-v1", out=tmp_path / "out")
        assert os.listdir(tmp_path / "out") == [LOCK]
