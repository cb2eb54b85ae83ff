"""One measured training run on CartPole-v1, in a process of its own: env steps/s and peak memory as
JSON.

Called by run.py: `training.py ARM ENVS UPDATES`; ARMS lists the arms. All train with 128 steps a
rollout, 4 epochs of 4 minibatches, two layers of 64 tanh units apart for actor and critic, on one
torch thread, after one update that is not counted.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from ppodiag.own_memory import own_peak_bytes

STEPS, EPOCHS, MINIBATCHES = 128, 4, 4
ADAPTIVE = {
    "adaptive_batch_size": {
        "enable": True, "min_batch_size": 128, "max_batch_size": 512, "adaptation_rate": 0.1,
    }
}  # fmt: skip
ACCUMULATION = {"gradient_optimization": {"accumulation_steps": 2}}
CHECKPOINTING = {"gradient_optimization": {"use_gradient_checkpointing": True}}
COSINE = {
    "learning_rate_schedule": {
        "type": "cosine_annealing_with_warmup", "warmup_steps": 100, "restart_period": 1000,
        "min_lr_ratio": 0.1,
    }
}  # fmt: skip
STOPS = {"early_stopping": {"enable": True, "kl_threshold": 0.5}}


def config(envs: int, **blocks: Any) -> dict[str, Any]:
    """The configuration of all arms, with features of the block."""
    ppo = {
        "lr": 2.5e-4, "rollout_len": STEPS, "minibatch_size": envs * STEPS // MINIBATCHES,
        "epochs": EPOCHS, "entropy_coef": 0.01, "clip_ratio": 0.2,
    }  # fmt: skip
    ppo |= blocks.pop("ppo", {})
    stops = blocks.pop("stops", {})
    return {
        "parallel_training": {"enable": True, "num_envs": envs},
        "ppo_config": ppo,
        "kl_regularization": stops,
        "advanced_optimization": blocks,
    }


CLIPPED = {"ppo": {"max_grad_norm": 0.5}}
EVERYTHING = {
    **COSINE, **ADAPTIVE, **CLIPPED, "stops": STOPS,
    "gradient_optimization": {"accumulation_steps": 2, "use_gradient_checkpointing": True},
}  # fmt: skip


def ours(
    envs: int, seeds: int = 1, normalize: str = "none", compile: bool = False, **blocks: Any
) -> tuple[Callable[[], object], int]:
    """One update of the reference trainer, and its env steps over all seeds."""
    import torch

    torch.set_num_threads(1)
    from reference_trainer.run_record import Request
    from reference_trainer.trainer import Choices
    from reference_trainer.training import read_request_experiment, trainers
    from reference_trainer.world import World

    text = json.dumps({**config(envs, **blocks), "training": {"ppo_requests": 10**9}})
    experiment = read_request_experiment(Request("arm", text, "CartPole-v1", list(range(seeds))))
    wanted = normalize == "both"
    trainer = next(
        trainers(
            experiment, "CartPole-v1", tuple(range(seeds)), torch.device("cpu"),
            Choices(wanted, wanted, compile=compile), World(),
        )
    )  # fmt: skip
    return trainer.step, envs * STEPS * seeds


def sb3(envs: int) -> tuple[Callable[[], object], int]:
    """One update of Stable-Baselines3's PPO with the same settings."""
    import torch
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env

    torch.set_num_threads(1)
    model = PPO(
        "MlpPolicy", make_vec_env("CartPole-v1", envs, seed=0), learning_rate=2.5e-4,
        n_steps=STEPS, batch_size=envs * STEPS // MINIBATCHES, n_epochs=EPOCHS, ent_coef=0.01,
        max_grad_norm=0.5, policy_kwargs={"net_arch": {"pi": [64, 64], "vf": [64, 64]}}, seed=0,
        device="cpu",
    )  # fmt: skip
    update = envs * STEPS
    return lambda: model.learn(update, reset_num_timesteps=False), update


ARMS: dict[str, Callable[[int], tuple[Callable[[], object], int]]] = {
    "sb3": sb3,
    "one seed": lambda envs: ours(envs, **CLIPPED),
    "8 seeds": lambda envs: ours(envs, 8, **CLIPPED),
    "16 seeds": lambda envs: ours(envs, 16, **CLIPPED),
    "plain": ours,
    "schedule": lambda envs: ours(envs, **COSINE),
    "adaptive": lambda envs: ours(envs, **ADAPTIVE),
    "accumulation": lambda envs: ours(envs, **ACCUMULATION),
    "checkpointing": lambda envs: ours(envs, **CHECKPOINTING),
    "early stop": lambda envs: ours(envs, stops=STOPS),
    "normalizers": lambda envs: ours(envs, normalize="both"),
    "everything": lambda envs: ours(envs, normalize="both", **EVERYTHING),
    "compiled": lambda envs: ours(envs, compile=True, **CLIPPED),
    "8 seeds compiled": lambda envs: ours(envs, 8, compile=True, **CLIPPED),
}


def main(arm: str, envs: int, updates: int) -> None:
    """Train and print."""
    step, env_steps = ARMS[arm](envs)
    begin = time.perf_counter()
    step()
    first = time.perf_counter() - begin
    begin = time.perf_counter()
    for _ in range(updates):
        step()
    seconds = time.perf_counter() - begin
    peak = own_peak_bytes()
    speed = updates * env_steps / seconds
    print(json.dumps({"env_steps_per_second": speed, "first_update": first, "peak": peak}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
