"""The adaptive batch-size law: the only place with its formulas.

The state is a pair: b, the size as the law keeps it, and ref, the reference that a gradient norm is
compared with. Both are floats, or float arrays with one entry a seed; scalars and arrays give the
same bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ppodiag.plan import rollout_samples

if TYPE_CHECKING:
    from ppodiag.config import PPOConfig
    from ppodiag.profile import Profile

KEPT, ADDED = 0.9, 0.1
"""Shares of the old reference and of the new norm in the moving reference."""


@dataclass(frozen=True, slots=True)
class BatchLaw:
    """The law with every convention resolved.

    Attributes:
        initial: b of the first update, in samples: `minibatch_size` between the bounds.
        low, high: the bounds of b, in samples.
        rate: largest relative change of b in one update, between 0 and 1.
        samples: R; no minibatch is larger.
        reference: the fixed reference; None: the moving one, an average of the norms.
        integer: True: b is rounded after each update; False: it keeps its fraction.
        accumulation: a, minibatches in a window.
    """

    initial: float
    low: int
    high: int
    rate: float
    samples: int
    reference: float | None
    integer: bool
    accumulation: int = 1

    @property
    def ends(self) -> tuple[int, int]:
        """The smallest and the largest minibatch size B that the bounds allow, in samples."""
        return min(self.low, self.samples), min(self.high, self.samples)


def batch_law(config: PPOConfig, profile: Profile) -> BatchLaw:
    """The law of a configuration with `adaptive_batch_size` enabled.

    Raises:
        Unavailable: a key that it needs is absent or invalid; with the fixed reference that is
            `max_grad_norm` too.
    """
    reference = None
    if profile.batch_reference == "max_grad_norm":
        reference = config.max_grad_norm
        if reference is None:
            from ppodiag.config import Unavailable

            raise Unavailable("max_grad_norm")
    low, high = config.min_batch_size, config.max_batch_size
    return BatchLaw(
        initial=float(min(max(config.minibatch_size, low), high)),
        low=low,
        high=high,
        rate=config.adaptation_rate,
        samples=rollout_samples(config),
        reference=reference,
        integer=profile.batch_state == "integer",
        accumulation=config.accumulation_steps,
    )


def window_samples(accumulation: int, sizes: Any, samples: int) -> Any:
    """Samples in a whole window at minibatch size B from 1: min(a·B, R), of the shape of `sizes`."""
    # With min(a, R) in the place of a, for a·B may be more than an array can hold.
    return np.minimum(min(accumulation, samples) * sizes, samples)


def minibatch_size(law: BatchLaw, state: Any) -> Any:
    """B = min(round(b), R) in samples, as floats of the shape of `state`; halves round to even."""
    return np.minimum(np.rint(state), law.samples)


def adapt(law: BatchLaw, state: Any, reference: Any, norm: Any) -> tuple[Any, Any]:
    """State and reference after an applied update.

    ref ← 0.9·ref + 0.1·g, or g where there is no reference yet; with the new ref
    b ← clip(b · (1 + rate · clip((ref − g)/ref, −1, 1)), low, high). An update without a finite
    norm, and one whose new reference is 0, changes neither.

    Args:
        law: the law.
        state: b, in samples.
        reference: the moving reference, 0 before the first norm; not read where it is fixed.
        norm: g ≥ 0, the mean gradient norm of the update before clipping; nan where there is none.

    Returns:
        The new b and reference, of the shape of `norm`.
    """
    if law.reference is None:
        moved = np.where(reference == 0, norm, KEPT * reference + ADDED * norm)
    else:
        moved = np.where(np.isfinite(norm), law.reference, norm)
    usable = np.isfinite(moved) & (moved > 0)
    if not np.all(usable):
        moved, norm = np.where(usable, moved, 1.0), np.where(usable, norm, 1.0)
    change = np.minimum(np.maximum((moved - norm) / moved, -1.0), 1.0)
    changed = np.minimum(np.maximum(state * (1 + law.rate * change), law.low), law.high)
    if law.integer:
        changed = np.rint(changed)
    if not np.all(usable):
        return np.where(usable, changed, state), np.where(usable, moved, reference)
    return changed, moved


def swing(sizes: Any) -> tuple[Any, Any]:
    """How much a batch size swings: std of Δ log B, and the share of its sign flips.

    Args:
        sizes: B by update along the first axis, in samples; later axes are kept.

    Returns:
        The standard deviation of Δ log B, and the share of consecutive changes with opposite signs
        among those of which both are changes; both 0 where there are too few updates.
    """
    steps = np.diff(np.log(np.asarray(sizes, dtype=float)), axis=0)
    if len(steps) < 2:
        shape = np.asarray(sizes).shape[1:]
        return np.zeros(shape), np.zeros(shape)
    signs = np.sign(steps)
    products = signs[1:] * signs[:-1]
    moves = np.maximum((products != 0).sum(axis=0), 1)
    return steps.std(axis=0), (products < 0).sum(axis=0) / moves
