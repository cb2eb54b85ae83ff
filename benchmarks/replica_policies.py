"""What policies score on `replica-scheduling`: those built in, and one that is trained.

Ten seeds; each policy meets the same requests. Intervals are 95% by Student's t over the seeds.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from reference_trainer.envs.registry import make_env
from reference_trainer.envs.replica import ReplicaScheduling, Task
from reference_trainer.envs.replica import baselines as built_in
from reference_trainer.envs.replica.baselines import Policy
from reference_trainer.envs.replica.score import Score, score
from reference_trainer.experiment import read_experiment
from reference_trainer.trainer import Choices, Trainer

SEEDS = tuple(range(10))
ARRIVALS = tuple(range(1000, 1010))  # none of them trained on
STUDENT = 2.262  # 97.5% of Student's t with 9 degrees of freedom
ENVS = 16

CONFIG: dict[str, Any] = {
    "training": {"num_replicas": 4, "qps": 2.5},
    "parallel_training": {"enable": True, "num_envs": ENVS},
    "ppo_config": {
        "lr": 1e-3, "gamma": 0.9, "gae_lambda": 0.9, "clip_ratio": 0.2, "epochs": 4,
        "rollout_len": 128, "minibatch_size": 512, "entropy_coef": 0.003, "max_grad_norm": 0.5,
        "value_coef": 0.5,
    },
    "advanced_optimization": {"learning_rate_schedule": {"type": "linear"}},
}  # fmt: skip


def trained(env_steps: int) -> Policy:
    """The policies of ten seeds; each takes its likeliest action."""
    import json

    from ppodiag.options import Options

    config = {**CONFIG, "training": {**CONFIG["training"], "ppo_requests": env_steps}}
    experiment = read_experiment(json.dumps(config).encode(), "<mapping>", Options())
    device = torch.device("cpu")
    env = make_env("replica-scheduling", config, SEEDS, ENVS, device)
    trainer = Trainer(experiment, env, SEEDS, device, Choices())
    while not trainer.done:
        trainer.step()
    assert trainer.state_normalizer is not None
    scales = trainer.state_normalizer.scales(torch.float32)

    def act(env: ReplicaScheduling, observation: Tensor, draws: Tensor) -> Tensor:
        return trainer.network.policy(scales(observation)).argmax(-1)

    return act


def interval(values: Tensor, scale: float = 1.0, digits: int = 2) -> str:
    """Mean and half the width of its interval."""
    half = STUDENT * float(values.std()) / len(values) ** 0.5
    return f"{scale * float(values.mean()):.{digits}f} ± {scale * half:.{digits}f}"


def line(name: str, found: Score, counting: Score | None) -> str:
    """A row of the table."""
    ratio = interval(found.latency / counting.latency) if counting else "1"
    cells = [
        name, interval(found.latency), ratio, interval(found.p99, digits=0),
        f"{100 * float(found.late.mean()):.0f}%", f"{100 * float(found.rejected.mean()):.1f}%",
        f"{float(found.waiting.mean()):.2f}", f"{100 * float(found.memory.mean()):.0f}%",
        f"{float(found.throughput.mean()):.2f}",
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env-steps", type=int, default=300_000, help="of each seed's training")
    env_steps = parser.parse_args().env_steps
    torch.set_num_threads(1)
    counting = score(built_in.least_outstanding, Task(), ARRIVALS)
    policies = {
        "random": built_in.random,
        "round robin": built_in.round_robin,
        "least outstanding": built_in.least_outstanding,
        "least drained": built_in.least_drained,
        "least added": built_in.least_added,
        f"trained, {env_steps:,} decisions": trained(env_steps),
    }
    heads = (
        "policy", "latency, s", "of least outstanding's", "p99, s", "late", "rejected",
        "waiting", "memory", "requests/s",
    )  # fmt: skip
    print("| " + " | ".join(heads) + " |\n|---|" + "---:|" * (len(heads) - 1))
    for name, policy in policies.items():
        print(line(name, score(policy, Task(), ARRIVALS), counting), flush=True)


if __name__ == "__main__":
    main()
