"""From findings to runs: what is shared, shortened, pinned, and refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ppodiag.case import ABSENT
from ppodiag.confirm.arm import Arm, prepare
from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import CONFIRMED, OPEN, REFUTED, Measured, verdict_of, within
from ppodiag.confirm.keys import CONSTANT, NETWORKS, SCHEDULE, TOTAL, WARMUP
from ppodiag.confirm.log import Log, log_of_rows, same_trajectory
from ppodiag.confirm.planning import Plan, Wanted, plan_findings
from ppodiag.confirm.settling import settle
from ppodiag.confirm.unsettled import CannotSettle
from ppodiag.context import Context
from ppodiag.errors import UsageError
from ppodiag.forecast import read_context
from ppodiag.full import lint_document
from ppodiag.healthy import with_changes
from ppodiag.options import Options
from ppodiag.rules.loader import fast_rules
from tests.conftest import ROOT


def context_of(changes: dict[str, Any]) -> Context:
    data = json.dumps(with_changes(changes)).encode()
    return read_context(data, "ppo.json", Options())[1]


def plan_of(changes: dict[str, Any], *rules: str, **wanted: Any) -> Plan:
    data = json.dumps(with_changes(changes)).encode()
    return plan_findings(data, "ppo.json", Options(), Wanted(rules, **wanted))


def asked_of(changes: dict[str, Any], code: str, most: int = 20) -> Asked:
    data = json.dumps(with_changes(changes)).encode()
    document, context = read_context(data, "ppo.json", Options())
    report = lint_document(document, Options(), fast_rules(), others=False)
    return Asked(next(d for d in report.diagnostics if d.code == code), context, most)


def test_a_run_is_cut_where_its_schedule_does_not_depend_on_its_length() -> None:
    """A cosine with a period: the shorter run is the beginning of the longer; T is 3 × 1,024."""
    run = prepare(context_of({}), Arm(updates=3), None, 0, "cpu")
    assert run.value["training"]["ppo_requests"] == 3072
    assert (run.rollouts, run.env_steps, run.stop) == (3, 3072, False)


@pytest.mark.parametrize(
    "schedule", [{"type": "linear"}, {"type": "cosine_annealing_with_warmup", "min_lr_ratio": 0.1}]
)
def test_a_run_whose_schedule_depends_on_its_length_is_stopped(schedule: dict[str, Any]) -> None:
    """The configuration keeps its T, and the trainer is ended."""
    run = prepare(context_of({SCHEDULE: schedule}), Arm(updates=3), None, 0, "cpu")
    assert run.value["training"]["ppo_requests"] == 1024000
    assert (run.rollouts, run.stop) == (3, True)


def test_the_files_networks_take_part_where_they_are_asked_for() -> None:
    """Else two layers of 64 stand in, with the length of sequences kept."""
    context = context_of({NETWORKS: {"hidden_size": 512, "sequence_length": 16}})
    assert NETWORKS in prepare(context, Arm(updates=1, networks=True), None, 0, "cpu").value
    plain = prepare(context, Arm(updates=1), None, 0, "cpu")
    assert plain.value[NETWORKS] == {"sequence_length": 16}
    assert (
        prepare(context_of({}), Arm(updates=1), None, 0, "cpu").key
        == prepare(context_of({NETWORKS: {"hidden_size": 8}}), Arm(updates=1), None, 0, "cpu").key
    )


def test_the_users_environment_counts_before_the_experiments() -> None:
    """Without one, the cheapest, or that which the networks are made for."""
    context = context_of({})
    assert prepare(context, Arm(updates=1), None, 0, "cpu").env == "CartPole-v1"
    assert prepare(context, Arm(updates=1, networks=True), None, 0, "cpu").env == (
        "replica-scheduling"
    )
    assert prepare(context, Arm(updates=1), "Acrobot-v1", 0, "cpu").env == "Acrobot-v1"


def test_findings_share_their_runs() -> None:
    """A partial window and an unequal minibatch of one configuration are seen in one run."""
    changes = {
        **CONSTANT,
        "ppo_config.minibatch_size": 112,
        "advanced_optimization.gradient_optimization.accumulation_steps": 4,
    }
    plan = plan_of(changes, "ACC302", "ACC303", "PPO007")
    assert [entry.found.code for entry in plan.entries] == ["ACC303", "PPO007", "ACC302"]
    assert len(plan.runs) == 1


def test_a_longer_run_serves_a_shorter_one_of_its_kind() -> None:
    """The shorter arm sees its own rollouts alone."""
    context = context_of(CONSTANT)
    short, long = (prepare(context, Arm(updates=n), None, 0, "cpu") for n in (2, 5))
    assert short.key == long.key
    assert short.digest() != long.digest()
    log = log_of_rows([{"env_steps": 1024 * n, "updates_applied": n} for n in range(1, 6)])
    assert len(log.cut(2)) == 2


def test_other_software_makes_a_run_anew_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hash of a result holds the trainer's code and libraries; the name of its folder does not."""
    run = prepare(context_of(CONSTANT), Arm(updates=2), None, 0, "cpu")
    name, digest = run.name, run.digest()
    monkeypatch.setattr("ppodiag.confirm.arm.deciding", lambda bundled: {"torch": "1.0"})
    assert run.name == name
    assert run.digest() != digest


def test_a_long_run_is_shortened_to_scale() -> None:
    """1,000 rollouts to 20: 996 updates become 20, and W of 79,680 of 159,360 ticks stays one half."""
    asked = asked_of({WARMUP: 79680}, "LR102")
    short = asked.shortened()
    assert short.context.budget.rollouts == 20
    assert short.context.run.ticks == 20 * 160
    assert short.context.config.warmup_steps == 1600
    assert short.context.rollout == asked.context.rollout
    assert "divided by 49.8" in short.note


def test_a_finding_that_does_not_survive_the_scale_cannot_be_settled() -> None:
    """A warm-up of 26% of 23 ticks, in a run of 4: one tick of 4 is 25%."""
    one_tick = {
        "training.ppo_requests": 1024 * 23,
        "ppo_config.stabilization_steps": 0,
        "ppo_config.epochs": 1,
        "ppo_config.minibatch_size": 1024,
        "advanced_optimization.gradient_optimization.accumulation_steps": 1,
        SCHEDULE: {"type": "constant", "warmup_steps": 6},
    }
    asked = asked_of(one_tick, "LR102", most=4)
    with pytest.raises(CannotSettle, match="is not there any more"):
        asked.shortened()


def test_a_schema_that_is_refused_settles_nothing() -> None:
    """No run is planned for any finding; the reason names the fault."""
    plan = plan_of({"ppo_config.epochs": "ten", "ppo_config.lr": 0.1}, "LR111")
    assert not plan.runs
    assert "the trainer refuses the file: /ppo_config/epochs" in plan.entries[0].reason


def test_an_invalid_key_that_a_plan_reads_is_named() -> None:
    """BS206's rate of 2 leaves the swing of other findings without a rate."""
    adapts = {"enable": True, "min_batch_size": 32, "max_batch_size": 128, "adaptation_rate": 2}
    plan = plan_of({"advanced_optimization.adaptive_batch_size": adapts}, "BS206")
    assert [entry.reason for entry in plan.entries] == ["the trainer refuses a rate outside 0 to 1"]


def test_a_file_with_a_fault_in_its_text_is_an_error() -> None:
    """With the place."""
    with pytest.raises(UsageError, match=r"ppo\.json:1"):
        plan_findings(b'{"ppo_config": ', "ppo.json", Options(), Wanted())


def test_every_finding_of_the_ill_example_is_listed() -> None:
    """14 of them, one of which the trainer cannot settle; 12 runs settle the rest."""
    data = (ROOT / "examples" / "ill.json").read_bytes()
    plan = plan_findings(data, "ill.json", Options(), Wanted())
    assert len(plan.entries) == 14
    assert [e.found.code for e in plan.entries if e.reason] == ["UNIT701"]
    assert len(plan.runs) == 12
    assert plan.stand_in


@pytest.mark.parametrize(("warmup", "told"), [(3000, 0), (6000, 1)])
def test_a_highest_ratio_of_at_most_1_is_no_prediction(warmup: int, told: int) -> None:
    """N is at most 4,992 at the smallest size: W = 3,000 may end there, W = 6,000 never does."""
    data = (ROOT / "examples" / "ill.json").read_bytes()
    data = data.replace(b'"warmup_steps": 1000', b'"warmup_steps": %d' % warmup)
    (entry,) = plan_findings(data, "ppo.json", Options(), Wanted(("LR101",))).entries
    words = [claim.predicted for claim in entry.claims]
    assert len(words) == 2 + told
    assert sum("highest λ" in predicted for predicted in words) == told


def test_verdicts() -> None:
    """One claim that fails refutes; else one that is not told leaves it open."""
    yes, no, open_ = (Measured("", holds) for holds in (True, False, None))
    assert verdict_of([yes, yes]) == CONFIRMED
    assert verdict_of([yes, no, open_]) == REFUTED
    assert verdict_of([yes, open_]) == OPEN
    assert verdict_of([]) == OPEN


@pytest.mark.parametrize(
    ("found", "holds"), [(2.0, True), (3.0, True), (3.1, False), (float("nan"), None)]
)
def test_a_number_lies_in_its_interval_or_not(found: float, holds: bool | None) -> None:
    """Both ends are in it; nan is not told."""
    claim = within("", lambda _logs: found, 2.0, 3.0, "{}")
    assert claim.measure({}).holds is holds


def test_a_failed_run_is_told_and_is_no_verdict() -> None:
    """It leaves the finding open, and the confirmation knows."""
    from ppodiag.confirm.running import Ran

    plan = plan_of({"ppo_config.lr": 0.02}, "LR111")
    failed = {key: Ran(Log(), 1.0, "killed by SIGKILL") for key in plan.runs}
    settled = settle(plan.entries[0], failed)
    assert (settled.verdict, settled.failed) == (OPEN, True)
    assert "killed by SIGKILL" in settled.reason


def test_what_depends_on_the_machine_is_no_part_of_a_trajectory() -> None:
    """Two logs that differ in their times are the same; in the norm, they are not."""
    row = {"env_steps": 8, "updates_applied": 1, "pg_grad_norm": 0.5, "update_seconds": 1.0}
    one = log_of_rows([row])
    assert same_trajectory(one, log_of_rows([{**row, "update_seconds": 2.0}]))
    assert not same_trajectory(one, log_of_rows([{**row, "pg_grad_norm": 0.25}]))


def test_the_length_that_is_not_known_leaves_the_rest() -> None:
    """Without T a rate is settled in a few updates, and what needs T is not found at all."""
    plan = plan_of({TOTAL: ABSENT, "ppo_config.lr": 0.02})
    codes = {entry.found.code: entry.reason for entry in plan.entries}
    assert codes["LR111"] == ""
    assert "not known" in codes["UNIT704"]
