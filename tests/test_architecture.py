"""From the configuration to layers: what counts, what is left out, what makes no network."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ppodiag.architecture import Architecture, architecture_of, unmodelled
from ppodiag.config import Unavailable, parse_config
from ppodiag.layers import GRU, Attention, Layer, LayerNorm, Linear, Tanh, nearest_root, segments
from tests.networks import BLOCKS, network


def read(block: Any, **others: Any) -> Architecture | None:
    """The networks of a block, of 10 values to 3 actions where nothing else is said."""
    value = {
        "model_dimensions": {"state_dim": 10, "action_dim": 3},
        "ppo_config": {"rollout_len": 128},
        "actor_critic_architecture": block,
        **others,
    }
    return architecture_of(parse_config(value))


def mlp(*widths: int) -> list[Layer]:
    """Linear and tanh, from width to width."""
    pairs = pairwise(widths)
    return [layer for a, b in pairs for layer in (Linear(a, b), Tanh(b))]


def test_defaults() -> None:
    """Without a block: separate networks with two hidden layers of 64 each."""
    found = read({})
    assert found is not None
    assert found == architecture_of(
        parse_config(
            {
                "ppo_config": {"rollout_len": 128},
                "actor_critic_architecture": {"state_dim": 10.0, "action_dim": 3.0},
            }
        )
    )
    assert found.trunk == ()
    assert found.actor == (*mlp(10, 64, 64), Linear(64, 3))
    assert found.critic == (*mlp(10, 64, 64), Linear(64, 1))
    assert found.parameters == 2 * (704 + 4160) + 195 + 65


def test_own_keys_count_before_the_common_ones() -> None:
    """`actor` and `critic` before the block itself; a value head of three layers."""
    block = {
        "hidden_size": 8, "num_layers": 1,
        "actor": {"num_layers": 3}, "critic": {"hidden_size": 4, "value_head_layers": 3},
    }  # fmt: skip
    found = read(block)
    assert found is not None
    assert found.actor == (*mlp(10, 8, 8, 8), Linear(8, 3))
    assert found.critic == (*mlp(10, 4, 4, 4), Linear(4, 1))


@pytest.mark.parametrize("block", [{"shared_backbone": True}, {"use_separate_networks": False}])
def test_shared_trunk(block: dict[str, Any]) -> None:
    """One trunk, as `actor` describes it, and two heads; `shared_backbone` counts first."""
    found = read({**block, "actor": {"hidden_size": 8, "use_gru": True}})
    assert found is not None
    assert found.trunk == (*mlp(10, 8, 8), GRU(8, 8))
    assert (found.actor, found.critic) == ((Linear(8, 3),), (Linear(8, 1),))
    assert found.hidden_state == 8
    apart = read({"shared_backbone": False, "use_separate_networks": False})
    assert apart is not None
    assert apart.trunk == ()


@pytest.mark.parametrize(
    ("own", "layers"),
    [
        ({"use_gru": True}, 1),
        ({"use_gru": True, "gru_layers": 3}, 3),
        ({"gru_layers": 2}, 2),
        ({"use_gru": False, "gru_layers": 2}, 0),
        ({"use_gru": True, "gru_layers": 0}, 0),
        ({}, 0),
    ],
)
def test_gru_layers(own: dict[str, Any], layers: int) -> None:
    """GRU layers come from `gru_layers`, one by default where `use_gru` is true."""
    found = read({"actor": own})
    assert found is not None
    assert [type(layer) for layer in found.actor].count(GRU) == layers


def test_sequences_are_no_longer_than_the_rollout() -> None:
    """L is cut to the steps that one environment contributes."""
    for length, wanted in ((32, 32), (500, 128)):
        found = read({"sequence_length": length})
        assert found is not None
        assert found.sequence_length == wanted


def test_attention() -> None:
    """10 values are 3 replicas of 3 and one global; the MLP begins behind it."""
    block: dict[str, Any] = {
        "enable_cross_replica_attention": True, "num_replicas": 3, "attention_heads": 2,
        "cross_replica_attention": {"feature_dim": 8, "dropout": 0.1, "use_layer_norm": True},
        "num_layers": 1,
    }  # fmt: skip
    found = read(block)
    assert found is not None
    layer = Attention(3, 3, 1, 8, 2, dropout=0.1, layer_norm=True)
    assert (layer.inputs, layer.outputs) == (10, 25)
    assert found.actor == (layer, *mlp(25, 64), Linear(64, 3))
    block["cross_replica_attention"]["enable"] = False
    off = read(block)
    assert off is not None
    assert off.actor == (*mlp(10, 64), Linear(64, 3))


def test_layer_normalisation() -> None:
    """`stabilization.enable_layer_normalization` normalises before each tanh of the MLP."""
    found = read({"num_layers": 1, "stabilization": {"enable_layer_normalization": True}})
    assert found is not None
    assert found.actor == (Linear(10, 64), LayerNorm(64), Tanh(64), Linear(64, 3))


_ON = {"enable_cross_replica_attention": True, "num_replicas": 2}


@pytest.mark.parametrize(
    ("block", "others"),
    [
        ({}, {"model_dimensions": {"action_dim": 3}}),
        ({}, {"model_dimensions": {"state_dim": 10}}),
        ([], {}),
        ({"enable_cross_replica_attention": True}, {}),
        ({**_ON, "num_replicas": 11}, {}),
        ({**_ON, "attention_heads": 3}, {}),
        ({**_ON, "cross_replica_attention": {"dropout": "some"}}, {}),
        ({"hidden_size": "64"}, {}),
        ({"hidden_size": 0}, {}),
        ({"hidden_size": 1.5}, {}),
        ({"hidden_size": True}, {}),
        ({"num_layers": 1001}, {}),
        ({"num_layers": 1e18}, {}),
        ({"num_layers": float("inf")}, {}),
        ({"actor": 3}, {}),
        ({"shared_backbone": "yes"}, {}),
    ],
)
def test_no_network(block: Any, others: dict[str, Any]) -> None:
    """Where a size that counts is not known or makes no sense there is none, and never a guess."""
    assert read(block, **others) is None


def test_what_was_lost_is_not_guessed() -> None:
    """An invalid key below the block, or a damaged part of it, withholds the networks."""
    value = {
        "model_dimensions": {"state_dim": 10, "action_dim": 3},
        "ppo_config": {"rollout_len": 128},
        "actor_critic_architecture": {"actor": {"hidden_size": 8}},
    }
    root = "/actor_critic_architecture"
    for unusable in (f"{root}/actor/hidden_size", root, "/model_dimensions/state_dim"):
        with pytest.raises(Unavailable):
            architecture_of(parse_config(value, unusable=frozenset({unusable})))
    for damaged in (root, f"{root}/actor"):
        with pytest.raises(Unavailable):
            architecture_of(parse_config(value, damaged=frozenset({damaged})))


def test_unmodelled() -> None:
    """Pointers of what is asked for and left out; not what counts, is off, or is free text."""
    block = {
        "hidden_size": 8, "comment": "x", "_old": 1, "dropout": 0.1, "a/b~c": 1,
        "temporal_lstm": {"enable": True}, "other": {"enable": False, "size": 3},
        "actor": {"use_gru": True, "output_activation": "softmax", "temperature_scaling": False},
        "critic": {"value_normalization": True},
        "stabilization": {"enable_layer_normalization": True, "observation_clip": 10},
    }  # fmt: skip
    root = "/actor_critic_architecture"
    assert unmodelled({"actor_critic_architecture": block}) == tuple(
        f"{root}/{path}"
        for path in (
            "dropout", "a~1b~0c", "temporal_lstm", "critic/value_normalization",
            "stabilization/observation_clip",
        )
    )  # fmt: skip
    assert unmodelled({}) == unmodelled([]) == unmodelled({"actor_critic_architecture": 3}) == ()


def test_the_real_configuration(corpus_config: Path) -> None:
    """Its networks by hand: 210 values are 4 replicas of 52 and 2 more; 7.07 million parameters."""
    value = json.loads(corpus_config.read_text())
    found = architecture_of(parse_config(value))
    assert found is not None
    attention = 52 * 320 + 320 + 320 * 960 + 960 + 320 * 320 + 320 + 640
    actor = 1282 * 320 + 320 + 2 * (320 * 320 + 320) + 3 * (6 * 320 * 320 + 6 * 320) + 320 * 4 + 4
    critic = 1282 * 384 + 384 + 3 * (384 * 384 + 384) + 3 * (6 * 384 * 384 + 6 * 384)
    critic += 384 * 384 + 384 + 385
    assert found.parameters == 2 * attention + actor + critic == 7_068_741
    assert [pointer.rsplit("/", 1)[1] for pointer in unmodelled(value)] == [
        "temperature_scaling", "exploration_bonus_layer", "value_normalization",
        "lightweight_head", "dimension_handling", "temporal_lstm",
    ]  # fmt: skip


def test_nearest_root() -> None:
    """The whole number whose square root is nearest: 2 is nearest to 1, 3 to 2, 6 to 2, 7 to 3."""
    assert [nearest_root(n) for n in range(14)] == [0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4]


@pytest.mark.parametrize("name", BLOCKS)
def test_segments(name: str) -> None:
    """They join to the whole, begin at blocks, and their blocks differ by at most one."""
    of = network(BLOCKS[name])
    for layers in (of.trunk, of.actor, of.critic):
        found = segments(layers)
        assert sum(found, ()) == layers
        sizes = [sum(not isinstance(x, Tanh | LayerNorm) for x in part) for part in found]
        assert len(found) == nearest_root(sum(sizes))
        assert sizes == sorted(sizes, reverse=True)
        if found:
            assert sizes[0] - sizes[-1] <= 1
            assert not any(isinstance(part[0], Tanh | LayerNorm) for part in found)
