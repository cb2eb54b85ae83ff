"""What a study takes, from short runs: by hand arithmetic on planted logs."""

import json
from pathlib import Path

import pytest

from ppodiag.ablate import probe as probing
from ppodiag.ablate.arm_plan import plan_arms
from ppodiag.ablate.arms import leave_one_out
from ppodiag.ablate.estimate import estimate
from ppodiag.ablate.probe import cost_key
from ppodiag.ablate.study import Declared, Study
from ppodiag.launch.trainer import BundledTrainer
from ppodiag.options import Options
from tests.ablate.conftest import CONFIG


def study(**declared):
    data = json.dumps(CONFIG).encode()
    plans = plan_arms(leave_one_out(), data, "ppo.json", Options())
    return Study(
        "ppo.json", data, Options(), plans, BundledTrainer("CartPole-v1"), Declared(**declared)
    )


def test_arms_that_take_alike_share_a_probe():
    """Schedule, clipping and stabilization take nothing; checkpointing and accumulation do."""
    keys = {plan.name: cost_key(plan) for plan in study().plans}
    assert keys["all-on"] == keys["no-schedule"] == keys["no-clipping"] == keys["no-stabilization"]
    assert len({keys[n] for n in ("all-on", "no-checkpointing", "no-accumulation", "all-off")}) == 4


@pytest.fixture
def planted(monkeypatch):
    """A trainer that takes 2 s to start, 1 ms for a step of its environments and 10 µs for a sample."""
    handed = []

    def run(unit):
        config = json.loads(unit.config)
        ppo, envs = config["ppo_config"], config["parallel_training"]["num_envs"]
        steps = ppo["rollout_len"]
        rows, spent = [], 0.0
        for number, slow in enumerate((3.0, 1.0, 1.2)):
            rows.append({
                "update": number, "env_steps": (number + 1) * steps * envs,
                "rollout_seconds": slow * steps * 1e-3, "minibatch_size": ppo["minibatch_size"],
                "update_seconds": slow * steps * envs * 1e-5,
                "minibatch_steps": steps * envs // ppo["minibatch_size"],
            })  # fmt: skip
            spent += rows[-1]["rollout_seconds"] + rows[-1]["update_seconds"]
        handed.append((config, unit.seeds))
        for seed in unit.seeds:
            out = Path(unit.folder) / "attempt-1" / "run" / f"seed-{seed}"
            out.mkdir(parents=True)
            (out / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        measured = {"seconds": 2.0 + spent, "peak_process_bytes": 2**28}
        return {"failures": [], "measured": measured}

    monkeypatch.setattr(probing, "_run", run)
    return handed


def test_a_short_rollout_of_one_epoch_tells_what_a_whole_one_takes(planted):
    """R = 1,024 in 20 updates of 4 epochs; two windows of 2 × 64 samples are 32 steps of 8 environments.

    Collecting: 128 steps of 1 ms to 1.2 ms; training: 4,096 samples of 10 µs to 12 µs. An update takes
    0.16896 s at least and 0.202752 s at most, in the middle of two 0.185856 s. Six arms are run, in two
    units of 5 seeds each: 12 × (2 + 20 × 0.16896) s, for two processes at once half of it.
    """
    shown = []
    found = estimate(study(timing_rounds=0), 2, lambda *given: shown.append(given))
    config, seeds = planted[0]
    assert (config["ppo_config"]["rollout_len"], config["ppo_config"]["epochs"]) == (32, 1)
    assert config["training"]["ppo_requests"] == 3 * 256
    assert seeds == (0, 1, 2, 3, 4)
    assert (found.arms, found.probes, found.units) == (6, 4, 12)
    assert shown == [(0, 4), (1, 4), (2, 4), (3, 4)]
    assert found.peak_bytes == 2**28
    each = [12 * (2 + 20 * seconds) / 2 for seconds in (0.16896, 0.185856, 0.202752)]
    # Seconds of the first, slow update are no part of the start.
    assert found.wall_seconds == pytest.approx(each)


def test_timed_runs_count_alone(planted):
    """All 20 updates that the run has, of 40 at most, and no other process beside: 5 rounds of 6 arms."""
    found = estimate(study(metric="steps_per_second"), 2)
    seconds = 5 * 6 * (2 + 20 * 0.185856)
    assert found.wall_seconds[1] == pytest.approx(seconds)
