"""What a configuration asks for and the trainer does not do: nothing is ignored in silence.

`ACTS` lists the keys that the trainer acts on. Whatever else a configuration holds is told, unless the
environment reads it or it is switched off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ppodiag.architecture import unmodelled as unmodelled_layers

_KL = "kl_regularization"
_PPO = "ppo_config"
_ADV = "advanced_optimization"
_LRS = f"{_ADV}/learning_rate_schedule"
_ABS = f"{_ADV}/adaptive_batch_size"
_NET = "actor_critic_architecture"
_INSIDE = f"{_NET}/stabilization"
_ENTROPY = f"{_PPO}/entropy_schedule"

ACTS = frozenset((
    "training/ppo_requests", "parallel_training/enable", "parallel_training/num_envs",
    f"{_PPO}/lr", f"{_PPO}/gamma", f"{_PPO}/gae_lambda", f"{_PPO}/clip_ratio",
    f"{_PPO}/clip_range_vf", f"{_PPO}/epochs", f"{_PPO}/rollout_len", f"{_PPO}/minibatch_size",
    f"{_PPO}/entropy_coef", f"{_PPO}/entropy_warmup_coef", f"{_PPO}/value_coef",
    f"{_PPO}/max_grad_norm", f"{_PPO}/stabilization_steps", f"{_PPO}/target_kl",
    f"{_ENTROPY}/enable", f"{_ENTROPY}/initial", f"{_ENTROPY}/final", f"{_ENTROPY}/decay_steps",
    f"{_ENTROPY}/decay_type", f"{_KL}/target_kl", f"{_KL}/kl_coef", f"{_KL}/warmup_steps",
    f"{_KL}/adaptive_kl/enable", f"{_KL}/adaptive_kl/min_target", f"{_KL}/adaptive_kl/max_target",
    f"{_KL}/adaptive_kl/adaptation_rate", f"{_KL}/early_stopping/enable",
    f"{_KL}/early_stopping/kl_threshold", f"{_LRS}/type", f"{_LRS}/warmup_steps",
    f"{_LRS}/restart_period", f"{_LRS}/min_lr_ratio", f"{_ABS}/enable", f"{_ABS}/min_batch_size",
    f"{_ABS}/max_batch_size", f"{_ABS}/adaptation_rate",
    f"{_ADV}/gradient_optimization/use_gradient_checkpointing",
    f"{_ADV}/gradient_optimization/accumulation_steps",
    f"{_ADV}/gradient_optimization/clip_by_global_norm", f"{_INSIDE}/observation_clip",
    f"{_INSIDE}/reward_clip", f"{_INSIDE}/norm_epsilon",
))  # fmt: skip
"""Keys outside the networks that change what the trainer does, and three of the networks' block."""

_SIZES = frozenset(
    f"{block}/{size}"
    for block in ("model_dimensions", _NET)
    for size in ("state_dim", "action_dim")
)
_DECAYS = ("linear", "exponential", "step")

_NO_PRETRAINING = "PPO begins with a fresh policy; there is no supervised training before it"

WHY = {
    "training": "the environment {env} does not read it",
    "training/bc_epochs": _NO_PRETRAINING,
    "training/demo_steps_per_policy": _NO_PRETRAINING,
    "training/demo_policies": _NO_PRETRAINING,
    "reward_config": "the environment {env} does not read it",
    "curriculum_learning": "the task stays the same over the whole run",
    "model_dimensions": "the sizes of {env} count",
    f"{_NET}/state_dim": "the sizes of {env} count",
    f"{_NET}/action_dim": "the sizes of {env} count",
    "parallel_training": "environments are stepped side by side as tensors, or by Gymnasium",
    "statistics_stabilization": "the window is ppo_config.stabilization_steps alone; the policy acts in it",
    "monitoring": "logs are written as docs/reference-trainer-logs.md says",
    f"{_ENTROPY}": "the coefficient follows initial, final, decay_steps and decay_type alone",
    f"{_KL}/early_stopping/patience_steps": "the first window above the threshold stops the update",
    f"{_KL}/entropy_min": "the loss has no penalty on low entropy",
    f"{_KL}/entropy_penalty_coef": "the loss has no penalty on low entropy",
    f"{_KL}/entropy_threshold_penalty": "the loss has no penalty on high entropy",
    f"{_KL}/kl_ref_coef_initial": "there is no reference policy",
    f"{_KL}/kl_ref_coef_final": "there is no reference policy",
    f"{_KL}/kl_ref_decay_steps": "there is no reference policy",
    _NET: "the networks have no such part; docs/memory.md defines them",
}
"""Path of a key or block to why it does nothing; the longest path that fits counts."""
UNKNOWN = "neither the trainer nor the environment {env} knows such a key"


def unmodelled(
    value: Mapping[str, Any], env_acts: frozenset[str], env: str
) -> list[tuple[str, str]]:
    """What a configuration asks for and nothing of this run does: JSON pointers, and why.

    Args:
        value: the configuration, overrides applied.
        env_acts: paths of the keys that the environment takes; blocks end with a slash.
        env: the environment, for messages.

    Returns:
        Keys in the order of the file. Not among them: keys that act, free text (`comment`, and names
        with `_` or `$` in front), and what is switched off (false, null, 0, an empty text or list, or
        a block whose `enable` is false).
    """
    layers = frozenset(unmodelled_layers(value))
    found = []
    for path, content in _asked(value, ""):
        why = _idle(path, content, value)
        if why is None and not _acts(path, layers) and not _within(path, env_acts):
            why = _reason(path)
        if why is not None:
            found.append(("/" + path, why.format(env=env)))
    return found


def _asked(block: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    """Path and value of every key that is not switched off; lists count as one."""
    for key, content in block.items():
        path = above + _escaped(str(key))
        if key == "comment" or str(key).startswith(("_", "$")) or not content:
            continue
        if isinstance(content, Mapping):
            enable = content.get("enable", content.get("enable_statistics_stabilization"))
            if enable is not False:
                yield from _asked(content, path + "/")
            continue
        yield path, content


def _escaped(key: str) -> str:
    """A key as a part of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def _acts(path: str, layers: frozenset[str]) -> bool:
    """Whether the trainer acts on a key, all conditions met."""
    if path in ACTS:
        return True
    if path in _SIZES:
        return False
    return path.startswith(_NET + "/") and not any(
        f"/{path}" == at or f"/{path}".startswith(at + "/") for at in layers
    )


def _reason(path: str) -> str:
    parts = path.split("/")
    for count in range(len(parts), 0, -1):
        why = WHY.get("/".join(parts[:count]))
        if why is not None:
            return why
    return UNKNOWN


def _within(path: str, known: frozenset[str]) -> bool:
    return path in known or any(path.startswith(block) for block in known if block.endswith("/"))


def _idle(path: str, content: Any, value: Mapping[str, Any]) -> str | None:
    """Why a key that can act does nothing in this file; None: it acts, or never does."""
    if path == f"{_ENTROPY}/decay_type" and content not in _DECAYS:
        return f"taken as linear; the trainer knows {', '.join(_DECAYS)}"
    condition = _CONDITIONS.get(path)
    if condition is None or condition[0](value):
        return None
    return condition[1]


def _at(value: Mapping[str, Any], path: str) -> Any:
    found: Any = value
    for part in path.split("/"):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _adapts(value: Mapping[str, Any]) -> bool:
    """Whether the weight of the KL penalty follows a target."""
    return bool(_at(value, f"{_KL}/kl_coef") and _at(value, f"{_KL}/adaptive_kl/enable"))


def _kind(value: Mapping[str, Any]) -> Any:
    return _at(value, f"{_LRS}/type") or "constant"


_NO_TARGET = "no KL penalty adapts: that takes kl_coef above 0 and adaptive_kl.enable"
_NO_BOOST = "it takes ppo_config.entropy_warmup_coef and kl_regularization.warmup_steps, and no entropy_schedule"


def _on(path: str) -> tuple[Callable[[Mapping[str, Any]], bool], str]:
    switch = path.replace("/", ".")
    return lambda value: bool(_at(value, path)), f"{switch} is not true"


def _boosts(value: Mapping[str, Any]) -> bool:
    return bool(
        not _at(value, f"{_ENTROPY}/enable")
        and _at(value, f"{_PPO}/entropy_warmup_coef")
        and _at(value, f"{_KL}/warmup_steps")
    )


_CONDITIONS: dict[str, tuple[Callable[[Mapping[str, Any]], bool], str]] = {
    "parallel_training/num_envs": _on("parallel_training/enable"),
    f"{_PPO}/target_kl": (
        lambda v: _adapts(v) and _at(v, f"{_KL}/target_kl") is None,
        "kl_regularization.target_kl counts, or " + _NO_TARGET,
    ),
    f"{_KL}/target_kl": (_adapts, _NO_TARGET),
    **{
        f"{_KL}/adaptive_kl/{key}": (_adapts, _NO_TARGET)
        for key in ("enable", "min_target", "max_target", "adaptation_rate")
    },
    f"{_PPO}/entropy_coef": (
        lambda v: not _at(v, f"{_ENTROPY}/enable") or _at(v, f"{_ENTROPY}/initial") is None,
        "entropy_schedule is enabled and counts in its place",
    ),
    f"{_PPO}/entropy_warmup_coef": (_boosts, _NO_BOOST),
    f"{_KL}/warmup_steps": (_boosts, _NO_BOOST),
    **{
        f"{_ENTROPY}/{key}": _on(f"{_ENTROPY}/enable")
        for key in ("initial", "final", "decay_steps")
    },
    f"{_KL}/early_stopping/kl_threshold": _on(f"{_KL}/early_stopping/enable"),
    **{
        f"{_ABS}/{key}": _on(f"{_ABS}/enable")
        for key in ("min_batch_size", "max_batch_size", "adaptation_rate")
    },
    f"{_LRS}/restart_period": (
        lambda v: _kind(v) == "cosine_annealing_with_warmup",
        "the type of the schedule has no cycles",
    ),
    f"{_LRS}/min_lr_ratio": (
        lambda v: _kind(v) != "constant",
        "the type of the schedule is constant",
    ),
}
"""Keys that act only together with others: whether they do, and why not."""
