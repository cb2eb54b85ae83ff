"""Actor and critic of S independent copies."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from ppodiag.architecture import Architecture
from ppodiag.layers import GRU, Attention, Layer, LayerNorm, Layers, Linear, Tanh, segments
from reference_trainer.nets.dense import DenseNet
from reference_trainer.nets.functional import attention, gru, layer_norm, linear
from reference_trainer.nets.parameters import Parameters
from reference_trainer.nets.tanh import tanh
from reference_trainer.spaces import Actions


class Chain:
    """Some layers one after the other.

    Attributes:
        name: what the names of its parameters begin with.
        hidden_size: values of the recurrent state of one sequence, all GRU layers together.
        dense: the layers without autograd's bookkeeping, where there are none but Linear with a tanh
            between each two; else None.
    """

    def __init__(self, name: str, layers: Layers, parameters: Parameters) -> None:
        self.name = name
        self.layers = [
            (layer, _weights(f"{name}.{index}.", parameters)) for index, layer in enumerate(layers)
        ]
        self.hidden_size = sum(layer.outputs for layer in layers if isinstance(layer, GRU))
        self.parts = _parts(layers)
        self.dense = _dense(self.layers)

    def run(
        self,
        x: Tensor,
        hidden: Tensor | None = None,
        started: Tensor | None = None,
        training: bool = False,
        part: range | None = None,
    ) -> tuple[Tensor, list[Tensor]]:
        """The output of the layers (of a part of them), and the states of their GRU layers.

        Args:
            x: (S, n, inputs).
            hidden: states at the start of each sequence, (S, k, H) of these layers.
            started: as for `functional.gru`.
            training: whether dropout acts.
            part: which layers; None: all.
        """
        states, first = [], 0
        for index in part if part is not None else range(len(self.layers)):
            layer, weights = self.layers[index]
            if isinstance(layer, GRU):
                if hidden is None or started is None:
                    raise ValueError("a GRU needs its state")
                own = hidden[..., first : first + layer.outputs]
                first += layer.outputs
                x, state = gru(x, own, started, _gru_weights(weights))
                states.append(state)
            else:
                x = _plain(layer, x, weights, training)
        return x, states

    def plainly(self, x: Tensor) -> Tensor:
        """The output without gradient, of layers without a state."""
        return self.run(x)[0] if self.dense is None else self.dense.output(x)

    def recomputed(
        self, x: Tensor, hidden: Tensor | None, started: Tensor | None, preserve_rng: bool
    ) -> Tensor:
        """The output; activations within a segment are computed again in the backward pass."""
        first = 0
        for part in self.parts:
            width = sum(
                layer.outputs for layer, _ in (self.layers[i] for i in part)
                if isinstance(layer, GRU)
            )  # fmt: skip
            own = None if hidden is None else hidden[..., first : first + width]
            first += width
            x = checkpoint(
                self._segment, x, own, started, part,
                use_reentrant=False, preserve_rng_state=preserve_rng,
            )  # fmt: skip
        return x

    def _segment(
        self, x: Tensor, hidden: Tensor | None, started: Tensor | None, part: range
    ) -> Tensor:
        return self.run(x, hidden, started, True, part)[0]


def _dense(layers: list[tuple[Layer, dict[str, Tensor]]]) -> DenseNet | None:
    kinds = [type(layer) for layer, _ in layers]
    if kinds[0::2] != [Linear] * len(kinds[0::2]) or kinds[1::2] != [Tanh] * len(kinds[1::2]):
        return None
    if len(kinds) % 2 == 0:
        return None
    return DenseNet([(weights["weight"], weights["bias"]) for _, weights in layers[0::2]])


def _weights(prefix: str, parameters: Parameters) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in parameters.tensors.items()
        if name.startswith(prefix)
    }


def _gru_weights(weights: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return weights["weight_ih"], weights["weight_hh"], weights["bias_ih"], weights["bias_hh"]


def _plain(layer: Layer, x: Tensor, weights: dict[str, Tensor], training: bool) -> Tensor:
    match layer:
        case Linear():
            return linear(x, weights["weight"], weights["bias"])
        case Tanh():
            return tanh(x)
        case LayerNorm():
            return layer_norm(x, weights["weight"], weights["bias"])
        case Attention():
            return attention(layer, x, weights, training)
        case GRU():
            raise ValueError("a GRU is no plain layer")


def _parts(layers: Layers) -> list[range]:
    """The segments that checkpointing recomputes, as ranges of layers."""
    found, first = [], 0
    for part in segments(layers):
        found.append(range(first, first + len(part)))
        first += len(part)
    return found


class ActorCritic:
    """The policy's and the value's network, with a trunk that both share or without.

    Attributes:
        hidden_size: H, values of the recurrent state of one environment; 0: no GRU layers. In the
            order trunk, actor, critic.
        checkpointing: whether activations are recomputed in the backward pass.
        preserve_rng: whether recomputed dropout drops the same values.
    """

    def __init__(
        self,
        architecture: Architecture,
        actions: Actions,
        parameters: Parameters,
        checkpointing: bool = False,
        preserve_rng: bool = True,
    ) -> None:
        self.architecture, self.actions, self.parameters = architecture, actions, parameters
        self.checkpointing, self.preserve_rng = checkpointing, preserve_rng
        self.trunk = Chain("trunk", architecture.trunk, parameters)
        self.actor = Chain("actor", architecture.actor, parameters)
        self.critic = Chain("critic", architecture.critic, parameters)
        self._chains = (self.trunk, self.actor, self.critic)
        self._widths = [chain.hidden_size for chain in self._chains]
        self.hidden_size = sum(self._widths)

    def initial_hidden(self, seeds: int, envs: int) -> Tensor:
        """The recurrent state before the first step: zeros, (S, N, H)."""
        return self.parameters.flat.new_zeros(seeds, envs, self.hidden_size)

    @torch.no_grad()
    def policy(self, x: Tensor) -> Tensor:
        """Outputs of the policy, (S, n, A); for networks without GRU layers."""
        if self.trunk.layers:
            x = self.trunk.run(x)[0]
        return self.actor.plainly(x)

    @torch.no_grad()
    def value(self, x: Tensor) -> Tensor:
        """V, (S, n); for networks without GRU layers."""
        if self.trunk.layers:
            x = self.trunk.run(x)[0]
        return self.critic.plainly(x).squeeze(-1)

    @torch.no_grad()
    def step(self, x: Tensor, hidden: Tensor, started: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Outputs (S, N, A), V (S, N) and the next state (S, N, H) of one step.

        Args:
            x: (S, N, D).
            hidden: the state before it, (S, N, H).
            started: True where an observation is the first of its episode, (S, N).
        """
        of_trunk, of_actor, of_critic = self._split(hidden)
        shared, states = self.trunk.run(x, of_trunk, started)
        outputs, more = self.actor.run(shared, of_actor, started)
        values, last = self.critic.run(shared, of_critic, started)
        states = [*states, *more, *last]
        following = torch.cat(states, dim=-1) if states else hidden
        return outputs, values.squeeze(-1), following

    def evaluate(
        self, x: Tensor, hidden: Tensor | None = None, started: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Outputs (S, n, A) and V (S, n), with gradient.

        Args:
            x: (S, n, D); with GRU layers row t·k + i is step t of sequence i.
            hidden: state at the start of each sequence, (S, k, H).
            started: True where a row is the first of its episode, (S, n).
        """
        parts = self._split(hidden)
        shared = self._through(self.trunk, x, parts[0], started)
        outputs = self._through(self.actor, shared, parts[1], started)
        values = self._through(self.critic, shared, parts[2], started)
        return outputs, values.squeeze(-1)

    def _through(
        self, chain: Chain, x: Tensor, hidden: Tensor | None, started: Tensor | None
    ) -> Tensor:
        if self.checkpointing and chain.layers:
            return chain.recomputed(x, hidden, started, self.preserve_rng)
        return chain.run(x, hidden, started, training=True)[0]

    def _split(self, hidden: Tensor | None) -> tuple[Tensor | None, ...]:
        if hidden is None:
            return (None,) * len(self._widths)
        return tuple(torch.split(hidden, self._widths, dim=-1))
