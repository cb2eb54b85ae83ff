"""Memory of PPO's training step, estimated from the layers: parts in bytes, float32.

`docs/memory.md` derives the parts, says what is left out, and how all was held to torch.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from ppodiag.architecture import Architecture, architecture_of
from ppodiag.plan import rollout_samples
from ppodiag.step_memory import step_memory

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ppodiag.config import PPOConfig

FLOAT, ACTION, FLAG = 4, 8, 1
"""Bytes of a float32, of an int64 action, of a bool."""

BATCH_FLOATS = 4
"""Floats of a sample besides the observation: old log-probability, advantage, value, target."""

ROLLOUT_FLOATS, ROLLOUT_FLAGS = 5, 2
"""Log-probability, value, reward, advantage, target; terminated and truncated."""


@dataclass(frozen=True, slots=True)
class MemoryEstimate:
    """Bytes at the peak of a training step, the second or a later minibatch of a window.

    Attributes:
        parameters: all weights.
        gradients: as many; they are held between the minibatches of a window.
        optimizer: Adam's two moments, and a step counter for each tensor.
        rollout: the stored rollout, 0 where none was given.
        batch: the minibatch gathered from it.
        activations: saved for the backward pass when it begins; with checkpointing the inputs of
            the segments, and what the loss saves.
        recomputed: with checkpointing the saved activations of the largest segment, else 0.
        temporary: what is alive beyond that at the worst moment of forward pass, backward pass and
            optimizer step.
    """

    parameters: int
    gradients: int
    optimizer: int
    rollout: int
    batch: int
    activations: int
    recomputed: int
    temporary: int

    @property
    def total(self) -> int:
        """The sum of the parts."""
        return sum(getattr(self, part.name) for part in fields(self))


def estimate(
    network: Architecture, samples: int, *, checkpointing: bool = False, rollout: int = 0
) -> MemoryEstimate:
    """The memory of training on minibatches of a size.

    Args:
        network: actor and critic.
        samples: n, samples in a minibatch, from 1.
        checkpointing: whether each segment's activations are computed anew for its backward pass.
        rollout: samples in the stored rollout; 0 leaves it out.
    """
    step = step_memory(network, samples, checkpointing)
    tensors = [size for layer in network.layers for size in layer.tensors]
    adam = 2 * max(tensors)  # the root and the quotient of the largest tensor
    held = step.stored + step.recomputed + step.loss
    weights = FLOAT * network.parameters
    state = FLOAT * network.hidden_state
    row = FLOAT * network.observation + ACTION
    length = network.sequence_length
    return MemoryEstimate(
        parameters=weights,
        gradients=weights,
        optimizer=2 * weights + FLOAT * len(tensors),
        rollout=rollout * (row + FLOAT * ROLLOUT_FLOATS + FLAG * ROLLOUT_FLAGS)
        + -(-rollout // length) * state,
        batch=samples * (row + FLOAT * BATCH_FLOATS) + -(-samples // length) * state,
        activations=FLOAT * (step.stored + step.loss),
        recomputed=FLOAT * step.recomputed,
        temporary=FLOAT * max(0, max(step.peak, adam) - held),
    )


def estimate_for(
    config: PPOConfig, samples: int, *, checkpointing: bool | None = None
) -> MemoryEstimate | None:
    """The estimate of a configuration at a minibatch size, its rollout included.

    Args:
        config: the configuration.
        samples: n, from 1.
        checkpointing: None: as the configuration says.

    Returns:
        None where `architecture_of` knows no network.

    Raises:
        Unavailable: a key that counts is invalid or was lost.
    """
    network = architecture_of(config)
    if network is None:
        return None
    chosen = config.checkpointing if checkpointing is None else checkpointing
    return estimate(network, samples, checkpointing=chosen, rollout=rollout_samples(config))


def over_sizes(
    network: Architecture, sizes: Iterable[int], *, checkpointing: bool = False, rollout: int = 0
) -> dict[int, MemoryEstimate]:
    """Minibatch size to estimate, in the order of the sizes; arguments as for `estimate`."""
    return {
        size: estimate(network, size, checkpointing=checkpointing, rollout=rollout)
        for size in sizes
    }
