"""The pass of the acting policy: the numbers of the learning pass, with few calls of torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from ppodiag.architecture import Architecture
from reference_trainer.nets.actor_critic import ActorCritic
from reference_trainer.nets.parameters import Parameters
from reference_trainer.nets.tanh import quick_here
from reference_trainer.spaces import Discrete
from tests.networks import BLOCKS, network
from tests.trainer.configs import CPU

F64 = torch.float64
ENVS, WIDTH = 4, 18
WITH_STATE = [name for name in BLOCKS if "GRU" in name and "attention" not in name]
WITHOUT_STATE = [name for name in BLOCKS if "GRU" not in name and "dropout" not in name]


class Calls(TorchDispatchMode):
    """Counts the operations that torch carries out."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        self.names.append(str(function))
        return function(*args, **(kwargs or {}))


def networks(name: str, seeds: int = 2) -> ActorCritic:
    """Networks of some seeds."""
    of = network(BLOCKS[name], state_dim=WIDTH)
    return built(of, [torch.Generator().manual_seed(seed) for seed in range(seeds)])


def built(of: Architecture, generators: list[torch.Generator]) -> ActorCritic:
    """Networks that begin as some generators draw them."""
    actions = Discrete(of.actions)
    return ActorCritic(of, actions, Parameters(of, actions, generators, CPU, F64))


def rows(seeds: int = 2, seed: int = 0) -> Tensor:
    """Observations, (S, N, D)."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(seeds, ENVS, WIDTH, generator=generator, dtype=F64)


@pytest.mark.parametrize("name", WITHOUT_STATE)
def test_acting_gives_what_learning_gives(name: str) -> None:
    """Outputs and values to the last bit, before the parameters change in place and after."""
    net, x = networks(name), rows()
    before = net.policy(x)
    for _ in range(2):
        outputs, values = net.evaluate(x)
        assert torch.equal(net.policy(x), outputs)
        assert torch.equal(net.value(x), values)
        net.parameters.flat.mul_(1.5)
    assert not torch.equal(net.policy(x), before)


@pytest.mark.parametrize("name", WITH_STATE)
def test_a_step_is_a_sequence_of_one(name: str) -> None:
    """Outputs, values and the next state, half of the environments beginning an episode."""
    net, x = networks(name), rows()
    generator = torch.Generator().manual_seed(5)
    hidden = torch.randn(2, ENVS, net.hidden_size, generator=generator, dtype=F64)
    started = torch.tensor([[True, False] * (ENVS // 2)] * 2)
    for _ in range(2):
        outputs, values, following = net.step(x, hidden, started)
        wanted, wanted_values = net.evaluate(x, hidden, started)
        torch.testing.assert_close(outputs, wanted, rtol=1e-12, atol=1e-14)
        torch.testing.assert_close(values, wanted_values, rtol=1e-12, atol=1e-14)
        again = net.step(
            x, torch.where(started.unsqueeze(-1), 0.0, hidden), torch.zeros_like(started)
        )
        assert torch.equal(following, again[2])
        net.parameters.flat.mul_(1.5)


def test_acting_keeps_no_gradient() -> None:
    """Nothing of policy, value and step hangs on autograd, whether it is on or off."""
    assert torch.is_grad_enabled()
    net = networks("MLP 2 × 64")
    found = [net.policy(rows()), net.value(rows())]
    net = networks("GRU 2 × 128, 8 steps")
    started = torch.ones(2, ENVS, dtype=torch.bool)
    found += net.step(rows(), net.initial_hidden(2, ENVS), started)
    assert not any(tensor.requires_grad for tensor in found)


def test_a_policy_with_a_state_needs_steps() -> None:
    """Without the state it is an error, not a policy without memory."""
    net = networks("GRU 2 × 128, 8 steps")
    with pytest.raises(ValueError, match="a GRU needs its state"):
        net.policy(rows())
    with pytest.raises(ValueError, match="a GRU needs its state"):
        net.evaluate(rows())


def test_the_policy_takes_a_product_a_layer_and_no_views() -> None:
    """Two hidden layers: 3 products and 2 calls of tanh, or 2 × 2 where the logistic function stands
    in; no more for 8 seeds than for one.
    """
    for seeds in (1, 8):
        net, x = networks("MLP 2 × 64", seeds), rows(seeds)
        with Calls() as calls:
            net.policy(x)
        assert sum("baddbmm" in name for name in calls.names) == 3
        assert len(calls.names) == (5 if quick_here() else 7)


@pytest.mark.parametrize(
    "name", ["MLP 2 × 64", "shared MLP 4 × 256, value head of 3", "attention 4 × 64"]
)
def test_seeds_are_apart(name: str) -> None:
    """Another seed's parameters and observations change nothing; a stack gives what single nets do."""
    net, x = networks(name, 3), rows(3)
    outputs, values = net.policy(x), net.value(x)
    for seed in range(3):
        of = network(BLOCKS[name], state_dim=WIDTH)
        single = built(of, [torch.Generator().manual_seed(seed)])
        own = x[seed : seed + 1]
        torch.testing.assert_close(single.policy(own)[0], outputs[seed], rtol=1e-12, atol=1e-14)
        torch.testing.assert_close(single.value(own)[0], values[seed], rtol=1e-12, atol=1e-14)
    net.parameters.flat[1].normal_(generator=torch.Generator().manual_seed(9))
    x[1] = float("nan")
    assert torch.equal(net.policy(x)[[0, 2]], outputs[[0, 2]])
    assert torch.equal(net.value(x)[[0, 2]], values[[0, 2]])
    assert net.policy(x)[1].isnan().all()
