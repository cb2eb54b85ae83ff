"""What one layer keeps and needs in training, in float32 values, as torch's autograd does on a CPU.

n are the samples of a minibatch, N its sequences. Every formula is held to torch's own saved tensors
and live storages by `tests/test_memory.py`; `docs/memory.md` derives them.
"""

from __future__ import annotations

from dataclasses import dataclass

from ppodiag.layers import GRU, Attention, Layer, LayerNorm, Linear, Tanh


@dataclass(frozen=True, slots=True)
class LayerMemory:
    """Values that one layer holds.

    Attributes:
        keeps_input: whether its backward pass reads its input (n, inputs).
        keeps_output: whether its backward pass reads its output (n, outputs).
        own: values saved for the backward pass besides these two, parameters and hidden states.
        forward: most values alive in its forward pass besides its input; `own` is among them.
        backward: most values alive in its backward pass besides its input, its output and `own`:
            gradients of the output and of the input, and new ones of the parameters.
    """

    keeps_input: bool
    keeps_output: bool
    own: int
    forward: int
    backward: int


def layer_memory(layer: Layer, samples: int, sequences: int, first: bool = False) -> LayerMemory:
    """What a layer holds for one minibatch.

    Args:
        layer: the spec.
        samples: n, from 1.
        sequences: N, from 1 to n; counts for a GRU.
        first: whether its input is the observations, which need no gradient.
    """
    n, inputs, outputs = samples, samples * layer.inputs, samples * layer.outputs
    weights = sum(layer.tensors)
    gradients = outputs + (0 if first else inputs)
    match layer:
        case Linear():
            return LayerMemory(True, False, 0, outputs, gradients + weights)
        case Tanh():
            return LayerMemory(False, True, 0, outputs, gradients)
        case LayerNorm():  # mean and 1/deviation of each row
            return LayerMemory(True, False, 2 * n, outputs + 2 * n, gradients + weights)
        case GRU():
            return _gru(layer, n, sequences, weights)
        case Attention():
            return _attention(layer, n, weights)


def _gru(layer: GRU, n: int, sequences: int, weights: int) -> LayerMemory:
    """Unfused cells: 3 hidden gates, 3 results of a cell, and all hidden states but the first.

    The backward pass begins with all of that and the gradients inside one step, and ends with those
    of the input and of its three gates. With more than one step the gradient of W_hh is summed up
    over the steps before it is added to that of the earlier minibatches.
    """
    h, inputs = n * layer.outputs, n * layer.inputs
    own = 7 * h - sequences * layer.outputs
    begin = min(3 * h, h + 4 * sequences * layer.outputs)
    if sequences < n:
        weights += 3 * layer.outputs**2
    return LayerMemory(True, False, own, 11 * h, max(begin, 3 * h + inputs + weights - own))


def _attention(layer: Attention, n: int, weights: int) -> LayerMemory:
    """With d = n · tokens · width: t, q, k, v and a (5 d), and what the softmax needs.

    Without dropout the fused kernel keeps one value for each head and token. With dropout there are
    copies of q, k, v and three tables of tokens × tokens for each head (weights, mask, and their
    product); a single head keeps v, and so q and k, where they were.
    """
    d = n * layer.tokens * layer.width
    table = n * layer.heads * layer.tokens**2
    dropped = layer.dropout > 0
    single = layer.heads == 1
    own = 5 * d + n * layer.heads * layer.tokens
    forward = own + 2 * d
    if dropped:
        own = (7 if single else 5) * d + 3 * table
        forward = (9 if single else 11) * d + 3 * table
    backward = max(2 * d + table, 8 * d - own) if dropped else 5 * d
    if layer.layer_norm:
        statistics = 2 * n * layer.tokens
        own, forward = own + d + statistics, forward + statistics
        backward -= d + statistics  # released before the attention's own backward pass
    if layer.rest:  # a copy of the replicas without the global values, and the joined output
        copied = n * layer.tokens * layer.features
        own, forward = own + copied, forward + copied + d + n * layer.rest
    return LayerMemory(not layer.rest, False, own, forward, backward + weights)
