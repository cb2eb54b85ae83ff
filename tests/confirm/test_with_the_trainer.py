"""`ppodiag confirm` as a person runs it, with the reference trainer in processes of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ppodiag.confirm.arm import Arm, prepare
from ppodiag.confirm.keys import CONSTANT, SCHEDULE
from ppodiag.confirm.log import Log
from ppodiag.confirm.planning import Wanted, plan_findings
from ppodiag.confirm.running import Bench
from ppodiag.confirm.settling import carry_out
from ppodiag.confirm.table import render_json, render_text
from ppodiag.healthy import with_changes
from ppodiag.options import Options
from ppodiag.rule_examples import case_text
from ppodiag.rules.loader import load_module
from tests.confirm.test_planning import context_of
from tests.conftest import ROOT, Run

ILL = ROOT / "examples" / "ill.json"


def test_two_findings_of_the_ill_example_are_confirmed_once(ppodiag: Run, tmp_path: Path) -> None:
    """One rollout and two updates; the same command takes what is kept, and says so."""
    words = ("confirm", ILL, "--select", "STB601,LR107", "--out", "kept")
    done = ppodiag(*words)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    last = " ".join(done.stdout.split())  # a long path to the file wraps the line
    assert last.endswith("2 findings: 2 confirmed, 0 refuted, 0 that cannot be settled here")
    assert "after the first rollout of 512 samples 1 update" in done.stdout
    assert "an update takes 64 ticks, and 40 of 1,000 are" in done.stdout
    assert all(len(line) <= 100 for line in done.stdout.splitlines())
    assert "\x1b" not in done.stdout
    configs = sorted(tmp_path.glob("kept/runs/*/config.json"))
    assert len(configs) == 2
    before = [path.stat().st_mtime_ns for path in configs]
    again = ppodiag(*words)
    assert [path.stat().st_mtime_ns for path in configs] == before
    assert again.stdout.count("kept from before") == 2
    # What is kept is what the verdict comes from: a log that says otherwise refutes.
    for path in tmp_path.glob("kept/runs/*/result.json"):
        result = json.loads(path.read_text())
        result["columns"]["updates_applied"] = [0.0 for _ in result["columns"]["updates_applied"]]
        path.write_text(json.dumps(result))
    refuted = ppodiag(*words, "--format", "json", "-o", "report.json")
    assert refuted.returncode == 1
    assert refuted.stdout == ""
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["verdicts"]["refuted"] == 1
    found = {finding["code"]: finding for finding in report["findings"]}
    assert found["STB601"]["verdict"] == "refuted"
    assert found["STB601"]["claims"][0]["holds"] is False
    assert found["LR107"]["verdict"] == "cannot be settled here"


def test_the_command_that_is_printed_repeats_the_run(ppodiag: Run, tmp_path: Path) -> None:
    """It trains what was measured: the first rollout's columns are equal, times aside."""
    done = ppodiag("confirm", ILL, "--select", "STB601", "--out", "kept", "--format", "json")
    run = json.loads(done.stdout)["runs"][0]
    words = [sys.executable, *run["command"][1:-1], "again"]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True,
                   env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    (logged,) = (tmp_path / "again" / "log.jsonl").read_text().splitlines()
    (result,) = tmp_path.glob("kept/runs/*/result.json")
    kept = json.loads(result.read_text())["columns"]
    assert kept["pg_grad_norm"] == [json.loads(logged)["pg_grad_norm"]]


def test_an_interrupted_command_goes_on(tmp_path: Path) -> None:
    """SIGINT while a run goes on: exit code 130, what to do, no process left; then it is completed."""
    words = [
        sys.executable, "-m", "ppodiag", "confirm", str(ILL), "--select", "STB6", "--out", "kept",
    ]  # fmt: skip
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        words, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 30
    while not list(tmp_path.glob("kept/runs/*/result.json")) and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "interrupted; 1 of 2 runs are kept in" in said
    assert "the same command goes on" in said
    assert len(list(tmp_path.glob("kept/runs/*/result.json"))) == 1
    for pid in tmp_path.glob("kept/runs/*/pid"):
        assert not Path(f"/proc/{pid.read_text()}").exists()
    done = subprocess.run(
        words, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0
    assert done.stdout.count("kept from before") == 1
    assert "2 findings: 2 confirmed" in " ".join(done.stdout.split())


def test_a_run_that_needs_its_length_is_ended_when_it_has_shown_enough(tmp_path: Path) -> None:
    """A linear schedule over 1,000 rollouts, of which two are kept."""
    run = prepare(context_of({SCHEDULE: {"type": "linear"}}), Arm(updates=6), None, 0, "cpu")
    bench = Bench(str(tmp_path / "bench"))
    seen: list[int] = []
    ran = bench.carry_out(run, lambda done, _whole: seen.append(done))
    assert ran.failure == ""
    assert len(ran.log) == 6
    assert ran.log.of("lr").tolist() == pytest.approx(
        [3e-4 * (1 - (160 * n - 1) / 159360) for n in (1, 2)], rel=1e-12
    )
    assert sorted(seen) == seen
    kept = bench.kept(run)
    assert kept is not None
    assert kept.kept
    assert kept.log.trajectory().keys() == ran.log.trajectory().keys()


def test_a_run_that_takes_too_long_is_a_failure_and_is_not_kept(tmp_path: Path) -> None:
    """The finding is left open, the confirmation says that a run failed."""
    plan = plan_findings(ILL.read_bytes(), "ill.json", Options(), Wanted(("STB601",)))
    bench = Bench(str(tmp_path / "bench"), timeout=0.2)
    found = carry_out(plan, bench)
    assert found.failed
    assert not found.refuted
    assert "it took too long" in render_text(found, bench)
    (run,) = plan.runs.values()
    assert bench.kept(run) is None


@pytest.mark.parametrize("content", ["", "{", '{"digest": "other"}', "[]", '{"digest": 1}'])
def test_a_damaged_result_counts_as_none(tmp_path: Path, content: str) -> None:
    """The run is made again."""
    run = prepare(context_of(CONSTANT), Arm(updates=1), None, 0, "cpu")
    bench = Bench(str(tmp_path))
    os.makedirs(bench.of(run))
    Path(bench.of(run), "result.json").write_text(content)
    assert bench.kept(run) is None


def test_a_trainer_that_refuses_is_a_reason_and_no_failure(tmp_path: Path) -> None:
    """An environment that nobody has: what the trainer said is told."""
    wanted = Wanted(("STB601",), env="NoSuchEnvironment-v0")
    plan = plan_findings(ILL.read_bytes(), "ill.json", Options(), wanted)
    bench = Bench(str(tmp_path / "bench"))
    found = carry_out(plan, bench)
    assert not found.failed
    assert "NoSuchEnvironment-v0" in found.settled[0].reason
    assert json.loads(render_json(found, bench))["findings"][0]["verdict"] != "confirmed"


def test_the_memory_of_the_bounds_is_told_apart_on_cuda() -> None:
    """BS212's own bad case: 153 − 51.8 = 101 MB; peaks 90 MB apart confirm, 10 MB refute; no CPU tells."""
    case = next(case for case in load_module("bs212").CASES if case.severity is not None)
    wanted = Wanted(("BS212",), device="cuda")
    plan = plan_findings(case_text(case), "ppo.json", Options(device="cuda"), wanted)
    (entry,) = plan.entries
    (claim,) = entry.claims
    assert {run.device for run in entry.runs.values()} == {"cuda"}

    def logs(apart: float) -> dict[str, Log]:
        peaks = {"min": 1e9, "max": 1e9 + apart}
        return {
            name: Log({"env_steps": np.ones(1), "peak_memory_bytes": np.array([peak])})
            for name, peak in peaks.items()
        }

    assert claim.measure(logs(90e6)).holds is True
    assert claim.measure(logs(10e6)).holds is False
    on_cpu = plan_findings(case_text(case), "ppo.json", Options(), Wanted(("BS212",)))
    assert "--device cuda" in on_cpu.entries[0].reason


def test_a_dry_run_runs_nothing(ppodiag: Run, tmp_path: Path) -> None:
    """It lists predictions, runs and reasons, in 100 columns, and leaves no folder behind."""
    done = ppodiag("confirm", ILL, "--dry-run")
    assert done.returncode == 0
    assert "of which 13 would be settled by 12 runs in about" in " ".join(done.stdout.split())
    assert "because the reference trainer has no curriculum" in done.stdout
    assert all(len(line) <= 100 for line in done.stdout.splitlines())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--rule", "LR999"], "no rule begins with LR999"),
        (["--select", ""], "names no code"),
        (["--profile", "nonsense"], "no profile is called"),
        (["--memory", "much"], "much"),
        (["--set", "epochs"], "is not KEY=VALUE"),
        (["--dry-run", "--format", "json"], "a dry run is written as text"),
    ],
)
def test_wrong_usage_is_an_error_with_a_remedy(ppodiag: Run, words: list[str], said: str) -> None:
    """Exit code 2, before anything starts."""
    done = ppodiag("confirm", ILL, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"ppo_config": null}', "\x00"])
def test_bad_files_are_no_tracebacks(ppodiag: Run, tmp_path: Path, text: str) -> None:
    """Whatever is in it."""
    (tmp_path / "ppo.json").write_text(text)
    done = ppodiag("confirm", "ppo.json", "--dry-run")
    assert done.returncode in (0, 2)
    assert "Traceback" not in done.stderr


def test_a_clean_file_needs_no_torch(ppodiag: Run, tmp_path: Path) -> None:
    """And nothing is run for it."""
    (tmp_path / "ppo.json").write_text(json.dumps(with_changes({})))
    done = ppodiag("confirm", "ppo.json")
    assert done.returncode == 0
    assert done.stdout.startswith("ppo.json: 0 findings: 0 confirmed")


def test_without_torch_nothing_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is missing, and how it is had; the dry run works without."""
    import importlib.util

    from ppodiag._main import main

    real = importlib.util.find_spec

    def find(name: str, *more: Any) -> Any:
        return None if name == "torch" else real(name, *more)

    monkeypatch.setattr(importlib.util, "find_spec", find)
    monkeypatch.chdir(tmp_path)
    words = ["confirm", str(ILL), "--rule", "STB601"]
    monkeypatch.setattr(sys, "argv", ["ppodiag", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert "that needs torch" in said.err
    assert "pip install 'ppodiag[train]'" in said.err
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(sys, "argv", ["ppodiag", *words, "--dry-run"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
