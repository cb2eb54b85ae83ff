"""The training loop: rollout, update, clock, statistics; and all of it as a state to go on from."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from reference_trainer.adam import Adam
from reference_trainer.advantages import gae
from reference_trainer.clock import start_clock
from reference_trainer.devices import keep_freed_memory, peak_memory_bytes, unrecorded
from reference_trainer.distributions import Distribution, distribution
from reference_trainer.envs.environment import VectorEnv
from reference_trainer.episodes import Episodes
from reference_trainer.experiment import Experiment
from reference_trainer.gradients import Autograd, Gradient, gradient_of
from reference_trainer.losses import Coefficients
from reference_trainer.minibatches import Cut, cut_rollout
from reference_trainer.nets.actor_critic import ActorCritic
from reference_trainer.nets.parameters import Parameters
from reference_trainer.normalizers import RewardNormalizer, StateNormalizer
from reference_trainer.rollout import Carried, Collector, Rollout
from reference_trainer.rows import Row, RowMaker, Told
from reference_trainer.samples import samples_of
from reference_trainer.streams import SeedStreams
from reference_trainer.update import Rates, Updater
from reference_trainer.world import World

STATE_VERSION = 1


@dataclass(frozen=True)
class Choices:
    """How to train, beside what the configuration says; none of it changes the schedule.

    Attributes:
        normalize_state, normalize_reward: whether the normalizers act.
        compile: whether the gradient is compiled with torch.compile.
        autocast: type of the forward pass, such as bfloat16; None: that of the parameters.
        dtype: of parameters and data.
        written_out: whether plain networks use the gradient that is written out by hand.
    """

    normalize_state: bool = True
    normalize_reward: bool = True
    compile: bool = False
    autocast: torch.dtype | None = None
    dtype: torch.dtype = torch.float32
    written_out: bool = True


@dataclass
class Counters:
    """What has been done so far, of each seed where it can differ."""

    rollouts: int = 0
    applied: int = 0
    minibatch_steps: list[int] = field(default_factory=list)
    optimizer_steps: list[int] = field(default_factory=list)


class Trainer:
    """Trains S seeds of one configuration, all at once.

    Attributes:
        experiment: what is trained.
        seeds: the seeds, in the order of the leading axis.
        counters: what has been done so far.
    """

    def __init__(
        self,
        experiment: Experiment,
        env: VectorEnv,
        seeds: Sequence[int],
        device: torch.device,
        choices: Choices | None = None,
        world: World | None = None,
    ) -> None:
        self.experiment, self.env, self.seeds = experiment, env, tuple(seeds)
        self.device, self.choices = device, choices or Choices()
        self.world = world or World()
        config, count = experiment.config, len(self.seeds)
        if config.adaptive_batch and count > 1:
            raise ValueError("seeds whose minibatch size adapts are trained one by one")
        self.counters = Counters(minibatch_steps=[0] * count, optimizer_steps=[0] * count)
        self.clocks = [start_clock(experiment.context) for _ in self.seeds]
        penalty = experiment.settings.kl
        self.kl = [penalty.coef if penalty else 0.0 for _ in self.seeds]
        self.streams = SeedStreams(self.seeds)
        keep_freed_memory()
        self._build(config.checkpointing)
        self._begin()

    # Construction ---------------------------------------------------------------------------

    def _build(self, checkpointing: bool) -> None:
        experiment, spec, choices = self.experiment, self.env.spec, self.choices
        config, profile, settings = (
            experiment.config,
            experiment.context.profile,
            experiment.settings,
        )
        architecture = experiment.architecture(spec)
        self.parameters = Parameters(
            architecture, spec.actions, self.streams.generators, self.device, choices.dtype
        )
        self.network = ActorCritic(
            architecture, spec.actions, self.parameters, checkpointing,
            preserve_rng=profile.checkpoint_rng == "preserved",
        )  # fmt: skip
        self.policy: Distribution = distribution(spec.actions, self.parameters.log_std)
        gradient: Gradient = gradient_of(
            self.network, self.policy, choices.autocast, choices.written_out
        )
        recorded = isinstance(gradient, Autograd)
        if choices.compile:
            # On CUDA with graphs, which take the launches of a minibatch at once.
            mode = "reduce-overhead" if self.device.type == "cuda" else "default"
            gradient = torch.compile(gradient, mode=mode)
        self.optimizer = Adam(self.parameters.flat)
        zero = torch.zeros(len(self.seeds), dtype=choices.dtype, device=self.device)
        self.updater = Updater(
            parameters=self.parameters,
            gradient=gradient,
            optimizer=self.optimizer,
            coefficients=Coefficients(
                clip=config.clip_ratio, clip_value=config.clip_range_vf,
                value=settings.value_coef, entropy=zero,
            ),
            max_grad_norm=config.max_grad_norm if config.clipping else None,
            kl_threshold=config.kl_threshold if config.early_stopping else None,
            world=self.world,
            divisor=config.accumulation_steps if profile.accumulation == "mean_of_means" else None,
            recorded=recorded,
        )  # fmt: skip
        self.collector = Collector(
            self.env, self.network, self.policy, config.rollout_len,
            min(config.sequence_length, config.rollout_len), self.world,
        )  # fmt: skip
        self._normalizers()

    def _normalizers(self) -> None:
        settings, spec, count = self.experiment.settings, self.env.spec, len(self.seeds)
        self.state_normalizer = self.reward_normalizer = None
        if self.choices.normalize_state:
            self.state_normalizer = StateNormalizer(
                count, spec.observation, self.device, settings.observation_clip,
                settings.norm_epsilon,
            )  # fmt: skip
        if self.choices.normalize_reward:
            self.reward_normalizer = RewardNormalizer(
                count, self._own_envs, self.experiment.config.gamma, self.device,
                settings.reward_clip, settings.norm_epsilon,
            )  # fmt: skip

    @property
    def _own_envs(self) -> int:
        return len(self.world.share(self.experiment.config.num_envs))

    def _begin(self) -> None:
        """The first observations."""
        count, envs = len(self.seeds), self.experiment.config.num_envs
        mine = self.world.share(envs)
        draws = self.streams.uniform(envs, self.env.spec.reset_draws, dtype=self.choices.dtype)
        with unrecorded(self.device):
            observation = self.env.reset(draws[:, mine.start : mine.stop].to(self.device))
        self.carried = Carried(
            observation=observation.to(self.choices.dtype),
            hidden=self.network.initial_hidden(count, len(mine)),
            started=torch.ones(count, len(mine), dtype=torch.bool, device=self.device),
        )
        self.episodes = Episodes(count, envs)

    # The loop -------------------------------------------------------------------------------

    @property
    def rollouts(self) -> int:
        """U, rollouts of the run."""
        return self.experiment.context.budget.rollouts

    @property
    def done(self) -> bool:
        """Whether the run is complete."""
        return self.counters.rollouts >= self.rollouts

    def step(self) -> list[Row]:
        """One rollout, and its update where stabilization does not skip it; a row for each seed."""
        began = time.perf_counter()
        scales = None
        if self.state_normalizer is not None:
            scales = self.state_normalizer.scales(self.choices.dtype)
        config = self.experiment.config
        rollout = self.collector.collect(self.carried, self.streams, config.num_envs, scales)
        ended = rollout.terminated | rollout.truncated
        rewards = rollout.rewards
        if self.reward_normalizer is not None:
            rewards = self.reward_normalizer(rewards, ended, self.world)
        collected = time.perf_counter()
        applied = self.counters.rollouts >= self.experiment.context.budget.skipped
        told = self._update(rollout, rewards) if applied else Told(cut=None)
        if self.state_normalizer is not None:
            self.state_normalizer.merge(rollout.raw, self.world)
        rows = self._rows(rollout, ended, told)
        now, peak = time.perf_counter(), peak_memory_bytes(self.device)
        samples = self.experiment.context.rollout.samples
        for row in rows:
            row.timed(collected - began, now - collected, samples, peak)
        return rows

    def _update(self, rollout: Rollout, rewards: Tensor) -> Told:
        """Train on a rollout; what there is to tell of it lies on the device."""
        config, profile = self.experiment.config, self.experiment.context.profile
        advantages, targets = gae(
            rewards, rollout.values, rollout.next_values, rollout.terminated, rollout.truncated,
            config.gamma, config.gae_lambda,
        )  # fmt: skip
        size = self.clocks[0].size
        cut = cut_rollout(config, size)
        samples = samples_of(
            rollout, advantages, targets, cut,
            self.streams.permutations(cut.epochs, cut.sequences),
            advantages_per=profile.advantages_per,
            guarded=profile.advantage_std == "guarded",
            mean_of_means=profile.accumulation == "mean_of_means",
            world=self.world,
        )  # fmt: skip
        rates = np.stack([clock.rates(cut) for clock in self.clocks])
        entropy = np.array([self._entropy(seed, cut) for seed in range(len(self.seeds))])
        kl = None if self.experiment.settings.kl is None else self._to_device(np.array(self.kl))
        record = self.updater.run(
            samples, cut, Rates(self._to_device(rates), self._to_device(entropy)), kl
        )
        return Told(cut, record, rates, entropy, list(self.kl), rollout.values, targets)

    def _entropy(self, seed: int, cut: Cut) -> list[float]:
        first = self.counters.minibatch_steps[seed]
        weight = self.experiment.settings.entropy
        return [weight.at(first + m) for m in range(cut.epochs * cut.minibatches)]

    def _to_device(self, values: np.ndarray[Any, Any]) -> Tensor:
        return torch.from_numpy(values).to(self.choices.dtype).to(self.device)

    def _rows(self, rollout: Rollout, ended: Tensor, told: Told) -> list[Row]:
        """The rows of this rollout, and everything that follows from them."""
        maker = RowMaker(self.counters, self.clocks, self.experiment, self.episodes, self.world)
        rows = maker.rows(self.seeds, rollout, ended, told)
        penalty = self.experiment.settings.kl
        if told.cut is not None and penalty is not None:
            self.kl = [
                penalty.adapted(coef, row.number("approx_kl"))
                for coef, row in zip(self.kl, rows, strict=True)
            ]
        return rows

    # State ----------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """All that a later process needs to go on: tensors on the CPU, numbers and texts."""
        found: dict[str, Any] = _on_cpu(
            {
                "version": STATE_VERSION,
                "seeds": list(self.seeds),
                "rollouts": self.counters.rollouts,
                "applied": self.counters.applied,
                "minibatch_steps": list(self.counters.minibatch_steps),
                "optimizer_steps": list(self.counters.optimizer_steps),
                "clocks": [[clock.tick, clock.state, clock.reference] for clock in self.clocks],
                "kl": list(self.kl),
                "parameters": self.parameters.flat.detach(),
                "optimizer": self.optimizer.state(),
                "streams": self.streams.state(),
                "torch": torch.get_rng_state(),
                "carried": self.carried.state(),
                "environment": self.env.state() if self.env.spec.resumable else {},
                "episodes": self.episodes.state(),
                "state_normalizer": (
                    self.state_normalizer.moments.state() if self.state_normalizer else {}
                ),
                "reward_normalizer": (
                    self.reward_normalizer.state() if self.reward_normalizer else {}
                ),
            }
        )
        return found

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave; environments that cannot begin their episodes anew.

        Raises:
            ValueError: it is the state of another experiment.
        """
        if state.get("version") != STATE_VERSION or state["seeds"] != list(self.seeds):
            raise ValueError("the checkpoint is of other seeds, or of another version")
        if state["parameters"].shape != self.parameters.flat.shape:
            raise ValueError("the checkpoint is of another network")
        counters = self.counters
        counters.rollouts, counters.applied = state["rollouts"], state["applied"]
        counters.minibatch_steps = list(state["minibatch_steps"])
        counters.optimizer_steps = list(state["optimizer_steps"])
        for clock, (tick, size, reference) in zip(self.clocks, state["clocks"], strict=True):
            clock.tick, clock.state, clock.reference = tick, size, reference
        self.kl = list(state["kl"])
        with torch.no_grad():
            self.parameters.flat.copy_(state["parameters"])
        self.optimizer.load_state(state["optimizer"])
        self.streams.load_state(state["streams"])
        torch.set_rng_state(state["torch"])
        if self.state_normalizer is not None:
            self.state_normalizer.moments.load_state(state["state_normalizer"])
        if self.reward_normalizer is not None:
            self.reward_normalizer.load_state(state["reward_normalizer"])
        if self.env.spec.resumable:
            with unrecorded(self.device):
                self.env.load_state(
                    {name: tensor.to(self.device) for name, tensor in state["environment"].items()}
                )
            self.carried.load_state(state["carried"])
            self.episodes.load_state(state["episodes"])
        else:  # from draws that the run has not used, or it would repeat its first episodes
            self._begin()


def _on_cpu(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().cpu().clone()
    if isinstance(value, dict):
        return {key: _on_cpu(content) for key, content in value.items()}
    if isinstance(value, list):
        return [_on_cpu(content) for content in value]
    return value
