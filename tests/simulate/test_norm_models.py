"""Models of gradient norms: their formula, their description in words, their fit."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest

from ppodiag.errors import UsageError
from ppodiag.norms.fit import fit_models
from ppodiag.norms.model import FloatArray, NormModel, Replay
from ppodiag.norms.spec import FORMS, FromRun, parse_norms


def drawn(model: NormModel, updates: int, seeds: int = 1) -> FloatArray:
    """Factors, shape (updates, seeds)."""
    return np.array(list(itertools.islice(model.factors(range(seeds)), updates)))


def test_level_is_the_norm_of_a_mean_gradient() -> None:
    """Signal 3 and noise 16/n at n = 1: 5; four times the samples: sqrt(9 + 4)."""
    model = NormModel("noise", 5.0, 16 / 25, 0.0)
    assert float(model.level(1.0)) == pytest.approx(5.0)
    assert float(model.level(4.0)) == pytest.approx(math.sqrt(13))


def test_scatter_and_memory() -> None:
    """Log g has standard deviation σ and correlation φ, over 20,000 updates."""
    logs = np.log(drawn(NormModel("lognormal", 1, 0, 0.3, 0.6), 20_000))[:, 0]
    assert logs.std() == pytest.approx(0.3, rel=0.05)
    assert np.corrcoef(logs[1:], logs[:-1])[0, 1] == pytest.approx(0.6, abs=0.03)


def test_first_norm_is_stationary() -> None:
    """The first norm scatters as much as any other, whatever the memory."""
    logs = np.log(drawn(NormModel("lognormal", 1, 0, 0.3, 0.9), 1, 4000))[0]
    assert logs.std() == pytest.approx(0.3, rel=0.05)


def test_same_seed_same_numbers() -> None:
    """Equal seeds give equal norms, and a block's end changes nothing in them."""
    model = NormModel(sigma=0.2, phi=0.3)
    assert drawn(model, 1100, 2)[:, 1].tolist() == drawn(model, 1100, 5)[:, 1].tolist()


@pytest.mark.parametrize("text", FORMS)
def test_every_documented_form_is_read(text: str) -> None:
    """Each form of the help is understood, and a model says itself in the same form."""
    parsed = parse_norms(text.replace("PATH", "runs/a,b"))
    if isinstance(parsed, FromRun):
        assert parsed.path == "runs/a,b"
    else:
        assert parse_norms(parsed.describe()) == parsed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gauss", "no model of norms is called 'gauss'"),
        ("constant:sigma=1", "constant has no parameter 'sigma'"),
        ("noise:share=2", "share=2 is out of range"),
        ("noise:share=x", "share='x' is no number"),
        ("noise:phi=1", "phi=1 is out of range"),
        ("noise:norm=nan", "norm=nan is out of range"),
        ("lognormal:norm=0", "norm=0 is out of range"),
        ("run:", "names no run"),
        ("fit:a,model=best", "no model is called 'best'"),
    ],
)
def test_bad_texts_are_explained(text: str, words: str) -> None:
    """Each is refused with what is wrong and what can be written."""
    with pytest.raises(UsageError, match=words) as error:
        parse_norms(text)
    assert error.value.remedy


def synthetic(
    share: float, sigma: float, phi: float, count: int = 400
) -> tuple[FloatArray, FloatArray]:
    """Norms and relative samples of a run whose window wanders between a quarter and four times n₀."""
    relative = np.exp(np.log(4) * np.sin(np.arange(count) / 7))
    model = NormModel("noise", 2.0, share, sigma, phi)
    return model.level(relative) * drawn(model, count)[:, 0], relative


@pytest.mark.parametrize(("share", "sigma", "phi"), [(0.8, 0.1, 0.0), (0.4, 0.2, 0.5)])
def test_fit_recovers_the_parameters(share: float, sigma: float, phi: float) -> None:
    """From 400 norms the noise model is found, with its share to 0.12 and its scatter to 15%."""
    best = fit_models(*synthetic(share, sigma, phi))[0]
    assert best.model.name == "noise"
    assert best.model.share == pytest.approx(share, abs=0.12)
    assert best.model.sigma == pytest.approx(sigma, rel=0.15)
    assert best.model.phi == pytest.approx(phi, abs=0.15)
    assert best.model.norm == pytest.approx(2.0, rel=0.15)
    assert best.residual_p > 0.001


def test_fit_does_not_find_noise_that_is_not_there() -> None:
    """Where the norm does not depend on the window, lognormal wins by its one parameter less."""
    assert fit_models(*synthetic(0.0, 0.2, 0.0))[0].model.name == "lognormal"


def test_constant_norms_are_constant() -> None:
    """Norms that agree to a part in a thousand are a constant, at their median."""
    norms = 3.0 + 0.001 * np.sin(np.arange(50))
    best = fit_models(norms, None)[0]
    assert (best.model.name, best.model.norm) == ("constant", pytest.approx(3.0, abs=0.001))


def test_scattered_norms_are_no_constant() -> None:
    """A constant cannot scatter: it never wins over norms that do."""
    assert fit_models(drawn(NormModel(sigma=0.3), 100)[:, 0], None)[0].model.name == "lognormal"


def test_fit_says_what_cannot_be_told() -> None:
    """Without batch sizes, or with one that hardly varies, the share of noise is not guessed."""
    norms = drawn(NormModel(sigma=0.3), 100)[:, 0]
    for relative, why in ((None, "was not recorded"), (np.ones(100), "hardly varied")):
        fits = fit_models(norms, relative)
        assert {fit.model.name for fit in fits} == {"constant", "lognormal"}
        assert any(f"the minibatch size {why}" in fit.remark for fit in fits)


def test_rows_without_a_size_are_left_out_of_a_fit() -> None:
    """Sizes that are nan, 0 or less tell nothing: the other rows are fitted as if they stood alone."""
    norms, relative = synthetic(0.8, 0.1, 0.0)
    holes = relative.copy()
    holes[::40], holes[1::40], holes[2::40] = math.nan, 0.0, -1.0
    kept = np.isfinite(holes) & (holes > 0)
    found, alone = fit_models(norms, holes), fit_models(norms[kept], relative[kept])
    assert found == alone
    assert (found[0].model.name, found[0].norms) == ("noise", 370)
    few = np.full(len(norms), math.nan)
    few[:9] = 1.0
    best = fit_models(norms, few)[0]
    assert (best.model.name, best.norms) == ("lognormal", 400)
    assert best.remark == "only 9 norms have a minibatch size: the share of noise cannot be told"


def test_a_share_that_cannot_be_told_is_no_share_of_zero() -> None:
    """Without sizes no fit knows the share of noise; stated or fitted to sizes it is known."""
    norms, relative = synthetic(0.8, 0.1, 0.0)
    assert not any(fit.model.share_known for fit in fit_models(norms, None))
    assert all(fit.model.share_known for fit in fit_models(norms, relative))
    parsed = parse_norms("lognormal:sigma=0.3")
    assert isinstance(parsed, NormModel)
    assert parsed.share_known


def test_fit_needs_norms() -> None:
    """Nine usable norms are too few."""
    with pytest.raises(UsageError, match="has 9 usable gradient norms; a fit needs 10"):
        fit_models(np.array([*range(1, 10), 0, math.nan, math.inf], dtype=float), None)


def test_replay_rescales_by_the_share_of_noise() -> None:
    """All noise: a recorded norm of 1 at 64 is 2 at a quarter of the window; unscaled it stays 1."""
    replay = Replay("run", np.array([1.0]), np.array([64.0]), share=1.0)
    assert float(replay.norm_at(0, 0.25, 1.0)) == pytest.approx(2.0)
    assert float(Replay("run", np.array([1.0])).norm_at(0, 0.25, 1.0)) == 1.0
    assert math.isnan(replay.norm_at(1, 1.0, None))


def test_an_update_without_a_norm_keeps_its_place(tmp_path: Path) -> None:
    """A log that has null for a norm that was not finite: the update trained all the same."""
    from ppodiag.norms.recorded import read_norms

    steps, norms = (0, 4, 4, 4), (None, 0.5, None, 0.25)
    rows = [
        {"env_steps": 8 * k + 8, "minibatch_steps": steps[k], "pg_grad_norm": norms[k]}
        for k in range(4)
    ]
    path = tmp_path / "run.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    replay = read_norms(str(path))
    np.testing.assert_array_equal(replay.norms, [0.5, np.nan, 0.25])
    assert replay.minibatches is not None
    assert replay.minibatches.tolist() == [4, 4, 4]


def test_replay_from_a_jsonl_run(tmp_path: Path) -> None:
    """The norms, sizes and early stops that a JSONL log holds reach the replay."""
    from ppodiag.norms.recorded import read_norms

    path = tmp_path / "run.jsonl"
    rows = [
        {"update": k, "pg_grad_norm": 1.0 + k, "minibatch_size": 64, "minibatch_steps": 6}
        for k in range(4)
    ]
    rows[2].pop("minibatch_steps")
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    replay = read_norms(str(path))
    assert replay.norms.tolist() == [1, 2, 3, 4]
    assert replay.sizes is not None
    assert replay.sizes.tolist() == [64] * 4
    assert replay.minibatches is not None
    assert np.isnan(replay.minibatches[2])
    (tmp_path / "other.csv").write_text("step,x\n1,2\n")
    with pytest.raises(UsageError, match="holds no gradient norm"):
        read_norms(str(tmp_path / "other.csv"))
