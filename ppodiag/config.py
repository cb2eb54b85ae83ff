"""The configuration, parsed once: every field knows its pointer and whether it was given.

A field that cannot be trusted (wrong type, out of range, lost in a damaged part of the file) is not
set at all; reading it raises `Unavailable`, and the rule that read it does not run.
"""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from typing import Any

    from ppodiag.schedule import Kind

Given = frozenset[str]


class DoesNotApply(Exception):
    """A rule cannot judge this file; no fault of the rule and none of the file's."""


class Unavailable(DoesNotApply):
    """A field that the rule reads is invalid or was lost."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PPOConfig:
    """All that ppodiag reads of a configuration; defaults as in `docs/semantics.md`.

    Units: lengths and counts in the unit that the name says; `warmup_steps` and `restart_period` in
    ticks of the profile's clock; `None` means absent.
    """

    given: Given
    total_env_steps: int | None
    num_envs: int
    rollout_len: int
    minibatch_size: int
    epochs: int
    lr: float
    gamma: float
    gae_lambda: float
    clip_ratio: float
    clip_range_vf: float | None
    entropy_coef: float
    max_grad_norm: float | None
    stabilization_env_steps_other: int | None
    stabilization_steps: int
    statistics_stabilization: bool
    target_kl: float | None
    entropy_schedule: bool
    entropy_decay_minibatches: int | None
    entropy_warmup_coef: float | None
    kl_target: float | None
    kl_entropy_min: float | None
    kl_ref_decay_minibatches: int | None
    kl_warmup_minibatches: int | None
    entropy_threshold_enabled: bool
    entropy_threshold: float | None
    early_stopping: bool
    kl_threshold: float | None
    curriculum: bool
    stage_env_steps: tuple[int, ...]
    schedule_kind: Kind
    warmup_steps: int
    restart_period: int | None
    min_lr_ratio: float
    adaptive_batch: bool
    min_batch_size: int
    max_batch_size: int
    adaptation_rate: float
    checkpointing: bool
    accumulation_steps: int
    clip_by_global_norm: bool | None
    sequence_length: int
    state_dim: int | None
    action_dim: int | None
    architecture: dict[str, Any] | None
    reward_scaling: bool

    def __getattr__(self, name: str) -> Any:
        """Raise for a field that was left unset; Python calls this for no other."""
        if name in FIELDS:
            raise Unavailable(name)
        raise AttributeError(name)

    @property
    def clipping(self) -> bool:
        """True where gradients are clipped: by the flag, or by a threshold without the flag."""
        if self.clip_by_global_norm is None:
            return self.max_grad_norm is not None
        return self.clip_by_global_norm

    @property
    def has_schedule(self) -> bool:
        """True where the file has a learning-rate schedule that is not merely constant."""
        return self.schedule_kind != "constant" or self.warmup_steps > 0


_PPO = "ppo_config"
_KL = "kl_regularization"
_LRS = "advanced_optimization/learning_rate_schedule"
_ABS = "advanced_optimization/adaptive_batch_size"
_GO = "advanced_optimization/gradient_optimization"

FIELDS: dict[str, tuple[str, Any]] = {
    "total_env_steps": ("training/ppo_requests", None),
    "num_envs": ("parallel_training/num_envs", 1),
    "rollout_len": (f"{_PPO}/rollout_len", None),
    "minibatch_size": (f"{_PPO}/minibatch_size", None),
    "epochs": (f"{_PPO}/epochs", None),
    "lr": (f"{_PPO}/lr", None),
    "gamma": (f"{_PPO}/gamma", 0.99),
    "gae_lambda": (f"{_PPO}/gae_lambda", 0.95),
    "clip_ratio": (f"{_PPO}/clip_ratio", 0.2),
    "clip_range_vf": (f"{_PPO}/clip_range_vf", None),
    "entropy_coef": (f"{_PPO}/entropy_coef", 0.0),
    "max_grad_norm": (f"{_PPO}/max_grad_norm", None),
    "stabilization_steps": (f"{_PPO}/stabilization_steps", 0),
    "stabilization_env_steps_other": ("statistics_stabilization/stabilization_steps", None),
    "statistics_stabilization": ("statistics_stabilization/enable_statistics_stabilization", None),
    "target_kl": (f"{_PPO}/target_kl", None),
    "entropy_schedule": (f"{_PPO}/entropy_schedule/enable", False),
    "entropy_decay_minibatches": (f"{_PPO}/entropy_schedule/decay_steps", None),
    "entropy_warmup_coef": (f"{_PPO}/entropy_warmup_coef", None),
    "kl_target": (f"{_KL}/target_kl", None),
    "kl_entropy_min": (f"{_KL}/entropy_min", None),
    "kl_ref_decay_minibatches": (f"{_KL}/kl_ref_decay_steps", None),
    "kl_warmup_minibatches": (f"{_KL}/warmup_steps", None),
    "entropy_threshold_enabled": (f"{_KL}/entropy_threshold_penalty/enable", False),
    "entropy_threshold": (f"{_KL}/entropy_threshold_penalty/threshold", None),
    "early_stopping": (f"{_KL}/early_stopping/enable", False),
    "kl_threshold": (f"{_KL}/early_stopping/kl_threshold", None),
    "curriculum": ("curriculum_learning/enable", False),
    "stage_env_steps": ("curriculum_learning/stages", ()),
    "schedule_kind": (f"{_LRS}/type", "constant"),
    "warmup_steps": (f"{_LRS}/warmup_steps", 0),
    "restart_period": (f"{_LRS}/restart_period", None),
    "min_lr_ratio": (f"{_LRS}/min_lr_ratio", 0.0),
    "adaptive_batch": (f"{_ABS}/enable", False),
    "min_batch_size": (f"{_ABS}/min_batch_size", None),
    "max_batch_size": (f"{_ABS}/max_batch_size", None),
    "adaptation_rate": (f"{_ABS}/adaptation_rate", None),
    "checkpointing": (f"{_GO}/use_gradient_checkpointing", False),
    "accumulation_steps": (f"{_GO}/accumulation_steps", 1),
    "clip_by_global_norm": (f"{_GO}/clip_by_global_norm", None),
    "sequence_length": ("actor_critic_architecture/sequence_length", 1),
    "state_dim": ("model_dimensions/state_dim", None),
    "action_dim": ("model_dimensions/action_dim", None),
    "architecture": ("actor_critic_architecture", None),
    "reward_scaling": ("reward_config/reward_scaling", None),
}
"""Field to (path of its key, default)."""

WHOLE = frozenset(
    (
        "total_env_steps", "num_envs", "rollout_len", "minibatch_size", "epochs",
        "stabilization_steps", "stabilization_env_steps_other", "entropy_decay_minibatches",
        "kl_ref_decay_minibatches", "kl_warmup_minibatches", "warmup_steps", "restart_period",
        "min_batch_size", "max_batch_size", "sequence_length", "state_dim", "action_dim",
    )
)  # fmt: skip
"""Fields that are whole numbers; JSON Schema lets a file write them as 1000.0."""


def _lookup_table() -> tuple[tuple[tuple[str, ...], tuple[tuple[str, str, Any], ...]], ...]:
    blocks: dict[tuple[str, ...], list[tuple[str, str, Any]]] = {}
    for name, (path, default) in FIELDS.items():
        *block, key = path.split("/")
        blocks.setdefault(tuple(block), []).append((key, name, default))
    return tuple((block, tuple(keys)) for block, keys in blocks.items())


_TABLE = _lookup_table()


def pointer_of(field: str) -> str:
    """The JSON pointer of the key that a field is read from."""
    return "/" + FIELDS[field][0]


def parse_config(
    value: dict[str, Any],
    unusable: frozenset[str] = frozenset(),
    damaged: frozenset[str] = frozenset(),
) -> PPOConfig:
    """The configuration in a JSON value.

    Args:
        value: the top-level object.
        unusable: JSON pointers of what is invalid or lost; fields there, above and below stay unset.
            Empty where the schema accepts the value.
        damaged: JSON pointers of blocks of which members may be missing; what is absent from one of
            these stays unset, for its default may not be what the author wrote.
    """
    fields: dict[str, Any] = {}
    given: set[str] = set()
    for path, keys in _TABLE:
        block: Any = value
        for part in path:
            block = block.get(part) if isinstance(block, dict) else None
        if not isinstance(block, dict):
            block = {}
        for key, name, default in keys:
            if key in block:
                fields[name] = block[key]
                given.add(name)
            else:
                fields[name] = default
    lost = _lost_fields(value, unusable, damaged) if unusable or damaged else set()
    _derive(value, fields, given, lost)
    config = object.__new__(PPOConfig)
    put = object.__setattr__
    put(config, "given", frozenset(given))
    for name, content in fields.items():
        if name not in lost:
            put(config, name, content)
    return config


def _lost_fields(
    value: dict[str, Any], unusable: frozenset[str], damaged: frozenset[str]
) -> set[str]:
    lost = set()
    for name in FIELDS:
        pointer = pointer_of(name)
        for bad in unusable:
            if bad == pointer or pointer.startswith(bad + "/") or bad.startswith(pointer + "/"):
                lost.add(name)
        if damaged and _absent_from(value, pointer) in damaged:
            lost.add(name)
        if any(block.startswith(pointer + "/") or block == pointer for block in damaged):
            lost.add(name)
    return lost


def _absent_from(value: Any, pointer: str) -> str | None:
    """The pointer of the block that should hold the key and does not; None where it is there."""
    at = ""
    for part in pointer.split("/")[1:]:
        if not isinstance(value, dict) or part not in value:
            return at
        value, at = value[part], f"{at}/{part}"
    return None


def _derive(value: dict[str, Any], f: dict[str, Any], given: set[str], lost: set[str]) -> None:
    """Apply what depends on several keys, and withhold what is out of a rule's own range."""
    for name in WHOLE & given - lost:
        if isinstance(f[name], float):
            f[name] = int(f[name])
    if not _at(value, "parallel_training", "enable"):
        f["num_envs"] = 1
    other = _at(value, "statistics_stabilization")
    if f["statistics_stabilization"] is None:
        enable = other.get("enable") if isinstance(other, dict) else None
        f["statistics_stabilization"] = isinstance(other, dict) and enable is not False
    for name in ("state_dim", "action_dim"):
        if f[name] is None:
            f[name] = _at(value, "actor_critic_architecture", name)
            if f[name] is not None and not _is_count(f[name]):
                lost.add(name)
            elif f[name] is not None:
                f[name] = int(f[name])
    f["reward_scaling"] = bool(f["reward_scaling"])
    if "stage_env_steps" not in lost:
        stages = f["stage_env_steps"] or ()
        try:
            f["stage_env_steps"] = tuple(int(stage["duration_requests"]) for stage in stages)
        except (KeyError, TypeError, ValueError):
            lost.add("stage_env_steps")
    if "min_lr_ratio" not in lost and not 0 <= f["min_lr_ratio"] <= 1:
        lost.add("min_lr_ratio")
    if "accumulation_steps" not in lost:
        a = f["accumulation_steps"]
        if a >= 1 and a == int(a):
            f["accumulation_steps"] = int(a)
        else:
            lost.add("accumulation_steps")
    if "max_grad_norm" not in lost and f["max_grad_norm"] is not None and f["max_grad_norm"] <= 0:
        lost.add("max_grad_norm")
    if "adaptive_batch" not in lost and f["adaptive_batch"]:
        _check_adaptation(f, lost)


def _is_count(value: Any) -> bool:
    """Whether a value is a whole number from 1, as JSON Schema counts whole numbers."""
    return type(value) in (int, float) and value >= 1 and value == int(value)


def _check_adaptation(f: dict[str, Any], lost: set[str]) -> None:
    bounds = {"min_batch_size", "max_batch_size"}
    if not bounds & lost:
        low, high = f["min_batch_size"], f["max_batch_size"]
        if low is None or high is None or not 1 <= low <= high:
            lost |= bounds
    if "adaptation_rate" not in lost:
        rate = f["adaptation_rate"]
        if rate is None or not 0 < rate < 1:
            lost.add("adaptation_rate")


def _at(value: Any, *path: str) -> Any:
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value
