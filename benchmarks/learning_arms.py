"""What is trained to compare how fast it learns: the trainer here, and Stable-Baselines3.

CleanRL's settings for CartPole: 8 environments of 128 steps, 4 minibatches, 4 epochs, learning rate
2.5e-4 falling to 0, two layers of 64 tanh units apart for actor and critic, no normalizers. Nothing
else is tuned.
"""

from __future__ import annotations

import time
from typing import Any

import torch
from learning_curves import Curve

ENVS, ROLLOUT, MINIBATCH, EPOCHS = 8, 128, 256, 4
LR, GAMMA, LAMBDA, CLIP, ENTROPY, NORM = 2.5e-4, 0.99, 0.95, 0.2, 0.01, 0.5

PROFILES = {
    # Stable-Baselines3 weighs the plain squared error by 0.5 and does not clip the value.
    "sb3": {"value_coef": 0.5},
    # CleanRL weighs half the squared error by 0.5 and clips the value.
    "cleanrl": {"value_coef": 0.25, "clip_range_vf": 0.2},
}


def configuration(profile: str) -> dict[str, Any]:
    """The configuration of the trainer, under the conventions of a profile."""
    return {
        "$ppodiag": {"profile": profile},
        "parallel_training": {"enable": True, "num_envs": ENVS},
        "ppo_config": {
            "lr": LR,
            "rollout_len": ROLLOUT,
            "minibatch_size": MINIBATCH,
            "epochs": EPOCHS,
            "gamma": GAMMA,
            "gae_lambda": LAMBDA,
            "clip_ratio": CLIP,
            "entropy_coef": ENTROPY,
            "max_grad_norm": NORM,
            **PROFILES[profile],
        },
        "advanced_optimization": {"learning_rate_schedule": {"type": "linear"}},
    }


def ours(profile: str, env: str, env_steps: int, seeds: list[int]) -> list[Curve]:
    """Train all seeds at once; an episode is dated by the end of its rollout."""
    from reference_trainer import train

    torch.set_num_threads(1)
    began = time.perf_counter()
    run = train(
        configuration(profile),
        env=env,
        seeds=seeds,
        total_env_steps=env_steps,
        device="cpu",
        normalize="none",
    )
    seconds = time.perf_counter() - began
    curves = []
    for seed, rows in run.rows.items():
        steps = [int(row.number("env_steps")) for row in rows for _ in row.returns]
        curves.append(Curve(seed, steps, [r for row in rows for r in row.returns], seconds))
    return curves


def sb3(profile: str, env: str, env_steps: int, seed: int) -> Curve:
    """Train one seed with Stable-Baselines3; an episode is dated by its last step.

    Where the value is clipped, it takes the clipped error alone, not the larger of both.
    """
    from stable_baselines3 import PPO
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.env_util import make_vec_env

    class Episodes(BaseCallback):  # type: ignore[misc]  # the package is not followed
        """Notes each episode that the monitor reports."""

        def __init__(self) -> None:
            super().__init__()
            self.ends: list[int] = []
            self.returns: list[float] = []

        def _on_step(self) -> bool:
            for info in self.locals["infos"]:
                if "episode" in info:
                    self.ends.append(self.num_timesteps)
                    self.returns.append(float(info["episode"]["r"]))
            return True

    torch.set_num_threads(1)
    began = time.perf_counter()
    seen = Episodes()
    PPO(
        "MlpPolicy", make_vec_env(env, ENVS, seed=seed), learning_rate=lambda left: LR * left,
        n_steps=ROLLOUT, batch_size=MINIBATCH, n_epochs=EPOCHS, gamma=GAMMA, gae_lambda=LAMBDA,
        clip_range=CLIP, clip_range_vf=PROFILES[profile].get("clip_range_vf"), ent_coef=ENTROPY,
        vf_coef=PROFILES[profile]["value_coef"], max_grad_norm=NORM, seed=seed, device="cpu",
    ).learn(env_steps, callback=seen)  # fmt: skip
    return Curve(seed, seen.ends, seen.returns, time.perf_counter() - began)
