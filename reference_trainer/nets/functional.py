"""The layers of ppodiag's specs as functions, for S independent copies at once.

Rows x are (S, n, inputs), weights (S, outputs, inputs), biases (S, outputs).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ppodiag.layers import Attention

NORM_EPSILON = 1e-5


def linear(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """X Wᵀ + b, (S, n, inputs) to (S, n, outputs)."""
    return affine(x, weight.transpose(1, 2), bias.unsqueeze(1))


def affine(x: Tensor, columns: Tensor, row: Tensor) -> Tensor:
    """`linear` with Wᵀ (S, inputs, outputs) and b (S, 1, outputs): views may be made once for all."""
    return torch.baddbmm(row, x, columns)


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """(x − mean)/√(variance + 1e-5) · w + b over the last axis, (S, n, width) to the same."""
    width = x.shape[-1:]
    if len(weight) == 1:  # torch's own weights: one value less to keep for the backward pass
        return torch.nn.functional.layer_norm(x, width, weight[0], bias[0], NORM_EPSILON)
    normal = torch.nn.functional.layer_norm(x, width, eps=NORM_EPSILON)
    return normal * weight.unsqueeze(1) + bias.unsqueeze(1)


def gru_cell(gates: Tensor, hidden: Tensor, columns: Tensor, row: Tensor) -> Tensor:
    """One step of torch's GRU.

    Args:
        gates: the input's part of the gates, W_ih x + b_ih, (S, n, 3·outputs), in the order r, z, n.
        hidden: (S, n, outputs).
        columns, row: W_hhᵀ and b_hh, (S, outputs, 3·outputs) and (S, 1, 3·outputs).
    """
    width = hidden.shape[-1]
    input_rz, input_n = gates.split((2 * width, width), dim=-1)
    hidden_rz, hidden_n = affine(hidden, columns, row).split((2 * width, width), dim=-1)
    reset, keep = torch.sigmoid(input_rz + hidden_rz).chunk(2, dim=-1)
    new = torch.tanh(torch.addcmul(input_n, reset, hidden_n))
    return torch.lerp(new, hidden, keep)  # (1 − z)·n + z·h


def gru(
    x: Tensor, hidden: Tensor, started: Tensor, weights: tuple[Tensor, Tensor, Tensor, Tensor]
) -> tuple[Tensor, Tensor]:
    """A GRU layer over sequences; the state is 0 where an episode begins, whatever it was.

    Args:
        x: (S, L·k, inputs), row t·k + i being step t of sequence i.
        hidden: at the start of each sequence, (S, k, outputs).
        started: True where a row is the first of its episode, (S, L·k) bool.
        weights: W_ih, W_hh, b_ih, b_hh.

    Returns:
        Outputs (S, L·k, outputs), and the state after the last step, (S, k, outputs).
    """
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    columns, row = weight_hh.transpose(1, 2), bias_hh.unsqueeze(1)
    steps = -1, hidden.shape[1]
    # Unbound, not sliced: the backward pass of a slice fills a tensor as long as the sequence.
    gates = linear(x, weight_ih, bias_ih).unflatten(1, steps).unbind(1)
    begins = started.unsqueeze(-1).unflatten(1, steps).unbind(1)
    outputs = []
    for gate, begin in zip(gates, begins, strict=True):
        hidden = gru_cell(gate, hidden.masked_fill(begin, 0.0), columns, row)
        outputs.append(hidden)
    return outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=1), hidden


def attention(of: Attention, x: Tensor, weights: dict[str, Tensor], training: bool) -> Tensor:
    """Self-attention across replicas, as `ppodiag.layers.Attention` defines it.

    Args:
        of: the layer.
        x: (S, n, inputs).
        weights: by name, as `parameters` lays them out.
        training: whether weights are dropped.
    """
    seeds, n, _ = x.shape
    tokens = x[..., : of.tokens * of.features].reshape(seeds, n * of.tokens, of.features)
    t = linear(tokens, weights["project.weight"], weights["project.bias"])
    split = (seeds, n, of.tokens, 3, of.heads, of.width // of.heads)
    qkv = linear(t, weights["qkv.weight"], weights["qkv.bias"]).view(split)
    q, k, v = qkv.permute(3, 0, 1, 4, 2, 5)
    scores = (q @ k.transpose(-1, -2)) / math.sqrt(of.width // of.heads)
    mixed = scores.softmax(dim=-1)
    if of.dropout:
        mixed = torch.nn.functional.dropout(mixed, of.dropout, training)
    a = (mixed @ v).transpose(2, 3).reshape(seeds, n * of.tokens, of.width)
    y = t + linear(a, weights["out.weight"], weights["out.bias"])
    if of.layer_norm:
        y = layer_norm(y, weights["norm.weight"], weights["norm.bias"])
    y = y.reshape(seeds, n, of.tokens * of.width)
    return torch.cat((y, x[..., of.tokens * of.features :]), dim=-1) if of.rest else y
