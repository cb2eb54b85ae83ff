"""Decisions/s of `replica-scheduling` alone; one thread, best of several rounds.

Actions and draws stay the same within a round: what is timed is the environment.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from reference_trainer.envs.registry import make_env

SHAPES = ((1, 8), (8, 8), (1, 64), (1, 1024), (8, 1024))
STEPS = 200


def seconds(shape: tuple[int, int], device: torch.device) -> float:
    """Seconds of one step, the mean over `STEPS`."""
    env = make_env("replica-scheduling", {}, range(shape[0]), shape[1], device)
    actions = [torch.randint(0, 4, shape, device=device) for _ in range(8)]
    draws = [torch.rand(*shape, env.spec.step_draws, device=device) for _ in range(8)]
    env.reset(torch.rand(*shape, env.spec.reset_draws, device=device))
    for count in range(40):  # fill the replicas
        env.step(actions[count % 8], draws[count % 8])
    start = time.perf_counter()
    for count in range(STEPS):
        env.step(actions[count % 8], draws[count % 8])
    return (time.perf_counter() - start) / STEPS


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    print("| seeds × environments | a step | decisions/s |\n|---|---:|---:|")
    best = {shape: float("inf") for shape in SHAPES}
    for _ in range(rounds):
        for shape in SHAPES:
            best[shape] = min(best[shape], seconds(shape, torch.device("cpu")))
    for (seeds, envs), taken in best.items():
        print(f"| {seeds} × {envs:,} | {1e6 * taken:,.0f} µs | {seeds * envs / taken:,.0f} |")


if __name__ == "__main__":
    main()
