"""What the trainer reads from a configuration beside the fields of ppodiag's own `PPOConfig`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ppodiag.config import PPOConfig
from reference_trainer.normalizers import CLIP, EPSILON

VALUE_COEF = 0.5
"""Weight of the value loss where the file gives none, as in Stable-Baselines3's PPO."""


@dataclass(frozen=True)
class EntropyWeight:
    """The weight of the entropy bonus at a minibatch step.

    Attributes:
        initial: at minibatch step 0.
        final: after `decay_minibatches`, and from there on.
        decay_minibatches: 0: `final` from the start.
        kind: linear: a straight line; exponential: initial·(final/initial)^(t/decay); step: `initial`
            until the end, then `final`.
    """

    initial: float
    final: float
    decay_minibatches: int
    kind: str = "linear"

    def at(self, minibatch: int) -> float:
        """The weight at minibatch step t of the run, from 0."""
        if minibatch >= self.decay_minibatches:
            return self.final
        share = minibatch / self.decay_minibatches
        if self.kind == "step":
            return self.initial
        if self.kind == "exponential" and self.initial > 0 and self.final > 0:
            return self.initial * math.exp(share * math.log(self.final / self.initial))
        return self.initial + (self.final - self.initial) * share


@dataclass(frozen=True)
class KLPenalty:
    """The penalty for moving away from the rollout's policy, and how its weight adapts.

    After each applied update with mean k3 estimate d: β ← β·(1 + rate) where d > 1.5·target,
    β/(1 + rate) where d < target/1.5. Source: Schulman et al. 2017, section 4, with rate = 1.

    Attributes:
        coef: β of the first update.
        target: d of balance; None: β stays.
        rate: relative change of an update.
    """

    coef: float
    target: float | None
    rate: float

    def adapted(self, coef: float, kl: float) -> float:
        """β after an update with this k3."""
        if self.target is None or not math.isfinite(kl):
            return coef
        if kl > 1.5 * self.target:
            return min(coef * (1 + self.rate), 1e6)
        if kl < self.target / 1.5:
            return max(coef / (1 + self.rate), 1e-9)
        return coef


@dataclass(frozen=True)
class Settings:
    """The algorithm's numbers that no rule of the linter needs.

    Attributes:
        value_coef: weight of the value loss.
        entropy: weight of the entropy bonus.
        kl: the KL penalty; None: none.
        observation_clip, reward_clip, norm_epsilon: of the normalizers.
    """

    value_coef: float
    entropy: EntropyWeight
    kl: KLPenalty | None
    observation_clip: float = CLIP
    reward_clip: float = CLIP
    norm_epsilon: float = EPSILON


def _block(value: Any, *path: str) -> Mapping[str, Any]:
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def read_settings(value: Mapping[str, Any], config: PPOConfig) -> Settings:
    """The settings of a configuration that the schema accepts.

    Args:
        value: the configuration as it stands in the file, overrides applied.
        config: the same, parsed.
    """
    ppo, kl = _block(value, "ppo_config"), _block(value, "kl_regularization")
    inside = _block(value, "actor_critic_architecture", "stabilization")
    return Settings(
        value_coef=float(ppo.get("value_coef", VALUE_COEF)),
        entropy=_entropy(ppo, config),
        kl=_kl(kl, config),
        observation_clip=float(inside.get("observation_clip", CLIP)),
        reward_clip=float(inside.get("reward_clip", CLIP)),
        norm_epsilon=float(inside.get("norm_epsilon", EPSILON)),
    )


def _entropy(ppo: Mapping[str, Any], config: PPOConfig) -> EntropyWeight:
    plain = config.entropy_coef
    if config.entropy_schedule:
        block = _block(ppo, "entropy_schedule")
        initial = float(block.get("initial", plain))
        return EntropyWeight(
            initial=initial,
            final=float(block.get("final", initial)),
            decay_minibatches=config.entropy_decay_minibatches or 0,
            kind=str(block.get("decay_type", "linear")),
        )
    if config.entropy_warmup_coef is not None and config.kl_warmup_minibatches:
        return EntropyWeight(
            config.entropy_warmup_coef, plain, config.kl_warmup_minibatches, "step"
        )
    return EntropyWeight(plain, plain, 0)


def _kl(block: Mapping[str, Any], config: PPOConfig) -> KLPenalty | None:
    coef = block.get("kl_coef")
    if not coef:
        return None
    adaptive = _block(block, "adaptive_kl")
    target = None
    if adaptive.get("enable"):
        target = config.kl_target if config.kl_target is not None else config.target_kl
        if target is not None:
            target = max(target, float(adaptive.get("min_target", target)))
            target = min(target, float(adaptive.get("max_target", target)))
    return KLPenalty(float(coef), target, float(adaptive.get("adaptation_rate", 1.0)))
