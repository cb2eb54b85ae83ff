"""Steps/s of CartPole-v1 alone: the tensors of the trainer, and Gymnasium's modes through it.

One thread; interleaved, best of several rounds, in which actions and draws stay the same.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from reference_trainer.envs.environment import VectorEnv
from reference_trainer.envs.registry import make_env

SHAPES = ((1, 8), (8, 8), (1, 64), (8, 64), (1, 1024))
STEPS = 500


def seconds(env: VectorEnv, shape: tuple[int, int]) -> float:
    """Seconds of one step, the mean over `STEPS`."""
    actions = torch.randint(0, 2, shape)
    draws = torch.rand(*shape, env.spec.step_draws)
    env.reset(torch.rand(*shape, env.spec.reset_draws))
    start = time.perf_counter()
    for _ in range(STEPS):
        env.step(actions, draws)
    return (time.perf_counter() - start) / STEPS


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    names = ("CartPole-v1", "gymnasium:CartPole-v1")
    print("| seeds × environments | " + " | ".join(names) + " |\n|---|---:|---:|")
    for seeds, envs in SHAPES:
        made = [make_env(name, {}, range(seeds), envs, torch.device("cpu")) for name in names]
        best = [
            min(times)
            for times in zip(
                *([seconds(env, (seeds, envs)) for env in made] for _ in range(rounds)),
                strict=True,
            )
        ]
        cells = (f"{1e6 * b:.0f} µs, {seeds * envs / b:,.0f} steps/s" for b in best)
        print(f"| {seeds} × {envs} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
