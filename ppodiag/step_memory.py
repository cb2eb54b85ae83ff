"""Forward and backward pass of one minibatch, walked layer by layer: the most values alive at once.

Counts are float32 values. Parameters, gradients of earlier minibatches and the minibatch itself are
not among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from ppodiag.layer_memory import LayerMemory, layer_memory
from ppodiag.layers import Layers, segments

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from ppodiag.architecture import Architecture


@dataclass(frozen=True, slots=True)
class StepMemory:
    """Values alive in one forward and backward pass.

    Attributes:
        stored: saved when the backward pass begins; with checkpointing the segments' inputs.
        recomputed: with checkpointing those saved by the largest segment, its input apart; else 0.
        loss: those that the loss saves.
        peak: the most alive at once, all of these included.
    """

    stored: int
    recomputed: int
    loss: int
    peak: int


@dataclass(frozen=True, slots=True)
class _Part:
    """Layers that are held or recomputed together: a whole network, or one segment of it.

    Attributes:
        layers: their specs, one at least.
        costs: what each of them holds.
        samples: n.
        entry: values stored for the part's input; 0 where these are the observations, or counted
            already.
        waiting: values of a gradient that waits elsewhere while this part's backward pass runs.
    """

    layers: Layers
    costs: tuple[LayerMemory, ...]
    samples: int
    entry: int
    waiting: int

    def output(self, number: int) -> int:
        """Values in the output of a layer."""
        return self.samples * self.layers[number].outputs

    def read_again(self, number: int) -> bool:
        """Whether the backward pass reads the output of a layer."""
        after = self.costs[number + 1 : number + 2]
        return self.costs[number].keeps_output or any(cost.keeps_input for cost in after)

    @property
    def saved_before(self) -> tuple[int, ...]:
        """Values saved by the layers before each, and at the end by all; the part's input apart."""
        saved = (
            cost.own + self.read_again(i) * self.output(i) for i, cost in enumerate(self.costs)
        )
        return tuple(accumulate(saved, initial=0))

    @property
    def saved(self) -> int:
        """Values saved by all layers; the part's input is not among them."""
        return self.saved_before[-1]

    def forward(self, saving: bool) -> int:
        """The most values alive in the forward pass, beyond the part's input."""
        peak = 0
        for number, (cost, before) in enumerate(zip(self.costs, self.saved_before, strict=False)):
            held = before if saving else 0
            if number and not (saving and self.read_again(number - 1)):
                held += self.output(number - 1)
            peak = max(peak, held + cost.forward)
        return peak

    def backward(self) -> int:
        """The most values alive in the backward pass, saved ones included, beyond the input."""
        return self.waiting + max(
            before + cost.own + cost.keeps_output * self.output(number) + cost.backward
            for number, (cost, before) in enumerate(
                zip(self.costs, self.saved_before, strict=False)
            )
        )


def step_memory(network: Architecture, samples: int, checkpointing: bool) -> StepMemory:
    """What one minibatch needs.

    The networks run in the order trunk, actor, critic, and backwards in the opposite one. Segments
    are recomputed one at a time, whole, when the backward pass comes to them.

    Args:
        network: actor and critic.
        samples: n, from 1.
        checkpointing: whether segments are recomputed.
    """
    parts = _parts(network, samples, checkpointing)
    loss, in_loss = _loss(network.actions, samples)
    live = peak = recomputed = 0
    for part in parts:
        live += part.entry
        peak = max(peak, live + part.forward(saving=not checkpointing))
        live += 0 if checkpointing else part.saved
    stored = live
    peak = max(peak, live + loss + in_loss)
    for part in reversed(parts):
        if checkpointing:
            recomputed = max(recomputed, part.saved)
            gradient = part.waiting + part.output(len(part.layers) - 1)
            peak = max(peak, live + gradient + part.forward(saving=True))
        else:
            live -= part.saved
        peak = max(peak, live + part.backward())
        live -= part.entry
    return StepMemory(stored, recomputed, loss, peak)


def _parts(network: Architecture, samples: int, checkpointing: bool) -> list[_Part]:
    """The parts in the order of the forward pass."""
    sequences = -(-samples // network.sequence_length)
    parts: list[_Part] = []
    for name, layers in (
        ("trunk", network.trunk), ("actor", network.actor), ("critic", network.critic),
    ):  # fmt: skip
        branch = bool(network.trunk) and name != "trunk"
        pieces = segments(layers) if checkpointing else (layers,) if layers else ()
        for number, piece in enumerate(pieces):
            observed = number == 0 and not branch
            counted = observed or (number == 0 and name == "critic")
            if branch and number == 0 and not checkpointing:
                counted = counted or parts[-1].costs[-1].keeps_output
            parts.append(
                _Part(
                    piece,
                    tuple(
                        layer_memory(layer, samples, sequences, first=observed and i == 0)
                        for i, layer in enumerate(piece)
                    ),
                    samples,
                    entry=0 if counted else samples * piece[0].inputs,
                    waiting=samples * layers[0].inputs if branch and name == "actor" else 0,
                )
            )
    return parts


def _loss(actions: int, samples: int) -> tuple[int, int]:
    """Values that the clipped loss saves, and those alive beside them at its worst moment.

    Saved: log-probabilities and probabilities, (n, actions) each; the ratio, its product with the
    advantage, that of the clipped ratio, and the value's error, (n) each. Beside: logits and values,
    and gradients of the log-probabilities.
    """
    return samples * (2 * actions + 4), samples * (3 * actions + 4)
