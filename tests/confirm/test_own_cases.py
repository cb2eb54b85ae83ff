"""No prediction of a rule is refuted on its own bad cases, really trained; and each could be."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from ppodiag.case import Case
from ppodiag.confirm.catalogue import experiments
from ppodiag.confirm.claim import OPEN, REFUTED, Claim
from ppodiag.confirm.log import Log
from ppodiag.confirm.settling import settle
from ppodiag.rules.loader import load_module
from tests.confirm.in_process import entries_of, ran_of

IN_PROCESSES = ("BS212",)
"""Rules whose runs are told apart by the memory of a process: see `test_with_the_trainer.py`."""

CASES = [
    pytest.param(code, case, id=f"{code}-{number}")
    for code in experiments()
    for number, case in enumerate(load_module(code.lower()).CASES)
    if case.severity is not None and code not in IN_PROCESSES
]

NO_RUN = {
    "ACC302-2", "BS201-0", "BS201-1", "BS206-0", "BS208-2", "CLP401-1", "GCK503-1", "LR109-0",
    "PPO009-1", "UNIT702-2",
}  # fmt: skip
"""Cases that no run settles: what the trainer refuses or has not, and a rollout of 8e15 samples."""

UNTOLD = {"BS208-0", "BS208-4", "LR106-2"}
"""Cases whose runs may not tell: the noise is too small for the feedback; the cycle cannot be scaled."""

TIMED = {"GCK502-0", "GCK502-1", "GCK502-2"}
"""Cases that are settled by the time of an update, which others on the machine disturb."""


def test_each_rule_with_an_experiment_has_a_bad_case() -> None:
    """So that none is passed over."""
    seen = {str(case.id).rsplit("-", 1)[0] for case in CASES}
    assert seen == set(experiments()) - set(IN_PROCESSES)


@pytest.mark.parametrize(("code", "case"), CASES)
def test_no_prediction_is_refuted_on_its_own_bad_case(
    code: str, case: Case, request: pytest.FixtureRequest
) -> None:
    """Trained as the experiment says; confirmed but where the list above says why not."""
    name = request.node.callspec.id
    entries = entries_of(case, code)
    assert [entry.found.code for entry in entries] == [code] * len(entries)
    assert entries
    for entry in entries:
        settled = settle(entry, ran_of(entry))
        pairs = zip(entry.claims, settled.measured, strict=False)  # none measured: without a run
        told = [(claim.predicted, m.text, m.holds) for claim, m in pairs]
        if name in NO_RUN:
            assert entry.reason, told
        elif name in TIMED:
            assert [m.holds for m in settled.measured][1:] in ([], [True]), told
        elif name in UNTOLD:
            assert settled.verdict != REFUTED, told
        else:
            assert settled.verdict == "confirmed", (entry.reason or settled.reason, told)


def spoilt(logs: dict[str, Log]) -> Iterator[dict[str, Log]]:
    """Logs that say something else: columns scaled, emptied or turned round, arms exchanged."""
    names = sorted({column for log in logs.values() for column in log.columns})
    changes: list[Callable[[np.ndarray], np.ndarray]] = [
        lambda v: v * 2 + 1, lambda v: v * 0, lambda v: v[::-1], lambda v: v / 3, lambda v: v + 1,
        lambda v: v * (1 + np.arange(len(v)) % 2), lambda v: np.roll(v, len(v) // 2),
        lambda v: np.where(np.arange(len(v)) < len(v) - 3, v, 0.0),
    ]  # fmt: skip
    for name in names:
        for change in changes:
            yield {
                arm: Log({**log.columns, name: change(log.columns[name])})
                for arm, log in logs.items()
                if name in log.columns
            }
        # One arm alone says something else.
        for arm, log in logs.items():
            if name in log.columns:
                yield {**logs, arm: Log({**log.columns, name: log.columns[name] * 1.5 + 1})}
        # Every other arm does, as where runs of two kinds take turns.
        for scale in (0.01, 100.0):
            yield {
                arm: Log({**log.columns, name: log.columns[name] * (scale if at % 2 else 1.0)})
                for at, (arm, log) in enumerate(logs.items())
                if name in log.columns
            }
    arms = list(logs)
    yield {arm: logs[other] for arm, other in zip(arms, arms[1:] + arms[:1], strict=True)}
    yield dict.fromkeys(arms, logs[arms[0]])
    row = {name: np.ones(2) for name in ("env_steps", "updates_applied", "minibatch_steps")}
    yield dict.fromkeys(arms, Log(row))


def fails(claim: Claim, logs: dict[str, Log]) -> bool:
    try:
        return claim.measure(logs).holds is False
    except (ValueError, IndexError, KeyError, FloatingPointError):
        return False  # a log that no trainer writes


IRREFUTABLE = {"a minibatch of 128 samples fits into 16.0 GB"}
"""A process holds more than the training in it, so its memory can confirm and not refute."""


@pytest.mark.parametrize("code", sorted(set(experiments()) - {*IN_PROCESSES, "BS208"}))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_claim_is_refuted_by_a_log_that_contradicts_it(code: str) -> None:
    """Of the first bad case that is run: for each claim some change of the real logs refutes it."""
    cases = [case for case in load_module(code.lower()).CASES if case.severity is not None]
    entries = [entry for case in cases for entry in entries_of(case, code) if not entry.reason]
    assert entries
    entry = entries[0]
    ran = ran_of(entry)
    logs = {name: ran[run.key].log.cut(run.rollouts) for name, run in entry.runs.items()}
    worse = list(spoilt(logs))
    for claim in entry.claims:
        if claim.predicted in IRREFUTABLE:
            continue
        assert any(fails(claim, found) for found in worse), claim.predicted


@pytest.mark.parametrize(("number", "rate"), [(0, 0.3), (1, 0.1)])
def test_feedback_that_holds_the_size_where_noise_dominates_is_refuted(
    number: int, rate: float
) -> None:
    """160 updates in mid-range and calm, at a noise share of 100%: ‖g‖² falls as 1/n between the bounds."""
    bad = [case for case in load_module("bs208").CASES if case.severity is not None]
    (entry,) = entries_of(bad[number], "BS208", most=160)
    (claim,) = entry.claims
    assert f"{rate:g}" in entry.found.message

    def logs(sizes: np.ndarray, ratio: float) -> dict[str, Log]:
        one = {"env_steps": np.array([1024.0]), "updates_applied": np.array([1.0])}
        long = {"updates_applied": np.arange(1.0, 161), "env_steps": 1024 * np.arange(1.0, 161)}
        return {
            "run": Log({**long, "minibatch_size": sizes}),
            "norm at min": Log({**one, "pg_grad_norm": np.array([ratio])}),
            "norm at max": Log({**one, "pg_grad_norm": np.array([1.0])}),
        }

    calm, driven = np.full(160, 64.0), np.where(np.arange(160) < 20, 64.0, 32.0)
    assert claim.measure(logs(calm, 2.0)).holds is False
    assert claim.measure(logs(calm, 1.01)).holds is None
    assert claim.measure(logs(driven, 2.0)).holds is True


def test_the_list_of_cases_that_no_run_settles_is_current() -> None:
    """Each is a case here, and each has its reason."""
    ids = {str(case.id) for case in CASES}
    assert ids >= NO_RUN | UNTOLD | TIMED
    for case in CASES:
        if case.id in NO_RUN:
            code, example = case.values
            assert isinstance(code, str)
            assert isinstance(example, Case)
            entries = entries_of(example, code)
            assert all(entry.reason for entry in entries), case.id
            assert settle(entries[0], {}).verdict == OPEN
