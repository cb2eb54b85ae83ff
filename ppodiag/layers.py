"""The layers that a policy network is made of, as plain data: widths and parameters.

A spec says what a layer computes, precisely enough to build it; `docs/memory.md` has the whole
network. Rows are the n samples of a minibatch. With a GRU they are ordered by time: row t·N + s is
step t of sequence s, of N sequences with L steps each.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Linear:
    """x Wᵀ + b: (n, inputs) to (n, outputs)."""

    inputs: int
    outputs: int

    @property
    def tensors(self) -> tuple[int, ...]:
        """Values in each parameter tensor: W (outputs, inputs), b (outputs)."""
        return self.inputs * self.outputs, self.outputs


@dataclass(frozen=True, slots=True)
class Tanh:
    """tanh(x), value by value: (n, inputs) to the same."""

    inputs: int

    @property
    def outputs(self) -> int:
        """As many as `inputs`."""
        return self.inputs

    @property
    def tensors(self) -> tuple[int, ...]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True)
class LayerNorm:
    """(x − mean) / √(variance + 1e-5) · w + b over the values of a row: (n, inputs) to the same."""

    inputs: int

    @property
    def outputs(self) -> int:
        """As many as `inputs`."""
        return self.inputs

    @property
    def tensors(self) -> tuple[int, ...]:
        """Values in each parameter tensor: w (inputs), b (inputs)."""
        return self.inputs, self.inputs


@dataclass(frozen=True, slots=True)
class GRU:
    """One GRU layer as torch's: (n, inputs), viewed as (L, N, inputs), to (n, outputs).

    Each sequence starts from a stored hidden state, (1, N, outputs).
    """

    inputs: int
    outputs: int

    @property
    def tensors(self) -> tuple[int, ...]:
        """Values in each parameter tensor: W_ih, W_hh, b_ih, b_hh, three gates each."""
        gates = 3 * self.outputs
        return gates * self.inputs, gates * self.outputs, gates, gates


@dataclass(frozen=True, slots=True)
class Attention:
    """Self-attention across replicas: (n, inputs) to (n, tokens · width + rest).

    The first tokens · features values of a row are `tokens` replicas of `features` values each;
    the `rest` are global. With x the replicas, (n, tokens, features):

        t = Linear(features, width)(x);   q, k, v = thirds of Linear(width, 3 · width)(t)
        a = softmax(q kᵀ / √(width / heads)) v,   head by head, the weights dropped with `dropout`
        y = t + Linear(width, width)(a);   y = LayerNorm(width)(y) where `layer_norm`

    The output is y, (n, tokens, width), flattened, and behind it the global values.
    """

    tokens: int
    features: int
    rest: int
    width: int
    heads: int
    dropout: float = 0.0
    layer_norm: bool = False

    @property
    def inputs(self) -> int:
        """All values of a row: tokens · features + rest."""
        return self.tokens * self.features + self.rest

    @property
    def outputs(self) -> int:
        """All values of a row: tokens · width + rest."""
        return self.tokens * self.width + self.rest

    @property
    def tensors(self) -> tuple[int, ...]:
        """Values in each parameter tensor, in the order of the formulas above."""
        d = self.width
        norm = (d, d) if self.layer_norm else ()
        return self.features * d, d, 3 * d * d, 3 * d, d * d, d, *norm


Layer = Linear | Tanh | LayerNorm | GRU | Attention
Layers = tuple[Layer, ...]


def parameters(layers: Layers) -> int:
    """Trainable values in some layers."""
    return sum(sum(layer.tensors) for layer in layers)


def segments(layers: Layers) -> tuple[Layers, ...]:
    """The contiguous parts that checkpointing recomputes one at a time.

    A block is a Linear, GRU or Attention layer with the Tanh and LayerNorm that follow it. A network
    of b blocks has k segments, the whole number nearest to √b; their blocks differ by at most one,
    the longer segments first. No layers, no segments.
    """
    starts = [i for i, x in enumerate(layers) if i == 0 or not isinstance(x, Tanh | LayerNorm)]
    number = nearest_root(len(starts))
    if not number:
        return ()
    size, longer = divmod(len(starts), number)
    first = [i * size + min(i, longer) for i in range(number)]
    ends = [*first[1:], len(starts)]
    starts.append(len(layers))
    return tuple(layers[starts[a] : starts[b]] for a, b in zip(first, ends, strict=True))


def nearest_root(number: int) -> int:
    """The whole number nearest to √number, for a number from 0."""
    root = 0
    while (root + 1) * root < number:  # (root + 1/2)² = root² + root + 1/4
        root += 1
    return root
