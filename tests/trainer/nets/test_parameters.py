"""The flat buffer of the parameters and its initial values."""

from __future__ import annotations

import math

import pytest
import torch

from ppodiag.architecture import Architecture
from ppodiag.layers import GRU, LayerNorm, Linear
from reference_trainer.nets.parameters import Parameters
from reference_trainer.spaces import Box, Discrete
from tests.networks import BLOCKS, network
from tests.trainer.configs import CPU

F64 = torch.float64


def parameters(of: Architecture, *seeds: int) -> Parameters:
    """The parameters of some seeds, discrete actions."""
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    return Parameters(of, Discrete(of.actions), generators, CPU, F64)


@pytest.mark.parametrize("name", BLOCKS)
def test_the_tensors_lie_one_after_the_other_in_the_flat_buffer(name: str) -> None:
    """They cover it once, in order, in views of the sizes of the specs; their gradients likewise."""
    of = network(BLOCKS[name])
    made = parameters(of, 0, 1)
    sizes = [size for layer in of.layers for size in layer.tensors]
    assert [tensor[0].numel() for tensor in made.tensors.values()] == sizes
    assert made.flat.shape == made.grad.shape == (2, of.parameters)
    first = 0
    for views, buffer in ((made.tensors, made.flat), (made.gradients, made.grad)):
        first = 0
        for view in views.values():
            assert view.storage_offset() == first
            assert view.untyped_storage().data_ptr() == buffer.untyped_storage().data_ptr()
            first += view[0].numel()
    assert first == of.parameters


def test_gaussian_actions_have_deviations_of_their_own() -> None:
    """Logarithms, one a dimension, 0 at the start, the last values of a row; discrete ones none."""
    of = network(BLOCKS["MLP 2 × 64"])
    box = Box(low=torch.full((of.actions,), -1.0), high=torch.ones(of.actions))
    made = Parameters(of, box, [torch.Generator().manual_seed(s) for s in (0, 1)], CPU)
    assert made.log_std is not None
    assert made.log_std.shape == (2, of.actions)
    assert not made.log_std.any()
    assert made.flat.shape[1] == of.parameters + of.actions
    made.flat[1, -of.actions :] = 2.0
    assert (made.log_std[1] == 2.0).all()
    assert not made.log_std[0].any()
    assert parameters(of, 0).log_std is None


def test_a_gradient_is_added_to_what_is_there() -> None:
    """Twice the same loss gives twice the gradient, and no leaf keeps a copy."""
    made = parameters(network(BLOCKS["MLP 2 × 64"]), 0, 1, 2)
    for times in (1, 2):
        made.add_gradient(made.tensors["actor.0.weight"].square().sum())
        wanted = 2 * times * made.tensors["actor.0.weight"]
        torch.testing.assert_close(made.gradients["actor.0.weight"], wanted.detach())
    assert all(tensor.grad is None for tensor in made.tensors.values())
    assert not made.gradients["critic.0.weight"].any()


def test_recurrent_and_normalised_layers_begin_as_stated() -> None:
    """GRU weights are orthogonal with gain 1, LayerNorm's are 1, all biases 0; value head gain 1."""
    block = {
        "hidden_size": 8, "stabilization": {"enable_layer_normalization": True},
        "actor": {"use_gru": True}, "critic": {"use_gru": True},
    }  # fmt: skip
    of = network(block)
    made = parameters(of, 3)
    kinds = {GRU: 0, LayerNorm: 0, Linear: 0}
    for chain, layers in (("actor", of.actor), ("critic", of.critic)):
        for index, layer in enumerate(layers):
            own = f"{chain}.{index}."
            kinds[type(layer)] = kinds.get(type(layer), 0) + 1
            if isinstance(layer, GRU):
                for part in ("weight_ih", "weight_hh"):
                    weight = made.tensors[own + part][0].detach()
                    torch.testing.assert_close(weight.T @ weight, torch.eye(8, dtype=F64))
                assert not made.tensors[own + "bias_ih"].any()
                assert not made.tensors[own + "bias_hh"].any()
            elif isinstance(layer, LayerNorm):
                assert (made.tensors[own + "weight"] == 1).all()
            if own + "bias" in made.tensors:
                assert not made.tensors[own + "bias"].any()
    assert kinds[GRU] == 2
    assert kinds[LayerNorm] == 4
    assert kinds[Linear] == 6
    head = made.tensors[f"critic.{len(of.critic) - 1}.weight"][0].detach()
    assert math.isclose(float(head.norm()), 1.0, rel_tol=1e-12)
