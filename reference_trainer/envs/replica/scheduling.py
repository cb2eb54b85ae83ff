"""The environment `replica-scheduling`: send each request to one of the replicas."""

from __future__ import annotations

import torch
from torch import Tensor

from reference_trainer.envs.environment import EnvSpec, Step
from reference_trainer.envs.replica import arrivals, observation, reward
from reference_trainer.envs.replica import parameters as p
from reference_trainer.envs.replica.arrivals import Request
from reference_trainer.envs.replica.parameters import Task
from reference_trainer.envs.replica.schedule import EVENTS, Load, Schedules, Standing
from reference_trainer.envs.restoring import checked
from reference_trainer.spaces import Discrete

NAME = "replica-scheduling"
METRICS = {
    "latency": "s",
    "late": "share",
    "rejected": "share",
    "waiting": "requests",
    "memory": "share",
    "throughput": "requests/s",
}
_DRAWS = arrivals.DRAWS + 1  # the last one places the slow replicas of a new episode
_SMOOTHING = 0.1  # weight of the newest gap in the smoothed one


class ReplicaScheduling:
    """S × N groups of R replicas.

    Attributes:
        task: what the configuration says.
        request: the requests that wait for a decision.
        speed: of the replicas, (S, N, R).
        standing: how the replicas stand at the decision.
        age: decisions taken in this episode, (S, N).
        gap: seconds between the last two requests, (S, N).
        schedules: what the replicas will do.
    """

    def __init__(
        self, task: Task, seeds: int, envs: int, device: torch.device, dtype: torch.dtype
    ) -> None:
        """Make them; `reset` comes before the first step.

        Args:
            task: what the configuration says.
            seeds: S.
            envs: N, environments of a seed.
            device: where all tensors lie.
            dtype: of everything.
        """
        self.task = task
        size = observation.size(task.replicas)
        self._spec = EnvSpec(
            NAME, size, Discrete(task.replicas), _DRAWS, _DRAWS, metrics=dict(METRICS)
        )
        shape = (seeds, envs, task.replicas)
        self.schedules = Schedules(shape, device, dtype)
        self._numbers = torch.arange(task.replicas, device=device, dtype=dtype)
        self._rows = torch.arange(seeds * envs, device=device) * task.replicas
        self._nan = torch.full((), torch.nan, device=device, dtype=dtype)
        self.speed = torch.ones(shape, device=device, dtype=dtype)
        zero = torch.zeros(seeds, envs, device=device, dtype=dtype)
        self.request = Request(zero + 1, zero + 1)
        self.age, self.gap, self._burst = zero.clone(), zero.clone(), zero.clone()
        self._pressure, self._clock, self._accepted = zero + 1, zero.clone(), zero.clone()
        self.standing = self.schedules.standing()

    @property
    def spec(self) -> EnvSpec:
        """One of R actions; the observation is that of `observation.FEATURES`."""
        return self._spec

    def reset(self, draws: Tensor) -> Tensor:
        """Start all episodes; see `VectorEnv.reset`."""
        self.schedules.clear()
        self.standing = self.schedules.standing()
        self.speed = self._speeds(draws)
        self.request = arrivals.lengths(draws)
        self._pressure = torch.ones_like(self.age)
        self.age, self.gap, self._burst, self._clock, self._accepted = (
            torch.zeros_like(self.age) for _ in range(5)
        )
        return self._observe()

    def _speeds(self, draws: Tensor) -> Tensor:
        """Speeds of a new episode, (S, N, R): the slow replicas stand side by side, in a ring."""
        first = (draws[..., -1:] * self.task.replicas).floor_()
        slow = torch.remainder(self._numbers - first, self.task.replicas) < self.task.slow
        return 1 - slow.to(self.speed.dtype) * (1 - p.SLOW_SPEED)

    def _observe(self) -> Tensor:
        return observation.observe(self.standing, self.speed, self.request, self._pressure)

    def would_add(self, actions: Tensor) -> reward.Added:
        """What actions, (S, N), would add if they were taken now; nothing changes."""
        return reward.added(self.task, self.schedules.send(*self._sending(actions)))

    def _sending(self, actions: Tensor) -> tuple[Tensor, Load]:
        speed = self.speed.gather(-1, actions.unsqueeze(-1)).view(-1, 1)
        request = self.request
        load = Load(request.prompt.view(-1, 1), request.output.view(-1, 1), speed)
        return self._rows + actions.flatten(), load

    def step(self, actions: Tensor, draws: Tensor) -> Step:
        """One decision of all; see `VectorEnv.step`."""
        shape, task, dtype = actions.shape, self.task, self.speed.dtype
        draws = draws.to(dtype)
        rows, load = self._sending(actions)
        sent = self.schedules.send(rows, load)
        self.schedules.put(rows, sent)
        added = reward.added(task, sent)
        rejected = sent.full.view(shape).to(dtype)

        self.gap, self._burst = arrivals.gaps(task, draws, self._burst)
        self.schedules.pass_time(self.gap)
        self.age, self._clock = self.age + 1, self._clock + self.gap
        self._accepted = self._accepted + 1 - rejected
        self._pressure = self._pressure.lerp(self.gap * task.qps, _SMOOTHING)
        self.request, self.standing = arrivals.lengths(draws), self.schedules.standing()
        truncated = self.age >= task.decisions
        last = self._observe()

        gained = -added.cost.view(shape)
        if task.balance_weight:
            uneven = reward.unevenness(self.standing.outstanding)
            gained = gained - task.balance_weight * uneven
        metrics = {
            "latency": added.latency.view(shape),
            "late": added.late.view(shape),
            "rejected": rejected,
            **self._occupancy(truncated),
        }
        self._restart(truncated, draws)
        return Step(self._observe(), gained, torch.zeros_like(truncated), truncated, last, metrics)

    def _occupancy(self, truncated: Tensor) -> dict[str, Tensor]:
        """Metrics of how the replicas stand, and of an episode that ends."""
        now = self.standing
        finished = self._accepted - now.outstanding.sum(-1)
        return {
            "waiting": now.waiting.mean(-1),
            "memory": now.memory.mean(-1) / p.MEMORY,
            "throughput": torch.where(truncated, finished / self._clock, self._nan),
        }

    def _restart(self, truncated: Tensor, draws: Tensor) -> None:
        """Begin anew where an episode ended; the request that was drawn is its first one."""
        going = (~truncated).to(self.speed.dtype)
        self.schedules.abandon(1 - going)
        kept, now = going.unsqueeze(-1), self.standing
        self.standing = Standing(
            now.running * kept, now.waiting * kept, now.memory * kept,
            now.reading * kept, now.drained * kept,
        )  # fmt: skip
        self.speed = torch.where(truncated.unsqueeze(-1), self._speeds(draws), self.speed)
        self.age, self._clock = self.age * going, self._clock * going
        self._burst, self._accepted = self._burst * going, self._accepted * going
        self._pressure = torch.where(truncated, 1.0, self._pressure)

    def _changing(self) -> dict[str, Tensor]:
        lead = self.age.shape
        return {
            "table": self.schedules.table.view(*lead, self.task.replicas, -1, EVENTS),
            "times": self.schedules.times.view(*lead, self.task.replicas, EVENTS),
            "speed": self.speed, "prompt": self.request.prompt, "output": self.request.output,
            "age": self.age, "gap": self.gap, "burst": self._burst, "pressure": self._pressure,
            "clock": self._clock, "accepted": self._accepted,
        }  # fmt: skip

    def state(self) -> dict[str, Tensor]:
        """All that changes, by name; each with the leading axes (S, N)."""
        return {name: tensor.clone() for name, tensor in self._changing().items()}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Put it back; see `VectorEnv.load_state`."""
        own = self._changing()
        checked(state, own)
        # What `step` replaces may still be held by whoever got it; only the schedules are written to.
        for name in ("table", "times"):
            own[name].copy_(state[name])
        new = {name: torch.empty_like(own[name]).copy_(state[name]) for name in own}
        self.speed, self.age, self.gap = new["speed"], new["age"], new["gap"]
        self.request = Request(new["prompt"], new["output"])
        self._burst, self._pressure = new["burst"], new["pressure"]
        self._clock, self._accepted = new["clock"], new["accepted"]
        self.standing = self.schedules.standing()

    def close(self) -> None:
        """Nothing to let go of."""
