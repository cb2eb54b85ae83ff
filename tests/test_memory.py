"""The memory estimate, held to torch: parameters and saved values exactly, peaks within 10%."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import pytest

from ppodiag.architecture import Architecture
from ppodiag.layer_memory import layer_memory
from ppodiag.layers import GRU, Attention, Layer, LayerNorm, Linear, Tanh
from ppodiag.memory import MemoryEstimate, estimate, over_sizes
from ppodiag.step_memory import step_memory
from tests.conftest import require
from tests.networks import BLOCKS, SIZES, network

CLOSE = 0.1
"""Of the tracked peak; the estimates of the table in docs/memory.md lie within 8%."""

LAYERS: list[tuple[Layer, int]] = [
    (Linear(20, 30), 1),
    (Tanh(20), 1),
    (LayerNorm(20), 1),
    (GRU(20, 30), 1),
    (GRU(30, 20), 4),
    (GRU(20, 20), 12),
    *(
        (Attention(3, 5, rest, 8, heads, dropout, norm), 1)
        for rest in (0, 2)
        for heads in (1, 4)
        for dropout in (0.0, 0.1)
        for norm in (False, True)
    ),
]


@pytest.fixture(scope="module")
def nets() -> Iterator[ModuleType]:
    """The torch modules, where torch is installed; one thread, for tests run side by side."""
    require(find_spec("torch"), "torch")
    import torch

    from tests import torch_nets

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield torch_nets
    torch.set_num_threads(threads)


@pytest.mark.parametrize(("layer", "steps"), LAYERS, ids=repr)
def test_saved_values_of_a_layer(nets: ModuleType, layer: Layer, steps: int) -> None:
    """Distinct storages that autograd saves: input, output and own values, to the byte."""
    import torch

    samples, sequences = 24, 24 // steps
    module = nets.module(layer)
    x = torch.randn(samples, layer.inputs, requires_grad=True)
    hidden = [torch.randn(1, sequences, layer.outputs)] if isinstance(layer, GRU) else []
    cost = layer_memory(layer, samples, sequences)
    wanted = cost.own + cost.keeps_output * samples * layer.outputs
    known = [*module.parameters(), *hidden]
    assert nets.saved_storages(lambda: module(x, *hidden), [*known, x]) == 4 * wanted
    kept = cost.keeps_input * samples * layer.inputs
    assert nets.saved_storages(lambda: module(x, *hidden), known) == 4 * (wanted + kept)


@pytest.mark.parametrize(("layer", "steps"), LAYERS, ids=repr)
def test_parameters_of_a_layer(nets: ModuleType, layer: Layer, steps: int) -> None:
    """Each parameter tensor of the torch module has the size that the spec says."""
    found = [parameter.numel() for parameter in nets.module(layer).parameters()]
    assert found == list(layer.tensors)


@pytest.mark.parametrize("name", BLOCKS)
def test_parts_equal_torch(nets: ModuleType, name: str) -> None:
    """Parameters, Adam's state and the minibatch are torch's, to the byte."""
    import torch

    of = network(BLOCKS[name])
    net = nets.ActorCritic(of)
    optimizer = torch.optim.Adam(net.parameters())
    batch = nets.minibatch(of, 16)
    nets.optimizer_step(net, optimizer, [batch])
    parts = estimate(of, 16)
    assert parts.parameters == sum(p.nbytes for p in net.parameters()) == 4 * of.parameters
    assert parts.gradients == sum(p.grad.nbytes for p in net.parameters())
    state = [t for entry in optimizer.state.values() for t in entry.values()]
    assert parts.optimizer == sum(t.nbytes for t in state)
    assert parts.batch == sum(t.nbytes for t in batch.tensors)


@pytest.mark.parametrize("checkpointing", [False, True])
@pytest.mark.parametrize("name", BLOCKS)
def test_saved_values_of_the_networks(nets: ModuleType, name: str, checkpointing: bool) -> None:
    """What both networks and the loss save until the backward pass begins, to the byte."""
    of = network(BLOCKS[name])
    net, batch = nets.ActorCritic(of, checkpointing), nets.minibatch(of, 16)
    known = [*net.parameters(), *batch.tensors]
    found = nets.saved_storages(lambda: net(batch.observation, batch.hidden), known)
    assert found == 4 * step_memory(of, 16, checkpointing).stored
    found = nets.saved_storages(lambda: nets.loss(net, batch, 16), known)
    assert found == estimate(of, 16, checkpointing=checkpointing).activations


@pytest.mark.parametrize("checkpointing", [False, True])
@pytest.mark.parametrize("samples", SIZES)
@pytest.mark.parametrize("name", BLOCKS)
def test_peak_of_a_window(nets: ModuleType, name: str, samples: int, checkpointing: bool) -> None:
    """The total is within 10% of the peak that torch's MemTracker sees."""
    of = network(BLOCKS[name])
    peak = nets.tracked_peak(of, samples, checkpointing)
    total = estimate(of, samples, checkpointing=checkpointing).total
    assert abs(total / peak - 1) < CLOSE, (total, peak)


@pytest.mark.parametrize("name", BLOCKS)
def test_window_of_one_minibatch(nets: ModuleType, name: str) -> None:
    """Gradients that come as activations go make the total too large, by a quarter at most.

    With as many saved values as parameters the peak is 4 P and the total 5 P.
    """
    of = network(BLOCKS[name])
    peak = nets.tracked_peak(of, 128, checkpointing=False, minibatches=1)
    assert -0.02 < estimate(of, 128).total / peak - 1 < 0.25


@pytest.mark.parametrize("name", BLOCKS)
def test_segments_change_no_gradient(nets: ModuleType, name: str) -> None:
    """Checkpointed networks give the gradients of plain ones with the same weights and dropout."""
    import torch

    of = network(BLOCKS[name])
    gradients = []
    for checkpointing in (False, True):
        torch.manual_seed(1)
        net = nets.ActorCritic(of, checkpointing)
        batch = nets.minibatch(of, 16)
        nets.loss(net, batch, 16).backward()
        gradients.append([p.grad for p in net.parameters()])
    for plain, again in zip(*gradients, strict=True):
        torch.testing.assert_close(plain, again)


def test_parts_by_hand() -> None:
    """One Linear layer for each network, 3 values to 2 logits and a value, 5 samples."""
    of = Architecture((), (Linear(3, 2),), (Linear(3, 1),), observation=3, actions=2)
    parts = estimate(of, 5, rollout=10)
    assert parts == MemoryEstimate(
        parameters=48,  # 3·2 + 2 and 3 + 1 floats
        gradients=48,
        optimizer=112,  # twice the parameters, and four step counters
        rollout=420,  # ten times 3 floats, an action, 5 floats, 2 flags
        batch=180,  # five times 3 floats, an action, 4 floats
        activations=160,  # observations are the minibatch's; the loss saves 2·2 + 4 floats a sample
        recomputed=0,
        temporary=200,  # in the loss 3·2 + 4 floats a sample
    )
    assert parts.total == 1168


def test_rollout_keeps_a_hidden_state_for_each_sequence() -> None:
    """10 samples in sequences of 4 are 3 sequences: 3 states of 2 GRU layers, 128 wide each."""
    of = network({"hidden_size": 128, "sequence_length": 4, "actor": {"gru_layers": 2}})
    without = estimate(of, 8)
    assert without.rollout == 0
    assert estimate(of, 8, rollout=10).rollout == 10 * (66 * 4 + 8 + 22) + 3 * 256 * 4


@pytest.mark.parametrize("checkpointing", [False, True])
@pytest.mark.parametrize("name", BLOCKS)
def test_memory_grows_with_the_minibatch(name: str, checkpointing: bool) -> None:
    """Over sizes in whole sequences no part that depends on the minibatch shrinks."""
    of = network(BLOCKS[name])
    found = over_sizes(of, range(8, 600, 8), checkpointing=checkpointing)
    assert list(found) == list(range(8, 600, 8))
    totals = [parts.total for parts in found.values()]
    assert totals == sorted(totals)
    saved = [parts.activations for parts in found.values()]
    assert saved == sorted(saved)


@pytest.mark.parametrize("block", [BLOCKS["MLP 24 × 128"], {"num_layers": 0}])
def test_deep_networks_gain_by_checkpointing(block: dict[str, Any]) -> None:
    """24 layers save over half of what grows with the minibatch; networks of one layer nothing."""
    of = network(block)
    plain, kept = (estimate(of, 512, checkpointing=flag) for flag in (False, True))
    held = kept.activations + kept.recomputed
    assert held < plain.activations / 2 if block["num_layers"] else held == plain.activations
