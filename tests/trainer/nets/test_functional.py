"""The layers as functions of stacked weights, held to torch's own and to gradcheck."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from ppodiag.layers import Attention
from reference_trainer.nets.functional import attention, gru, layer_norm, linear

F64 = torch.float64
SEEDS, STEPS, SEQUENCES, INPUTS, WIDTH = 2, 5, 3, 4, 6


def drawn(*shape: int, seed: int = 0) -> Tensor:
    """Normal numbers."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


def gru_weights(seeds: int = SEEDS) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """W_ih, W_hh, b_ih, b_hh of some seeds."""
    gates = 3 * WIDTH
    return (
        drawn(seeds, gates, INPUTS, seed=1),
        drawn(seeds, gates, WIDTH, seed=2),
        drawn(seeds, gates, seed=3),
        drawn(seeds, gates, seed=4),
    )


def never(rows: int = STEPS * SEQUENCES) -> Tensor:
    """No row is the first of an episode."""
    return torch.zeros(SEEDS, rows, dtype=torch.bool)


def test_a_gru_is_torchs() -> None:
    """Outputs, last state and all gradients equal torch.nn.GRU's, seed by seed, to 1e-12."""
    weights = [w.requires_grad_() for w in gru_weights()]
    x = drawn(SEEDS, STEPS * SEQUENCES, INPUTS).requires_grad_()
    hidden = drawn(SEEDS, SEQUENCES, WIDTH, seed=5).requires_grad_()
    outputs, last = gru(x, hidden, never(), tuple(weights))
    (outputs.square().sum() + last.sum()).backward()
    for seed in range(SEEDS):
        module = nn.GRU(INPUTS, WIDTH).to(F64)
        with torch.no_grad():
            for theirs, ours in zip(module.parameters(), weights, strict=True):
                theirs.copy_(ours[seed])
        own_x = x[seed].detach().view(STEPS, SEQUENCES, INPUTS).requires_grad_()
        own_hidden = hidden[seed : seed + 1].detach().requires_grad_()
        theirs, their_last = module(own_x, own_hidden)
        (theirs.square().sum() + their_last.sum()).backward()
        pairs = [
            (outputs[seed], theirs.flatten(0, 1)),
            (last[seed], their_last[0]),
            (x.grad[seed], own_x.grad.flatten(0, 1)),
            (hidden.grad[seed], own_hidden.grad[0]),
            *((w.grad[seed], p.grad) for w, p in zip(weights, module.parameters(), strict=True)),
        ]
        for ours, wanted in pairs:
            torch.testing.assert_close(ours, wanted, rtol=1e-12, atol=1e-12)


def test_no_gradient_goes_back_over_the_beginning_of_an_episode() -> None:
    """A sequence that begins an episode at step 2 leaves nothing to the steps and state before it."""
    x = drawn(SEEDS, STEPS * SEQUENCES, INPUTS).requires_grad_()
    hidden = drawn(SEEDS, SEQUENCES, WIDTH, seed=5).requires_grad_()
    started = never()
    started[:, 2 * SEQUENCES + 1] = True
    outputs, _ = gru(x, hidden, started, gru_weights())
    after = outputs.view(SEEDS, STEPS, SEQUENCES, WIDTH)[:, 2:]
    after[:, :, 1].square().sum().backward()
    steps = x.grad.view(SEEDS, STEPS, SEQUENCES, INPUTS)
    assert not hidden.grad.any()
    assert not steps[:, :2].any()
    assert steps[:, 2:, 1].all()


def test_a_state_that_is_not_finite_ends_with_its_episode() -> None:
    """NaN and infinity in a state reach neither outputs nor gradients of the episode after it."""
    weights = [w.requires_grad_() for w in gru_weights()]
    hidden = drawn(SEEDS, SEQUENCES, WIDTH, seed=5)
    hidden[0, 1], hidden[1, 2] = float("nan"), float("inf")
    hidden.requires_grad_()
    started = never(SEQUENCES)
    started[0, 1] = started[1, 2] = True
    outputs, last = gru(drawn(SEEDS, SEQUENCES, INPUTS), hidden, started, tuple(weights))
    outputs.square().sum().backward()
    for found in (outputs, last, hidden.grad, *(w.grad for w in weights)):
        assert found.isfinite().all()


def test_the_gradient_of_a_gru_is_its_slope() -> None:
    """By finite differences in double precision, with an episode that begins within a sequence."""
    started = never()
    started[0, SEQUENCES + 1] = started[1, 3 * SEQUENCES] = True
    inputs = [
        drawn(SEEDS, STEPS * SEQUENCES, INPUTS),
        drawn(SEEDS, SEQUENCES, WIDTH, seed=5),
        *gru_weights(),
    ]

    def function(x: Tensor, hidden: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor]:
        return gru(x, hidden, started, weights)

    assert torch.autograd.gradcheck(function, [x.requires_grad_() for x in inputs])


@pytest.mark.parametrize("seeds", [1, 2])
def test_the_gradients_of_linear_and_layer_norm_are_their_slopes(seeds: int) -> None:
    """By finite differences; a LayerNorm of one seed takes another way than one of several."""
    x = drawn(seeds, 3, INPUTS).requires_grad_()
    weight = drawn(seeds, WIDTH, INPUTS, seed=1).requires_grad_()
    bias = drawn(seeds, WIDTH, seed=2).requires_grad_()
    assert torch.autograd.gradcheck(linear, (x, weight, bias))
    scale = drawn(seeds, INPUTS, seed=3).requires_grad_()
    shift = drawn(seeds, INPUTS, seed=4).requires_grad_()
    assert torch.autograd.gradcheck(layer_norm, (x, scale, shift))


def attention_weights(of: Attention) -> dict[str, Tensor]:
    """Weights of two seeds by name."""
    d = of.width
    shapes = {
        "project.weight": (d, of.features), "project.bias": (d,), "qkv.weight": (3 * d, d),
        "qkv.bias": (3 * d,), "out.weight": (d, d), "out.bias": (d,),
        "norm.weight": (d,), "norm.bias": (d,),
    }  # fmt: skip
    return {
        name: drawn(SEEDS, *shape, seed=seed).requires_grad_()
        for seed, (name, shape) in enumerate(shapes.items())
    }


def test_the_gradient_of_attention_is_its_slope() -> None:
    """By finite differences: two heads, three replicas, LayerNorm, and two global values."""
    of = Attention(tokens=3, features=2, rest=2, width=4, heads=2, layer_norm=True)
    weights = attention_weights(of)

    def function(x: Tensor, *values: Tensor) -> Tensor:
        return attention(of, x, dict(zip(weights, values, strict=True)), training=True)

    x = drawn(SEEDS, 2, of.inputs, seed=9).requires_grad_()
    assert torch.autograd.gradcheck(function, (x, *weights.values()))


def test_dropout_acts_in_training_alone_and_keeps_the_mean() -> None:
    """Of 4,000 draws the mean lies within 5 standard errors of the output without dropout."""
    of = Attention(tokens=3, features=2, rest=0, width=4, heads=2, dropout=0.3)
    weights = {name: values.detach() for name, values in attention_weights(of).items()}
    one = drawn(SEEDS, 1, of.inputs, seed=9)
    still = attention(of, one, weights, training=False)
    assert torch.equal(still, attention(of, one, weights, training=False))
    with torch.random.fork_rng():
        torch.manual_seed(3)
        many = attention(of, one.expand(-1, 4000, -1).contiguous(), weights, training=True)
    error = many.std(dim=1, keepdim=True) / 4000**0.5
    assert (error > 0).all()
    assert ((many.mean(dim=1, keepdim=True) - still).abs() < 5 * error).all()
