"""What a policy scores: latencies over whole runs, seed by seed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from reference_trainer.envs.replica.baselines import Policy
from reference_trainer.envs.replica.parameters import Task
from reference_trainer.envs.replica.scheduling import ReplicaScheduling
from reference_trainer.streams import SeedStreams

_METRICS = ("latency", "late", "rejected", "waiting", "memory")


@dataclass(frozen=True, slots=True)
class Score:
    """What a policy scored, one value a seed, (S,).

    Attributes:
        latency: mean seconds of a request; one turned away counts as `REJECTED`.
        p99: seconds within which 99% of those that finished did.
        late: share of requests that took longer than the task's limit, or were turned away.
        rejected: share of requests turned away.
        waiting: requests in a replica's queue, mean over decisions and replicas.
        memory: share of the memory that is set aside, likewise.
        throughput: requests finished a second.
    """

    latency: Tensor
    p99: Tensor
    late: Tensor
    rejected: Tensor
    waiting: Tensor
    memory: Tensor
    throughput: Tensor


@torch.no_grad()
def score(
    policy: Policy, task: Task, seeds: Sequence[int], envs: int = 32, decisions: int | None = None
) -> Score:
    """Score a policy over one episode of every environment, from empty replicas, on the CPU.

    Policies that are scored with the same seeds meet the same requests.

    Args:
        policy: what is scored.
        task: the task; its episodes' length does not matter.
        seeds: of the arrivals, S.
        envs: environments of each.
        decisions: length of the episode; None: the task's.
    """
    decisions = decisions or task.decisions
    endless = replace(task, decisions=decisions + 1)  # nothing restarts before all is read
    env = ReplicaScheduling(endless, len(seeds), envs, torch.device("cpu"), torch.float32)
    streams = SeedStreams(seeds)
    words = env.spec.step_draws
    seen = env.reset(streams.uniform(envs, words, dtype=torch.float32))
    sums = {name: torch.zeros(len(seeds)) for name in _METRICS}
    seconds = torch.zeros(len(seeds), envs)
    latencies: list[list[Tensor]] = [[] for _ in seeds]
    for _ in range(decisions):
        draws = streams.uniform(envs, words + 1, dtype=torch.float32)
        step = env.step(policy(env, seen, draws[..., -1]), draws[..., :-1])
        seen, seconds = step.observation, seconds + env.gap
        for name, total in sums.items():
            total += step.metrics[name].mean(-1)
        for kept, latency in zip(latencies, env.finished(), strict=True):
            kept.append(latency[latency > 0])
    finished = [torch.cat(kept) for kept in latencies]
    return Score(
        **{name: total / decisions for name, total in sums.items()},
        p99=torch.stack([_quantile(values, 0.99) for values in finished]),
        throughput=torch.tensor([float(len(values)) for values in finished]) / seconds.sum(-1),
    )


def _quantile(values: Tensor, share: float) -> Tensor:
    """The least of some values that `share` of them do not exceed; nan where there are none."""
    if not len(values):
        return torch.full((), torch.nan)
    return values.kthvalue(max(1, math.ceil(share * len(values)))).values
