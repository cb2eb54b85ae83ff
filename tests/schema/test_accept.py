"""The generated verdict beside jsonschema's, key by key."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ppodiag._generated.accept import accept
from ppodiag._generated.keys import OPEN_BLOCKS, OPEN_ITEMS
from ppodiag.schema.load import schema
from ppodiag.schema.near import SYNONYMS, USED_BY_TYPE

PROBES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 0.0, 1.0, -0.0, 0.5, 1.5, -0.5, 1000.0, 1e300, 65536,
    10**30, -(10**30), "", "8", "linear", "constant\n", "/x", [], [1], ["a"], [{}], {}, {"x": 1},
    {"enable": True}, {"enable": 1}, {"comment": 1}, {"_x": 1}, {"": 1}, [{"duration_requests": 1}],
)  # fmt: skip
PPO = {"lr": 1e-3, "rollout_len": 128, "minibatch_size": 64, "epochs": 4}
VALIDATOR = Draft202012Validator(schema())


def paths_of(node: dict[str, Any], at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if "$ref" in node:
        node = schema()["$defs"][node["$ref"].rsplit("/", 1)[1]]
    found = [at] if at else []
    for key, below in node.get("properties", {}).items():
        found += paths_of(below, (*at, key))
    if "items" in node:
        found += paths_of(node["items"], (*at, "0"))
    if isinstance(node.get("additionalProperties"), dict):
        found += paths_of(node["additionalProperties"]["anyOf"][0], (*at, "LR103"))
    return found


def with_value(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A valid configuration but for the value at the path."""
    top: dict[str, Any] = {"ppo_config": dict(PPO)}
    block: Any = top
    for part, below in pairwise(path):
        empty: Any = [{}] if below == "0" else {}
        block = block[0] if part == "0" else block.setdefault(part, empty)
    if path[-1] == "0":
        block[0] = value
    else:
        block[path[-1]] = value
    return top


PATHS = paths_of(schema())


def test_the_paths_are_all_there() -> None:
    """The walk finds every key, in arrays and behind references too."""
    assert len(PATHS) > 150
    assert ("curriculum_learning", "stages", "0", "duration_requests") in PATHS
    assert ("$ppodiag", "ignore", "LR103", "until") in PATHS


@pytest.mark.parametrize("path", PATHS, ids="/".join)
def test_every_key_with_every_kind_of_value(path: tuple[str, ...]) -> None:
    """For each known key and kind of value the generated code says what jsonschema says."""
    for probe in PROBES:
        instance = with_value(path, probe)
        assert accept(instance) == VALIDATOR.is_valid(instance), (path, probe)


def test_both_verdicts_occur() -> None:
    """The probes hold what is accepted and what is refused, so that agreement means something."""
    verdicts = [accept(with_value(path, probe)) for path in PATHS for probe in PROBES]
    assert len(PATHS) < sum(verdicts) < len(verdicts) - len(PATHS)


@pytest.mark.parametrize("instance", [*PROBES, {"ppo_config": {**PPO, "epochs": 4.0}}])
def test_whole_instances(instance: Any) -> None:
    """The same for a value that is the whole file; 4.0 is a whole number, true is none."""
    assert accept(instance) == VALIDATOR.is_valid(instance)
    assert not accept({"ppo_config": {**PPO, "epochs": True}})
    assert accept({"ppo_config": {**PPO, "epochs": 4.0}})


@pytest.mark.parametrize("missing", PPO)
def test_missing_keys(missing: str) -> None:
    """Each of the four required keys is required by both."""
    instance = {"ppo_config": {key: value for key, value in PPO.items() if key != missing}}
    assert not accept(instance)
    assert not VALIDATOR.is_valid(instance)


def test_tables_of_the_near_search_are_of_the_schema() -> None:
    """Synonyms lead to known keys of open blocks, and the types of schedule are the schema's."""
    known = {key for keys in (*OPEN_BLOCKS.values(), *OPEN_ITEMS.values()) for key in keys}
    assert set(SYNONYMS.values()) <= known
    assert not set(SYNONYMS) & known
    block = schema()["properties"]["advanced_optimization"]["properties"]["learning_rate_schedule"]
    assert set(USED_BY_TYPE) == set(block["properties"]["type"]["enum"])
    keys = {key for used in USED_BY_TYPE.values() for key in used}
    assert keys == set(block["properties"]) - {"comment"}
