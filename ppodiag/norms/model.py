"""Models of the gradient norm of an update, as it depends on the samples of an optimizer step.

All are one family. With n samples in a window (one optimizer step), n₀ of them at the initial
minibatch size, and ν the share of noise in E‖g‖² there,

    level(n) = norm · sqrt((1 − ν) + ν · n₀/n)          that is sqrt(‖G‖² + tr Σ/n)
    x_0 = σ·ε_0,   x_k = φ·x_{k−1} + σ·sqrt(1 − φ²)·ε_k,   ε standard normal
    g_k = level(n) · exp(x_k)

`constant` has ν = σ = 0, `lognormal` ν = 0, `noise` is the whole of it. `norm` is the median of g at
the initial size, σ the standard deviation of log g at one size, φ the correlation of log g with its
value one update before.

Source: E‖g_n‖² = ‖G‖² + tr Σ/n is McCandlish et al. 2018, An Empirical Model of Large-Batch
Training, appendix A; ν = tr Σ/(n₀‖G‖² + tr Σ). Factor and correlation are a common stochastic
volatility form (log-normal, first-order autoregressive), and an assumption.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

FloatArray = np.ndarray[Any, np.dtype[np.float64]]
IntArray = np.ndarray[Any, np.dtype[np.int64]]

LARGEST_EXPONENT = 700.0
"""An exponent whose power of e a float still holds."""

BLOCK = 512
"""Updates whose random numbers are drawn at once."""


@dataclass(frozen=True, slots=True)
class NormModel:
    """A model of gradient norms before clipping.

    Attributes:
        name: constant, lognormal or noise.
        norm: median norm at the initial minibatch size, above 0.
        share: ν, the share of noise in the squared norm at the initial minibatch size, 0 to 1.
        sigma: σ ≥ 0, standard deviation of the logarithm of the norm at one minibatch size.
        phi: φ in (−1, 1), correlation of that logarithm from one update to the next.
        assumed: True where nobody stated the parameters.
        share_known: False where a record does not tell ν, and 0 stands for it.
    """

    name: str = "noise"
    norm: float = 1.0
    share: float = 0.5
    sigma: float = 0.15
    phi: float = 0.0
    assumed: bool = False
    share_known: bool = True

    def level(self, relative: Any) -> Any:
        """Median norm at window samples n, given n/n₀; of the shape of `relative`."""
        if self.share == 0.0:
            return self.norm + 0.0 * relative
        return self.norm * np.sqrt((1 - self.share) + self.share / relative)

    @property
    def random(self) -> bool:
        """Whether two seeds differ."""
        return self.sigma > 0

    def factors(self, seeds: Sequence[int]) -> Iterator[FloatArray]:
        """exp(x_k), shape (seeds,), update after update without end.

        Each seed has a stream of its own, so that its path does not depend on the others.
        """
        if not self.random:
            ones = np.ones(len(seeds))
            while True:
                yield ones
        generators = [np.random.Generator(np.random.PCG64(seed)) for seed in seeds]
        shock = self.sigma * math.sqrt(1 - self.phi**2)
        state: FloatArray | None = None
        while True:
            block = np.empty((len(seeds), BLOCK))
            for row, generator in zip(block, generators, strict=True):
                generator.standard_normal(out=row)
            for draw in np.ascontiguousarray(block.T):
                state = self.sigma * draw if state is None else self.phi * state + shock * draw
                yield np.exp(np.minimum(state, LARGEST_EXPONENT))

    def describe(self) -> str:
        """The model in the form that `--norms` reads, for example `noise:norm=1,share=0.5,…`."""
        parts = [f"norm={self.norm:.4g}"]
        if self.name == "noise":
            parts.append(f"share={self.share:.4g}")
        if self.name != "constant":
            parts += [f"sigma={self.sigma:.4g}", f"phi={self.phi:.4g}"]
        return f"{self.name}:{','.join(parts)}"


@dataclass(frozen=True, slots=True)
class Replay:
    """The norms that a run recorded, one an applied update.

    Attributes:
        path: where they come from.
        norms: g, shape (updates,); nan where the run has none.
        sizes: minibatch sizes of the run, in samples, shape (updates,); None: not recorded.
        minibatches: minibatch steps that each update really did, shape (updates,), for early
            stops; None: not recorded.
        share: ν by which a norm is rescaled from the recorded to the simulated minibatch size; 0:
            not rescaled.
        notes: what a reader of the record must know.
    """

    path: str
    norms: FloatArray
    sizes: FloatArray | None = None
    minibatches: FloatArray | None = None
    share: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def random(self) -> bool:
        """False: every seed replays the same run."""
        return False

    def describe(self) -> str:
        """The source in the form that `--norms` reads."""
        return f"run:{self.path}" + (f",share={self.share:.4g}" if self.share else "")

    def norm_at(self, update: int, relative: Any, recorded: float | None) -> Any:
        """G of an update for a simulated window.

        Args:
            update: index of the applied update, from 0; past the record's end there is no norm.
            relative: n/n₀ of the simulated window, a float or an array.
            recorded: n/n₀ of the recorded one; None: not known, and nothing is rescaled.
        """
        norm = self.norms[update] if update < len(self.norms) else math.nan
        if self.share == 0.0 or recorded is None:
            return norm + 0.0 * relative
        ratio = ((1 - self.share) + self.share / relative) / (
            (1 - self.share) + self.share / recorded
        )
        return norm * np.sqrt(ratio)
