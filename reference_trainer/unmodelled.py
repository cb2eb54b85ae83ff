"""What a configuration asks for and the trainer does not do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ppodiag.architecture import unmodelled as unmodelled_layers

ACTS = frozenset((
    "$ppodiag/profile", "training/ppo_requests", "parallel_training/enable",
    "parallel_training/num_envs", "ppo_config/lr", "ppo_config/gamma", "ppo_config/gae_lambda",
    "ppo_config/clip_ratio", "ppo_config/clip_range_vf", "ppo_config/epochs",
    "ppo_config/rollout_len", "ppo_config/minibatch_size", "ppo_config/entropy_coef",
    "ppo_config/entropy_schedule/enable", "ppo_config/entropy_schedule/initial",
    "ppo_config/entropy_schedule/final", "ppo_config/entropy_schedule/decay_steps",
    "ppo_config/entropy_schedule/decay_type", "ppo_config/entropy_warmup_coef",
    "ppo_config/value_coef", "ppo_config/max_grad_norm", "ppo_config/stabilization_steps",
    "kl_regularization/kl_coef", "kl_regularization/warmup_steps",
    "kl_regularization/early_stopping/enable", "kl_regularization/early_stopping/kl_threshold",
    "actor_critic_architecture/stabilization/observation_clip",
    "actor_critic_architecture/stabilization/reward_clip",
    "actor_critic_architecture/stabilization/norm_epsilon",
))  # fmt: skip
"""Keys that always act, by their path."""

ADAPTIVE_KL = frozenset((
    "ppo_config/target_kl", "kl_regularization/target_kl", "kl_regularization/adaptive_kl/enable",
    "kl_regularization/adaptive_kl/min_target", "kl_regularization/adaptive_kl/max_target",
    "kl_regularization/adaptive_kl/adaptation_rate",
))  # fmt: skip
"""Keys that act where `kl_coef` is given and `adaptive_kl` is enabled."""

BLOCKS_THAT_ACT = ("advanced_optimization/",)
"""Blocks of which every key of the schema acts."""

DECAYS = ("linear", "exponential")

REASONS = {
    "kl_regularization/early_stopping/patience_steps": "an update stops after the first window",
    "model_dimensions/state_dim": "the environment's own size counts",
    "model_dimensions/action_dim": "the environment's own size counts",
    "actor_critic_architecture/state_dim": "the environment's own size counts",
    "actor_critic_architecture/action_dim": "the environment's own size counts",
}
_TARGET = "it acts only with kl_coef and an enabled adaptive_kl"
_FREE = ("comment", "description")


def unmodelled(value: Mapping[str, Any], env_acts: frozenset[str]) -> list[tuple[str, str]]:
    """JSON pointers of what a configuration asks for and the trainer leaves out, with the reason.

    Args:
        value: the configuration as it stands in the file, overrides applied.
        env_acts: paths of the keys that the environment takes; blocks end with a slash.

    Returns:
        In the order of the file. Not among them: keys that act, free text, names with `_` in front,
        and what is switched off (false, null, 0, or a block whose `enable` is false).
    """
    layers = set(unmodelled_layers(value))
    penalty = value.get("kl_regularization")
    penalty = penalty if isinstance(penalty, Mapping) else {}
    adaptive = penalty.get("adaptive_kl")
    adapts = bool(
        penalty.get("kl_coef") and isinstance(adaptive, Mapping) and adaptive.get("enable")
    )
    found = []
    for path, content in _leaves(value, ""):
        pointer = "/" + path
        if path in ACTS or path.startswith(BLOCKS_THAT_ACT) or _within(path, env_acts):
            continue
        if path in ADAPTIVE_KL:
            if not adapts:
                found.append((pointer, _TARGET))
            continue
        of_layers = path.startswith("actor_critic_architecture/") and path not in REASONS
        if not content or (of_layers and not _under(pointer, layers)):
            continue
        found.append((pointer, REASONS.get(path, "nothing in the trainer reads it")))
    kind = _decay(value)
    if kind not in (None, *DECAYS):
        found.append(
            (
                "/ppo_config/entropy_schedule/decay_type",
                f"{kind!r} is not known; it is taken as linear",
            )
        )
    return found


def _leaves(block: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for key, content in block.items():
        here = f"{path}{key}"
        if key in _FREE or key.startswith("_") or here == "$ppodiag/ignore":
            continue
        if isinstance(content, Mapping):
            if content.get("enable") is not False:
                yield from _leaves(content, here + "/")
        elif content is not None and content is not False:
            yield here, content


def _under(pointer: str, pointers: set[str]) -> bool:
    return any(pointer == known or pointer.startswith(known + "/") for known in pointers)


def _within(path: str, known: frozenset[str]) -> bool:
    return path in known or any(path.startswith(block) for block in known if block.endswith("/"))


def _decay(value: Mapping[str, Any]) -> Any:
    ppo = value.get("ppo_config")
    block = ppo.get("entropy_schedule") if isinstance(ppo, Mapping) else None
    if not isinstance(block, Mapping) or not block.get("enable"):
        return None
    return block.get("decay_type")
