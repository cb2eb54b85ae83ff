"""`python -m reference_trainer` as its user meets it: real processes, killed and taken up again."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from reference_trainer import train
from reference_trainer.logs import read_rows
from reference_trainer.metrics import TIMED
from tests.conftest import ROOT, require
from tests.trainer.configs import COSINE, GRU, small, with_features

FEATURES = {
    "learning_rate_schedule": COSINE,
    "adaptive_batch_size": {
        "enable": True, "min_batch_size": 8, "max_batch_size": 64, "adaptation_rate": 0.5,
    },
}  # fmt: skip


def configuration(tmp_path: Path, env_steps: int = 20_000, **more: Any) -> Path:
    """A file that trains for a few seconds."""
    config = {**with_features(small(stabilization_steps=300), **FEATURES), **more}
    config["training"] = {"ppo_requests": env_steps}
    path = tmp_path / "ppo.json"
    path.write_text(json.dumps(config))
    return path


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "reference_trainer", *map(str, arguments)]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )


def rows_of(folder: Path) -> list[dict[str, Any]]:
    """The log without what depends on the machine."""
    return [
        {name: value for name, value in row.items() if name not in TIMED}
        for row in read_rows(str(folder))
    ]


def wait_for_rows(folder: Path, process: subprocess.Popen[bytes], count: int) -> None:
    log, end = folder / "log.jsonl", time.monotonic() + 120
    while time.monotonic() < end:
        if log.exists() and log.read_bytes().count(b"\n") >= count:
            return
        assert process.poll() is None, "the run ended before it could be stopped"
        time.sleep(0.01)
    pytest.fail("the run did not get going")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_was_stopped_goes_on_to_the_same_bits(
    tmp_path: Path, number: signal.Signals
) -> None:
    """Killed twice, resumed twice: the log is that of a run left alone, bit by bit."""
    config = configuration(tmp_path)
    shared = "--env", "CartPole-v1", "--checkpoint-seconds", "0.1", "--quiet"
    whole = run(config, *shared, "--out", tmp_path / "whole")
    assert whole.returncode == 0, whole.stderr
    out = tmp_path / "stopped"
    arguments: tuple[object, ...] = (config, *shared, "--out", out)
    for rows in (20, 80):
        with subprocess.Popen(command(*arguments), cwd=ROOT, stderr=subprocess.PIPE) as process:
            wait_for_rows(out, process, rows)
            process.send_signal(number)
            stderr = process.communicate()[1].decode()
        if number == signal.SIGTERM:
            assert process.returncode == 130
            assert f"--resume {out}" in stderr
        arguments = ("--resume", out, "--quiet", "--checkpoint-seconds", "0.1")
    finished = run(*arguments)
    assert finished.returncode == 0, finished.stderr
    assert rows_of(out) == rows_of(tmp_path / "whole")
    assert len(rows_of(out)) == 156
    again = run(*arguments)
    assert again.returncode == 0
    assert rows_of(out) == rows_of(tmp_path / "whole")


def test_several_seeds_resume_too(tmp_path: Path) -> None:
    """Two recurrent seeds at once; the folder has one log each."""
    features = {"advanced_optimization": {"learning_rate_schedule": COSINE}}
    config = configuration(tmp_path, 5_000, actor_critic_architecture=GRU, **features)
    shared = "--env", "CartPole-v1", "--seeds", "3..4", "--quiet", "--checkpoint-seconds", "0"
    assert run(config, *shared, "--out", tmp_path / "whole").returncode == 0
    out = tmp_path / "stopped"
    with subprocess.Popen(command(config, *shared, "--out", out), cwd=ROOT) as process:
        wait_for_rows(out / "seed-4", process, 10)
        process.kill()
    assert run("--resume", out).returncode == 0
    for seed in ("seed-3", "seed-4"):
        assert rows_of(out / seed) == rows_of(tmp_path / "whole" / seed)
        assert len(rows_of(out / seed)) == 39


def test_seeds_that_are_trained_one_after_the_other_resume_too(tmp_path: Path) -> None:
    """Killed within the second of three: the first is complete and stays, the third begins."""
    config = configuration(tmp_path, 4_000)
    shared = "--env", "CartPole-v1", "--seeds", "1..3", "--quiet", "--checkpoint-seconds", "0"
    assert run(config, *shared, "--out", tmp_path / "whole").returncode == 0
    out = tmp_path / "stopped"
    with subprocess.Popen(command(config, *shared, "--out", out), cwd=ROOT) as process:
        wait_for_rows(out / "seed-2", process, 5)
        process.kill()
    assert not (out / "seed-3").exists()
    assert run("--resume", out).returncode == 0
    for seed in ("seed-1", "seed-2", "seed-3"):
        assert rows_of(out / seed) == rows_of(tmp_path / "whole" / seed)
        assert len(rows_of(out / seed)) == 31


def test_what_cannot_be_put_back_is_recorded(tmp_path: Path) -> None:
    """Gymnasium's episodes begin anew on a resume; run.json says so from the start."""
    require(importlib.util.find_spec("gymnasium"), "gymnasium")
    config, out = configuration(tmp_path, 600), tmp_path / "run"
    done = run(config, "--env", "Acrobot-v1", "--out", out)
    assert done.returncode == 0, done.stderr
    (session,) = json.loads((out / "run.json").read_text())["sessions"]
    assert session["resumes_bit_for_bit"] is False
    assert session["differs_because"] == [
        "Acrobot-v1 cannot be put back: its episodes begin anew"
    ]  # fmt: skip


def test_what_is_left_out_is_said_and_recorded(tmp_path: Path) -> None:
    """On the terminal at the start, and in run.json, with the plan and the versions."""
    config = configuration(
        tmp_path, 600, monitoring={"tensorboard_port": 6006}, training={"bc_epochs": 3}
    )
    done = run(
        config, "--env", "CartPole-v1", "--out", tmp_path / "run", "--set", "ppo_config.lr=0.002"
    )
    assert done.returncode == 0, done.stderr
    reason = "logs are written as docs/reference-trainer-logs.md says"
    assert f"  /monitoring/tensorboard_port: {reason}" in done.stderr
    assert "seed 0: 512 env steps" in done.stdout
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["left_out"] == [{"pointer": "/monitoring/tensorboard_port", "reason": reason}]
    assert record["plan"]["rollouts"] == 4
    assert record["request"]["overrides"] == [[["ppo_config", "lr"], 0.002]]
    assert record["plan"]["figures"]["N_opt"] == {"meaning": "optimizer steps", "value": 16}
    assert record["configuration_sha256"] == hashlib.sha256(config.read_bytes()).hexdigest()
    assert len(record["sha256"]) == 64
    (session,) = record["sessions"]
    assert record["status"] == session["status"] == "complete"
    assert session["started"] <= session["ended"]
    assert session["command"][1:4] == ["-m", "reference_trainer", str(config)]
    assert session["versions"]["torch"]
    assert session["resumes_bit_for_bit"] is True


def test_the_record_tells_of_every_process(tmp_path: Path) -> None:
    """Interrupted, then resumed: two sessions, each with its command; the first is not lost."""
    config, out = configuration(tmp_path), tmp_path / "run"
    begin = command(config, "--env", "CartPole-v1", "--out", out, "--quiet")
    with subprocess.Popen(begin, cwd=ROOT) as process:
        wait_for_rows(out, process, 5)
        process.send_signal(signal.SIGINT)
    assert process.returncode == 130
    assert json.loads((out / "run.json").read_text())["status"] == "interrupted"
    assert run("--resume", out, "--quiet").returncode == 0
    record = json.loads((out / "run.json").read_text())
    assert [session["status"] for session in record["sessions"]] == ["interrupted", "complete"]
    assert [session["command"][3] for session in record["sessions"]] == [str(config), "--resume"]


def test_a_run_that_was_killed_before_its_first_row_can_be_resumed(tmp_path: Path) -> None:
    """run.json is the first file; with nothing else there the run begins."""
    config, out = configuration(tmp_path, 600), tmp_path / "run"
    assert run(config, "--env", "CartPole-v1", "--out", out).returncode == 0
    rows = rows_of(out)
    for path in out.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "run.json":
            path.unlink()
    assert run("--resume", out).returncode == 0
    assert rows_of(out) == rows


def test_the_project_profile_counts_as_for_the_linter(tmp_path: Path) -> None:
    """[tool.ppodiag] profile, unless the command line or the file names another; a resume keeps it."""
    config = configuration(tmp_path, 600)
    (tmp_path / "ppodiag.toml").write_text('profile = "cleanrl"\n')
    out = tmp_path / "run"
    assert run(config, "--env", "CartPole-v1", "--out", out).returncode == 0
    assert json.loads((out / "run.json").read_text())["profile"] == "cleanrl"
    (tmp_path / "ppodiag.toml").unlink()
    assert run("--resume", out).returncode == 0
    assert json.loads((out / "run.json").read_text())["profile"] == "cleanrl"
    assert train(config, env="CartPole-v1").experiment.context.profile.name == "note"
    (tmp_path / "ppodiag.toml").write_text('profile = "sb3"\n')
    assert train(config, env="CartPole-v1").experiment.context.profile.name == "sb3"
    named = train(config, env="CartPole-v1", profile="note")
    assert named.experiment.context.profile.name == "note"


FAULTS: list[tuple[tuple[str, ...], str]] = [
    ((), "there is no configuration"),
    (("absent.json",), "absent.json"),
    (("{config}", "--seeds", "5..3"), "--seeds 5..3 names no seeds"),
    (("{config}", "--seed", "1", "--seeds", "2"), "do not go together"),
    (("{config}", "--device", "cuda:7"), "there is no cuda:7 here"),
    (("{config}", "--device", "gpu"), "'gpu' is no device"),
    (("{config}", "--env", "CartPole"), "did you mean"),
    (("{config}", "--total-env-steps", "10"), "nothing would be collected"),
    (("{config}", "--set", "ppo_config.epochs=zero"), "epochs"),
    (("{config}", "--out", "{here}"), "is not empty"),
    (("--resume", "{here}"), "holds no run to go on with"),
    (("{config}", "--resume", "{here}"), "--resume goes on with the run as it was begun"),
    (("{broken}",), "broken.json:1"),
]


@pytest.mark.parametrize(("arguments", "message"), FAULTS, ids=[m for _, m in FAULTS])
def test_bad_input_is_an_error_with_a_remedy(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    """Exit code 2, the message, no traceback."""
    config = configuration(tmp_path, 600)
    broken = tmp_path / "broken.json"
    broken.write_text('{"ppo_config": ')
    words = {"config": config, "here": tmp_path, "broken": broken}
    arguments = tuple(argument.format(**words) for argument in arguments)
    if "--env" not in arguments and "--resume" not in arguments and arguments:
        arguments += ("--env", "CartPole-v1")
    done = run(*arguments)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_help_loads_neither_torch_nor_numpy() -> None:
    """It is there in an instant."""
    program = (
        "import sys; sys.argv = ['reference_trainer', '--help']\n"
        "import atexit, runpy\n"
        "atexit.register(lambda: print(sorted({'torch', 'numpy'} & set(sys.modules))))\n"
        "runpy.run_module('reference_trainer', run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "--total-env-steps" in done.stdout
    assert done.stdout.endswith("[]\n")
