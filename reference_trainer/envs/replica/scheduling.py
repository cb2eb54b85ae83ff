"""The environment `replica-scheduling`: send each request to one of the replicas."""

from __future__ import annotations

import torch
from torch import Tensor

from reference_trainer.envs.environment import EnvSpec, Step
from reference_trainer.envs.replica import arrivals, observation, reward
from reference_trainer.envs.replica import parameters as p
from reference_trainer.envs.replica.arrivals import Request
from reference_trainer.envs.replica.parameters import Task
from reference_trainer.envs.replica.schedule import EVENTS, FIELDS, Load, Schedules, Standing
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
        age: decisions taken in this episode. Episodes begin together and are equally long, so one
            number on the host tells it for all, and no environment has to be asked for its end.
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
        self._nan = torch.full((seeds, envs), torch.nan, device=device, dtype=dtype)
        self._never = torch.zeros(seeds, envs, device=device, dtype=torch.bool)
        self.speed = torch.ones(shape, device=device, dtype=dtype)
        zero = torch.zeros(seeds, envs, device=device, dtype=dtype)
        self.request = Request(zero + 1, zero + 1)
        self.gap = self._burst = self._clock = self._rejected = zero
        self._pressure, self.age = zero + 1, 0

    @property
    def standing(self) -> Standing:
        """How the replicas stand at the decision."""
        return self.schedules.standing

    @property
    def spec(self) -> EnvSpec:
        """One of R actions; the observation is that of `observation.FEATURES`."""
        return self._spec

    def reset(self, draws: Tensor) -> Tensor:
        """Start all episodes; see `VectorEnv.reset`."""
        self._begin(draws.to(self.speed.dtype))
        return self._observe()

    def _begin(self, draws: Tensor) -> None:
        """Empty replicas, their speeds, and the first requests."""
        self.schedules.clear()
        self.age = 0
        self.speed, self.request = self._speeds(draws), arrivals.lengths(draws)
        zero = torch.zeros_like(self.gap)
        self.gap = self._burst = self._clock = self._rejected = zero
        self._pressure = zero + 1

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

    def finished(self) -> Tensor:
        """Latencies of the requests that finished since the last step, (S, N, R · EVENTS); 0 elsewhere.

        Empty after a step that ended the episode.
        """
        return self.schedules.finished(self.gap).flatten(2)

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
        self.request = arrivals.lengths(draws)
        self.age, self._clock = self.age + 1, self._clock + self.gap
        self._rejected = self._rejected + rejected
        self._pressure = self._pressure.lerp(self.gap * task.qps, _SMOOTHING)
        gained = added.cost.neg().view(shape)
        if task.balance_weight:
            uneven = reward.unevenness(self.standing.outstanding)
            gained = gained - task.balance_weight * uneven
        metrics = {
            "latency": added.latency.view(shape),
            "late": added.late.view(shape),
            "rejected": rejected,
            **self._occupancy(),
        }
        seen = last = self._observe()
        truncated = self._never
        if self.age == task.decisions:
            truncated = ~self._never
            self._begin(draws)
            seen = self._observe()
        return Step(seen, gained, self._never, truncated, last, metrics)

    def _occupancy(self) -> dict[str, Tensor]:
        """Metrics of how the replicas stand, and of an episode that ends."""
        now = self.standing
        throughput = self._nan
        if self.age == self.task.decisions:
            throughput = (self.age - self._rejected - now.outstanding.sum(-1)) / self._clock
        return {
            "waiting": now.waiting.mean(-1),
            "memory": 1 - now.free.mean(-1) / p.MEMORY,
            "throughput": throughput,
        }

    def _tensors(self) -> dict[str, Tensor]:
        lead = *self.gap.shape, self.task.replicas
        schedules = self.schedules
        return {
            "table": schedules.table.view(FIELDS, *lead, EVENTS).movedim(0, -2),
            "newest": schedules.newest.view(lead),
            "speed": self.speed, "prompt": self.request.prompt, "output": self.request.output,
            "gap": self.gap, "burst": self._burst, "pressure": self._pressure,
            "clock": self._clock, "rejected": self._rejected,
            "age": torch.full_like(self.gap[:, 0], self.age, dtype=torch.int64),
        }  # fmt: skip

    def state(self) -> dict[str, Tensor]:
        """All that changes, by name; `age` with the axis (S,), all else with (S, N)."""
        return {name: tensor.clone() for name, tensor in self._tensors().items()}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Put it back; see `VectorEnv.load_state`."""
        own = self._tensors()
        checked(state, own)
        new = {name: torch.empty_like(like).copy_(state[name]) for name, like in own.items()}
        for name in ("table", "newest"):
            own[name].copy_(new[name])
        self.schedules.look()
        self.speed, self.gap = new["speed"], new["gap"]
        self.request = Request(new["prompt"], new["output"])
        self._burst, self._pressure = new["burst"], new["pressure"]
        self._clock, self._rejected = new["clock"], new["rejected"]
        self.age = int(new["age"][0])

    def close(self) -> None:
        """Nothing to let go of."""
