"""Actor and critic of S independent copies."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from ppodiag.architecture import Architecture
from ppodiag.layers import GRU, Layers, segments
from reference_trainer.nets.acting import GRUStep, acting
from reference_trainer.nets.functional import gru, plain
from reference_trainer.nets.parameters import Parameters
from reference_trainer.spaces import Actions


class Chain:
    """Some layers one after the other.

    Attributes:
        name: what the names of its parameters begin with.
        layers: each with its weights by name; leaves of autograd.
        widths: values of the recurrent state of one sequence, of each GRU layer.
        hidden_size: of all of them together.
        parts: the segments that checkpointing recomputes, as ranges of layers.
    """

    def __init__(self, name: str, layers: Layers, parameters: Parameters) -> None:
        self.name = name
        self.layers = [
            (layer, _weights(f"{name}.{index}.", parameters)) for index, layer in enumerate(layers)
        ]
        self.widths = [layer.outputs for layer in layers if isinstance(layer, GRU)]
        self.hidden_size = sum(self.widths)
        self.parts = _parts(layers)
        self._acting = [acting(layer, weights) for layer, weights in self.layers]

    def act(self, x: Tensor) -> Tensor:
        """The output (S, n, outputs) of (S, n, inputs), without gradient.

        Raises:
            ValueError: there is a GRU layer, which needs `step`.
        """
        for layer in self._acting:
            if isinstance(layer, GRUStep):
                raise ValueError("a GRU needs its state")
            x = layer(x)
        return x

    def step(self, x: Tensor, hidden: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The output (S, n, outputs) of one step and the next states, without gradient.

        Args:
            x: (S, n, inputs).
            hidden: states before it, (S, n, H) of these layers, 0 where an episode begins.
        """
        before, after = iter(hidden.split(self.widths, dim=-1)), []
        for layer in self._acting:
            if isinstance(layer, GRUStep):
                x = layer(x, next(before))
                after.append(x)
            else:
                x = layer(x)
        return x, after

    def run(
        self,
        x: Tensor,
        hidden: Tensor | None = None,
        started: Tensor | None = None,
        part: range | None = None,
    ) -> Tensor:
        """The output of the layers, or of a part of them, with gradient; dropout acts.

        Args:
            x: (S, n, inputs).
            hidden: states at the start of each sequence, (S, k, H) of these layers.
            started: as for `functional.gru`.
            part: which layers; None: all.
        """
        first = 0
        for index in part if part is not None else range(len(self.layers)):
            layer, weights = self.layers[index]
            if isinstance(layer, GRU):
                if hidden is None or started is None:
                    raise ValueError("a GRU needs its state")
                own = hidden[..., first : first + layer.outputs]
                first += layer.outputs
                x, _ = gru(x, own, started, _gru_weights(weights))
            else:
                x = plain(layer, x, weights, training=True)
        return x

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
                self.run, x, own, started, part,
                use_reentrant=False, preserve_rng_state=preserve_rng,
            )  # fmt: skip
        return x


def _weights(prefix: str, parameters: Parameters) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in parameters.tensors.items()
        if name.startswith(prefix)
    }


def _gru_weights(weights: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return weights["weight_ih"], weights["weight_hh"], weights["bias_ih"], weights["bias_hh"]


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

    def policy(self, x: Tensor) -> Tensor:
        """Outputs of the policy, (S, n, A), without gradient; for networks without GRU layers."""
        return self.actor.act(self.trunk.act(x))

    def value(self, x: Tensor) -> Tensor:
        """V, (S, n), without gradient; for networks without GRU layers."""
        return self.critic.act(self.trunk.act(x)).squeeze(-1)

    def step(self, x: Tensor, hidden: Tensor, started: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Outputs (S, N, A), V (S, N) and the next state (S, N, H) of one step, without gradient.

        Args:
            x: (S, N, D).
            hidden: the state before it, (S, N, H); taken as 0 where an episode begins.
            started: True where an observation is the first of its episode, (S, N).
        """
        hidden = hidden.masked_fill(started.unsqueeze(-1), 0.0)
        of_trunk, of_actor, of_critic = hidden.split(self._widths, dim=-1)
        shared, states = self.trunk.step(x, of_trunk)
        outputs, more = self.actor.step(shared, of_actor)
        values, last = self.critic.step(shared, of_critic)
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
        return chain.run(x, hidden, started)

    def _split(self, hidden: Tensor | None) -> tuple[Tensor | None, ...]:
        if hidden is None:
            return (None,) * len(self._widths)
        return tuple(torch.split(hidden, self._widths, dim=-1))
