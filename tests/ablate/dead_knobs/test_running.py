"""Runs are made once, kept whole or not at all, and made anew where something changed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ppodiag.ablate.dead_knobs.plan import Plan, make_plan
from ppodiag.ablate.dead_knobs.probes import chosen_probes
from ppodiag.ablate.dead_knobs.running import Bench
from ppodiag.ablate.dead_knobs.testing import dead_knob_test
from ppodiag.errors import UsageError
from ppodiag.launch.trainer import UserTrainer
from ppodiag.options import Options
from tests.ablate.dead_knobs import scripts

HEALTHY = "examples/healthy.json"

COUNTS = (
    scripts.IGNORES
    + "with open(os.path.join(os.path.dirname(sys.argv[0]), 'started'), 'a') as file:\n"
    + "    print(seed, file=file)\n"
)
"""Notes each of its starts."""


def plan() -> Plan:
    probes = chosen_probes("warmup_steps,restart_period")
    return make_plan(Path(HEALTHY).read_bytes(), HEALTHY, Options(), probes, 3)


def bench(tmp_path: Path, script: str, **options: float) -> Bench:
    trainer = UserTrainer(scripts.trainer(tmp_path, script))
    return Bench(trainer, str(tmp_path / "out"), 2, **options)


def starts(tmp_path: Path) -> int:
    path = tmp_path / "started"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_each_different_run_is_made_once_and_kept(tmp_path: Path) -> None:
    """Four runs, of which two are of one configuration: three processes; then none."""
    runs = plan().trajectories()
    assert len(runs) == 4
    done = bench(tmp_path, COUNTS).run(runs)
    assert (len(done), starts(tmp_path)) == (3, 3)
    assert not any(each.kept or each.failure for each in done.values())
    again = bench(tmp_path, COUNTS).run(runs)
    assert starts(tmp_path) == 3
    assert all(each.kept for each in again.values())
    assert [each.log().series["policy_loss"].values.tolist() for each in again.values()] == [
        done[digest].log().series["policy_loss"].values.tolist() for digest in again
    ]


def test_a_changed_trainer_runs_anew(tmp_path: Path) -> None:
    """The content of a file that the command names decides the runs too."""
    runs = plan().trajectories()
    bench(tmp_path, COUNTS).run(runs)
    bench(tmp_path, COUNTS + "# mended\n").run(runs)
    assert starts(tmp_path) == 6


def test_a_failed_run_is_made_again(tmp_path: Path) -> None:
    """A crash is told and kept in no one's way."""
    runs = plan().trajectories()[:1]
    failing = COUNTS + "if not os.path.exists(config_path + '.tried'):\n"
    failing += "    open(config_path + '.tried', 'w')\n    sys.exit(4)\n"
    failing = failing.replace("config_path + '.tried'", "sys.argv[0] + '.tried'")
    [first] = bench(tmp_path, failing).run(runs).values()
    assert first.failure == "exit code 4"
    [second] = bench(tmp_path, failing).run(runs).values()
    assert (second.failure, second.kept, starts(tmp_path)) == ("", False, 2)


def test_a_run_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """--timeout is told as the reason."""
    [done] = (
        bench(tmp_path, "import time\ntime.sleep(60)\n", timeout=0.3)
        .run(plan().trajectories()[:1])
        .values()
    )
    assert done.failure.endswith("it took too long")


def test_progress_counts_different_runs(tmp_path: Path) -> None:
    """One call a run, with how many there are."""
    seen: list[tuple[int, int]] = []
    bench(tmp_path, COUNTS).run(plan().trajectories(), lambda *at: seen.append(at))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_progress_of_a_whole_test_counts_up_to_its_runs(tmp_path: Path) -> None:
    """4 runs come first, then 3 for the two keys, which share one; none counts twice."""
    seen: list[tuple[int, int]] = []
    outcome = dead_knob_test(
        plan(), bench(tmp_path, COUNTS), path=HEALTHY, progress=lambda *at: seen.append(at)
    )
    assert seen == [(number, 7) for number in range(1, 8)]
    assert (outcome.runs, outcome.kept, starts(tmp_path)) == (7, 0, 7)


def test_an_exception_ends_what_is_running(tmp_path: Path) -> None:
    """Nothing is left of the other processes, and the exception passes through."""
    slow = COUNTS + "time.sleep(0.05 if at('advanced_optimization.learning_rate_schedule."
    slow += "warmup_steps') else 60)\n"

    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        bench(tmp_path, slow).run(plan().trajectories(), stop)
    assert time.monotonic() - began < 30
    results = list((tmp_path / "out" / "runs").glob("*/result.json"))
    assert len(results) == 1


def test_another_folder_is_left_alone(tmp_path: Path) -> None:
    """Results are not put among files of something else."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("x")
    with pytest.raises(UsageError, match="is not empty and holds no dead-knob test"):
        bench(tmp_path, COUNTS)
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot make"):
        Bench(UserTrainer("t {config} {seed} {out}"), str(tmp_path / "file" / "out"))


def test_kill_anywhere_and_the_same_command_goes_on(tmp_path: Path) -> None:
    """After kill -9 of ppodiag the trainer that outlived it is ended and the rest is made."""
    script = COUNTS.replace("config_path, seed", "time.sleep(0.3)\nconfig_path, seed", 1)
    trainer = scripts.trainer(tmp_path, script)
    code = (
        "from ppodiag.commands.dead_knobs import run_dead_knobs\n"
        f"given = {{'trainer': {trainer!r}, 'keys': 'warmup_steps', 'jobs': 1, 'format_': 'json',\n"
        f"    'out': {str(tmp_path / 'out')!r}, 'output': {str(tmp_path / 'result.json')!r}}}\n"
        f"raise SystemExit(run_dead_knobs({HEALTHY!r}, given))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    until = time.monotonic() + 60
    while not list(tmp_path.glob("out/runs/*/result.json")) and time.monotonic() < until:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "result.json").exists()
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 1
    record = json.loads((tmp_path / "result.json").read_text())
    assert (record["runs"], record["keys"][0]["verdict"]) == (6, "no effect seen in this probe")
    assert 1 <= record["runs_kept"] < 6
