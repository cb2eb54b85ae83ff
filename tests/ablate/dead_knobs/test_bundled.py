"""On the bundled trainer every probe acts: what the verdicts rest on."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ppodiag.ablate.dead_knobs.comparing import compare
from ppodiag.ablate.dead_knobs.costs import peak_memory
from ppodiag.ablate.dead_knobs.plan import Plan, Run, make_plan
from ppodiag.ablate.dead_knobs.probes import PROBES
from ppodiag.ablate.dead_knobs.running import Bench
from ppodiag.commands.dead_knobs import run_dead_knobs
from ppodiag.launch.trainer import BundledTrainer
from ppodiag.options import Options
from ppodiag.profile import PRESETS, parse_profile
from ppodiag.runlog.run import Series
from reference_trainer.training import train

TRAJECTORIES = [probe for probe in PROBES if probe.judged == "trajectory"]
HEALTHY = "examples/healthy.json"


@cache
def plan_of(profile: str, envs: int) -> Plan:
    """The probes of the healthy example with so many environments."""
    overrides = ((("parallel_training", "num_envs"), envs),)
    options = Options(profile=parse_profile(profile), overrides=overrides)
    return make_plan(Path(HEALTHY).read_bytes(), HEALTHY, options, PROBES, 0)


@cache
def _trained(text: str, profile: str, seed: int) -> dict[str, Series]:
    rows = train(
        json.loads(text), env="CartPole-v1", seeds=seed, device="cpu", profile=profile
    ).rows[seed]
    found = {}
    for tag in rows[0].values:
        points = [
            (row.values["env_steps"], row.values[tag])
            for row in rows
            if row.values[tag] is not None
        ]
        if points:
            steps, values = zip(*points, strict=True)
            found[tag] = Series(tag, np.array(steps, np.int64), np.array(values, np.float64))
    return found


def trained(run: Run, profile: str) -> dict[str, Series]:
    """The log of a run, as the reader gives it."""
    return _trained(run.config.text(), profile, run.seed)


@pytest.mark.parametrize("envs", [1, 5])
@pytest.mark.parametrize("probe", TRAJECTORIES, ids=lambda probe: probe.key[-1])
def test_every_probe_acts(probe: Any, envs: int) -> None:
    """The two runs of each probe differ, in more than what is set: in the losses too."""
    plan = plan_of("note", envs)
    pair = next(p.pair for p in plan.probes if p.probe is probe)
    one, other = (trained(run, "note") for run in pair.runs)
    columns = {column.tag for column in compare(one, other, values=pair.values).columns}
    assert {"policy_loss", "value_loss"} <= columns
    if probe.key[-1] == "adaptation_rate":
        assert "minibatch_size" in columns, "B itself changes, and not only its state"


@pytest.mark.parametrize("profile", [name for name in PRESETS if name != "note"])
@pytest.mark.parametrize("probe", TRAJECTORIES, ids=lambda probe: probe.key[-1])
def test_every_probe_acts_under_every_profile(probe: Any, profile: str) -> None:
    """Whatever the clock counts, and wherever an update reads it."""
    plan = plan_of(profile, 8)
    pair = next(p.pair for p in plan.probes if p.probe is probe)
    one, other = (trained(run, profile) for run in pair.runs)
    assert "policy_loss" in {c.tag for c in compare(one, other, values=pair.values).columns}


def test_equal_runs_are_equal_and_the_controls_act() -> None:
    """No difference is seen where there is none, and other seeds and rates change the losses."""
    plan = plan_of("note", 1)
    base = trained(plan.again[0], "note")
    _trained.cache_clear()
    assert not compare(base, trained(plan.again[1], "note")).columns
    for control in (plan.seed, plan.lr):
        found = compare(base, trained(control.runs[1], "note"), values=control.values)
        assert "policy_loss" in {column.tag for column in found.columns}


def test_checkpointing_saves_memory_that_tells_it_apart(tmp_path: Path) -> None:
    """In the probe's size it saves an eighth of the process at least, and changes no bit.

    The command makes four runs of each kind; equal runs differ by a few percent.
    """
    plan = plan_of("note", 8)
    off, on = plan.timed()[:2]
    options = ("--profile", "note")
    bench = Bench(BundledTrainer("CartPole-v1", "cpu", options), str(tmp_path))
    done = bench.run((off, on))
    logs = [done[bench.digest(run)].log() for run in (off, on)]
    assert not compare(logs[0].series, logs[1].series).columns
    peaks = [peak_memory(log, None) for log in logs]
    assert peaks[0] is not None
    assert peaks[1] is not None
    assert peaks[0].what == "highest peak_memory_bytes"
    assert peaks[1].value < 7 / 8 * peaks[0].value


def test_the_whole_way_through_processes(tmp_path: Path) -> None:
    """A key of the bundled trainer's is tested by its processes; the same command goes on."""
    output = tmp_path / "result.json"
    given = {
        "env": "CartPole-v1", "keys": "accumulation_steps", "out": str(tmp_path / "out"),
        "format_": "json", "output": str(output), "device": "cpu",
    }  # fmt: skip
    assert run_dead_knobs(HEALTHY, given) == 0
    first = json.loads(output.read_text(encoding="utf-8"))
    [result] = first["keys"]
    assert result["verdict"] == "acts"
    assert {"column": "policy_loss", "from_step": 128} in result["differing"]
    assert (first["runs"], first["runs_kept"]) == (5, 0)
    assert "update_seconds" in first["columns"]["machine"]
    assert run_dead_knobs(HEALTHY, given) == 0
    assert json.loads(output.read_text(encoding="utf-8")) == {**first, "runs_kept": 5}
