"""`ppodiag lint --fix`, and baselines."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from ppodiag.healthy import with_changes
from tests.cli.files import ILL, write
from tests.conftest import Run


def test_fix_keeps_every_other_byte(ppodiag: Run, tmp_path: Path) -> None:
    """--fix changes the faulty key alone: byte order mark, CRLF, indentation and mode stay."""
    text = '\ufeff{\r\n\t"ppo_config": {"lr":   3e-4, "epohcs": 10, "rollout_len": 128,\r\n'
    text += (
        '  "minibatch_size": 64, "max_grad_norm": 0.5}, "training": {"ppo_requests": 1024000}}\r\n'
    )
    path = tmp_path / "a.json"
    path.write_bytes(text.encode())
    path.chmod(0o640)
    diff = ppodiag("lint", "a.json", "--fix", "--diff")
    assert '+\t"ppo_config": {"lr":   3e-4, "epochs": 10' in diff.stdout
    assert path.read_bytes() == text.encode()
    done = ppodiag("lint", "a.json", "--fix")
    assert path.read_bytes() == text.replace("epohcs", "epochs").encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert "fixed SCH105: rename to epochs" in done.stderr
    assert done.returncode == 0


def test_unsafe_fixes_need_their_option(ppodiag: Run, tmp_path: Path) -> None:
    """A fix that chooses a value is applied by --unsafe-fixes only."""
    path = write(tmp_path / "a.json", ILL)
    before = path.read_bytes()
    assert ppodiag("lint", path, "--fix").returncode == 1
    assert path.read_bytes() == before
    assert ppodiag("lint", path, "--unsafe-fixes").returncode == 0
    assert path.read_bytes() == before.replace(b'"lr": 0.01', b'"lr": 3e-4')


def test_baseline(ppodiag: Run, tmp_path: Path) -> None:
    """Known findings are left out; re-formatting changes nothing, a changed value brings them back."""
    path = write(tmp_path / "a.json", ILL)
    made = ppodiag("lint", "a.json", "--baseline", "known.json", "--update-baseline")
    assert made.returncode == 0
    assert made.stdout == "known.json knows 1 finding\n"
    done = ppodiag("lint", "a.json", "--baseline", "known.json")
    assert done.returncode == 0
    assert "1 known to the baseline" in done.stdout
    path.write_text(json.dumps(ILL, indent=7))
    assert ppodiag("lint", "a.json", "--baseline", "known.json").returncode == 0
    write(path, with_changes({"ppo_config.lr": 0.02}))
    assert ppodiag("lint", "a.json", "--baseline", "known.json").returncode == 1


def test_a_missing_baseline_is_refused_before_a_file_is_fixed(ppodiag: Run, tmp_path: Path) -> None:
    """Where the baseline cannot be read, --unsafe-fixes has changed nothing."""
    path = write(tmp_path / "a.json", ILL)
    before = path.read_bytes()
    done = ppodiag("lint", "a.json", "--unsafe-fixes", "--baseline", "none.json")
    assert done.returncode == 2
    assert "none.json" in done.stderr
    assert path.read_bytes() == before


@pytest.mark.parametrize("text", ["", "[]", '{"version": 9}', '{"version": 1, "findings": [1]}'])
def test_no_baseline(ppodiag: Run, tmp_path: Path, text: str) -> None:
    """A file that is no baseline is an error with its name."""
    write(tmp_path / "a.json", ILL)
    (tmp_path / "known.json").write_text(text)
    done = ppodiag("lint", "a.json", "--baseline", "known.json")
    assert done.returncode == 2
    assert "known.json" in done.stderr
