"""The probes: for each key of the block a setting in which it must act within a few rollouts.

Every probe is two runs of one seed whose configurations differ in the probe's key alone. The lengths of
a run are those of `base.Sizes`; R is the samples of a rollout, B = R/4, so M = 4 minibatches an epoch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from ppodiag.errors import UsageError
from ppodiag.overrides import resolve_key

Path = tuple[str, ...]

BLOCK = "advanced_optimization"
SCHEDULE: Path = (BLOCK, "learning_rate_schedule")
ADAPTIVE: Path = (BLOCK, "adaptive_batch_size")
GRADIENT: Path = (BLOCK, "gradient_optimization")
PPO: Path = ("ppo_config",)

COSINE = "cosine_annealing_with_warmup"


@dataclass(frozen=True, slots=True)
class Sized:
    """A value that follows the samples of a rollout.

    Attributes:
        label: as the documentation writes it.
        of: R to the value.
    """

    label: str
    of: Callable[[int], int]


def short_period(samples: int) -> int:
    """The smallest odd number from 5 that shares no factor with R.

    A clock of environment steps is read at multiples of R: a period that divides R would leave the
    cosine at its peak there.
    """
    return next(p for p in range(5, samples + 6, 2) if math.gcd(p, samples) == 1)


PERIOD = Sized("5*", short_period)
"""* or the next odd number that shares no factor with R."""

Value = Sized | float | bool | str
Setting = tuple[Path, Value]


def value_of(value: Value, samples: int) -> Any:
    """What a value comes to where a rollout has so many samples."""
    return value.of(samples) if isinstance(value, Sized) else value


def label_of(value: Value) -> str:
    """A value as tables write it."""
    if isinstance(value, Sized):
        return value.label
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else f"{value:g}"


NEUTRAL: tuple[Setting, ...] = (
    ((*SCHEDULE, "type"), "constant"),
    ((*SCHEDULE, "warmup_steps"), 0),
    ((*SCHEDULE, "min_lr_ratio"), 0.1),
    ((*SCHEDULE, "restart_period"), PERIOD),
    ((*ADAPTIVE, "enable"), False),
    ((*ADAPTIVE, "min_batch_size"), Sized("R/16", lambda r: r // 16)),
    ((*ADAPTIVE, "max_batch_size"), Sized("R/2", lambda r: r // 2)),
    ((*ADAPTIVE, "adaptation_rate"), 0.05),
    ((*GRADIENT, "use_gradient_checkpointing"), False),
    ((*GRADIENT, "accumulation_steps"), 1),
    ((*GRADIENT, "clip_by_global_norm"), False),
    ((*PPO, "max_grad_norm"), 0.5),
    ((*PPO, "stabilization_steps"), 0),
)
"""The block of the base run: every key given, every feature off."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One key's probe.

    Attributes:
        key: its path.
        first, second: the two values that are compared.
        why: what makes it act, as a sentence of the documentation.
        given: what both runs have beside the base.
        judged: by the trajectory; or by time and memory, where the trajectory must not change.
    """

    key: Path
    first: Value
    second: Value
    why: str
    given: tuple[Setting, ...] = ()
    judged: Literal["trajectory", "cost"] = "trajectory"

    @property
    def name(self) -> str:
        """The key, dotted."""
        return ".".join(self.key)

    @property
    def in_block(self) -> bool:
        """Whether it is a key of the block, and not one of `ppo_config` that belongs to it."""
        return self.key[0] == BLOCK


_COSINE: Setting = ((*SCHEDULE, "type"), COSINE)
_ADAPTS: Setting = ((*ADAPTIVE, "enable"), True)
_CLIPS: Setting = ((*GRADIENT, "clip_by_global_norm"), True)
_EIGHTH = Sized("R/8", lambda r: r // 8)
_TIGHT = 1e-6

PROBES = (
    Probe(
        (*SCHEDULE, "type"), "constant", COSINE,
        "The cosine leaves the peak at its first tick, on any clock.",
    ),
    Probe(
        (*SCHEDULE, "warmup_steps"), 0, Sized("3R", lambda r: 3 * r),
        "λ(0) is 0 instead of 1; on the slowest clock the warm-up lasts for half the run.",
        (_COSINE,),
    ),
    Probe(
        (*SCHEDULE, "min_lr_ratio"), 0.1, 0.9,
        "Every λ but that of a cycle's first tick changes.",
        (_COSINE,),
    ),
    Probe(
        (*SCHEDULE, "restart_period"), PERIOD, 4,
        "W = 0, so the cycles begin at once, and differ from the second tick on.",
        (_COSINE,),
    ),
    Probe(
        (*ADAPTIVE, "enable"), False, True,
        "The upper bound is below B, so the first update's minibatches are smaller already.",
        (((*ADAPTIVE, "max_batch_size"), _EIGHTH),),
    ),
    Probe(
        (*ADAPTIVE, "min_batch_size"), Sized("R/16", lambda r: r // 16),
        Sized("3R/8", lambda r: 3 * r // 8),
        "A lower bound above B makes the first update's minibatches larger.",
        (_ADAPTS,),
    ),
    Probe(
        (*ADAPTIVE, "max_batch_size"), Sized("R/2", lambda r: r // 2), _EIGHTH,
        "An upper bound below B makes the first update's minibatches smaller.",
        (_ADAPTS,),
    ),
    Probe(
        (*ADAPTIVE, "adaptation_rate"), 0.05, 0.95,
        "The norms of the first updates differ, and the minibatch size follows them 19 times as fast.",
        (_ADAPTS,),
    ),
    Probe(
        (*GRADIENT, "use_gradient_checkpointing"), False, True,
        "Networks of 64 layers and one minibatch of 4,096 samples: less is kept, and computed again.",
        judged="cost",
    ),
    Probe(
        (*GRADIENT, "accumulation_steps"), 1, 2,
        "Four minibatches an epoch make two windows instead of four.",
    ),
    Probe(
        (*GRADIENT, "clip_by_global_norm"), False, True,
        "A threshold of 1e-6 is below any gradient's norm.",
        (((*PPO, "max_grad_norm"), _TIGHT),),
    ),
    Probe(
        (*PPO, "max_grad_norm"), 1e6, _TIGHT,
        "One threshold is above any gradient's norm, the other below.",
        (_CLIPS,),
    ),
    Probe(
        (*PPO, "stabilization_steps"), 0, Sized("2R", lambda r: 2 * r),
        "The first two of six rollouts are not trained on.",
    ),
)  # fmt: skip
"""In the order of the schema; a test holds that no key of the block is missing."""


def chosen_probes(keys: str | None) -> tuple[Probe, ...]:
    """The probes of some keys, separated by commas; of all where none is named.

    Raises:
        UsageError: a key that does not exist, or has no probe.
    """
    if not keys:
        return PROBES
    wanted = set()
    names = {probe.key: probe for probe in PROBES}
    for text in keys.split(","):
        path = _path(text.strip())
        found = {key for key in names if key[: len(path)] == path}
        if not found:
            raise UsageError(
                f"there is no probe of {'.'.join(path)}",
                "choose of " + ", ".join(probe.key[-1] for probe in PROBES),
            )
        wanted |= found
    return tuple(probe for probe in PROBES if probe.key in wanted)


def _path(text: str) -> Path:
    """The path of a key or block; a name that several keys have is taken for the one with a probe."""
    own = [probe.key for probe in PROBES if probe.name.endswith(f".{text}")]
    return own[0] if len(own) == 1 else resolve_key(text)


def markdown_table() -> str:
    """The table of the documentation."""
    lines = ["| key | first run | second run | also | why it must act |", "|---|---|---|---|---|"]
    for probe in PROBES:
        also = ", ".join(f"`{path[-1]}` {label_of(value)}" for path, value in probe.given)
        values = f"{label_of(probe.first)} | {label_of(probe.second)}"
        lines.append(f"| `{probe.key[-1]}` | {values} | {also} | {probe.why} |")
    return "\n".join(lines) + "\n"
