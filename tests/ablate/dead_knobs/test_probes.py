"""The table of probes, and the runs that are made of it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ppodiag.ablate.dead_knobs.plan import LR, SEED, make_plan
from ppodiag.ablate.dead_knobs.probes import (
    BLOCK,
    PROBES,
    chosen_probes,
    short_period,
)
from ppodiag.errors import UsageError
from ppodiag.options import Options
from ppodiag.schema.load import schema

BESIDE = {("ppo_config", "max_grad_norm"), ("ppo_config", "stabilization_steps")}
"""Keys of another block that clipping and stabilization are made of."""


def leaves(node: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The keys below a block that hold values; free text is none."""
    for name, below in node.get("properties", {}).items():
        if below.get("properties"):
            yield from leaves(below, (*path, name))
        elif name != "comment":
            yield (*path, name)


def flat(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Path to value of everything in a configuration."""
    if not isinstance(value, dict):
        return {path: value}
    return {at: v for key, below in value.items() for at, v in flat(below, (*path, key)).items()}


def differing(one: Any, other: Any) -> set[tuple[str, ...]]:
    first, second = flat(one), flat(other)
    return {at for at in {*first, *second} if first.get(at) != second.get(at)}


def plan_of(path: str, **overrides: Any) -> Any:
    pairs = tuple((tuple(key.split("/")), value) for key, value in overrides.items())
    return make_plan(Path(path).read_bytes(), path, Options(overrides=pairs), PROBES, 7)


def test_every_key_of_the_block_has_a_probe() -> None:
    """The schema's keys of the block, and the two of ppo_config that belong to it, no more."""
    keys = [probe.key for probe in PROBES]
    wanted = {*leaves(schema()["properties"][BLOCK], (BLOCK,)), *BESIDE}
    assert set(keys) == wanted
    assert len(keys) == len(wanted) == 13


@pytest.mark.parametrize("path", ["examples/healthy.json", "examples/ill.json"])
def test_the_two_runs_of_a_probe_differ_in_its_key_alone(path: str) -> None:
    """Same seed, and one key of the whole configuration apart."""
    plan = plan_of(path)
    for probe in plan.probes:
        for one, other in ((probe.pair.runs), *probe.rounds):
            assert one.seed == other.seed == 7
            assert differing(one.config.value, other.config.value) == {probe.probe.key}
            here = (
                flat(one.config.value)[probe.probe.key],
                flat(other.config.value)[probe.probe.key],
            )
            assert here == probe.pair.values


def test_the_controls_differ_from_the_base_in_one_thing() -> None:
    """The seed alone, or the learning rate alone; the base run stands beside itself."""
    plan = plan_of("examples/ill.json")
    base, again = plan.again
    assert (base.config.value, base.seed) == (again.config.value, again.seed)
    assert base.repeat != again.repeat
    assert (plan.seed.key, [run.seed for run in plan.seed.runs]) == (SEED, [7, 8])
    assert plan.seed.runs[1].config.value == base.config.value
    assert differing(*(run.config.value for run in plan.lr.runs)) == {LR}
    assert plan.lr.values == (0.01, 0.001)


def test_the_rest_of_the_file_stays() -> None:
    """Beside the block and the lengths, only what would hide an effect is put aside."""
    path = "examples/ill.json"
    changed = differing(json.loads(Path(path).read_text()), plan_of(path).again[0].config.value)
    assert {at for at in changed if at[0] != BLOCK} == {
        ("training", "ppo_requests"), ("ppo_config", "rollout_len"),
        ("ppo_config", "minibatch_size"), ("ppo_config", "epochs"),
        ("ppo_config", "stabilization_steps"), ("ppo_config", "max_grad_norm"),
        ("kl_regularization", "early_stopping", "enable"),
        ("statistics_stabilization", "stabilization_steps"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("envs", "samples"), [(1, 64), (2, 64), (3, 96), (5, 80), (8, 128), (100, 1600)]
)
def test_rollouts_are_short_and_divide(envs: int, samples: int) -> None:
    """R is a multiple of 16, at least 64, and the cycle's length shares no factor with it."""
    plan = plan_of("examples/healthy.json", **{"parallel_training/num_envs": envs})
    assert plan.sizes.samples == samples
    assert plan.again[0].config.context.rollout.samples == samples
    period = short_period(samples)
    assert math.gcd(period, samples) == 1
    assert period == {80: 7}.get(samples, 5 if samples % 5 else 7)


def test_keys_are_chosen_by_their_names_ends_and_blocks() -> None:
    """A key, its end, or a whole block; in the order of the table."""
    names = [probe.key[-1] for probe in chosen_probes("stabilization_steps, warmup_steps")]
    assert names == ["warmup_steps", "stabilization_steps"]
    assert [p.key[-1] for p in chosen_probes("gradient_optimization")] == [
        "use_gradient_checkpointing", "accumulation_steps", "clip_by_global_norm",
    ]  # fmt: skip
    assert chosen_probes(None) == PROBES
    with pytest.raises(UsageError, match=r"there is no probe of ppo_config\.gamma"):
        chosen_probes("gamma")
    with pytest.raises(UsageError, match="no known key is called warmup_stepz"):
        chosen_probes("warmup_stepz")


def test_equal_runs_are_made_once() -> None:
    """Probes share what they can: of 24 runs 15 have configurations of their own."""
    runs = plan_of("examples/healthy.json").trajectories()
    assert len(runs) == 24
    assert len({run.config.digest() for run in runs}) == 15


def test_a_file_without_a_learning_rate_is_refused(tmp_path: Path) -> None:
    """There would be no control."""
    value = json.loads(Path("examples/healthy.json").read_text())
    del value["ppo_config"]["lr"]
    path = tmp_path / "ppo.json"
    path.write_text(json.dumps(value))
    with pytest.raises(UsageError, match=r"ppo_config\.lr is missing or invalid"):
        plan_of(str(path))
