"""Collecting a rollout: the policy acts, the environments answer."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from reference_trainer.devices import unrecorded
from reference_trainer.distributions import Distribution, bounded, is_discrete
from reference_trainer.envs.environment import Step, VectorEnv
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
        with unrecorded(carried.observation.device):
            draws, noise = self.draw(streams, envs, carried.observation)
            tape = _Tape(self, carried, scales)
            for step_draws, step_noise in zip(draws.unbind(1), noise.unbind(1), strict=True):
                tape.step(step_draws, step_noise)
            return tape.rollout()


class _Tape:
    """The rollout while it is being collected: what each step gave, put together at the end.

    Environments and networks give new tensors in every step, so nothing is copied on the way.
    """

    def __init__(self, of: Collector, carried: Carried, scales: Scales | None) -> None:
        self.of, self.carried, self.scales = of, carried, scales
        self.raw: list[Tensor] = []
        self.seen: list[Tensor] = []
        self.outputs: list[Tensor] = []
        self.actions: list[Tensor] = []
        self.steps: list[Step] = []
        self.recurrent = of.network.hidden_size > 0
        self.values: list[Tensor] = []
        self.beyond: list[Tensor] = []
        self.started: list[Tensor] = []
        self.hidden: list[Tensor] = []

    def step(self, draws: Tensor, noise: Tensor) -> None:
        of, carried = self.of, self.carried
        observation = carried.observation
        self.raw.append(observation)
        if self.scales is not None:
            observation = self.scales(observation)
            self.seen.append(observation)
        outputs = self._remember(observation) if self.recurrent else of.network.policy(observation)
        action = of.policy.sample(outputs, noise)
        step = of.env.step(bounded(of.env.spec.actions, action), draws)
        self.outputs.append(outputs)
        self.actions.append(action)
        self.steps.append(step)
        carried.observation = step.observation
        if self.recurrent:
            carried.started = step.terminated | step.truncated
            if of.env.spec.truncates:
                going_on = torch.zeros_like(carried.started)
                self.beyond.append(self._value_after(step.final_observation, going_on))

    def _remember(self, observation: Tensor) -> Tensor:
        """Act with recurrent networks; their state and value are kept."""
        carried = self.carried
        if len(self.started) % self.of.chunk == 0:
            self.hidden.append(carried.hidden)
        self.started.append(carried.started)
        outputs, values, carried.hidden = self.of.network.step(
            observation, carried.hidden, carried.started
        )
        self.values.append(values)
        return outputs

    def _value_after(self, observation: Tensor, started: Tensor) -> Tensor:
        """V of an observation that follows the last one, with recurrent networks."""
        if self.scales is not None:
            observation = self.scales(observation)
        return self.of.network.step(observation, self.carried.hidden, started)[1]

    def rollout(self) -> Rollout:
        """The whole of it, with the values."""
        raw, outputs, actions = map(_stacked, (self.raw, self.outputs, self.actions))
        seen = raw if self.scales is None else _stacked(self.seen)
        terminated = _stacked([step.terminated for step in self.steps])
        truncated = _stacked([step.truncated for step in self.steps])
        values, next_values = self._values(seen, terminated, truncated)
        return Rollout(
            raw=raw,
            observations=seen,
            actions=actions,
            log_probs=self.of.policy.log_prob(outputs.flatten(1, 2), actions.flatten(1, 2)).view(
                terminated.shape
            ),
            rewards=_stacked([step.reward for step in self.steps]),
            values=values,
            next_values=next_values,
            terminated=terminated,
            truncated=truncated,
            hidden=_stacked(self.hidden).flatten(1, 2) if self.recurrent else None,
            started=_stacked(self.started) if self.recurrent else None,
            metrics={
                name: _stacked([step.metrics[name] for step in self.steps])
                for name in self.of.env.spec.metrics
            },
        )

    def _values(self, seen: Tensor, terminated: Tensor, truncated: Tensor) -> tuple[Tensor, Tensor]:
        """V of each observation, and of what each action led to; both (S, T, N)."""
        carried, shape = self.carried, terminated.shape
        if self.recurrent:
            values = _stacked(self.values)
            last = self._value_after(carried.observation, carried.started)
        else:
            values = self.of.network.value(seen.flatten(1, 2)).view(shape)
            observation = carried.observation
            if self.scales is not None:
                observation = self.scales(observation)
            last = self.of.network.value(observation)
        following = torch.cat((values[:, 1:], last.unsqueeze(1)), dim=1)
        if not self.of.env.spec.truncates:
            return values, following
        # A flag that the host may read for nothing saves the values of most rollouts.
        if truncated.device.type == "cpu" and not bool(truncated.any()):
            return values, following
        if self.recurrent:
            beyond = _stacked(self.beyond)
        else:
            final = _stacked([step.final_observation for step in self.steps])
            final = final if self.scales is None else self.scales(final)
            beyond = self.of.network.value(final.flatten(1, 2)).view(shape)
        return values, torch.where(truncated & ~terminated, beyond, following)


def _stacked(steps: list[Tensor]) -> Tensor:
    """T tensors (S, N, …) as one, (S, T, N, …)."""
    return torch.stack(steps, dim=1)
