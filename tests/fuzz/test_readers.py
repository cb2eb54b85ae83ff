"""Whatever a file holds, a reader reads it or says what is wrong with it, within bounds of time and memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ppodiag.errors import UsageError
from tests.conftest import ROOT
from tests.fuzz.readers import READERS
from tests.fuzz.record_readers import checkpoint, state_bombs

EXAMPLES = 10
SECONDS = 300
"""For one reader: what takes a second or two on an idle machine, and for ever where a bomb goes off."""


@pytest.mark.parametrize("name", READERS)
def test_files_that_are_nearly_right_and_files_that_ask_for_much(name: str) -> None:
    """No exception but UsageError, no warning; in the address space and the time that the reader gets.

    The files are those of `tests/fuzz`: real ones with pieces cut, doubled, moved and replaced, the same
    ones every time, and small ones that ask for much memory or time.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", name, str(EXAMPLES)],
        cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def test_no_checkpoint_runs_a_command(tmp_path: Path) -> None:
    """A pickle that would make a file makes none, though its checksum is right."""
    pytest.importorskip("torch")
    mark = tmp_path / "ran"
    for name, data in state_bombs(f"touch {mark}").items():
        folder = tmp_path / name
        folder.mkdir()
        with pytest.raises(UsageError, match=r"no checkpoint in .* can be read"):
            checkpoint(str(folder), data)
    assert not mark.exists()
    subprocess.run(["sh", "-c", f"touch {mark}"], check=True)
    assert mark.exists(), "the command would have made it"


def test_every_reader_has_files() -> None:
    """None is left out for want of them."""
    assert len(READERS) == 19
    assert all(reader.seeds() for reader in READERS.values())
