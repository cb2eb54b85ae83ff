"""Units as processes of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from ppodiag import __version__
from ppodiag.ablate.executors import local
from ppodiag.ablate.executors.local import LocalExecutor, default_jobs
from ppodiag.ablate.unit import failed_result, own_result, run_unit
from tests.ablate.executors.units import (
    bare,
    by_name,
    gone,
    interrupt_when,
    pids,
    small_study,
    unit,
)
from tests.conftest import ROOT


def test_every_unit_has_one_result_and_parallel_jobs_change_none(tmp_path: Path) -> None:
    """One process at once and three at once give the same results."""
    one: list[dict[str, Any]] = []
    three: list[dict[str, Any]] = []
    LocalExecutor(1).run(small_study(tmp_path / "one"), one.append)
    LocalExecutor(3).run(small_study(tmp_path / "three"), three.append)
    assert len(one) == 9
    assert by_name(one) == by_name(three)


def test_jobs_run_side_by_side_and_timing_alone(tmp_path: Path) -> None:
    """Two units of 0.8 s overlap with two jobs; two timed ones do not."""
    learning = [unit(tmp_path, seed=seed, fault="takes 0.8") for seed in (0, 1)]
    timing = [unit(tmp_path, kind="timing", round=n, fault="takes 0.8") for n in (0, 1)]
    ends: dict[str, float] = {}

    def keep(result: dict[str, Any]) -> None:
        ends[result["unit"]] = time.monotonic()

    LocalExecutor(2).run([*timing, *learning], keep)
    first, second, third, last = ends.values()
    assert list(ends)[2:] == ["timing/all on/round-0", "timing/all on/round-1"]
    assert second - first < 0.7
    assert last - third > 0.8
    assert third - second > 0.8


def test_results_are_kept_as_they_come_in_the_thread_that_called(tmp_path: Path) -> None:
    """The quick unit's result is kept while the slow one runs."""
    mark = tmp_path / "mark"
    slow = unit(tmp_path, seed=1, fault="takes 1.5", mark=str(mark))
    kept: list[tuple[str, bool, threading.Thread]] = []

    def keep(result: dict[str, Any]) -> None:
        while not pids(mark):  # the slow one may not have begun yet
            time.sleep(0.02)
        runs = not gone(pids(mark)[0], 0)
        kept.append((result["unit"], runs, threading.current_thread()))

    LocalExecutor(2).run([slow, unit(tmp_path)], keep)
    assert [name for name, _, _ in kept] == ["learning/all on/seed-0", "learning/all on/seed-1"]
    assert [runs for _, runs, _ in kept] == [True, False]
    assert {thread for _, _, thread in kept} == {threading.current_thread()}


def test_an_interrupt_ends_the_trainers_and_begins_none(tmp_path: Path) -> None:
    """KeyboardInterrupt passes through; the trainer is gone, is not tried again, and nothing waits."""
    mark = tmp_path / "mark"
    units = [unit(tmp_path, seed=n, fault="sleeps", mark=str(mark)) for n in range(3)]
    kept: list[dict[str, Any]] = []
    threading.Thread(target=interrupt_when, args=(mark,)).start()
    with pytest.raises(KeyboardInterrupt):
        LocalExecutor(1).run(units, kept.append)
    assert kept == []
    assert len(pids(mark)) == 1
    assert gone(pids(mark)[0], 0)
    assert not list(tmp_path.glob("units/**/attempt-2"))


def test_a_fault_while_a_result_is_kept_ends_the_rest(tmp_path: Path) -> None:
    """What `keep` raises passes through, and no trainer is left."""
    mark = tmp_path / "mark"
    sleeper = unit(tmp_path, seed=1, fault="sleeps", mark=str(mark))

    def keep(result: dict[str, Any]) -> None:
        while not pids(mark):
            time.sleep(0.05)
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        LocalExecutor(2).run([unit(tmp_path), sleeper], keep)
    assert gone(pids(mark)[0], 0)


@pytest.mark.skipif(not os.path.exists("/proc/self/cmdline"), reason="orphans are known by /proc")
def test_an_orphan_of_a_killed_process_is_ended_by_the_next_run(tmp_path: Path) -> None:
    """After kill -9 the trainer lives on; running the unit again ends it before it begins."""
    mark = tmp_path / "mark"
    code = (
        "import sys; from pathlib import Path; from tests.ablate.executors.units import unit\n"
        "from ppodiag.ablate.unit import run_unit\n"
        "run_unit(unit(Path(sys.argv[1]), fault='sleeps once', mark=sys.argv[2]))"
    )
    driver = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path), str(mark)], env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    until = time.monotonic() + 30
    while not pids(mark) and time.monotonic() < until:
        time.sleep(0.05)
    driver.kill()
    driver.wait()
    [orphan] = pids(mark)
    assert not gone(orphan, 0.3)
    result = run_unit(unit(tmp_path, fault="sleeps once", mark=str(mark)))
    assert gone(orphan, 0)
    assert result["status"] == "complete"
    assert result["failures"] == []
    assert len(pids(mark)) == 2


def test_a_failing_unit_is_tried_once_more_and_kept_with_its_tail(tmp_path: Path) -> None:
    """Two attempts, each with its reason and the last of what the trainer said."""
    mark = tmp_path / "mark"
    kept: list[dict[str, Any]] = []
    LocalExecutor(1).run([unit(tmp_path, fault="fails", mark=str(mark))], kept.append)
    [result] = kept
    assert result["status"] == "failed"
    assert result["runs"] == []
    assert [f["attempt"] for f in result["failures"]] == [1, 2]
    assert {f["failure"] for f in result["failures"]} == {"exit code 3"}
    assert all("no such thing as a policy" in f["tail"] for f in result["failures"])
    assert len(pids(mark)) == 2


def test_a_unit_that_fails_once_is_complete_and_says_that_it_failed(tmp_path: Path) -> None:
    """The second attempt's runs count, and are those of an undisturbed run."""
    result = run_unit(unit(tmp_path / "a", fault="fails once", mark=str(tmp_path / "mark")))
    assert result["status"] == "complete"
    assert [f["failure"] for f in result["failures"]] == ["exit code 3"]
    undisturbed = run_unit(unit(tmp_path / "b"))
    assert bare(result)["runs"] == bare(undisturbed)["runs"]


def test_a_lost_unit_has_a_result_of_the_same_form(tmp_path: Path) -> None:
    """The result of a lost unit has the keys of one that was run, and says on no machine."""
    lost = failed_result(unit(tmp_path), "its node went away", "x" * 10_000)
    ran = run_unit(unit(tmp_path))
    assert lost.keys() == ran.keys()
    assert lost["measured"].keys() == ran["measured"].keys()
    assert lost["status"] == "failed"
    assert lost["measured"]["machine"] is None
    assert len(lost["failures"][0]["tail"]) == 4000


def test_a_result_of_other_software_is_a_failure(tmp_path: Path) -> None:
    """A worker with another ppodiag gives a digest that is not the unit's: its result does not count."""
    ran = run_unit(unit(tmp_path))
    assert own_result(unit(tmp_path), ran) is ran
    strange = own_result(unit(tmp_path), {**ran, "digest": "0", "software": {"ppodiag": "0.0.1"}})
    assert strange["status"] == "failed"
    assert f"ppodiag 0.0.1, here {__version__}" in strange["failures"][0]["failure"]
    assert strange["digest"] == ran["digest"]


def test_jobs_by_default_fit_into_cores_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as cores; fewer where that many do not fit; never none."""
    monkeypatch.setattr(local.os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(local, "_free_bytes", lambda: 10_000)
    assert default_jobs() == 8
    assert default_jobs(3_000) == 3
    assert default_jobs(100) == 8
    assert default_jobs(50_000) == 1
    monkeypatch.setattr(local, "_free_bytes", lambda: None)
    assert default_jobs(50_000) == 8
