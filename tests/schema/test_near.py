"""The search for misspelt keys in blocks that may hold keys of their own."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppodiag.schema.near import _near, matches, near_misses, nearest, warns
from tests.conftest import CORPUS


def found_in(block: str, keys: dict[str, Any]) -> list[tuple[str, str]]:
    return [(wrong, right) for _, wrong, right in near_misses({block: keys})]


@pytest.mark.parametrize(
    ("block", "key", "right"),
    [
        ("ppo_config", "gama", "gamma"),
        ("ppo_config", "rolout_lne", "rollout_len"),
        ("ppo_config", "minibatchSize", "minibatch_size"),
        ("ppo_config", "ratio_clip", "clip_ratio"),
        ("ppo_config", "ent_coef", "entropy_coef"),
        ("parallel_training", "num_env", "num_envs"),
        ("statistics_stabilization", "stabilisation_steps", "stabilization_steps"),
        ("training", "total_timesteps", "ppo_requests"),
    ],
)
def test_misspellings_are_found(block: str, key: str, right: str) -> None:
    """Letters added, lost or swapped, other cases, orders and names of an absent key are heard."""
    assert found_in(block, {key: 1}) == [(key, right)]


@pytest.mark.parametrize(
    ("block", "key"),
    [
        ("training", "kl_epochs"),  # two letters from bc_epochs, but another word
        ("ppo_config", "entropy_cost"),  # two letters from entropy_coef, in one short word
        ("ppo_config", "lrs"),  # too short to judge
        ("ppo_config", "comment"),
        ("ppo_config", "_gamma"),
        ("ppo_config", "$gamma"),
    ],
)
def test_own_keys_are_left_alone(block: str, key: str) -> None:
    """A key that differs by a word, is too short, or is free text is the author's own."""
    assert found_in(block, {key: 1}) == []


def test_the_value_has_to_fit() -> None:
    """`hidden_sizes` with a list is no misspelling of the number `hidden_size`; with a number it is."""
    assert found_in("actor_critic_architecture", {"hidden_sizes": [64, 64]}) == []
    assert found_in("actor_critic_architecture", {"hidden_sizes": 64}) == [
        ("hidden_sizes", "hidden_size")
    ]


def test_blocks_and_items() -> None:
    """A misspelt block is found at the top, a misspelt key of a stage with the stage's index."""
    value = {"trainings": {}, "curriculum_learning": {"stages": [{}, 3, {"duration_request": 5}]}}
    assert near_misses(value) == [
        ((), "trainings", "training"),
        (("curriculum_learning", "stages", "2"), "duration_request", "duration_requests"),
    ]
    assert near_misses({"trainings": 4, "curriculum_learning": {"stages": 1}}) == []


def test_one_candidate_is_meant_once() -> None:
    """Two keys near one absent key: the nearer one is it, in whatever order they stand."""
    for keys in itertools.permutations(["gama", "gamme", "gammma", "x"]):
        assert matches(list(keys), ["gamma"]) == {"gama": "gamma"}
    assert matches(["epohcs", "n_epochs"], ["epochs"]) == {"n_epochs": "epochs"}


@given(st.permutations(["gama", "epoch", "learning_rate", "clip_rati", "mine", "lr_"]))
def test_order_changes_nothing(keys: list[str]) -> None:
    """The order of the keys changes no finding."""
    expected = {
        "gama": "gamma",
        "epoch": "epochs",
        "learning_rate": "lr",
        "clip_rati": "clip_ratio",
    }
    assert dict(found_in("ppo_config", dict.fromkeys(keys, 1))) == expected


@given(st.text(max_size=30), st.lists(st.text(max_size=30), max_size=4))
def test_any_text(key: str, candidates: list[str]) -> None:
    """Whatever the texts are, the answer is a candidate or None."""
    assert nearest(key, candidates) in [*candidates, None]


def test_answers_are_remembered() -> None:
    """The same keys in a block are compared once."""
    value = {"ppo_config": {"gama": 1, "an_own_key_that_no_other_test_has": 1}}
    near_misses(value)
    before = _near.cache_info()
    near_misses(value)
    after = _near.cache_info()
    assert after.hits > before.hits
    assert after.misses == before.misses


def test_warns() -> None:
    """A near miss and a key that the schedule's type never uses send a clean file the long way."""
    assert warns({"ppo_config": {"gama": 1}})
    unused = {"type": "linear", "restart_period": 10}
    assert warns({"advanced_optimization": {"learning_rate_schedule": unused}})
    used = {"type": "linear", "min_lr_ratio": 0.1}
    assert not warns({"advanced_optimization": {"learning_rate_schedule": used}})
    for odd in ({}, {"advanced_optimization": 3}, {"ppo_config": []}):
        assert not warns(odd)


def test_real_files_are_free_of_near_misses() -> None:
    """The two real configurations' own keys are taken for no misspelling."""
    files = sorted(CORPUS.glob("*.json"))
    if not files:
        pytest.skip("the corpus is not beside the project")
    assert len(files) == 2
    for file in files:
        assert near_misses(json.loads(file.read_text(encoding="utf-8"))) == []
