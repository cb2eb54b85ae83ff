"""Fitting the models of gradient norms to a recorded run, with the goodness of each fit."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from ppodiag.errors import UsageError
from ppodiag.norms.model import FloatArray, NormModel

FEWEST = 10
"""[judgement] Norms that a fit needs."""

WIDEST = 1.2
"""[judgement] Ratio of the largest to the smallest recorded window from which noise can be told."""


PRECISION = 0.01
"""[judgement] Relative scatter that is still a constant norm."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One model fitted to log g by maximum likelihood.

    Attributes:
        model: with the fitted parameters; its norm is at the initial minibatch size.
        aicc: Akaike's criterion with the correction for small samples; lower is better.
        r_squared: share of the variance of log g that the level by batch size explains.
        residual_p: p-value of normality of the innovations (Jarque and Bera 1980); nan for
            `constant`.
        norms: number of norms used.
        remark: what could not be told, or nothing.
    """

    model: NormModel
    aicc: float
    r_squared: float
    residual_p: float
    norms: int
    remark: str = ""


def fit_models(norms: FloatArray, relative: FloatArray | None) -> tuple[Fit, ...]:
    """The three models fitted to a record, the best first.

    Args:
        norms: g by update, shape (updates,); those that are not finite and above 0 are left out.
        relative: n/n₀ by update, shape (updates,); None: the minibatch size was not recorded.
            Updates without a finite one above 0 are left out; where too few have one, all are used
            and the size counts as not recorded.

    Raises:
        UsageError: fewer than ten usable norms.
    """
    usable = np.isfinite(norms) & (norms > 0)
    remark = "the minibatch size was not recorded" if relative is None else ""
    if relative is not None:
        sized = usable & np.isfinite(relative) & (relative > 0)
        if sized.sum() >= FEWEST:
            usable = sized
        else:
            remark = f"only {int(sized.sum())} norms have a minibatch size"
            relative = None
    if usable.sum() < FEWEST:
        raise UsageError(
            f"the run has {int(usable.sum())} usable gradient norms; a fit needs {FEWEST}",
            "fit a longer run, or state the parameters",
        )
    logs = np.log(norms[usable])
    sizes = np.ones(len(logs)) if relative is None else relative[usable]
    fits = [_constant(logs), _autoregressive("lognormal", logs, sizes, 0.0, "")]
    if not remark and sizes.max() < WIDEST * sizes.min():
        remark = "the minibatch size hardly varied"
    if not remark:
        fits.append(_autoregressive("noise", logs, sizes, _best_share(logs, sizes), ""))
    else:
        fits = [replace(fit, model=replace(fit.model, share_known=False)) for fit in fits]
        fits[1] = replace(fits[1], remark=f"{remark}: the share of noise cannot be told")
    return tuple(sorted(fits, key=lambda fit: fit.aicc))


def _constant(logs: FloatArray) -> Fit:
    model = NormModel("constant", float(np.exp(np.median(logs))), 0.0, 0.0, 0.0)
    residuals = (logs - math.log(model.norm))[1:]
    # A constant has no scatter of its own, so none may be fitted to it.
    return Fit(model, _aicc(residuals, PRECISION, 1), 0.0, math.nan, len(logs))


def _log_level(share: float, sizes: FloatArray) -> FloatArray:
    return np.asarray(0.5 * np.log((1 - share) + share / sizes))


def _best_share(logs: FloatArray, sizes: FloatArray) -> float:
    """ν that leaves log g − level(ν) the least variance, on a grid refined twice."""
    low, high = 0.0, 1.0
    for _ in range(3):
        grid = np.linspace(low, high, 101)
        losses = [float(np.var(logs - _log_level(share, sizes))) for share in grid]
        best = int(np.argmin(losses))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, 100)]
    return float(grid[best])


def _autoregressive(
    name: str, logs: FloatArray, sizes: FloatArray, share: float, remark: str
) -> Fit:
    levelled = logs - _log_level(share, sizes)
    centre = float(np.mean(levelled))
    residuals = levelled - centre
    variance = float(np.mean(residuals**2))
    phi = 0.0
    if variance > 0:
        phi = float(np.mean(residuals[1:] * residuals[:-1]) / variance)
        phi = min(max(phi, -0.99), 0.99)
    innovations = residuals[1:] - phi * residuals[:-1]
    sigma = math.sqrt(variance)
    model = NormModel(name, math.exp(centre), share, sigma, phi)
    total = float(np.var(logs))
    explained = 1 - variance / total if total > 0 else 0.0
    shock = float(np.sqrt(np.mean(innovations**2)))
    parameters = 4 if name == "noise" else 3
    return Fit(
        model, _aicc(innovations, max(shock, PRECISION), parameters), explained, _jarque_bera(innovations),
        len(logs), remark,
    )  # fmt: skip


def _aicc(residuals: FloatArray, deviation: float, parameters: int) -> float:
    """Corrected criterion of a Gaussian likelihood with this deviation."""
    count = len(residuals)
    misfit = float(np.mean((residuals / deviation) ** 2))
    deviance = count * (2 * math.log(deviation) + math.log(2 * math.pi) + misfit)
    return deviance + 2 * parameters * count / max(count - parameters - 1, 1)


def _jarque_bera(residuals: FloatArray) -> float:
    """p-value of skewness and kurtosis together; χ² with two degrees of freedom."""
    centred = residuals - residuals.mean()
    variance = float(np.mean(centred**2))
    if variance <= 0:
        return math.nan
    skewness = float(np.mean(centred**3)) / variance**1.5
    excess = float(np.mean(centred**4)) / variance**2 - 3
    return math.exp(-len(residuals) / 6 * (skewness**2 + excess**2 / 4) / 2)
