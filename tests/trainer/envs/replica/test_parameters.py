"""What the environment reads from a configuration."""

from __future__ import annotations

from typing import Any

import pytest

from ppodiag.errors import UsageError
from reference_trainer.envs.replica import ACTING_KEYS, Task, read_task

FULL: dict[str, dict[str, Any]] = {
    "training": {"num_replicas": 6.0, "qps": 3, "max_steps": 1000, "arrivals": "bursty"},
    "reward_config": {
        "latency_weight": 2, "latency_threshold": 4.0, "latency_penalty_scale": 1.5,
        "balance_penalty_weight": 0.6,
    },
}  # fmt: skip


def test_every_acting_key_acts() -> None:
    """Each key named changes the task, and together they give this one."""
    assert read_task(FULL) == Task(6, 3.0, True, 1000, 2.0, 4.0, 1.5, 0.6)
    named = {f"/{block}/{key}" for block, keys in FULL.items() for key in keys}
    assert named == ACTING_KEYS
    for block, keys in FULL.items():
        for key, value in keys.items():
            assert read_task({block: {key: value}}) != read_task({})


def test_without_a_rate_it_grows_with_the_replicas() -> None:
    """2.5 requests/s for 4 replicas, as the note has it."""
    assert read_task({}) == Task(4, 2.5, False, 512, 1.0, 10.0, 0.0, 0.0)
    assert read_task({"training": {"num_replicas": 8}}).qps == 5.0


@pytest.mark.parametrize(
    ("block", "key", "value", "message"),
    [
        ("training", "num_replicas", 0, "training.num_replicas is 0"),
        ("training", "num_replicas", 2.5, "training.num_replicas is 2.5"),
        ("training", "num_replicas", 5000, "training.num_replicas is 5000"),
        ("training", "qps", 0, "training.qps is 0"),
        ("training", "qps", "fast", "training.qps is 'fast'"),
        ("training", "qps", True, "training.qps is True"),
        ("training", "max_steps", -1, "training.max_steps is -1"),
        ("training", "arrivals", "steady", "training.arrivals is 'steady'"),
        ("reward_config", "latency_weight", float("nan"), "reward_config.latency_weight is nan"),
        ("reward_config", "latency_threshold", None, "reward_config.latency_threshold is None"),
    ],
)
def test_a_value_without_sense_is_named(block: str, key: str, value: Any, message: str) -> None:
    """With its key, and with what would make sense."""
    with pytest.raises(UsageError, match=message.replace(".", r"\.")):
        read_task({block: {key: value}})
