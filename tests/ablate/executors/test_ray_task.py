"""What goes back from a node; no Ray is needed for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ppodiag.ablate.executors import ray_task
from ppodiag.ablate.executors.ray_task import UnfitNode, packed, run_away, unpack
from tests.ablate.executors.units import unit


def test_files_go_back_whole_and_large_ones_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is unpacked takes the place of what lay there; a file over the limit is left out and named."""
    monkeypatch.setattr(ray_task, "LARGEST_FILE", 1000)
    there, here = tmp_path / "there", tmp_path / "here"
    (there / "run").mkdir(parents=True)
    (there / "run" / "log.csv").write_bytes(bytes(range(250)) * 4)
    (there / "run" / "network.pt").write_bytes(b"x" * 1001)
    here.mkdir()
    (here / "older").write_text("of an attempt that was lost")
    unpack(packed(str(there)), str(here))
    assert sorted(path.name for path in here.iterdir()) == ["left-out.txt", "run"]
    assert (here / "run" / "log.csv").read_bytes() == bytes(range(250)) * 4
    assert (here / "left-out.txt").read_text() == "run/network.pt: 1,001 bytes\n"
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("there", "here")] == []


def test_a_node_without_the_folder_of_a_users_command_is_unfit(tmp_path: Path) -> None:
    """A relative command would mean something else there."""
    with pytest.raises(UnfitNode, match="has no folder /not/there: No such file"):
        run_away(unit(tmp_path), "/not/there")
