"""The edges of the conditions: the value at the limit, and the next one beyond it."""

from __future__ import annotations

from typing import Any

import pytest

from ppodiag.case import ABSENT
from tests.rules.test_cases import findings, with_changes

LRS = "advanced_optimization.learning_rate_schedule"
ABS = "advanced_optimization.adaptive_batch_size"
GO = "advanced_optimization.gradient_optimization"
FLAT = {LRS: {"type": "constant"}}
ON = {
    **FLAT,
    ABS: {"enable": True, "min_batch_size": 32, "max_batch_size": 128, "adaptation_rate": 0.1},
}
NO_WINDOW = {"ppo_config.stabilization_steps": 0}
ONE_CYCLE = {f"{LRS}.restart_period": ABSENT}
NO_CLIP = {f"{GO}.clip_by_global_norm": ABSENT, "ppo_config.max_grad_norm": ABSENT}

# The healthy base: R = 1,024, U = 1,000, D = 4, M = 16, a = 2, E = 10, K = 160, N = 159,360.
EDGES: list[tuple[str, dict[str, Any], str, str | None]] = [
    # rule, changes, profile, severity word or None where it must be silent
    ("LR102", {**ONE_CYCLE, f"{LRS}.warmup_steps": 39840}, "note", None),  # exactly a quarter
    ("LR102", {**ONE_CYCLE, f"{LRS}.warmup_steps": 39841}, "note", "warning"),
    ("LR102", {**ONE_CYCLE, f"{LRS}.warmup_steps": 79680}, "note", "warning"),  # exactly half
    ("LR102", {**ONE_CYCLE, f"{LRS}.warmup_steps": 79681}, "note", "error"),
    ("LR102", {**ONE_CYCLE, f"{LRS}.warmup_steps": 159360}, "note", None),  # LR101's
    ("LR101", {**ONE_CYCLE, f"{LRS}.warmup_steps": 159360}, "note", "error"),
    # 152,000 of 160,000 ticks are exactly 95%.
    ("LR103", {f"{LRS}.warmup_steps": 7360, f"{LRS}.restart_period": 160000}, "note", None),
    ("LR103", {f"{LRS}.warmup_steps": 7360, f"{LRS}.restart_period": 160001}, "note", "warning"),
    ("LR104", {f"{LRS}.restart_period": 157760}, "note", None),  # one cycle to the tick
    ("LR104", {f"{LRS}.restart_period": 157759}, "note", "warning"),  # a restart at the last tick
    ("LR105", {f"{LRS}.restart_period": 160}, "note", None),
    ("LR105", {f"{LRS}.restart_period": 159}, "note", "error"),
    ("LR106", {f"{LRS}.min_lr_ratio": 0.02, f"{LRS}.restart_period": 157760}, "note", None),
    ("LR106", {f"{LRS}.min_lr_ratio": 0.02, f"{LRS}.restart_period": 157759}, "note", "warning"),
    ("LR107", {f"{LRS}.restart_period": 157761}, "note", None),  # the run ends before the restart
    ("LR107", {f"{LRS}.restart_period": 80001}, "note", "info"),
    ("LR108", {f"{LRS}.restart_period": 10}, "cleanrl", None),  # ten updates
    ("LR108", {f"{LRS}.restart_period": 9}, "cleanrl", "warning"),
    ("LR108", {f"{LRS}.restart_period": 20}, "note", None),
    ("LR109", {f"{LRS}.min_lr_ratio": 3e-4}, "note", "warning"),  # exactly lr
    ("LR109", {f"{LRS}.min_lr_ratio": 3.1e-4}, "note", None),
    ("LR109", {LRS: {"type": "constant", "min_lr_ratio": 7}}, "note", None),  # never used
    ("LR110", {f"{GO}.accumulation_steps": 1}, "note", "info"),
    ("LR110", {}, "note", None),  # a window of two reads t = 1
    ("LR110", {"ppo_config.minibatch_size": 1024}, "note", "info"),  # M = 1
    ("LR110", {}, "note,clock=env_step", "warning"),
    ("LR110", {}, "note,clock=env_step,update_tick=last", None),
    ("LR110", {}, "note,clock=optimizer_step,update_tick=last", "info"),
    (
        "LR110",
        {"ppo_config.stabilization_steps": 1024},
        "note,clock=optimizer_step,skipped_updates=ticking",
        None,
    ),
    (
        "LR110",
        {"ppo_config.stabilization_steps": 0},
        "note,clock=optimizer_step,skipped_updates=ticking",
        "info",
    ),
    ("LR111", {"ppo_config.lr": 3e-3}, "note", "info"),
    ("LR111", {"ppo_config.lr": 3.1e-3}, "note", "warning"),
    ("LR111", {"ppo_config.lr": 9.9e-3}, "note", "warning"),
    (
        "LR113",
        {"ppo_config.lr": 1e-3, f"{LRS}.min_lr_ratio": 0.001, f"{LRS}.restart_period": 78880},
        "note",
        None,
    ),
    ("LR115", {"kl_regularization.kl_ref_decay_steps": 1, f"{LRS}.warmup_steps": 0}, "note", None),
    (
        "LR115",
        {"kl_regularization": {"kl_ref_decay_steps": 1, "kl_ref_coef_initial": 0}},
        "note",
        None,
    ),
    ("BS201", {**ON, f"{ABS}.min_batch_size": 64, f"{ABS}.max_batch_size": 64}, "note", None),
    ("BS201", {**ON, f"{ABS}.min_batch_size": 1}, "note", None),
    ("BS201", {**ON, "ppo_config.minibatch_size": 32}, "note", None),
    ("BS201", {**ON, "ppo_config.minibatch_size": 31}, "note", "error"),
    ("BS204", {"ppo_config.minibatch_size": 8, f"{GO}.accumulation_steps": 1}, "note", None),
    ("BS204", {"ppo_config.minibatch_size": 7, f"{GO}.accumulation_steps": 1}, "note", "warning"),
    ("BS206", {**ON, f"{ABS}.adaptation_rate": 0}, "note", "error"),
    (
        "BS206",
        {**ON, f"{ABS}.adaptation_rate": 0.2, f"{ABS}.max_batch_size": 97},
        "note",
        "warning",
    ),
    ("BS206", {**ON, f"{ABS}.adaptation_rate": 0.243}, "note", None),  # BS208's
    ("BS208", {**ON, f"{ABS}.adaptation_rate": 2 / 9}, "note", None),
    ("BS208", {**ON, f"{ABS}.adaptation_rate": 0.22223}, "note", "warning"),
    ("BS208", {**ON, f"{ABS}.adaptation_rate": 1}, "note", None),  # BS206's error
    ("BS208", ON, "note,batch_reference=max_grad_norm", "warning"),
    (
        "BS208",
        {**ON, f"{ABS}.min_batch_size": 128, "ppo_config.minibatch_size": 128},
        "note,batch_reference=max_grad_norm",
        None,
    ),
    # 25 updates of 10 epochs of 4 windows are exactly 1,000 optimizer steps.
    (
        "ACC306",
        {"training.ppo_requests": 25600, "ppo_config.minibatch_size": 128, **FLAT, **NO_WINDOW},
        "note",
        "info",
    ),
    ("ACC306", {"training.ppo_requests": 104447, **FLAT}, "note", "info"),  # 97 updates
    ("CLP402", {"ppo_config.max_grad_norm": 0.3}, "note", None),
    ("CLP402", {"ppo_config.max_grad_norm": 0.29}, "note", "info"),
    ("CLP402", {"ppo_config.max_grad_norm": 5.01}, "note", "info"),
    ("CLP402", {"ppo_config.max_grad_norm": 10.01}, "note", "warning"),
    (
        "CLP402",
        {"ppo_config.max_grad_norm": 40, f"{GO}.clip_by_global_norm": False},
        "note",
        None,
    ),
    ("CLP403", {**NO_CLIP, f"{GO}.accumulation_steps": 1, "ppo_config.lr": 1e-3}, "note", None),
    (
        "CLP403",
        {**NO_CLIP, f"{GO}.accumulation_steps": 1, "ppo_config.lr": 2e-3},
        "note",
        "warning",
    ),
    ("CLP403", {**NO_CLIP, f"{GO}.accumulation_steps": 2}, "note", "warning"),
    (
        "GCK501",
        {f"{GO}.use_gradient_checkpointing": True, "actor_critic_architecture.dropout": 0},
        "note",
        None,
    ),
    (
        "GCK503",
        {
            f"{GO}.use_gradient_checkpointing": True,
            "actor_critic_architecture.stabilization.observation_clip": 5,
        },
        "note",
        None,
    ),
    ("PPO002", {"ppo_config.gae_lambda": 0.8}, "note", None),
    ("PPO002", {"ppo_config.gae_lambda": 0.79}, "note", "info"),
    ("PPO003", {"ppo_config.clip_ratio": 0.1}, "note", None),
    ("PPO003", {"ppo_config.clip_ratio": 0.41}, "note", "info"),
    ("PPO004", {"ppo_config.epochs": 1}, "note", None),
    ("PPO004", {"ppo_config.epochs": 21}, "note", "info"),
    ("PPO005", {"ppo_config.gamma": 1}, "note", None),
    ("PPO005", {"ppo_config.gamma": 0.9997}, "note", "info"),  # 128 · 0.0003 = 0.0384
    ("PPO005", {"ppo_config.gamma": 0.9996}, "note", None),  # 128 · 0.0004 = 0.0512
    ("PPO007", {"ppo_config.minibatch_size": 1024}, "note", None),
    ("PPO007", {"ppo_config.minibatch_size": 1025}, "note", None),  # PPO011's
    (
        "PPO007",
        {"ppo_config.minibatch_size": 96, "actor_critic_architecture.sequence_length": 32},
        "note",
        None,
    ),
    (
        "PPO009",
        {"kl_regularization.entropy_min": 0, "model_dimensions.action_dim": 1},
        "note",
        None,
    ),
    (
        "PPO009",
        {
            "kl_regularization.entropy_min": 0.25,
            "kl_regularization.entropy_threshold_penalty": {"enable": True, "threshold": 0.25},
        },
        "note",
        None,
    ),
    ("PPO011", {"ppo_config.minibatch_size": 1025, **FLAT}, "note", "warning"),
    ("STB601", {"ppo_config.stabilization_steps": 1, "training": {}}, "note", "warning"),
    (
        "STB601",
        {"ppo_config.stabilization_steps": 1, "training.ppo_requests": 1024},
        "note",
        "warning",
    ),
    ("STB601", {"ppo_config.stabilization_steps": 1, "training.ppo_requests": 1023}, "note", None),
    ("STB601", {"ppo_config.stabilization_steps": 1023}, "note", "warning"),
    (
        "STB603",
        {
            "ppo_config.stabilization_steps": ABSENT,
            "statistics_stabilization.stabilization_steps": 200,
        },
        "note",
        None,
    ),
    (
        "STB604",
        {
            **FLAT,
            "parallel_training.num_envs": 1,
            "ppo_config.rollout_len": 100,
            "ppo_config.stabilization_steps": 100,
        },
        "note",
        None,
    ),
    (
        "STB604",
        {
            **FLAT,
            "parallel_training.num_envs": 1,
            "ppo_config.rollout_len": 99,
            "ppo_config.stabilization_steps": 99,
        },
        "note",
        "info",
    ),
    (
        "UNIT701",  # the second begins exactly when the run ends
        {
            "curriculum_learning": {
                "enable": True,
                "stages": [{"duration_requests": 1024000}, {"duration_requests": 1}],
            }
        },
        "note",
        "warning",
    ),
    ("UNIT703", {"training.ppo_requests": 24 * 1024, **FLAT}, "note", None),
    ("UNIT703", {"training.ppo_requests": 24 * 1024 - 1, **FLAT}, "note", "warning"),
]


@pytest.mark.parametrize(("code", "changes", "profile", "severity"), EDGES)
def test_edge(code: str, changes: dict[str, Any], profile: str, severity: str | None) -> None:
    """At the limit the rule is silent, or gives the lower severity; beyond it, it speaks."""
    found = [f.severity.word for f in findings(with_changes(changes), profile) if f.code == code]
    assert found == ([] if severity is None else [severity])


@pytest.mark.parametrize("period", [1, 9, 100, 78880, 400000])
@pytest.mark.parametrize("kind", ["linear", "constant"])
def test_other_types_have_no_cycles(kind: str, period: int) -> None:
    """What the rules say of cosine cycles is not said of a schedule that has none."""
    schedule = {"type": kind, "restart_period": period, "min_lr_ratio": 0.001}
    codes = {f.code for f in findings(with_changes({LRS: schedule}))}
    assert not codes & {"LR103", "LR104", "LR105", "LR106", "LR107", "LR108", "LR113"}


def test_remedies_compute() -> None:
    """Remedies name values that mend: a divisor, one whole cycle, a tenth of the run."""
    cases = [
        ({"ppo_config.minibatch_size": 96, **FLAT}, "PPO007", "set minibatch_size to 64"),
        ({f"{LRS}.restart_period": 400000}, "LR103", "set restart_period to 157,760"),
        (
            {f"{LRS}.restart_period": 157759},
            "LR104",
            "set restart_period to 157,760, so that 1 whole",
        ),
        ({f"{LRS}.restart_period": 78000}, "LR104", "so that 2 whole cycles fit"),
        ({f"{LRS}.warmup_steps": 159360}, "LR101", "set warmup_steps to 15,936 or less"),
        ({"ppo_config.stabilization_steps": 9}, "STB601", "set stabilization_steps to 1,024"),
    ]
    for changes, code, piece in cases:
        (finding,) = [f for f in findings(with_changes(changes)) if f.code == code]
        assert piece in finding.remedy, (code, finding.remedy)
