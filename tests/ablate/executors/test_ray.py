"""Units as tasks of Ray, which is really started: a cluster of two nodes on this machine."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from ppodiag.ablate.executors import ray as on_ray
from ppodiag.ablate.executors.executor import Room
from ppodiag.ablate.executors.local import LocalExecutor
from ppodiag.ablate.executors.ray import RayExecutor
from ppodiag.ablate.executors.ray_cluster import STARTS
from ppodiag.ablate.unit import run_unit
from ppodiag.errors import UsageError
from ppodiag.launch.trainer import UserTrainer
from tests.ablate.executors.units import (
    TRAINER,
    bare,
    by_name,
    gone,
    interrupt_when,
    pids,
    small_study,
    unit,
)
from tests.conftest import ROOT, require

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Ray leaves files open
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of a cluster that is there already: a node of 2 CPUs and a GPU by name only, and one of 1 CPU."""
    require(find_spec("ray"), "ray")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(ROOT)  # nodes find the tests
    from ray.cluster_utils import Cluster

    for tries_left in reversed(range(STARTS)):
        cluster = Cluster()
        try:
            cluster.add_node(num_cpus=2, num_gpus=1, include_dashboard=False)
            cluster.add_node(num_cpus=1)
            break
        except Exception:  # Ray gives a node 30 s to start, whatever else the machine does
            cluster.shutdown()
            if not tries_left:
                raise
    yield cluster.address
    cluster.shutdown()
    os.environ.pop("RAY_ADDRESS", None)
    if before is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = before


def executor(address: str, cpus: int = 1, jobs: int | None = None) -> tuple[RayExecutor, list[str]]:
    told: list[str] = []
    return RayExecutor(address, None, Room(cpus), jobs, told.append), told


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_tasks_end_with_the_results_and_logs_of_local_processes(
    tmp_path: Path, address: str
) -> None:
    """Results, failures among them, are those of local processes, and so are the files in the store."""
    here: list[dict[str, Any]] = []
    LocalExecutor(2).run(small_study(tmp_path / "here"), here.append)
    away: list[dict[str, Any]] = []
    made, told = executor(address)
    made.run(small_study(tmp_path / "away"), away.append)
    assert by_name(away) == by_name(here)
    assert [r["unit"] for r in away if r["kind"] == "timing"] == [
        r["unit"] for r in here if r["kind"] == "timing"
    ]
    assert files(tmp_path / "away") == files(tmp_path / "here")
    log = Path("units/learning/no warmup/1-0/attempt-1/run/log.jsonl")
    assert (tmp_path / "away" / log).stat().st_size > 500
    assert told[0] == "ray: connected, 2 nodes, 3 CPUs, 1 GPU"


def test_a_unit_whose_worker_is_killed_is_run_again(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL mid-unit: the result is that of an undisturbed run, and the trainer dies with its worker.

    A unit that loses every worker has failed.
    """
    monkeypatch.setattr(on_ray, "LOSSES", 1)
    mark = tmp_path / "mark"
    kept: list[dict[str, Any]] = []
    made, told = executor(address)
    units = [
        unit(tmp_path, fault="its worker is killed once", mark=str(mark)),
        unit(tmp_path, seed=1, fault="its worker is killed"),
    ]
    made.run(units, kept.append)
    once, always = sorted(kept, key=lambda result: str(result["unit"]))
    assert once["status"] == "complete"
    assert once["failures"] == []
    assert bare(once)["runs"] == bare(run_unit(unit(tmp_path / "alone")))["runs"]
    assert len(pids(mark)) == 2
    assert gone(pids(mark)[0], 0)
    assert sorted(told[1:]) == [
        f"lost: learning/all on/seed-{n}: WorkerCrashedError; run again" for n in (0, 1)
    ]
    assert always["status"] == "failed"
    assert always["failures"][0]["failure"] == "its worker was lost 2 times"


def test_an_interrupt_ends_the_tasks_and_leaves_the_cluster(tmp_path: Path, address: str) -> None:
    """KeyboardInterrupt passes through and the trainer is gone; the cluster is there for other tests."""
    mark = tmp_path / "mark"
    units = [unit(tmp_path, seed=n, fault="sleeps", mark=str(mark)) for n in range(2)]
    kept: list[dict[str, Any]] = []
    made, _ = executor(address, jobs=1)
    threading.Thread(target=interrupt_when, args=(mark,)).start()
    with pytest.raises(KeyboardInterrupt):
        made.run(units, kept.append)
    assert kept == []
    assert len(pids(mark)) == 1
    assert gone(pids(mark)[0], 1)


def test_gpus_are_handed_out_whole_and_in_parts(tmp_path: Path, address: str) -> None:
    """Two halves of the one GPU run at once and see it; without --gpus none is seen."""
    halves = [unit(tmp_path, seed=n, gpus=0.5, fault="takes 2") for n in (0, 1)]
    began = time.monotonic()
    ends: list[float] = []
    made, _ = executor(address)
    made.run(halves, lambda _: ends.append(time.monotonic() - began))
    assert ends[1] - ends[0] < 1.9
    [none] = [unit(tmp_path, "no warmup")]
    made.run([none], lambda _: None)
    said = [
        (Path(each.folder) / "attempt-1" / "output.txt").read_text() for each in (*halves, none)
    ]
    assert said[:2] == ["GPUs: 0\n"] * 2
    assert said[2] in ("GPUs: \n", "GPUs: None\n")


def test_what_no_node_has_is_refused_at_once(tmp_path: Path, address: str) -> None:
    """A task that would wait for ever is not submitted; the nodes are named with what they have."""
    for cpus, gpus in ((1, 2.0), (3, 0.0), (2, 2.0)):
        made, _ = executor(address, cpus)
        with pytest.raises(UsageError, match="no node of the Ray cluster") as caught:
            made.run([unit(tmp_path, gpus=gpus)], lambda _: None)
        assert "has 2 CPUs, 1 GPU, " in caught.value.message
        assert "has 1 CPU, 0 GPUs, " in caught.value.message


def test_timed_runs_have_a_node_to_themselves(tmp_path: Path, address: str) -> None:
    """While a timed run lasts, no other task gets a CPU of its node, one of another node it does."""
    import ray

    mark = tmp_path / "mark"
    timed = unit(tmp_path, kind="timing", gpus=0.5, fault="takes 3", mark=str(mark))
    seen: list[tuple[float, float]] = []

    def look() -> None:
        while not pids(mark):
            time.sleep(0.05)
        for _ in range(4):
            free = ray.available_resources()
            seen.append((free.get("CPU", 0.0), free.get("GPU", 0.0)))
            time.sleep(0.3)

    looking = threading.Thread(target=look)
    looking.start()
    made, told = executor(address)
    made.run([timed], lambda _: None)
    looking.join()
    assert seen[-1] == (1.0, 0.0)
    assert told[1].startswith("ray: timed runs have node ")


def test_a_command_of_ones_own_runs_in_the_folder_that_is_sent(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --ray-working-dir a node needs no folder of ours; without, and without the folder, it says so."""
    own = tmp_path / "own"
    own.mkdir()
    shutil.copy(TRAINER, own / "mine.py")
    template = "{python} mine.py --config {config} --seed {seed} --out {out}"
    one = replace(unit(tmp_path), trainer=UserTrainer(template).identity())
    monkeypatch.setattr(on_ray.os, "getcwd", lambda: str(tmp_path / "not there"))
    kept: list[dict[str, Any]] = []
    RayExecutor(address, str(own), Room(), None, lambda _: None).run([one], kept.append)
    assert kept[0]["status"] == "complete"
    made, _ = executor(address)
    with pytest.raises(UsageError, match=r"has no folder .*not there") as caught:
        made.run([one], lambda _: None)
    assert "--ray-working-dir" in caught.value.remedy


@pytest.mark.parametrize("place", ["127.0.0.1:1", "nowhere"])
def test_an_address_where_nothing_answers_is_told_at_once(tmp_path: Path, place: str) -> None:
    """Ray itself would ask for many minutes."""
    require(find_spec("ray"), "ray")
    made, _ = executor(place)
    with pytest.raises(UsageError, match=f"no Ray cluster to be had at {place}"):
        made.run([unit(tmp_path)], lambda _: None)


def test_an_address_of_the_ray_client_is_refused(tmp_path: Path) -> None:
    """What cannot work is said, with what does."""
    require(find_spec("ray"), "ray")
    made, _ = executor("ray://127.0.0.1:10001")
    with pytest.raises(UsageError, match="Ray client") as caught:
        made.run([unit(tmp_path)], lambda _: None)
    assert "--ray-address auto" in caught.value.remedy
