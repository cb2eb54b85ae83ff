"""Keys that stand in for what a file says: found by their path or its end, or refused."""

from __future__ import annotations

import pytest

from ppodiag import UsageError, lint, simulate
from ppodiag.commands.overrides import parse_overrides
from ppodiag.overrides import overrides_of, parse_value, resolve_key

LRS = ("advanced_optimization", "learning_rate_schedule")
ABS = ("advanced_optimization", "adaptive_batch_size")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("ppo_config.lr", ("ppo_config", "lr")),
        ("/ppo_config/lr", ("ppo_config", "lr")),
        ("lr", ("ppo_config", "lr")),
        ("warmup_steps", (*LRS, "warmup_steps")),
        ("kl_regularization.warmup_steps", ("kl_regularization", "warmup_steps")),
        ("adaptive_batch_size.enable", (*ABS, "enable")),
        ("value_coef", ("ppo_config", "value_coef")),
        ("reward_config.anything.at.all", ("reward_config", "anything", "at", "all")),
    ],
)
def test_a_key_is_found_by_its_path_or_its_end(text: str, path: tuple[str, ...]) -> None:
    """The whole path, a pointer, an end that is unique, and ppodiag's own name for one of several."""
    assert resolve_key(text) == path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ppo_config.lrr", "did you mean ppo_config.lr?"),
        ("adaptive_batch_size.enabled", "did you mean"),
        ("warmup", "did you mean warmup_steps?"),
        ("enable", "several keys are called enable"),
        ("enable", "or 9 others"),
        ("nonsense_of_the_highest_order", "write the whole path"),
        ("ppo_config..lr", "is no key"),
    ],
)
def test_a_key_that_is_none_is_refused(text: str, message: str) -> None:
    """With what may have been meant."""
    with pytest.raises(UsageError) as error:
        resolve_key(text)
    assert message in str(error.value)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "[1, NaN]"])
def test_a_number_that_is_not_finite_is_refused(text: str) -> None:
    """On the command line, and in an override of a program."""
    with pytest.raises(UsageError, match="finite"):
        parse_value(text)
    with pytest.raises(UsageError, match=r"--set lr="):
        parse_overrides((f"lr={text}",), None)
    with pytest.raises(UsageError, match="lr cannot be nan"):
        overrides_of({"lr": float("nan")}, None)


def test_programs_and_the_command_line_find_the_same_keys() -> None:
    """`lint` and `simulate` take the short names too, and refuse the others."""
    config = {
        "training": {"ppo_requests": 1024},
        "ppo_config": {"lr": 1e-3, "epochs": 1, "rollout_len": 128, "minibatch_size": 64},
    }
    assert simulate(config, overrides={"lr": 0.5}).config.lr == 0.5
    with pytest.raises(UsageError, match="did you mean"):
        simulate(config, overrides={"ppo_config.lrr": 0.5})
    with pytest.raises(UsageError, match="did you mean"):
        lint("{}", overrides={"ppo_config.lrr": 0.5})
