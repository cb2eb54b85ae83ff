"""Units as Slurm jobs, by submitit's executors that need no Slurm; and what Slurm is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from ppodiag.ablate.executors import slurm
from ppodiag.ablate.executors.executor import Room
from ppodiag.ablate.executors.local import LocalExecutor
from ppodiag.ablate.executors.slurm import Asked, SlurmExecutor
from ppodiag.ablate.executors.slurm_queue import InsteadOfSlurm
from ppodiag.ablate.executors.slurm_tickets import new_ticket, tickets
from ppodiag.ablate.unit import run_unit
from ppodiag.errors import UsageError
from tests.ablate.executors.units import (
    bare,
    by_name,
    gone,
    interrupt_when,
    pids,
    unit,
)
from tests.conftest import ROOT, require


@pytest.fixture(autouse=True)
def submitit() -> None:
    """Needed by all of them."""
    require(find_spec("submitit"), "submitit")


def executor(
    folder: Path, cluster: str = "local", minutes: int = 5, jobs: int | None = 2, **more: Any
):
    told: list[str] = []
    asked = Asked(cluster, minutes=minutes, **more)
    made = SlurmExecutor(str(folder / "slurm"), asked, Room(), jobs, told.append)
    return made, told


def study(folder: Path) -> list[Any]:
    """A learning unit, one that fails, and two timed ones, which share a job."""
    timing = [unit(folder, "all on", kind="timing", round=n) for n in (0, 1)]
    return [unit(folder, "no warmup", 1), unit(folder, "broken", fault="fails"), *timing]


@pytest.fixture
def on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs find the tests and the package."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


# The debug executor leaves its log open.
@pytest.mark.filterwarnings("ignore:unclosed file <.*DEBUG_:ResourceWarning")
@pytest.mark.parametrize("cluster", ["local", "debug"])
@pytest.mark.usefixtures("on_path")
def test_jobs_end_with_the_results_of_local_processes(tmp_path: Path, cluster: str) -> None:
    """Results, failures among them, are those of local processes; no ticket and no result is left."""
    here: list[dict[str, Any]] = []
    LocalExecutor(2).run(study(tmp_path / "here"), here.append)
    away: list[dict[str, Any]] = []
    made, told = executor(tmp_path, cluster)
    made.run(study(tmp_path / "away"), away.append)
    assert by_name(away) == by_name(here)
    assert [r["kind"] for r in away][-2:] == ["timing", "timing"]
    assert told == []
    assert tickets(made.folder) == []
    assert not list(Path(made.folder).glob("*.json"))


@pytest.mark.usefixtures("on_path")
def test_a_job_that_is_killed_is_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second job gives the result of an undisturbed one, and the trainer died with the first.

    That there was a first is told. A unit that loses every job has failed.
    """
    monkeypatch.setattr(slurm, "LOSSES", 1)
    mark = tmp_path / "mark"
    kept: list[dict[str, Any]] = []
    made, told = executor(tmp_path)
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
    assert sorted(line.partition(": job")[0] for line in told) == [
        f"lost: learning/all on/seed-{n}" for n in (0, 1)
    ]
    assert always["status"] == "failed"
    assert always["failures"][0]["failure"] == "its job was lost 2 times"


@pytest.mark.usefixtures("on_path")
def test_a_unit_at_the_time_limit_fails_and_says_which(tmp_path: Path) -> None:
    """SIGUSR2, as at the limit, ends the trainer; it is not tried again, and the failure names it."""
    mark = tmp_path / "mark"
    kept: list[dict[str, Any]] = []
    made, told = executor(tmp_path, minutes=5)
    made.run([unit(tmp_path, fault="its worker is out of time", mark=str(mark))], kept.append)
    assert kept[0]["status"] == "failed"
    assert [f["failure"] for f in kept[0]["failures"]] == ["ended at the time limit of 5 min"]
    assert len(pids(mark)) == 1
    assert gone(pids(mark)[0], 0)
    assert told == []


@pytest.mark.usefixtures("on_path")
def test_a_preempted_job_starts_again_by_itself(tmp_path: Path) -> None:
    """SIGUSR2 long before the limit is a preemption: Slurm starts the job anew, and it runs its unit."""
    mark = tmp_path / "mark"
    kept: list[dict[str, Any]] = []
    made, told = executor(tmp_path, minutes=240)
    made.run([unit(tmp_path, fault="its worker is preempted once", mark=str(mark))], kept.append)
    assert kept[0]["status"] == "complete"
    assert kept[0]["failures"] == []
    assert len(pids(mark)) == 2
    assert told == []


@pytest.mark.usefixtures("on_path")
def test_an_interrupt_ends_the_jobs_and_their_trainers(tmp_path: Path) -> None:
    """KeyboardInterrupt passes through; no job, no trainer and no ticket is left."""
    mark = tmp_path / "mark"
    units = [unit(tmp_path, seed=n, fault="sleeps", mark=str(mark)) for n in range(2)]
    kept: list[dict[str, Any]] = []
    made, _ = executor(tmp_path, jobs=1)
    threading.Thread(target=interrupt_when, args=(mark,)).start()
    with pytest.raises(KeyboardInterrupt):
        made.run(units, kept.append)
    assert kept == []
    assert len(pids(mark)) == 1
    assert gone(pids(mark)[0])
    assert tickets(made.folder) == []


def killed_driver(folder: Path, fault: str, mark: Path) -> None:
    """A process that submits a job of one unit and is killed as soon as its trainer runs."""
    code = (
        "import sys; from pathlib import Path\n"
        "from tests.ablate.executors.test_slurm import executor\n"
        "from tests.ablate.executors.units import unit\n"
        "one = unit(Path(sys.argv[1]), fault=sys.argv[2], mark=sys.argv[3])\n"
        "executor(Path(sys.argv[1]))[0].run([one], print)"
    )
    driver = subprocess.Popen([sys.executable, "-c", code, str(folder), fault, str(mark)], cwd=ROOT)
    until = time.monotonic() + 60
    # A job's number is written down a moment after it was submitted.
    while not (pids(mark) and all(t.job for t in tickets(str(folder / "slurm")))):
        assert time.monotonic() < until
        time.sleep(0.05)
    driver.send_signal(signal.SIGKILL)
    driver.wait()


proc = pytest.mark.skipif(
    not os.path.exists("/proc/self/cmdline"), reason="jobs are known by /proc"
)


@proc
@pytest.mark.usefixtures("on_path")
def test_jobs_outlive_a_killed_command_and_the_next_one_takes_their_results(tmp_path: Path) -> None:
    """After kill -9 of what submitted it the job goes on; its unit is not run a second time."""
    mark = tmp_path / "mark"
    killed_driver(tmp_path, "takes 3", mark)
    [ticket] = tickets(str(tmp_path / "slurm"))
    kept: list[dict[str, Any]] = []
    made, told = executor(tmp_path)
    made.run([unit(tmp_path, fault="takes 3", mark=str(mark))], kept.append)
    assert kept[0]["status"] == "complete"
    assert kept[0]["failures"] == []
    assert len(pids(mark)) == 1
    assert told == [f"slurm: waiting for the jobs of an earlier command: {ticket.job}"]


@proc
@pytest.mark.usefixtures("on_path")
def test_another_executor_ends_the_jobs_of_an_earlier_command_first(tmp_path: Path) -> None:
    """A study begun on Slurm and killed is resumed here: its job and trainer end, then the unit runs."""
    mark = tmp_path / "mark"
    killed_driver(tmp_path, "sleeps once", mark)
    kept: list[dict[str, Any]] = []
    made = InsteadOfSlurm(LocalExecutor(1), str(tmp_path / "slurm"))
    made.run([unit(tmp_path, fault="sleeps once", mark=str(mark))], kept.append)
    assert made.name == "local"
    assert kept[0]["status"] == "complete"
    assert kept[0]["failures"] == []
    assert len(pids(mark)) == 2
    assert gone(pids(mark)[0], 0)
    assert tickets(str(tmp_path / "slurm")) == []


def test_a_job_without_its_ticket_does_nothing(tmp_path: Path) -> None:
    """A job that was given up while it waited in the queue runs no unit."""
    from ppodiag.ablate.executors.slurm_job import run_job

    mark = tmp_path / "mark"
    one = unit(tmp_path, mark=str(mark))
    ticket = new_ticket(str(tmp_path / "slurm"), "slurm", [one])
    ticket.drop()
    run_job(ticket.path, str(tmp_path / "slurm"), [one], 5)
    assert pids(mark) == []
    ticket.written()
    run_job(ticket.path, str(tmp_path / "slurm"), [one], 5)
    assert len(pids(mark)) == 1


@pytest.fixture
def slurm_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commands with the names of Slurm's: sbatch keeps the file, the job is cancelled at once."""
    folder = tmp_path / "bin"
    folder.mkdir()
    scripts = {
        "srun": "",
        "sbatch": f'cp "$1" {tmp_path}/submitted-$(ls {tmp_path} | grep -c submitted)\n'
        "echo Submitted batch job 17",
        "squeue": "",
        "scontrol": "echo JobId=17 JobState=CANCELLED Reason=None",
    }
    for name, body in scripts.items():
        path = folder / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setitem(slurm.LATE_SECONDS, "slurm", 0.0)
    return tmp_path


def test_what_slurm_is_asked_for_stands_in_the_batch_file(slurm_commands: Path) -> None:
    """Partition, time, cores, GPUs, memory and further options; timed runs ask for a node of their own."""
    kept: list[dict[str, Any]] = []
    asked = Asked("slurm", "gpu", 60, {"account": "rl", "requeue": True})
    made = SlurmExecutor(
        str(slurm_commands / "slurm"), asked, Room(4, 3 * 2**30), None, lambda _: None
    )
    learning = unit(slurm_commands, gpus=2)
    made.run([learning, unit(slurm_commands, kind="timing", gpus=2)], kept.append)
    first, second = ((slurm_commands / f"submitted-{n}").read_text().splitlines() for n in (0, 1))
    for option in (
        "partition=gpu", "time=60", "cpus-per-task=4", "gpus-per-node=2", "mem=3GB", "account=rl",
        "requeue", "job-name=ppodiag", "signal=USR2@90",
    ):  # fmt: skip
        assert f"#SBATCH --{option}" in first
        assert f"#SBATCH --{option}" in second
    assert "#SBATCH --exclusive" in second
    assert "#SBATCH --exclusive" not in first
    assert [r["failures"][0]["failure"] for r in kept] == ["its job was cancelled"] * 2


def test_units_are_one_array_of_jobs(slurm_commands: Path) -> None:
    """Three units are submitted at once, at most two of them to run at a time."""
    kept: list[dict[str, Any]] = []
    made, _ = executor(slurm_commands, "slurm", jobs=2)
    made.jobs = None
    made.run([unit(slurm_commands, seed=n) for n in range(3)], kept.append)
    assert "#SBATCH --array=0-2%3" in (slurm_commands / "submitted-0").read_text()
    assert not (slurm_commands / "submitted-1").exists()
    assert len(kept) == 3


def test_what_slurm_refuses_is_said_in_its_words(
    slurm_commands: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """An error of sbatch is a UsageError with its line; nothing flies."""
    (slurm_commands / "bin" / "sbatch").write_text(
        "#!/bin/sh\necho 'sbatch: error: invalid partition specified: gpu' >&2\nexit 1\n"
    )
    made, _ = executor(slurm_commands, "slurm", partition="gpu")
    with pytest.raises(UsageError, match="invalid partition specified: gpu") as caught:
        made.run([unit(slurm_commands)], lambda _: None)
    assert "--slurm-partition" in caught.value.remedy
    assert tickets(made.folder) == []
    capfd.readouterr()


def test_without_slurm_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no srun the remedy names the stand-in."""
    monkeypatch.setenv("PATH", str(tmp_path))
    made, _ = executor(tmp_path, "slurm")
    with pytest.raises(UsageError, match="no Slurm here") as caught:
        made.run([unit(tmp_path)], lambda _: None)
    assert "--slurm-cluster local" in caught.value.remedy


def test_jobs_that_may_still_run_elsewhere_are_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Slurm's commands are missing another executor refuses, and names the jobs."""
    from dataclasses import replace

    replace(new_ticket(str(tmp_path), "slurm", [unit(tmp_path)]), job="17").written()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="may still run: 17") as caught:
        InsteadOfSlurm(LocalExecutor(1), str(tmp_path)).run([unit(tmp_path)], lambda _: None)
    assert "scancel 17" in caught.value.remedy
