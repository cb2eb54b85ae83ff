"""The stacked networks, held to torch's own modules, seed by seed."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
import torch
from torch import Tensor
from torch.distributed._tools.mem_tracker import MemTracker

from ppodiag import layers as spec
from ppodiag.architecture import Architecture
from ppodiag.memory import estimate
from reference_trainer.adam import Adam
from reference_trainer.distributions import Categorical
from reference_trainer.gradients import Autograd
from reference_trainer.losses import Coefficients, Minibatch
from reference_trainer.nets.actor_critic import ActorCritic
from reference_trainer.nets.parameters import Parameters
from reference_trainer.spaces import Discrete
from reference_trainer.update import clip_scale
from tests import torch_nets
from tests.networks import BLOCKS, SIZES, network
from tests.trainer.configs import CPU

F64 = torch.float64
CLOSE = 0.2
"""Of the tracked peak: what the memory estimate promises of the trainer's networks."""


def stacked(
    of: Architecture, seeds: int, checkpointing: bool = False, dtype: torch.dtype = F64
) -> ActorCritic:
    """The networks of some seeds, with biases and last layers away from their small start."""
    generators = [torch.Generator().manual_seed(s) for s in range(seeds)]
    parameters = Parameters(of, Discrete(of.actions), generators, CPU, dtype)
    g = torch.Generator().manual_seed(1)
    parameters.flat.add_(0.1 * torch.randn(parameters.flat.shape, generator=g, dtype=dtype))
    return ActorCritic(of, Discrete(of.actions), parameters, checkpointing)


def torchs(net: ActorCritic, of: Architecture, seed: int) -> torch_nets.ActorCritic:
    """Torch's modules with the parameters of one seed."""
    module = torch_nets.ActorCritic(of).to(F64)
    own = [tensor[seed] for tensor in net.parameters.tensors.values()]
    with torch.no_grad():
        for theirs, ours in zip(module.parameters(), own, strict=True):
            theirs.copy_(ours)
    return module


def states_of(of: Architecture, hidden: Tensor) -> list[Tensor]:
    """The states of each GRU layer, (1, k, outputs), of one seed's (k, H)."""
    widths = [layer.outputs for layer in of.layers if isinstance(layer, spec.GRU)]
    return [part.unsqueeze(0) for part in hidden.split(widths, dim=-1)]


def without_dropout(of: Architecture) -> Architecture:
    """The same networks, nothing dropped."""

    def still(layers: spec.Layers) -> spec.Layers:
        return tuple(
            replace(layer, dropout=0.0) if isinstance(layer, spec.Attention) else layer
            for layer in layers
        )

    return replace(of, trunk=still(of.trunk), actor=still(of.actor), critic=still(of.critic))


@pytest.mark.parametrize("name", BLOCKS)
def test_outputs_and_gradients_are_those_of_torchs_modules(name: str) -> None:
    """Three seeds, 16 samples, double precision: outputs to 1e-10, all gradients to 1e-8."""
    of = without_dropout(network(BLOCKS[name], state_dim=18))
    net = stacked(of, 3)
    g = torch.Generator().manual_seed(2)
    x = torch.randn(3, 16, of.observation, generator=g, dtype=F64)
    sequences = 16 // of.sequence_length
    hidden = started = None
    if of.hidden_state:
        hidden = torch.randn(3, sequences, of.hidden_state, generator=g, dtype=F64)
        started = torch.zeros(3, 16, dtype=torch.bool)
    outputs, values = net.evaluate(x, hidden, started)
    net.parameters.add_gradient(outputs.square().sum() + values.square().sum())
    for seed in range(3):
        module = torchs(net, of, seed)
        states = [] if hidden is None else states_of(of, hidden[seed])
        theirs, their_values = module(x[seed], states)
        torch.testing.assert_close(outputs[seed], theirs, rtol=1e-10, atol=1e-10)
        torch.testing.assert_close(values[seed], their_values.squeeze(1), rtol=1e-10, atol=1e-10)
        (theirs.square().sum() + their_values.square().sum()).backward()
        for ours, parameter in zip(
            net.parameters.gradients.values(), module.parameters(), strict=True
        ):
            torch.testing.assert_close(ours[seed], parameter.grad, rtol=1e-8, atol=1e-9)


def test_the_state_of_a_sequence_is_reset_where_an_episode_begins() -> None:
    """Rows of a sequence in which an episode begins equal single steps with a zeroed state."""
    of = network(BLOCKS["GRU 2 × 128, 8 steps"], state_dim=6)
    net = stacked(of, 2)
    g = torch.Generator().manual_seed(3)
    x = torch.randn(2, 8 * 3, 6, generator=g, dtype=F64)
    hidden = torch.randn(2, 3, net.hidden_size, generator=g, dtype=F64)
    started = torch.rand(2, 8 * 3, generator=g) < 0.3
    assert started.any()
    outputs, values = net.evaluate(x, hidden, started)
    state = hidden
    for t in range(8):
        rows = slice(3 * t, 3 * t + 3)
        state = torch.where(started[:, rows, None], 0.0, state)
        none = torch.zeros(2, 3, dtype=torch.bool)
        one, value, state = net.step(x[:, rows], state, none)
        torch.testing.assert_close(outputs[:, rows], one, rtol=1e-10, atol=1e-12)
        torch.testing.assert_close(values[:, rows], value, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", BLOCKS)
def test_checkpointed_gradients_are_the_plain_ones(name: str) -> None:
    """To the last bit for every network, dropout included: it drops the same values again."""
    of = network(BLOCKS[name], state_dim=18)
    found = []
    for checkpointing in (False, True):
        net = stacked(of, 2, checkpointing)
        g = torch.Generator().manual_seed(2)
        x = torch.randn(2, 16, of.observation, generator=g, dtype=F64)
        hidden = torch.randn(2, 16 // of.sequence_length, net.hidden_size, generator=g, dtype=F64)
        torch.manual_seed(5)
        outputs, values = net.evaluate(x, hidden, torch.zeros(2, 16, dtype=torch.bool))
        net.parameters.add_gradient(outputs.square().sum() + values.square().sum())
        found.append(net.parameters.grad)
    assert torch.equal(*found)


def test_dropout_is_lost_where_the_profile_says_so() -> None:
    """Without the preserved random state the gradient is another one."""
    of = network(BLOCKS["attention 4 × 64 with dropout"], state_dim=18)
    found = []
    for preserve in (True, False):
        net = stacked(of, 1, checkpointing=True)
        net.preserve_rng = preserve
        x = torch.randn(1, 16, 18, generator=torch.Generator().manual_seed(2), dtype=F64)
        torch.manual_seed(5)
        outputs, values = net.evaluate(x)
        net.parameters.add_gradient(outputs.square().sum() + values.square().sum())
        found.append(net.parameters.grad)
    assert not torch.allclose(*found)


def test_parameters_begin_as_seed_by_seed_and_orthogonal() -> None:
    """A stack's rows are those of single seeds; weights are orthogonal with their gains."""
    of = network(BLOCKS["MLP 2 × 64"])

    def parameters(*seeds: int) -> Parameters:
        generators = [torch.Generator().manual_seed(s) for s in seeds]
        return Parameters(of, Discrete(of.actions), generators, CPU, F64)

    stack = parameters(4, 9)
    assert torch.equal(stack.flat[1], parameters(9).flat[0])
    assert stack.flat.shape[1] == of.parameters
    square = stack.tensors["actor.2.weight"][0]
    torch.testing.assert_close(square @ square.T, 2 * torch.eye(64, dtype=F64))
    last = stack.tensors["actor.4.weight"][0]
    torch.testing.assert_close(last @ last.T, 1e-4 * torch.eye(of.actions, dtype=F64))
    assert not stack.tensors["actor.4.bias"].any()


def peak_bytes(of: Architecture, samples: int, checkpointing: bool) -> int:
    """Bytes at the peak of a window of two minibatches, by torch's MemTracker."""
    net = stacked(of, 1, checkpointing, torch.float32)
    gradient, adam = Autograd(net, Categorical()), Adam(net.parameters.flat)
    drawn = torch_nets.minibatch(of, samples)
    hidden = started = None
    if drawn.hidden:
        hidden = torch.cat([state[0] for state in drawn.hidden], dim=-1).unsqueeze(0)
        started = torch.zeros(1, samples, dtype=torch.bool)
    columns = (
        drawn.observation, drawn.action, drawn.log_prob, drawn.advantage, drawn.target, drawn.value,
        torch.full((samples,), 1 / samples),
    )  # fmt: skip
    batch = Minibatch(*(column.unsqueeze(0) for column in columns), hidden, started)
    coefficients = Coefficients(0.2, None, 0.5, torch.tensor([0.01]))

    def window() -> None:
        net.parameters.grad.zero_()
        for _ in range(2):
            gradient(batch, coefficients)
        norm = torch.linalg.vector_norm(net.parameters.grad, dim=1)
        lr = torch.tensor([1e-3])
        scale = clip_scale(norm, 0.5)
        adam.step(net.parameters.flat, net.parameters.grad, lr, scale, norm.isfinite())

    window()
    tracker = MemTracker()
    columns_held = (getattr(batch, field.name) for field in fields(batch))
    held = [tensor for tensor in columns_held if tensor is not None]
    tracker.track_external(
        net.parameters.flat, net.parameters.grad, adam.mean, adam.square, adam.steps, *held
    )
    with tracker:
        window()
    return int(tracker.get_tracker_snapshot("peak")[CPU]["Total"])


@pytest.mark.parametrize("samples", SIZES)
@pytest.mark.parametrize("name", BLOCKS)
def test_the_memory_estimate_holds_of_the_trainers_networks(name: str, samples: int) -> None:
    """Parameters, gradient, Adam's state and activations, within 20% with and without checkpoints."""
    of = network(BLOCKS[name])
    for checkpointing in (False, True):
        wanted = peak_bytes(of, samples, checkpointing)
        assert estimate(of, samples, checkpointing=checkpointing).total == pytest.approx(
            wanted, rel=CLOSE
        )


def test_segments_of_several_layers_save_what_single_layers_do_not() -> None:
    """A deep network: checkpoints bring the peak below half of the plain one."""
    of = network(BLOCKS["MLP 24 × 128"])
    assert peak_bytes(of, 4096, True) < 0.5 * peak_bytes(of, 4096, False)
