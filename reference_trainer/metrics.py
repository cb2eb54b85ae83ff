"""What is logged: one table of names, units, averaging and TensorBoard tags."""

from __future__ import annotations

from dataclasses import dataclass

_STEPS = "mean over the optimizer steps of the update"
_NOW = "a single value"
_COUNT = "a counter"
_EPISODES = "mean over the episodes that ended in the rollout"


@dataclass(frozen=True, slots=True)
class Metric:
    """One value of a row.

    Attributes:
        name: its key in `log.jsonl`.
        unit: its unit.
        averaging: what it is the mean of, or when it was read.
        timed: whether it depends on the machine, and differs from run to run.
    """

    name: str
    unit: str
    averaging: str
    timed: bool = False

    @property
    def tag(self) -> str:
        """Its tag in the event file."""
        return f"Training/{self.name}"


METRICS = (
    Metric("update", "updates", "index of the rollout, from 0"),
    Metric("applied", "true or false", "false where stabilization skipped the update"),
    Metric("env_steps", "env steps", _COUNT + ", since the start"),
    Metric("updates_applied", "updates", _COUNT + ", since the start"),
    Metric("minibatch_steps", "minibatch steps", _COUNT + ", of this update"),
    Metric("optimizer_steps", "optimizer steps", _COUNT + ", of this update"),
    Metric("total_minibatch_steps", "minibatch steps", _COUNT + ", since the start"),
    Metric("total_optimizer_steps", "optimizer steps", _COUNT + ", since the start"),
    Metric("tick", "ticks of the LR clock", _NOW + ", after the update"),
    Metric("lr", "1", _NOW + ", read by the update's last optimizer step"),
    Metric("minibatch_size", "samples", _NOW + ", of this update"),
    Metric("batch_state", "samples", _NOW + ", b of this update"),
    Metric("pg_grad_norm", "1", _STEPS + " with a finite norm, before clipping, all parameters"),
    Metric("grad_norm_clipped", "1", "the same after clipping"),
    Metric("clipped_share", "1", "share of those steps whose gradient was clipped"),
    Metric("approx_kl", "nat", _STEPS + ", k3 estimate"),
    Metric("kl_k1", "nat", _STEPS + ", k1 estimate"),
    Metric("clip_fraction", "1", _STEPS),
    Metric("entropy", "nat", _STEPS),
    Metric("explained_variance", "1", "over the whole rollout, before the update"),
    Metric("policy_loss", "1", _STEPS),
    Metric("value_loss", "squared return", _STEPS + ", without its weight"),
    Metric("entropy_coef", "1", _NOW + ", of the update's last minibatch"),
    Metric("kl_coef", "1", _NOW + ", of this update"),
    Metric("skipped_steps", "optimizer steps", _COUNT + ", of this update: the gradient was not finite"),
    Metric("episodes", "episodes", _COUNT + ", that ended in the rollout"),
    Metric("episode_return", "reward", _EPISODES + ", as the environment gave it"),
    Metric("episode_length", "env steps", _EPISODES),
    Metric("env_steps_per_second", "env steps / s", "over rollout and update", timed=True),
    Metric("rollout_seconds", "s", _NOW, timed=True),
    Metric("update_seconds", "s", _NOW, timed=True),
    Metric("peak_memory_bytes", "bytes", "highest so far: of the allocator on CUDA, else of the process", timed=True),
)  # fmt: skip
"""In the order of the columns; the environment's own metrics stand before the timed ones."""

TAGS = {metric.name: metric.tag for metric in METRICS}
TIMED = frozenset(metric.name for metric in METRICS if metric.timed)


def tag_of(name: str) -> str:
    """The tag of a value in the event file; those of the environment under `Environment/`."""
    return TAGS.get(name, f"Environment/{name}")


def markdown_table() -> str:
    """The table of the documentation."""
    lines = ["| `log.jsonl` | TensorBoard | unit | averaging |", "|---|---|---|---|"]
    for metric in METRICS:
        machine = "; depends on the machine" if metric.timed else ""
        lines.append(
            f"| `{metric.name}` | `{metric.tag}` | {metric.unit} | {metric.averaging}{machine} |"
        )
    return "\n".join(lines) + "\n"
