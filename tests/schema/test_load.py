"""The schema as shipped, and its agreement with what the linter reads."""

from __future__ import annotations

import json

from ppodiag.config import FIELDS, pointer_of
from ppodiag.schema.load import describe, known_keys, schema, schema_text
from tests.conftest import ROOT


def test_the_text_is_the_file() -> None:
    """The text is that of schemas/ to the letter, and the value is its value."""
    file = ROOT / "schemas" / "ppo-config.schema.json"
    assert schema_text() == file.read_text(encoding="utf-8")
    assert schema() == json.loads(schema_text())
    assert schema()["$id"] == "urn:ppodiag:schema:ppo-config:1"


def test_known_keys() -> None:
    """Known keys by pointer, without the free comment; none where the schema knows nothing."""
    assert known_keys("/model_dimensions") == ("state_dim", "action_dim")
    assert known_keys("/advanced_optimization") == (
        "learning_rate_schedule", "adaptive_batch_size", "gradient_optimization",
    )  # fmt: skip
    assert known_keys("/$ppodiag/ignore/LR103/0") == ("reason", "until", "at")
    assert known_keys("/my_block") == ()


def test_every_field_that_is_read_is_described_with_its_default() -> None:
    """The schema describes every key that the linter reads, and gives the default that it uses."""
    defaults = {name: default for name, (_, default) in FIELDS.items()}
    for name, default in defaults.items():
        described = describe(pointer_of(name))
        assert described, name
        if default not in (None, (), "constant"):  # no schedule at all is constant; type has none
            assert described["default"] == default, name
    assert len(defaults) > 40


def test_rules_keep_their_ranges() -> None:
    """Where a rule speaks about a range, the schema takes any number that arithmetic can take."""
    block = "/advanced_optimization"
    for pointer in (
        f"{block}/learning_rate_schedule/min_lr_ratio",
        f"{block}/adaptive_batch_size/min_batch_size",
        f"{block}/adaptive_batch_size/max_batch_size",
        f"{block}/adaptive_batch_size/adaptation_rate",
        f"{block}/gradient_optimization/accumulation_steps",
        "/ppo_config/max_grad_norm",
    ):
        described = describe(pointer)
        assert "exclusiveMinimum" not in described, pointer
        assert (described["minimum"], described["maximum"]) == (-(10**18), 10**18), pointer


def test_which_key_counts_is_said() -> None:
    """Where two keys exist for one thing, the description names the one that counts."""
    for pointer, words in (
        (
            "/statistics_stabilization/stabilization_steps",
            "`ppo_config.stabilization_steps` counts",
        ),
        ("/actor_critic_architecture/action_dim", "`model_dimensions.action_dim` counts"),
        ("/ppo_config/entropy_coef", "`entropy_schedule` overrides it"),
        ("/ppo_config/target_kl", "stops nothing"),
        ("/kl_regularization/warmup_steps", "`ppo_config.entropy_warmup_coef` applies"),
        ("/parallel_training/num_envs", "only where `enable` is true"),
    ):
        assert words in describe(pointer)["description"], pointer
