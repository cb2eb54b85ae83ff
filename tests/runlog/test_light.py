"""What reading loads, and what it does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.runlog.event_files import require_tensorboard, write_scalars

_SHOW = "import sys; print(*sorted(set(n.partition('.')[0] for n in sys.modules)))"


def _loaded(code: str, *arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{_SHOW}", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_import_loads_nothing_heavy() -> None:
    """Neither numpy nor tensorboard before something is read."""
    assert not {"numpy", "tensorboard", "google"} & _loaded("import ppodiag.runlog")


@pytest.mark.parametrize("name", ["log.csv", "log.jsonl"])
def test_tables_need_numpy_alone(tmp_path: Path, name: str) -> None:
    """CSV and JSONL load no tensorboard, pandas, torch or click."""
    text = "step,a\n1,2\n" if name.endswith("csv") else '{"a": 1}\n'
    (tmp_path / name).write_text(text)
    code = "import sys; from ppodiag.runlog import read_run; read_run(sys.argv[1])"
    loaded = _loaded(code, str(tmp_path / name))
    assert "numpy" in loaded
    assert not {"tensorboard", "pandas", "torch", "click", "matplotlib"} & loaded


def test_event_files_load_the_messages_alone(tmp_path: Path) -> None:
    """Of TensorBoard the messages are loaded; no TensorFlow, torch or pandas."""
    require_tensorboard()
    path = write_scalars(tmp_path / "e", [("a", 0, 1.0)])
    code = "import sys; from ppodiag.runlog import read_run; read_run(sys.argv[1])"
    loaded = _loaded(code, str(path))
    assert "tensorboard" in loaded
    assert not {"tensorflow", "torch", "pandas", "click", "matplotlib", "grpc"} & loaded
