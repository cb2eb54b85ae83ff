"""Names of known trainers' metrics, and the canonical columns that they stand for.

A name is taken only where it is exactly one of these; what is near but not equal is not guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ppodiag.errors import UsageError
from ppodiag.runlog.run import Series


@dataclass(frozen=True, slots=True)
class Column:
    """A canonical column.

    Attributes:
        unit: of its values.
        averaging: over what a trainer usually averages it.
    """

    unit: str
    averaging: str


COLUMNS: dict[str, Column] = {
    "lr": Column("1", "value in use when it is logged"),
    "approx_kl": Column("nat", "mean over the minibatches of an update"),
    "clip_fraction": Column("share of samples", "mean over the minibatches of an update"),
    "entropy": Column("nat", "mean over the minibatches of an update"),
    "explained_variance": Column("1", "over the rollout"),
    "value_loss": Column("loss", "mean over the minibatches of an update"),
    "policy_loss": Column("loss", "mean over the minibatches of an update"),
    "pg_grad_norm": Column(
        "L2 norm", "mean over the optimizer steps of an update, before clipping"
    ),
    "minibatch_size": Column("samples", "of an update"),
    "minibatch_steps": Column("minibatch steps", "done in an update"),
    "optimizer_steps": Column("optimizer steps", "done in an update"),
    "env_steps": Column("environment steps", "since the run began"),
    "update": Column("updates", "since the run began"),
    "episode_return": Column("return", "mean over recent episodes"),
    "env_steps_per_second": Column("environment steps/s", "since the run began, or recent"),
}

NEGATED = frozenset(("train/entropy_loss",))
"""Tags whose sign is the other one: Stable-Baselines3 logs minus the entropy."""

_OURS = {name: name for name in COLUMNS}

TRAINERS: dict[str, dict[str, str]] = {
    "ppodiag": _OURS,
    # The public repository that the note describes: tags of its TensorBoard files.
    "note": {
        "Training/LearningRate": "lr", "Training/lr": "lr", "Training/ApproxKL": "approx_kl",
        "Training/ClipFraction": "clip_fraction", "Training/Entropy": "entropy",
        "Training/ExplainedVariance": "explained_variance", "Training/ValueLoss": "value_loss",
        "Training/PolicyLoss": "policy_loss", "Training/GradientNorm": "pg_grad_norm",
        "Rollout/ReturnMean": "episode_return",
    },
    # stable_baselines3/ppo/ppo.py, common/on_policy_algorithm.py; progress.csv has the same names.
    "sb3": {
        "train/learning_rate": "lr", "train/approx_kl": "approx_kl",
        "train/clip_fraction": "clip_fraction", "train/entropy_loss": "entropy",
        "train/explained_variance": "explained_variance", "train/value_loss": "value_loss",
        "train/policy_gradient_loss": "policy_loss", "rollout/ep_rew_mean": "episode_return",
        "time/fps": "env_steps_per_second", "time/total_timesteps": "env_steps",
    },
    # cleanrl/ppo.py
    "cleanrl": {
        "charts/learning_rate": "lr", "losses/approx_kl": "approx_kl",
        "losses/clipfrac": "clip_fraction", "losses/entropy": "entropy",
        "losses/explained_variance": "explained_variance", "losses/value_loss": "value_loss",
        "losses/policy_loss": "policy_loss", "charts/episodic_return": "episode_return",
        "charts/SPS": "env_steps_per_second",
    },
    # RLlib: ray/rllib/algorithms/ppo (both API stacks, as its TensorBoard logger flattens them)
    "rllib": {
        f"ray/tune/{key}": column
        for prefix, names in (
            ("info/learner/default_policy/learner_stats/", {
                "cur_lr": "lr", "kl": "approx_kl", "entropy": "entropy",
                "vf_explained_var": "explained_variance", "vf_loss": "value_loss",
                "policy_loss": "policy_loss", "grad_gnorm": "pg_grad_norm",
            }),
            ("learners/default_policy/", {
                "default_optimizer_learning_rate": "lr", "mean_kl_loss": "approx_kl",
                "entropy": "entropy", "vf_explained_var": "explained_variance",
                "vf_loss": "value_loss", "policy_loss": "policy_loss",
                "gradients_default_optimizer_global_norm": "pg_grad_norm",
            }),
            ("", {"episode_reward_mean": "episode_return"}),
            ("env_runners/", {"episode_return_mean": "episode_return",
                              "episode_reward_mean": "episode_return"}),
        )
        for key, column in ((prefix + name, column) for name, column in names.items())
    },
    # ml-agents/mlagents/trainers/ppo
    "ml-agents": {
        "Policy/Learning Rate": "lr", "Policy/Entropy": "entropy",
        "Losses/Value Loss": "value_loss", "Losses/Policy Loss": "policy_loss",
        "Environment/Cumulative Reward": "episode_return",
    },
    # rl_games/common/a2c_common.py
    "rl_games": {
        "info/last_lr": "lr", "info/kl": "approx_kl", "losses/c_loss": "value_loss",
        "losses/a_loss": "policy_loss", "losses/entropy": "entropy",
        "rewards/step": "episode_return", "performance/step_fps": "env_steps_per_second",
    },
    # skrl/agents/torch/ppo
    "skrl": {
        "Learning / Learning rate": "lr", "Loss / Value loss": "value_loss",
        "Loss / Policy loss": "policy_loss", "Reward / Total reward (mean)": "episode_return",
    },
    # trl/trainer/ppo_trainer.py; transformers' TensorBoard callback puts train/ before
    "trl": {
        prefix + name: column
        for prefix in ("", "train/")
        for name, column in {
            "lr": "lr", "policy/approxkl_avg": "approx_kl", "policy/clipfrac_avg": "clip_fraction",
            "policy/entropy_avg": "entropy", "loss/value_avg": "value_loss",
            "loss/policy_avg": "policy_loss", "objective/scores": "episode_return",
        }.items()
    },
}  # fmt: skip
"""Trainer to tag to canonical column."""

STEP_NAMES = (
    "env_steps", "time/total_timesteps", "total_timesteps", "timesteps", "global_step", "_step",
    "step", "num_env_steps_sampled_lifetime", "timesteps_total", "update", "iteration",
    "training_iteration",
)  # fmt: skip
"""Columns of a CSV or JSONL file that count its rows, the best first."""


def canonical_columns(
    series: Mapping[str, Series], mapping: Mapping[str, str] | None = None
) -> tuple[dict[str, Series], str]:
    """Canonical column to series, and the trainer whose names most of the tags are.

    Args:
        series: by tag.
        mapping: canonical column to tag, counting before the known names.

    Raises:
        UsageError: the mapping names no canonical column, or a tag that the log does not hold.
    """
    counts = {name: len(set(tags) & set(series)) for name, tags in TRAINERS.items()}
    trainer = max(counts, key=lambda name: counts[name])
    if not counts[trainer]:
        trainer = ""
    order = (
        [trainer, *(name for name in TRAINERS if name != trainer)] if trainer else list(TRAINERS)
    )
    found: dict[str, Series] = {}
    for name in order:
        for tag, column in TRAINERS[name].items():
            if tag in series and column not in found:
                found[column] = _with_sign(series[tag])
    for column, tag in (mapping or {}).items():
        if column not in COLUMNS:
            raise UsageError(
                f"no canonical column is called {column}", f"choose of {', '.join(COLUMNS)}"
            )
        if tag not in series:
            raise UsageError(
                f"the log has no tag {tag}", "ppodiag diagnose --list-tags RUN lists its tags"
            )
        found[column] = series[tag]
    return found, trainer


def _with_sign(series: Series) -> Series:
    if series.tag not in NEGATED:
        return series
    return Series(series.tag, series.steps, -series.values, series.wall)
