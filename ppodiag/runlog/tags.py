"""Which tag of which trainer means which column: one table, with the source of each trainer.

Names are matched exactly. A name that is merely near is left alone: `diagnose` may point at it, the
reader never guesses.
"""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from ppodiag.runlog.run import StepUnit

COLUMNS = {
    "lr": "1",
    "approx_kl": "nat",
    "clip_fraction": "fraction, 0 to 1",
    "entropy": "nat",
    "explained_variance": "1",
    "value_loss": "squared return",
    "policy_loss": "1",
    "pg_grad_norm": "1",
    "minibatch_size": "samples",
    "minibatch_steps": "minibatch steps of the update",
    "optimizer_steps": "optimizer steps of the update",
    "env_steps": "environment steps since the start",
    "update": "updates since the start",
    "episode_return": "reward",
    "env_steps_per_second": "environment steps / s",
}
"""Canonical column to unit."""


@dataclass(frozen=True, slots=True)
class Trainer:
    """How one trainer names what it logs.

    Attributes:
        name: the trainer.
        source: where the names and the averaging were read.
        step_unit: what the step of its event files counts, or None where that varies.
        tags: (column, tag, averaging, factor); the factor turns the logged value into the column's.
        prefixes: what the trainer or its logger may put before a tag.
        signs: tags of which a log must have one to be this trainer's; empty: its columns tell.
    """

    name: str
    source: str
    step_unit: StepUnit | None
    tags: tuple[tuple[str, str, str, float], ...]
    prefixes: tuple[str, ...] = ("",)
    signs: tuple[str, ...] = ()


_UPDATE = "mean over the minibatches of the update"
_EPOCH = "mean over the minibatches of the last epoch"
_LAST = "the last minibatch of the update"
_NOW = "a single value"
_ROLLOUT = "over the whole rollout"
_COUNT = "a counter"
_SINCE_START = "mean since the start of the run"
_UNTOLD = "as the log defines it"

_PPODIAG = Trainer(
    name="ppodiag",
    source="the column names of this table",
    step_unit=None,
    tags=tuple((column, column, _UNTOLD, 1.0) for column in COLUMNS),
)

_VIDUR = Trainer(
    name="vidurrl",
    source="Archer222arc/Vidurrl src/core/utils/monitoring/tensorboard_monitor.py and "
    "src/core/algorithms/ppo_trainer.py at 11d8aea; it logs 0.0 for what is absent or not finite",
    step_unit="env_steps",
    tags=(
        ("lr", "Training/LearningRate", "the optimizer's value after the update", 1.0),
        ("lr", "Training/lr", "the optimizer's value after the update", 1.0),
        ("approx_kl", "Training/ApproxKL", _UPDATE + ", each clamped at 0", 1.0),
        ("clip_fraction", "Training/ClipFraction", _UPDATE, 1.0),
        ("entropy", "Training/Entropy", _UPDATE, 1.0),
        ("explained_variance", "Training/ExplainedVariance", _UPDATE, 1.0),
        ("value_loss", "Training/ValueLoss", _UPDATE, 1.0),
        ("policy_loss", "Training/PolicyLoss", _UPDATE, 1.0),
        ("pg_grad_norm", "Training/GradientNorm", _UPDATE + ", before clipping", 1.0),
    ),
)

_OWN_AVERAGING = {
    "lr": "a single value, read by the update's last optimizer step",
    "approx_kl": "mean over the optimizer steps of the update, k3 estimate",
    "clip_fraction": "mean over the optimizer steps of the update",
    "entropy": "mean over the optimizer steps of the update",
    "explained_variance": "over the whole rollout, before the update",
    "value_loss": "mean over the optimizer steps of the update, without its weight",
    "policy_loss": "mean over the optimizer steps of the update",
    "pg_grad_norm": "mean over the optimizer steps of the update with a finite norm, before clipping, all parameters",
    "minibatch_size": "a single value, of this update",
    "minibatch_steps": "a counter, of this update",
    "optimizer_steps": "a counter, of this update",
    "env_steps": "a counter, since the start",
    "update": "index of the rollout, from 0",
    "episode_return": "mean over the episodes that ended in the rollout, as the environment gave it",
    "env_steps_per_second": "over rollout and update",
}
_REFERENCE = Trainer(
    name="reference_trainer",
    source="reference_trainer/metrics.py of this project; docs/reference-trainer-logs.md",
    step_unit="env_steps",
    tags=tuple(
        (column, tag, averaging, 1.0)
        for column, averaging in _OWN_AVERAGING.items()
        for tag in (column, f"Training/{column}")
    ),
    signs=("batch_state", "Training/batch_state"),
)

_SB3 = Trainer(
    name="stable-baselines3",
    source="DLR-RM/stable-baselines3 stable_baselines3/ppo/ppo.py and common/on_policy_algorithm.py;"
    " train/* at a step belong to the update before the rollout that ends at that step",
    step_unit="env_steps",
    tags=(
        ("lr", "train/learning_rate", _NOW, 1.0),
        ("approx_kl", "train/approx_kl", _EPOCH, 1.0),
        ("clip_fraction", "train/clip_fraction", _UPDATE, 1.0),
        ("entropy", "train/entropy_loss", _UPDATE, -1.0),
        ("explained_variance", "train/explained_variance", _ROLLOUT + ", before the update", 1.0),
        ("value_loss", "train/value_loss", _UPDATE, 1.0),
        ("policy_loss", "train/policy_gradient_loss", _UPDATE, 1.0),
        ("episode_return", "rollout/ep_rew_mean", "mean of the last 100 episodes", 1.0),
        ("env_steps_per_second", "time/fps", _SINCE_START, 1.0),
        ("env_steps", "time/total_timesteps", _COUNT, 1.0),
        ("update", "time/iterations", _COUNT, 1.0),
    ),
)

_CLEANRL = Trainer(
    name="cleanrl",
    source="vwxyzjn/cleanrl cleanrl/ppo.py; value_loss holds a factor 0.5",
    step_unit="env_steps",
    tags=(
        ("lr", "charts/learning_rate", _NOW, 1.0),
        ("approx_kl", "losses/approx_kl", _LAST, 1.0),
        ("clip_fraction", "losses/clipfrac", _UPDATE, 1.0),
        ("entropy", "losses/entropy", _LAST, 1.0),
        ("explained_variance", "losses/explained_variance", _ROLLOUT + ", before the update", 1.0),
        ("value_loss", "losses/value_loss", _LAST, 1.0),
        ("policy_loss", "losses/policy_loss", _LAST, 1.0),
        ("episode_return", "charts/episodic_return", "one episode", 1.0),
        ("env_steps_per_second", "charts/SPS", _SINCE_START, 1.0),
    ),
)

_RAY_OLD = "info/learner/default_policy/learner_stats/"
_RAY_NEW = "learners/default_policy/"
_RLLIB = Trainer(
    name="rllib",
    source="ray-project/ray rllib/algorithms/ppo/ppo_torch_policy.py and "
    "ppo/torch/ppo_torch_learner.py; kl is the full divergence, not an estimate; one policy named "
    "default_policy",
    step_unit=None,
    prefixes=("", "ray/tune/"),
    tags=(
        ("lr", _RAY_NEW + "default_optimizer_learning_rate", _NOW, 1.0),
        ("lr", _RAY_OLD + "cur_lr", _NOW, 1.0),
        ("approx_kl", _RAY_NEW + "mean_kl_loss", _UNTOLD, 1.0),
        ("approx_kl", _RAY_OLD + "kl", _UPDATE, 1.0),
        ("entropy", _RAY_NEW + "entropy", _UNTOLD, 1.0),
        ("entropy", _RAY_OLD + "entropy", _UPDATE, 1.0),
        ("explained_variance", _RAY_NEW + "vf_explained_var", _UNTOLD, 1.0),
        ("explained_variance", _RAY_OLD + "vf_explained_var", _UPDATE, 1.0),
        ("value_loss", _RAY_NEW + "vf_loss", _UNTOLD, 1.0),
        ("value_loss", _RAY_OLD + "vf_loss", _UPDATE, 1.0),
        ("policy_loss", _RAY_NEW + "policy_loss", _UNTOLD, 1.0),
        ("policy_loss", _RAY_OLD + "policy_loss", _UPDATE, 1.0),
        ("pg_grad_norm", _RAY_NEW + "gradients_default_optimizer_global_norm", _UNTOLD, 1.0),
        ("pg_grad_norm", _RAY_OLD + "grad_gnorm", _UPDATE, 1.0),
        ("episode_return", "env_runners/episode_return_mean", "mean of recent episodes", 1.0),
        ("episode_return", "env_runners/episode_reward_mean", "mean of recent episodes", 1.0),
        ("episode_return", "episode_reward_mean", "mean of recent episodes", 1.0),
        ("env_steps", "num_env_steps_sampled_lifetime", _COUNT, 1.0),
        ("env_steps", "timesteps_total", _COUNT, 1.0),
        ("update", "training_iteration", _COUNT, 1.0),
    ),
)

_ML_AGENTS = Trainer(
    name="ml-agents",
    source="Unity-Technologies/ml-agents mlagents/trainers/ppo/optimizer_torch.py and "
    "trainer/rl_trainer.py; a point is the mean since the one before, summary_freq steps earlier",
    step_unit="env_steps",
    tags=(
        ("lr", "Policy/Learning Rate", "mean over the updates since the last point", 1.0),
        ("entropy", "Policy/Entropy", "mean since the last point", 1.0),
        ("value_loss", "Losses/Value Loss", "mean over the updates since the last point", 1.0),
        ("policy_loss", "Losses/Policy Loss", "mean over the updates since the last point", 1.0),
        ("episode_return", "Environment/Cumulative Reward", "mean since the last point", 1.0),
    ),
)

_RL_GAMES = Trainer(
    name="rl_games",
    source="Denys88/rl_games rl_games/common/a2c_common.py, write_stats",
    step_unit="env_steps",
    tags=(
        ("lr", "info/last_lr", "the optimizer's value after the update", 1.0),
        ("approx_kl", "info/kl", "mean over the epochs of the update", 1.0),
        ("entropy", "losses/entropy", _UPDATE, 1.0),
        ("value_loss", "losses/c_loss", _UPDATE, 1.0),
        ("policy_loss", "losses/a_loss", _UPDATE, 1.0),
        ("episode_return", "rewards/step", "mean of recent episodes", 1.0),
        ("env_steps_per_second", "performance/step_inference_rl_update_fps", "this update", 1.0),
        ("update", "info/epochs", _COUNT, 1.0),
    ),
)

_SKRL = Trainer(
    name="skrl",
    source="Toni-SM/skrl skrl/agents/torch/ppo/ppo.py and base.py; its step counts steps of the "
    "vector of environments; Entropy loss is scaled by its coefficient, so entropy is not known",
    step_unit=None,
    tags=(
        ("lr", "Learning / Learning rate", "mean since the last point", 1.0),
        ("value_loss", "Loss / Value loss", _UPDATE + ", scaled by its coefficient", 1.0),
        ("policy_loss", "Loss / Policy loss", _UPDATE, 1.0),
        ("episode_return", "Reward / Total reward (mean)", "mean of recent episodes", 1.0),
    ),
)

_TRL = Trainer(
    name="trl",
    source="huggingface/trl docs/source/ppo_trainer.md and trl/trainer/ppo_trainer.py",
    step_unit=None,
    prefixes=("", "train/"),
    tags=(
        ("lr", "lr", "the scheduler's value after the update", 1.0),
        ("approx_kl", "policy/approxkl_avg", _UPDATE, 1.0),
        ("clip_fraction", "policy/clipfrac_avg", _UPDATE, 1.0),
        ("entropy", "policy/entropy_avg", _UPDATE + ", per token", 1.0),
        ("value_loss", "loss/value_avg", _UPDATE, 1.0),
        ("policy_loss", "loss/policy_avg", _UPDATE, 1.0),
        ("episode_return", "objective/scores", "mean over the batch", 1.0),
    ),
)

_TRL_OLD = Trainer(
    name="trl before 0.12",
    source="huggingface/trl trl/trainer/ppo_trainer.py at 00667e8",
    step_unit=None,
    tags=(
        ("lr", "ppo/learning_rate", "the optimizer's value after the update", 1.0),
        ("approx_kl", "ppo/policy/approxkl", _UPDATE, 1.0),
        ("clip_fraction", "ppo/policy/clipfrac", _UPDATE, 1.0),
        ("entropy", "ppo/policy/entropy", _UPDATE + ", per token", 1.0),
        ("explained_variance", "ppo/val/var_explained", _UPDATE, 1.0),
        ("value_loss", "ppo/loss/value", _UPDATE, 1.0),
        ("policy_loss", "ppo/loss/policy", _UPDATE, 1.0),
        ("episode_return", "ppo/mean_scores", "mean over the batch", 1.0),
    ),
)

TRAINERS = (
    _REFERENCE, _PPODIAG, _VIDUR, _SB3, _CLEANRL, _RLLIB, _ML_AGENTS, _RL_GAMES, _SKRL, _TRL, _TRL_OLD,
)  # fmt: skip
"""Every trainer known; where two claim a log equally, the earlier one has it."""
