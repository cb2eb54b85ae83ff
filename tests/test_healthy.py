"""Nothing healthy is flagged: published configurations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import ppodiag

FOLDER = Path(__file__).parent / "healthy"
FILES = sorted(FOLDER.glob("*.json"))
TRULY_TOO_LARGE = {
    "zoo_inverteddoublependulum_v3.json",  # 512 of 128
    "zoo_invertedpendulum_v3.json",  # 64 of 32
    "zoo_mountaincarcontinuous_v0.json",  # 256 of 8
}


def test_the_set_is_whole() -> None:
    """The folder holds the zoo's entries, CleanRL's and SB3's settings, each with its source."""
    assert len([f for f in FILES if f.name.startswith("zoo_")]) == 33
    assert len([f for f in FILES if f.name.startswith("cleanrl_")]) == 7
    assert len([f for f in FILES if f.name.startswith("sb3_")]) == 3
    for file in FILES:
        assert json.loads(file.read_text())["_source"].startswith("https://")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_warning(file: Path) -> None:
    """No warning and no error, but for three published minibatches that exceed their rollout."""
    found = [d.code for d in ppodiag.lint(file).diagnostics]
    assert found == (["PPO011"] if file.name in TRULY_TOO_LARGE else [])


@pytest.mark.parametrize(
    "profile", ["note", "torch-optimizer-step", "huggingface", "sb3", "cleanrl"]
)
def test_no_error_under_any_profile(profile: str) -> None:
    """Read under any other preset, no published configuration draws an error."""
    report = ppodiag.lint(FOLDER, profile=profile, severity="error")
    assert len(report.files) == len(FILES)
    assert [(d.path, d.code) for d in report.diagnostics] == []
