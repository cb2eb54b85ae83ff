"""`ppodiag diagnose` as its users call it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ppodiag.diagnosis.examples import diagnose_case
from ppodiag.rules.loader import load_module, load_run_rules
from tests.conftest import ROOT, Run

RUNS = ROOT / "examples" / "runs"


def rows(name: str) -> list[dict[str, Any]]:
    text = (RUNS / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_a_healthy_run(ppodiag: Run) -> None:
    """Nothing at warning or above, code 0, each line of the checklist answered."""
    done = ppodiag("diagnose", RUNS / "healthy.jsonl", "--config", RUNS / "ppo.json")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert sum("not this: " in line for line in lines) >= 3
    assert any(line.startswith("    updates ") and line.endswith("120") for line in lines)
    assert not any(line.startswith("  !") for line in lines)
    assert "\x1b" not in done.stdout
    assert max(map(len, lines)) <= 100


def test_an_ill_run(ppodiag: Run) -> None:
    """The constant learning rate and the explosion are found, with causes and a next step; code 1."""
    done = ppodiag("diagnose", RUNS / "ill.jsonl", "--config", RUNS / "ppo.json")
    assert done.returncode == 1
    for words in (
        "error[RUN902]",
        "error[RUN913]",
        "  = cause: 1. ",
        "  = next: ",
        "cause: RUN913",
    ):
        assert words in done.stdout
    assert ppodiag("diagnose", RUNS / "ill.jsonl", "--exit-zero").returncode == 0


def test_json(ppodiag: Run) -> None:
    """Findings with their ranges and numbers, checklist, comparison."""
    done = ppodiag(
        "diagnose", RUNS / "ill.jsonl", "--config", RUNS / "ppo.json", "--format", "json"
    )
    run = json.loads(done.stdout)["runs"][0]
    assert run["updates"] == 120
    found = {f["code"]: f for f in run["findings"]}
    assert found["RUN913"]["ranges"]
    assert all(f["causes"] and f["next"] for f in run["findings"])
    assert [v["symptom"] for v in run["checklist"]] == [
        "LR stuck at zero", "Batch size swings wildly", "Gradient explosion despite clipping",
        "Training slower than expected",
    ]  # fmt: skip
    assert {r["name"]: r["agrees"] for r in run["comparison"]}["steps between updates"] is True


def test_markdown_escapes(ppodiag: Run, tmp_path: Path) -> None:
    """A table for a pull request; names from the log cannot break out of it."""
    path = tmp_path / "a|b<i>.jsonl"
    path.write_text((RUNS / "ill.jsonl").read_text(encoding="utf-8"), encoding="utf-8")
    done = ppodiag("diagnose", path, "--format", "markdown")
    assert "| symptom | verdict | evidence |" in done.stdout
    assert r"a\|b&lt;i\>.jsonl" in done.stdout


def test_several_runs(ppodiag: Run, tmp_path: Path) -> None:
    """A table first; an unreadable run among them is named and does not stop the others."""
    done = ppodiag(
        "diagnose", RUNS / "healthy.jsonl", RUNS / "ill.jsonl", tmp_path / "nowhere", "--exit-zero"
    )
    assert done.returncode == 0
    head = next(line for line in done.stdout.splitlines() if "RUN913" in line)
    column = head.index("RUN913") + 5
    marks = [line[column] for line in done.stdout.splitlines()[1:3]]
    assert marks == ["·", "E"]
    assert "nowhere: " in done.stderr


def test_mapping_and_tags(ppodiag: Run, tmp_path: Path) -> None:
    """--list-tags shows what was understood; --map names what was not."""
    path = tmp_path / "log.csv"
    lines = ["step,my norm,other"]
    lines += [f"{k},{1 + k % 3},{k}" for k in range(40)]
    path.write_text("\n".join(lines) + "\n")
    listed = ppodiag("diagnose", path, "--list-tags")
    assert "3 tags stand for no canonical column" in listed.stdout
    assert "my norm, other, step" in listed.stdout
    mapped = ppodiag("diagnose", path, "--map", "pg_grad_norm=my norm")
    assert "not this: gradient norms have median 2, maximum 3" in mapped.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "no run is named"),
        (("nowhere",), "nowhere: "),
        (("run.jsonl", "--map", "lr"), "is not COLUMN=TAG"),
        (("run.jsonl", "--map", "speed=lr"), "'speed', which is not known"),
        (("run.jsonl", "--select", "LR1"), "no rule about runs begins with LR1"),
        (("run.jsonl", "--config", "nowhere.json"), "nowhere.json"),
        (("run.jsonl", "--watch", "--format", "json"), "--watch follows one run"),
        (("run.jsonl", "--plot", "a.bmp"), "no picture can end so"),
        (("run.jsonl", "--compare", "nowhere"), "nowhere: "),
    ],
)
def test_errors(ppodiag: Run, tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    """Each mistake is named with a remedy, with exit code 2 and no traceback."""
    (tmp_path / "run.jsonl").write_text((RUNS / "healthy.jsonl").read_text(encoding="utf-8"))
    done = ppodiag("diagnose", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert "  = help: " in done.stderr
    assert "Traceback" not in done.stderr


def test_picture(ppodiag: Run, tmp_path: Path) -> None:
    """Columns, shaded ranges, and the plan over the log."""
    pytest.importorskip("matplotlib")
    done = ppodiag("diagnose", RUNS / "ill.jsonl", "--config", RUNS / "ppo.json", "--plot", "a.svg")
    assert done.stderr == "wrote a.svg\n"
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    for words in ("lr — RUN902", "planned", "logged", "pg_grad_norm — RUN913"):
        assert words in text


def watch(path: Path, *more: str) -> subprocess.Popen[str]:
    """A watch of a run, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "ppodiag", "diagnose", str(path), "--watch", *more],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8",
             "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip


def test_watch_until_the_plan_is_done(tmp_path: Path) -> None:
    """Findings appear once, as the log grows; with the last planned update it stops by itself."""
    path = tmp_path / "run.jsonl"
    every = [json.dumps(row) + "\n" for row in rows("ill.jsonl")]
    path.write_text("".join(every[:60]))
    with watch(path, "--config", str(RUNS / "ppo.json")) as process:
        time.sleep(3)
        with path.open("a") as file:
            file.writelines(every[60:])
        out, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert out.count("error[RUN902]") == 1
    assert "[60 updates, step 61,440] error[RUN902]" in out
    assert "[120 updates, step 122,880] error[RUN913]" in out
    assert "stopped: the run has all its planned updates" in out


def test_watch_ends_with_an_interrupt(tmp_path: Path) -> None:
    """An interrupt ends the watch with what was found; so does a silence."""
    path = tmp_path / "run.jsonl"
    path.write_text((RUNS / "healthy.jsonl").read_text(encoding="utf-8"))
    with watch(path) as process:
        time.sleep(3)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "stopped: interrupted" in out
    with watch(path, "--patience", "1") as process:
        out, _ = process.communicate(timeout=60)
    assert "stopped: nothing new for 1 s" in out


def test_watch_counts_one_finding_in_the_singular(capsys: pytest.CaptureFixture[str]) -> None:
    """The last line of a watch says `1 finding`."""
    from ppodiag.commands.progress import Line
    from ppodiag.commands.watching import _end

    one = diagnose_case(load_module("run901").CASES[0], {"RUN901": load_run_rules()["RUN901"]})
    assert len(_end(one, "interrupted", Line())) == 1
    assert capsys.readouterr().out == "stopped: interrupted; 1 finding\n"


def test_lint_does_not_load_what_diagnose_needs() -> None:
    """A help page and a lint load neither tensorboard nor numpy."""
    code = (
        "import sys; from ppodiag.cli import run\n"
        "run(['diagnose', '--help']); run(['lint', 'examples/healthy.json'])\n"
        "print('loaded', sorted({'tensorboard', 'numpy', 'google.protobuf'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.rstrip().endswith("loaded []")


def test_checklist_of_some_rules(ppodiag: Run) -> None:
    """A line whose rules were left out is not answered with no."""
    log = ROOT / "examples" / "runs" / "ill.jsonl"
    output = ppodiag("diagnose", log, "--select", "RUN913", COLUMNS="200").stdout
    assert "cannot tell: --select or --ignore leaves out RUN901, RUN903" in output
    assert "cannot tell: --select or --ignore leaves out RUN941" in output
    assert "cause: RUN913 gradient explosion" in output
    output = ppodiag("diagnose", log, "--ignore", "RUN921,RUN913", COLUMNS="200").stdout
    assert "cannot tell: --select or --ignore leaves out RUN921" in output
    assert "cannot tell: --select or --ignore leaves out RUN913" in output
