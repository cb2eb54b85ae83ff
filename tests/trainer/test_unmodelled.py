"""What a configuration asks for and the trainer does not do is told, over the whole schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ppodiag.architecture import unmodelled as unmodelled_layers
from reference_trainer.unmodelled import _CONDITIONS, ACTS, UNKNOWN, WHY, unmodelled
from tests.conftest import ROOT


def leaves(schema: dict[str, Any], above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Path and schema of every key that holds a value; free text left out."""
    for key, inner in schema.get("properties", {}).items():
        if key == "comment" or key.startswith("$"):
            continue
        if "properties" in inner:
            yield from leaves(inner, f"{above}{key}/")
        else:
            yield above + key, inner


SCHEMA = json.loads((ROOT / "schemas" / "ppo-config.schema.json").read_text(encoding="utf-8"))
LEAVES = dict(leaves(SCHEMA))


def listed(value: dict[str, Any], env_acts: frozenset[str] = frozenset()) -> dict[str, str]:
    """Path to reason."""
    found = unmodelled(value, env_acts, "CartPole-v1")
    assert len(dict(found)) == len(found)
    return {pointer[1:]: why for pointer, why in found}


def nested(path: str, content: Any) -> dict[str, Any]:
    for key in reversed(path.split("/")):
        content = {key: content}
    assert isinstance(content, dict)
    return content


def a_value(schema: dict[str, Any]) -> Any:
    """A value that asks for something."""
    if schema.get("examples") and schema["examples"][0]:
        return schema["examples"][0]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    return {"boolean": True, "integer": 3, "number": 0.5, "string": "x", "array": [1]}.get(kind, 1)


def test_the_schema_has_many_keys() -> None:
    """The walk finds them all."""
    assert len(LEAVES) > 100


def test_every_key_that_acts_is_in_the_schema() -> None:
    """No key of the tables is stale; nothing both acts and has a reason not to."""
    assert set(LEAVES) >= ACTS
    assert set(_CONDITIONS) <= ACTS
    blocks = {path.rpartition("/")[0] for path in LEAVES} | {p.partition("/")[0] for p in LEAVES}
    assert set(WHY) <= set(LEAVES) | blocks | {"kl_regularization/entropy_threshold_penalty"}
    assert not set(WHY) & ACTS


@pytest.mark.parametrize("path", sorted(LEAVES))
def test_every_key_of_the_schema_acts_or_is_listed(path: str) -> None:
    """A key alone in a file: it acts, or it is listed with a reason that is its own."""
    content = a_value(LEAVES[path])
    value = nested(path, content)
    found = listed(value)
    layers = {pointer[1:] for pointer in unmodelled_layers(value)}
    network = path.startswith("actor_critic_architecture/") and not any(
        f"{path}/".startswith(f"{layer}/") for layer in layers
    )
    network = network and path.rpartition("/")[2] not in ("state_dim", "action_dim")
    if (path in ACTS or network) and path not in _CONDITIONS:
        assert found == {}
    elif path not in ("ppo_config/entropy_coef", "parallel_training/enable"):
        assert path in found or any(p.startswith(path + "/") for p in found)
        assert all(why != UNKNOWN and "{" not in why for why in found.values())


def test_a_key_that_nobody_knows_is_listed() -> None:
    """Also within blocks that are known, and of an unknown block each key."""
    found = listed({"ppo_config": {"lr": 1e-3, "foo": 1}, "mine": {"a": 1, "b": {"c": 2}}})
    assert list(found) == ["ppo_config/foo", "mine/a", "mine/b/c"]
    assert list(listed({"mine": {"a/b": 1, "c.d": 1}})) == ["mine/a~1b", "mine/c.d"]
    assert found["mine/a"] == "neither the trainer nor the environment CartPole-v1 knows such a key"


def test_what_is_switched_off_is_not_asked_for() -> None:
    """False, null, 0, empty, a block whose enable is false, and remarks."""
    assert listed({
        "training": {"bc_epochs": 0, "demo_policies": ""},
        "curriculum_learning": {"enable": False, "stages": [{"name": "a"}]},
        "statistics_stabilization": {
            "enable_statistics_stabilization": False, "collect_baseline_stats": True,
        },
        "monitoring": {"comment": "x", "_note": "y", "tail_latency_tracking": {"enable": False}},
        "kl_regularization": {"target_kl": None},
    }) == {}  # fmt: skip


def test_what_the_environment_takes_is_not_listed() -> None:
    """Single keys and whole blocks; those of the trainer never are."""
    value = {"training": {"qps": 3, "max_steps": 5, "ppo_requests": 100}}
    assert list(listed(value, frozenset({"training/qps"}))) == ["training/max_steps"]
    assert list(listed(value, frozenset({"training/"}))) == []
    assert list(listed(value)) == ["training/qps", "training/max_steps"]


@pytest.mark.parametrize(
    ("value", "idle"),
    [
        ({"ppo_config": {"target_kl": 0.01}}, ["ppo_config/target_kl"]),
        (
            {"ppo_config": {"target_kl": 0.01},
             "kl_regularization": {"kl_coef": 0.1, "adaptive_kl": {"enable": True}}},
            [],
        ),
        (
            {"ppo_config": {"target_kl": 0.01},
             "kl_regularization": {"kl_coef": 0.1, "target_kl": 0.02, "adaptive_kl": {"enable": True}}},
            ["ppo_config/target_kl"],
        ),
        ({"parallel_training": {"num_envs": 4}}, ["parallel_training/num_envs"]),
        ({"parallel_training": {"enable": True, "num_envs": 4}}, []),
        (
            {"ppo_config": {"entropy_coef": 0.1, "entropy_schedule": {
                "enable": True, "initial": 0.2, "decay_type": "cosine"}}},
            ["ppo_config/entropy_coef", "ppo_config/entropy_schedule/decay_type"],
        ),
        (
            {"advanced_optimization": {"learning_rate_schedule": {
                "type": "linear", "restart_period": 5, "min_lr_ratio": 0.1}}},
            ["advanced_optimization/learning_rate_schedule/restart_period"],
        ),
    ],
)  # fmt: skip
def test_keys_that_act_with_others_alone(value: dict[str, Any], idle: list[str]) -> None:
    """They are listed where those are absent."""
    assert list(listed(value)) == idle


def test_the_real_configuration_in_full(corpus_config: Any) -> None:
    """Of its keys, those of the networks, of the schedule and of the update act; the rest is told."""
    value = json.loads(corpus_config.read_text(encoding="utf-8"))
    found = listed(value)
    assert not set(found) & (ACTS - set(_CONDITIONS))
    assert "kl_regularization/kl_ref_coef_initial" in found
    assert len(found) > 20
