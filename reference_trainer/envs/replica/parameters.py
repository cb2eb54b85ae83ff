"""What the configuration says about the task, and the constants of the replicas."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ppodiag.errors import UsageError

REPLICAS = 4
QPS_PER_REPLICA = 0.625  # requests/s where the file gives no rate: 2.5 with 4 replicas
DECISIONS = 512  # of an episode where the file does not say
MOST_REPLICAS = 1024

# The replica: of the order of a model with 30 billion weights on one accelerator. [judgement]
ITERATION = 0.015  # s, one token for every running request: reading the weights
PER_REQUEST = 0.00075  # s more for every running request
PER_TOKEN = 1.2e-6  # s more for every token that the memory holds
PREFILL = 5000.0  # prompt tokens/s, while nothing else runs
MEMORY = 8000.0  # tokens of key-value cache
SLOW_SPEED = 1 / 3
SLOW_SHARE = 0.25  # of the replicas, at least one where there are two

# Lengths are log-normal. [judgement]
PROMPT_MEDIAN, PROMPT_SIGMA = 400.0, 0.9
OUTPUT_MEDIAN, OUTPUT_SIGMA = 150.0, 0.9
LONGEST = 2000.0  # tokens of a prompt, and of an output

# Bursts: two states of a Markov chain that lets the mean gap be 1/qps. [judgement]
BURST = 2.0  # times the rate, within a burst
CALM = 2.0 / 3.0  # times the rate, outside: half of all requests come in bursts
SWITCH = 0.05  # probability that the state changes with a request

LATE = 10.0  # s; a request that takes longer is late, where the file does not say
REJECTED = 60.0  # s that a request counts which finds no place in a replica's table

ACTING_KEYS = frozenset(
    (
        "/training/num_replicas",
        "/training/qps",
        "/training/arrivals",
        "/training/max_steps",
        "/reward_config/latency_weight",
        "/reward_config/latency_threshold",
        "/reward_config/latency_penalty_scale",
        "/reward_config/balance_penalty_weight",
    )
)
"""JSON pointers of the keys that this environment acts on."""


@dataclass(frozen=True, slots=True)
class Task:
    """The task of a configuration.

    Attributes:
        replicas: R.
        qps: requests/s, all replicas together.
        bursty: whether arrivals come in bursts.
        decisions: length of an episode.
        latency_weight: weight of a second of latency.
        late: s from which a request is late.
        late_weight: weight of a second beyond that, on top.
        balance_weight: weight of uneven queues.
    """

    replicas: int = REPLICAS
    qps: float = QPS_PER_REPLICA * REPLICAS
    bursty: bool = False
    decisions: int = DECISIONS
    latency_weight: float = 1.0
    late: float = LATE
    late_weight: float = 0.0
    balance_weight: float = 0.0

    @property
    def slow(self) -> int:
        """Slow replicas of an episode: none where there is but one replica."""
        return max(1, round(SLOW_SHARE * self.replicas)) if self.replicas > 1 else 0


def read_task(config: Mapping[str, Any]) -> Task:
    """The task of a configuration.

    Raises:
        UsageError: a key that acts here has a value that makes no sense.
    """
    replicas = _whole(config, "num_replicas", REPLICAS, MOST_REPLICAS)
    arrivals = _block(config, "training").get("arrivals", "poisson")
    if arrivals not in ("poisson", "bursty"):
        raise UsageError(
            f"training.arrivals is {arrivals!r}", 'the environment knows "poisson" and "bursty"'
        )
    reward = "reward_config"
    return Task(
        replicas=replicas,
        qps=_number(config, "training", "qps", QPS_PER_REPLICA * replicas, above=True),
        bursty=arrivals == "bursty",
        decisions=_whole(config, "max_steps", DECISIONS),
        latency_weight=_number(config, reward, "latency_weight", 1.0),
        late=_number(config, reward, "latency_threshold", LATE),
        late_weight=_number(config, reward, "latency_penalty_scale", 0.0),
        balance_weight=_number(config, reward, "balance_penalty_weight", 0.0),
    )


def _block(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    block = config.get(name)
    return block if isinstance(block, Mapping) else {}


def _number(
    config: Mapping[str, Any], block: str, key: str, default: float, above: bool = False
) -> float:
    """A finite number from 0, or above 0."""
    value = _block(config, block).get(key, default)
    sound = isinstance(value, int | float) and not isinstance(value, bool)
    if not sound or not math.isfinite(value) or value < 0 or (above and value == 0):
        raise UsageError(
            f"{block}.{key} is {value!r}",
            f"the environment needs a number {'above' if above else 'from'} 0",
        )
    return float(value)


def _whole(config: Mapping[str, Any], key: str, default: int, most: int = 10**9) -> int:
    """A whole number from 1 of the block `training`; 1000.0 is one."""
    value = _number(config, "training", key, default, above=True)
    if not value.is_integer() or value > most:
        raise UsageError(
            f"training.{key} is {value:g}", f"the environment needs a whole number from 1 to {most}"
        )
    return int(value)
