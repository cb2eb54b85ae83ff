"""The two ways to a hyperbolic tangent."""

from __future__ import annotations

import pytest
import torch

from reference_trainer.nets import tanh

WIDE = torch.linspace(-30, 30, 6001, dtype=torch.float64)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_logistic_function_stands_in(dtype: torch.dtype) -> None:
    """2·σ(2x) − 1 is tanh to two units in the last place of 1, from −30 to 30, and at the ends."""
    x = WIDE.to(dtype)
    miss = tanh.of_half_(2 * x).double() - torch.tanh(x.double())
    assert float(miss.abs().max()) <= 2 * torch.finfo(dtype).eps
    ends = torch.tensor([-1e30, 1e30, float("inf"), float("nan")], dtype=dtype)
    found = tanh.of_half_(ends)
    assert found[:3].tolist() == [-1.0, 1.0, 1.0]
    assert found[3].isnan()


@pytest.mark.parametrize("quick", [True, False])
def test_both_ways_have_the_gradient_of_tanh(quick: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """By finite differences in double precision, and beside torch's."""
    monkeypatch.setattr(tanh, "quick_here", lambda: quick)
    x = torch.linspace(-3, 3, 41, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(tanh.tanh, (x,))
    (found,) = torch.autograd.grad(tanh.tanh(x).sum(), x)
    torch.testing.assert_close(found, 1 - torch.tanh(x.detach()).square(), rtol=0, atol=1e-15)


def test_the_gradient_and_the_value_are_those_of_the_pass_without_autograd(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To the last bit, so that the policy that learns is the one that acted."""
    monkeypatch.setattr(tanh, "quick_here", lambda: False)
    x = WIDE.float()
    assert torch.equal(tanh.tanh(x), tanh.of_half_(2 * x))


def test_half_precision_takes_torchs_own() -> None:
    """Under autocast the rounding of 2·σ(2x) − 1 would be that of bfloat16 at 1."""
    x = torch.linspace(-1, 1, 101).bfloat16()
    assert torch.equal(tanh.tanh(x), torch.tanh(x))
