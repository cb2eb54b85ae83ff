"""`ppodiag ablate` with the bundled trainer, in small."""

import importlib.util
import json
import subprocess
import sys

from tests.conftest import require


def test_the_bundled_trainer_takes_its_seeds_at_once_and_is_reproducible(tmp_path, config):
    require(importlib.util.find_spec("torch"), "torch")
    words = [sys.executable, "-m", "ppodiag", "ablate", "ppo.json", "--env", "CartPole-v1", "--device",
             "cpu", "--seeds", "2", "--arms", "no-checkpointing,no-clipping", "--timing-rounds", "1",
             "--total-env-steps", "4096"]  # fmt: skip
    done = subprocess.run(
        [*words, "--out", "s"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = {
        arm["name"]: arm for arm in json.loads((tmp_path / "s/report.json").read_text())["arms"]
    }
    # Checkpointing recomputes the same numbers; clipping changes them.
    assert found["no-checkpointing"]["verdict"] == "identical to the last bit"
    assert found["no-clipping"]["verdict"] == "exploratory"
    units = {p.name for p in (tmp_path / "s/results/learning/all-on").iterdir()}
    assert units == {"seeds-0-1.json"}
    result = json.loads((tmp_path / "s/results/learning/all-on/seeds-0-1.json").read_text())
    # R = 1024, four updates of 4 epochs and 8 windows.
    assert [run["totals"]["optimizer_steps"] for run in result["runs"]] == [128, 128]
    assert found["all-on"]["optimizer_steps"] == 128
    assert found["no-clipping"]["cost"]["by"] == "updates"


def test_the_dry_run_foretells_time_and_memory_and_keeps_nothing(tmp_path, config):
    require(importlib.util.find_spec("torch"), "torch")
    done = subprocess.run(
        [sys.executable, "-m", "ppodiag", "ablate", "ppo.json", "--env", "CartPole-v1", "--arms",
         "no-clipping", "--seeds", "2", "--dry-run"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "12 processes" in done.stdout
    assert "MiB" in done.stdout
    # Clipping takes no time that matters, so one probe stands for both arms.
    assert "probed by 1 run of 3 short updates" in done.stdout
    assert "for 2 arms: those that take alike share one" in " ".join(done.stdout.split())
    assert [path.name for path in tmp_path.iterdir()] == ["ppo.json"]
