"""Dotted names of the keys that experiments change."""

from __future__ import annotations

from ppodiag.config import FIELDS


def dotted(field: str) -> str:
    """The dotted name of a field's key."""
    return FIELDS[field][0].replace("/", ".")


TOTAL = dotted("total_env_steps")
LR = dotted("lr")
SIZE = dotted("minibatch_size")
EPOCHS = dotted("epochs")
WINDOW = dotted("stabilization_steps")
OTHER_WINDOW = dotted("stabilization_env_steps_other")
MAX_NORM = dotted("max_grad_norm")
ADAPTS = dotted("adaptive_batch")
RATE = dotted("adaptation_rate")
ACCUMULATION = dotted("accumulation_steps")
CHECKPOINTING = dotted("checkpointing")
WARMUP = dotted("warmup_steps")
PERIOD = dotted("restart_period")
EARLY_STOP = dotted("early_stopping")
ENTROPY_DECAY = dotted("entropy_decay_minibatches")
BOOST = dotted("kl_warmup_minibatches")
SCHEDULE = "advanced_optimization.learning_rate_schedule"
REPLICAS = "training.num_replicas"
NETWORKS = "actor_critic_architecture"

CONSTANT = {SCHEDULE: {"type": "constant"}}
"""A constant learning rate from the first step on."""

PLAIN = {**CONSTANT, WINDOW: 0, EARLY_STOP: False}
"""Nothing of the run's course: the rate is constant, nothing is skipped and nothing stops early."""
