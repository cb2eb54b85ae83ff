"""A log in the place of a configuration, and the reverse, are told as what they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ppodiag.errors import UsageError
from ppodiag.runlog import read_run
from ppodiag.taken_for import log_kind
from tests.conftest import ROOT, Run
from tests.runlog.event_files import require_tensorboard, write_scalars

GALLERY = ROOT / "examples" / "gallery" / "lr-at-zero"

BLOCK = {"ppo_config": {"lr": 3e-4}, "advanced_optimization": {}}

CONFIGURATIONS = {
    "indented.json": json.dumps(BLOCK, indent=2),
    "one-line.json": json.dumps({"training": {}, **BLOCK}),
    "c.yaml": "training:\n  ppo_requests: 5\nppo_config:\n  lr: 0.1\n",
}

OTHERS = {
    **CONFIGURATIONS,
    "two-on-two-lines.jsonl": f"{json.dumps(BLOCK)}\n{json.dumps(BLOCK)}\n",
    "words.yaml": "description: fast, small, safe\ntags: a, b, c\n",
    "empty.json": "",
    "brace.json": "{\n",
    "bad.json": "{ppo_config: {lr: 1},\n accumulation: 2, b: 3}\n",
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_log(name: str) -> None:
    """Configurations, broken and in YAML, are no logs."""
    assert log_kind(OTHERS[name].encode()) == ""


def test_lint_names_a_log(ppodiag: Run, tmp_path: Path) -> None:
    """A JSONL log, a CSV log and an event file each draw one finding, which names diagnose."""
    table, events = tmp_path / "log.csv", tmp_path / "events.out.tfevents.1.host"
    table.write_text("step,lr,approx_kl\n1,0.1,0.01\n2,0.1,0.01\n", encoding="utf-8")
    require_tensorboard()
    write_scalars(events, [("lr", 1, 0.1)])
    for path, kind in (
        (GALLERY / "ill.jsonl", "the JSONL log of a run"),
        (table, "the CSV log of a run"),
        (events, "a TensorBoard event file"),
    ):
        done = ppodiag("lint", str(path), "--format", "json")
        assert done.returncode == 1
        (finding,) = json.loads(done.stdout)["files"][0]["findings"]
        assert finding["code"] == "SYN001"
        assert finding["message"] == f"this looks like {kind}, and not like a configuration"
        assert f"ppodiag diagnose {path}" in finding["remedy"]


def test_a_log_as_the_configuration_of_a_command(ppodiag: Run) -> None:
    """simulate, and --config of diagnose, refuse a log by that name."""
    log = str(GALLERY / "ill.jsonl")
    for words in (["simulate", log], ["diagnose", log, "--config", log]):
        done = ppodiag(*words)
        assert done.returncode == 2
        assert "this looks like the JSONL log of a run, and not like a configuration" in done.stderr


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_configuration_as_a_log(name: str, tmp_path: Path) -> None:
    """Read as a log, a configuration is called one, and both commands that take it are named."""
    path = tmp_path / name
    path.write_text(CONFIGURATIONS[name], encoding="utf-8")
    with pytest.raises(UsageError, match="this looks like a configuration") as caught:
        read_run(path)
    assert "ppodiag lint" in str(caught.value.remedy)
    assert "--config" in str(caught.value.remedy)


def test_a_log_that_holds_its_configuration(tmp_path: Path) -> None:
    """A JSONL log whose first row is the configuration is still a log."""
    path = tmp_path / "log.jsonl"
    rows = [{"config": BLOCK}, *({"env_steps": k, "lr": 0.1} for k in range(1, 30))]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    assert "lr" in read_run(path).columns
