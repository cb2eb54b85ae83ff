"""One number for many runs. Each takes (..., tasks, seeds) and gives (...), so that resamples go in one call."""

from __future__ import annotations

import numpy as np

from ppodiag.ablate.statistics.scores import FloatArray

TRIMMED = 0.25
"""Share cut off at each end for the interquartile mean (Agarwal et al. 2021, section 4.3)."""


def iqm(scores: FloatArray) -> FloatArray:
    """Interquartile mean over all runs of all tasks: the mean without floor(N/4) runs at each end.

    Source: Agarwal et al. 2021, "Deep Reinforcement Learning at the Edge of the Statistical Precipice", section 4.3.

    Args:
        scores: shape (..., tasks, seeds); N = tasks · seeds.

    Returns:
        Shape (...).
    """
    runs = np.sort(_pooled(scores), axis=-1)
    cut = int(TRIMMED * runs.shape[-1])
    middle: FloatArray = runs[..., cut : runs.shape[-1] - cut].mean(axis=-1)
    return middle


def mean(scores: FloatArray) -> FloatArray:
    """Mean over all runs of all tasks; shape (..., tasks, seeds) to (...)."""
    found: FloatArray = _pooled(scores).mean(axis=-1)
    return found


def median(scores: FloatArray) -> FloatArray:
    """Median over all runs of all tasks; shape (..., tasks, seeds) to (...)."""
    found: FloatArray = np.asarray(np.median(_pooled(scores), axis=-1))
    return found


def _pooled(scores: FloatArray) -> FloatArray:
    return scores.reshape(*scores.shape[:-2], scores.shape[-2] * scores.shape[-1])
