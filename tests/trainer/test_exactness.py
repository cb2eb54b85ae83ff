"""What the trainer logs is what the simulator foretells, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ppodiag import Replay, simulate
from reference_trainer import train

KINDS = ("cosine_annealing_with_warmup", "linear", "constant")


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, Any]:
    """Small configurations with every feature of the block, in every combination."""
    rollout_len, envs = draw(st.integers(4, 24)), draw(st.integers(1, 3))
    samples = rollout_len * envs
    schedule = {"type": draw(st.sampled_from(KINDS)), "warmup_steps": draw(st.integers(0, 30))}
    if schedule["type"] != "constant":
        schedule["min_lr_ratio"] = draw(st.sampled_from((0.0, 0.1, 0.5)))
    if schedule["type"] == KINDS[0] and draw(st.booleans()):
        schedule["restart_period"] = draw(st.integers(1, 40))
    low = draw(st.integers(1, samples))
    adaptive = {
        "enable": draw(st.booleans()),
        "min_batch_size": low,
        "max_batch_size": draw(st.integers(low, 2 * samples)),
        "adaptation_rate": draw(st.sampled_from((0.05, 0.3, 0.9))),
    }
    return {
        "training": {"ppo_requests": samples * draw(st.integers(2, 5)) + draw(st.integers(0, 3))},
        "parallel_training": {"enable": True, "num_envs": envs},
        "ppo_config": {
            "lr": 0.01,
            "rollout_len": rollout_len,
            "minibatch_size": draw(st.integers(2, samples)),
            "epochs": draw(st.integers(1, 3)),
            "max_grad_norm": 0.5,
            "stabilization_steps": samples * draw(st.integers(0, 1)),
        },
        "kl_regularization": {
            "early_stopping": {
                "enable": draw(st.booleans()),
                "kl_threshold": draw(st.sampled_from((1e-5, 1e-3, 0.1))),
            }
        },
        "advanced_optimization": {
            "learning_rate_schedule": schedule,
            "adaptive_batch_size": adaptive,
            "gradient_optimization": {"accumulation_steps": draw(st.integers(1, 4))},
        },
        "actor_critic_architecture": {"hidden_size": 4, "num_layers": 1},
    }


PROFILES = (
    "note",
    "torch-optimizer-step",
    "huggingface",
    "sb3",
    "cleanrl",
    "note,skipped_updates=ticking",
    "note,batch_state=integer,warmup_form=(t+1)/W",
    "note,batch_reference=max_grad_norm,cosine_origin=zero",
)


@settings(max_examples=150, deadline=None)
@given(configurations(), st.sampled_from(PROFILES), st.integers(0, 2**31))
def test_the_log_is_the_simulation_with_the_runs_own_norms(
    config: dict[str, Any], profile: str, seed: int
) -> None:
    """Learning rate, sizes, norms and counts of every update are equal, and b too."""
    run = train(config, env="CartPole-v1", seeds=seed, profile=profile)
    rows = [row.values for row in run.rows[seed] if row.values["applied"]]
    if not rows:
        return

    def column(name: str) -> np.ndarray[Any, Any]:
        return np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=float)

    norms, sizes = column("pg_grad_norm"), column("minibatch_size")
    replay = Replay("the run", norms, sizes, column("minibatch_steps"))
    table = simulate(config, profile, replay).to_frame("update")
    table = table[table["applied"]]
    for logged, foretold in (
        ("lr", "lr_last"),
        ("minibatch_size", "minibatch_size"),
        ("minibatch_steps", "minibatch_steps"),
        ("optimizer_steps", "optimizer_steps"),
        ("pg_grad_norm", "pg_grad_norm"),
        ("env_steps", "env_steps"),
    ):
        foretold_values = table[foretold].to_numpy(dtype=float)
        np.testing.assert_array_equal(column(logged), foretold_values, err_msg=logged)
    assert rows[-1]["tick"] == simulate(config, profile, replay).ticks[0]
