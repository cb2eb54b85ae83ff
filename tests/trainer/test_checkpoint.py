"""Checkpoints: whole or not at all, and nothing that is read from them is run."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from ppodiag import UsageError
from reference_trainer.checkpoint import KEPT, MAGIC, load_checkpoint, save_checkpoint
from tests.conftest import ROOT

STATE = {"numbers": [1, 2.5, "three"], "tensor": torch.arange(5.0), "nested": {"on": True}}


def test_a_state_comes_back_as_it_was_and_the_last_two_are_kept(tmp_path: Path) -> None:
    """Four are written; the newest is read, two files are there."""
    for number in range(4):
        save_checkpoint(str(tmp_path), number, {**STATE, "number": number})
    state, notes = load_checkpoint(str(tmp_path))
    assert state is not None
    assert (state["number"], state["numbers"], notes) == (3, [1, 2.5, "three"], ())
    assert torch.equal(state["tensor"], STATE["tensor"])
    assert len(list(tmp_path.iterdir())) == KEPT == 2


@pytest.mark.parametrize("kept", [0, 5, 40, 200, -1])
def test_of_a_truncated_file_the_one_before_it_is_used(tmp_path: Path, kept: int) -> None:
    """Cut anywhere: the note names the file, and the state is the one before."""
    save_checkpoint(str(tmp_path), 1, {"number": 1})
    path = Path(save_checkpoint(str(tmp_path), 2, {"number": 2}))
    path.write_bytes(path.read_bytes()[:kept])
    state, notes = load_checkpoint(str(tmp_path))
    assert state == {"number": 1}
    assert len(notes) == 1
    assert "checkpoint-000000002.pt" in notes[0]


def test_what_a_killed_process_half_wrote_is_removed(tmp_path: Path) -> None:
    """With the next checkpoint; what others wrote stays."""
    (tmp_path / "checkpoint-000000001.pt.77.tmp").write_bytes(b"half")
    (tmp_path / "notes.tmp").write_bytes(b"mine")
    save_checkpoint(str(tmp_path), 2, {"number": 2})
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["checkpoint-000000002.pt", "notes.tmp"]


def test_a_killed_writer_leaves_the_earlier_ones(tmp_path: Path) -> None:
    """A process that saves without end, killed in the middle: what is loaded is whole."""
    program = (
        "import sys, torch\nfrom reference_trainer.checkpoint import save_checkpoint\n"
        "k = 0\n"
        "while True:\n"
        "    k += 1\n"
        "    values = torch.full((200_000,), float(k))\n"
        "    save_checkpoint(sys.argv[1], k, {'k': k, 'values': values})\n"
        "    print(k, flush=True)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(5):
            assert process.stdout.readline()
        process.kill()
    state, notes = load_checkpoint(str(tmp_path))
    assert state is not None
    assert state["k"] >= 5
    assert notes == ()
    assert (state["values"] == state["k"]).all()


class _Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch ran-by-a-checkpoint",)


def test_a_file_that_would_run_code_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pickle with a call in it, its checksum right: it is not run, and the error names the file."""
    monkeypatch.chdir(tmp_path)
    content = io.BytesIO()
    torch.save({"bomb": _Bomb()}, content)
    payload = content.getvalue()
    digest = hashlib.sha256(payload).hexdigest().encode()
    (tmp_path / "checkpoint-000000001.pt").write_bytes(MAGIC + digest + b"\n" + payload)
    with pytest.raises(UsageError, match=r"checkpoint-000000001.pt: torch does not load it"):
        load_checkpoint(str(tmp_path))
    assert not (tmp_path / "ran-by-a-checkpoint").exists()


def test_where_none_can_be_read_that_is_an_error_and_none_at_all_is_not(tmp_path: Path) -> None:
    """A foreign file with the name of a checkpoint, and an empty folder."""
    assert load_checkpoint(str(tmp_path / "absent")) == (None, ())
    (tmp_path / "checkpoint-000000001.pt").write_text("not a checkpoint")
    with pytest.raises(UsageError, match="it is no checkpoint of this trainer"):
        load_checkpoint(str(tmp_path))
