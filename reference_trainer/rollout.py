"""Collecting a rollout: the policy acts, the environments answer."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from reference_trainer.distributions import Distribution, bounded, is_discrete
from reference_trainer.envs.environment import VectorEnv
from reference_trainer.nets.actor_critic import ActorCritic
from reference_trainer.normalizers import Scales
from reference_trainer.streams import SeedStreams
from reference_trainer.world import World


@dataclass(frozen=True)
class Rollout:
    """What S × N environments did in T steps.

    Attributes:
        raw: observations as the environments gave them, (S, T, N, D).
        observations: the same as the policy saw them.
        actions: as they were drawn, (S, T, N) or (S, T, N, size).
        log_probs: log π(a|s), (S, T, N).
        rewards, values, next_values: (S, T, N); `next_values` are those of what the action led to.
        terminated, truncated: (S, T, N) bool.
        hidden: recurrent state at the first step of each sequence, (S, Q, H); sequence c·N + n is
            chunk c of environment n. None: no recurrent layers.
        started: True where an observation is the first of its episode, (S, T, N); None likewise.
        metrics: of the environment by name, (S, T, N); nan where there is nothing to tell.
    """

    raw: Tensor
    observations: Tensor
    actions: Tensor
    log_probs: Tensor
    rewards: Tensor
    values: Tensor
    next_values: Tensor
    terminated: Tensor
    truncated: Tensor
    hidden: Tensor | None = None
    started: Tensor | None = None
    metrics: dict[str, Tensor] = field(default_factory=dict)


@dataclass
class Carried:
    """What one rollout hands to the next.

    Attributes:
        observation: the observation to act on next, as the environment gave it, (S, N, D).
        hidden: the recurrent state, (S, N, H).
        started: True where that observation is the first of its episode, (S, N).
    """

    observation: Tensor
    hidden: Tensor
    started: Tensor

    def state(self) -> dict[str, Tensor]:
        """All of it."""
        return {"observation": self.observation, "hidden": self.hidden, "started": self.started}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        device = self.observation.device
        self.observation = state["observation"].to(device)
        self.hidden, self.started = state["hidden"].to(device), state["started"].to(device)


@dataclass(frozen=True)
class Collector:
    """Collects rollouts of one length.

    Attributes:
        env: the environments of this process.
        network: actor and critic.
        policy: the distribution.
        length: T.
        chunk: L', steps of a sequence.
        world: the processes that train together.
    """

    env: VectorEnv
    network: ActorCritic
    policy: Distribution
    length: int
    chunk: int
    world: World

    def draw(self, streams: SeedStreams, envs: int, like: Tensor) -> tuple[Tensor, Tensor]:
        """The random numbers of a rollout, for the environments and for the actions.

        They are drawn for the environments of all processes, so that these see what one process
        would; each moves its own part to the device. Shapes (S, T, N, draws) and (S, T, N, A).
        """
        spec, mine = self.env.spec, self.world.share(envs)
        shape = self.length, envs, spec.actions.outputs
        steps = streams.uniform(self.length, envs, spec.step_draws, dtype=like.dtype)
        draw = streams.uniform if is_discrete(spec.actions) else streams.normal
        acts = draw(*shape, dtype=like.dtype)
        own = slice(mine.start, mine.stop)
        return (
            steps[:, :, own].to(like.device),
            self.policy.noise(acts[:, :, own].to(like.device)),
        )

    @torch.no_grad()
    def collect(
        self, carried: Carried, streams: SeedStreams, envs: int, scales: Scales | None
    ) -> Rollout:
        """A rollout; `carried` moves on.

        Args:
            carried: what the rollout before left; changed in place.
            streams: the random numbers.
            envs: environments of all processes together.
            scales: normalisation of the observations; None: none.
        """
        draws, noise = self.draw(streams, envs, carried.observation)
        tape = _Tape(self, carried, scales)
        for t in range(self.length):
            tape.step(t, draws[:, t], noise[:, t])
        return tape.rollout()


class _Tape:
    """The rollout while it is being collected."""

    def __init__(self, of: Collector, carried: Carried, scales: Scales | None) -> None:
        self.of, self.carried, self.scales = of, carried, scales
        first, length, actions = carried.observation, of.length, of.env.spec.actions
        seeds, envs, width = first.shape
        self.shape = seeds, length, envs

        def column(*more: int, dtype: torch.dtype = first.dtype) -> Tensor:
            return torch.empty(*self.shape, *more, dtype=dtype, device=first.device)

        self.raw, self.outputs = column(width), column(actions.outputs)
        self.seen = self.raw if scales is None else column(width)
        discrete = is_discrete(actions)
        self.actions = column(*actions.shape, dtype=torch.int64 if discrete else first.dtype)
        self.rewards = column()
        self.terminated, self.truncated = column(dtype=torch.bool), column(dtype=torch.bool)
        self.final = column(width) if of.env.spec.truncates else None
        self.metrics = {name: column() for name in of.env.spec.metrics}
        self.recurrent = of.network.hidden_size > 0
        if self.recurrent:
            self.values, self.beyond = column(), column()
            self.started = column(dtype=torch.bool)
            self.hidden: list[Tensor] = []

    def step(self, t: int, draws: Tensor, noise: Tensor) -> None:
        of, carried = self.of, self.carried
        observation = carried.observation
        self.raw[:, t] = observation
        if self.scales is not None:
            observation = self.scales(observation)
            self.seen[:, t] = observation
        act = self._remember if self.recurrent else self._act
        outputs = act(t, observation)
        action = of.policy.sample(outputs, noise)
        step = of.env.step(bounded(of.env.spec.actions, action), draws)
        self.outputs[:, t], self.actions[:, t] = outputs, action
        self.rewards[:, t] = step.reward
        self.terminated[:, t], self.truncated[:, t] = step.terminated, step.truncated
        if self.final is not None:
            self.final[:, t] = step.final_observation
        for name, column in self.metrics.items():
            column[:, t] = step.metrics[name]
        if self.recurrent:
            carried.started = step.terminated | step.truncated
            if self.final is not None:
                going_on = torch.zeros_like(carried.started)
                self.beyond[:, t] = self._value_after(step.final_observation, going_on)
        carried.observation = step.observation

    def _act(self, _t: int, observation: Tensor) -> Tensor:
        return self.of.network.policy(observation)

    def _remember(self, t: int, observation: Tensor) -> Tensor:
        """Act with recurrent networks; their state and value are kept."""
        carried = self.carried
        self.started[:, t] = carried.started
        if t % self.of.chunk == 0:
            self.hidden.append(carried.hidden)
        outputs, values, carried.hidden = self.of.network.step(
            observation, carried.hidden, carried.started
        )
        self.values[:, t] = values
        return outputs

    def _value_after(self, observation: Tensor, started: Tensor) -> Tensor:
        """V of an observation that follows the last one, with recurrent networks."""
        if self.scales is not None:
            observation = self.scales(observation)
        return self.of.network.step(observation, self.carried.hidden, started)[1]

    def rollout(self) -> Rollout:
        """The whole of it, with the values."""
        values, next_values = self._values()
        return Rollout(
            raw=self.raw,
            observations=self.seen,
            actions=self.actions,
            log_probs=self.of.policy.log_prob(
                self.outputs.flatten(1, 2), self.actions.flatten(1, 2)
            ).view(self.shape),
            rewards=self.rewards,
            values=values,
            next_values=next_values,
            terminated=self.terminated,
            truncated=self.truncated,
            hidden=torch.stack(self.hidden, dim=1).flatten(1, 2) if self.recurrent else None,
            started=self.started if self.recurrent else None,
            metrics=self.metrics,
        )

    def _values(self) -> tuple[Tensor, Tensor]:
        """V of each observation, and of what each action led to; both (S, T, N)."""
        carried = self.carried
        if self.recurrent:
            values = self.values
            last = self._value_after(carried.observation, carried.started)
        else:
            values = self._value(self.seen.flatten(1, 2)).view(self.shape)
            observation = carried.observation
            last = self._value(observation if self.scales is None else self.scales(observation))
        following = torch.cat((values[:, 1:], last.unsqueeze(1)), dim=1)
        if self.final is None:
            return values, following
        # A flag that the host may read for nothing saves the values of most rollouts.
        if self.final.device.type == "cpu" and not bool(self.truncated.any()):
            return values, following
        if self.recurrent:
            beyond = self.beyond
        else:
            final = self.final if self.scales is None else self.scales(self.final)
            beyond = self._value(final.flatten(1, 2)).view(self.shape)
        return values, torch.where(self.truncated & ~self.terminated, beyond, following)

    def _value(self, observations: Tensor) -> Tensor:
        return self.of.network.value(observations)
