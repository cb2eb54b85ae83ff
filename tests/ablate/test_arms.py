"""Arms: what they change, and which of them are nothing new."""

import json

import pytest

from ppodiag.ablate.arm_plan import plan_arms
from ppodiag.ablate.arms import (
    FEATURES,
    add_one_in,
    chosen,
    factorial,
    leave_one_out,
    parse_arm,
    read_arms,
    with_named,
)
from ppodiag.ablate.matching import matched
from ppodiag.errors import UsageError
from ppodiag.options import Options


def plans(path, arms, extra=None):
    return {p.name: p for p in plan_arms(arms, path.read_bytes(), str(path), Options(), extra)}


def test_one_arm_for_each_feature_and_one_for_all():
    arms = leave_one_out()
    assert [arm.name for arm in arms.others] == [*(f"no-{f.name}" for f in FEATURES), "all-off"]
    assert arms.reference.overrides == ()
    assert all(arm.one_off is feature for arm, feature in zip(arms.others, FEATURES, strict=False))
    assert arms.others[-1].one_off is None


def test_an_arm_changes_its_own_keys_and_no_other(config):
    found = plans(config, leave_one_out())
    block = "/advanced_optimization/gradient_optimization/"
    assert found["no-checkpointing"].differences == (
        (block + "use_gradient_checkpointing", "true", "false"),
    )
    assert found["no-accumulation"].differences == ((block + "accumulation_steps", "2", "1"),)
    assert {p.rsplit("/", 1)[1] for p, _, _ in found["no-schedule"].differences} == {
        "type", "warmup_steps",
    }  # fmt: skip


def test_an_arm_that_trains_what_the_reference_trains_is_already_off(config):
    found = plans(config, leave_one_out())
    off = {name for name, plan in found.items() if plan.already_off}
    assert off == {"no-adaptive-batch", "no-stabilization"}


def test_a_key_that_ppodiag_does_not_read_still_makes_an_arm(config):
    named = with_named(leave_one_out(), [parse_arm("dear: ppo_config.value_coef=1.0")])
    assert not plans(config, named)["dear"].already_off


def test_steps_and_mean_learning_rate_of_each_arm_are_those_of_the_plan(config):
    found = plans(config, leave_one_out())
    # R = 1024, U = 20, M = 16, E = 4: N_mb = 20 · 4 · 16; two minibatches a window halve N_opt.
    assert found["all-on"].minibatch_steps == found["no-accumulation"].minibatch_steps == 1280
    assert found["all-on"].optimizer_steps == 640
    assert found["no-accumulation"].optimizer_steps == 1280
    assert found["no-schedule"].mean_lr == pytest.approx(3e-4, rel=1e-12)
    assert found["all-on"].mean_lr < 2e-4


def test_findings_that_the_arm_itself_brings_are_expected(config):
    content = json.loads(config.read_text())
    content["advanced_optimization"]["learning_rate_schedule"]["warmup_steps"] = 2000
    config.write_text(json.dumps(content))
    found = plans(config, leave_one_out())
    own = {f.code: f.expected for f in found["no-clipping"].findings}
    assert own["CLP403"] is True
    warm = [f.code for f in found["all-on"].findings if f.code.startswith("LR")]
    assert warm
    assert all(own[code] is False for code in warm)
    assert set(warm) <= set(found["no-schedule"].gone)


def test_matching_optimizer_steps_changes_the_length_of_the_run(config):
    found = plans(config, leave_one_out(), matched("optimizer_steps"))
    assert found["no-accumulation"].optimizer_steps == found["all-on"].optimizer_steps == 640
    assert found["no-accumulation"].total_env_steps == 10240
    assert found["no-clipping"].total_env_steps == 20480
    assert not found["no-accumulation"].already_off


def test_adding_one_in_begins_with_every_feature_off(config):
    arms = add_one_in()
    found = plans(config, arms)
    assert arms.reference.name == "all-off"
    assert found["all-off"].optimizer_steps == 1280
    assert found["only-accumulation"].optimizer_steps == 640
    assert found["only-adaptive-batch"].already_off
    assert found["all-on"].optimizer_steps == 640


def test_a_factorial_study_has_every_combination():
    names = ["clipping", "accumulation", "checkpointing"]
    arms = factorial(names)
    assert len(arms.others) == 7
    assert len({frozenset(arm.overrides) for arm in arms.all}) == 8


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["clipping"], "2 to 4"),
        (["clipping", "clipping"], "named twice"),
        (["clipping", "momentum"], "no feature is called 'momentum'"),
        ([f.name for f in FEATURES], "2 to 4"),
    ],
)
def test_a_factorial_study_that_cannot_be_is_refused(names, message):
    with pytest.raises(UsageError, match=message):
        factorial(names)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no colon", "is not NAME: KEY=VALUE"),
        ("name: warmup_steps", "'warmup_steps' is not KEY=VALUE"),
        ("../x: warmup_steps=0", "cannot be the name"),
        ("x: warmup_stepz=0", "no known key"),
    ],
)
def test_an_arm_that_is_not_written_right_is_refused_with_a_remedy(text, message):
    with pytest.raises(UsageError, match=message) as raised:
        parse_arm(text)
    assert raised.value.remedy


def test_arms_of_a_file_are_those_of_the_command_line():
    arms = read_arms(b'{"a": {"warmup_steps": 0, "ppo_config.epochs": 2}}', "arms.json")
    assert arms == (parse_arm("a: warmup_steps=0; ppo_config.epochs=2"),)
    with pytest.raises(UsageError, match="holds no arms"):
        read_arms(b"[1]", "arms.json")
    with pytest.raises(UsageError, match="cannot be read as JSON"):
        read_arms(b"{", "arms.json")


def test_arms_are_chosen_by_their_names_or_their_features():
    found = chosen(leave_one_out(), ["no-clipping", "accumulation"])
    assert [arm.name for arm in found.others] == ["no-clipping", "no-accumulation"]
    with pytest.raises(UsageError, match="no arm is called 'x'"):
        chosen(leave_one_out(), ["x"])
    with pytest.raises(UsageError, match="two arms are called"):
        with_named(leave_one_out(), [parse_arm("all-on: ppo_config.epochs=2")])
