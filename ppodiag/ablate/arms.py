"""Arms: what each changes of the configuration. The six features and their "off" are SEMANTICS' own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from ppodiag.errors import UsageError
from ppodiag.json_text import parse_json
from ppodiag.overrides import overrides_of, parse_value, resolve_key

Overrides = tuple[tuple[tuple[str, ...], Any], ...]

ALL_ON = "all-on"
ALL_OFF = "all-off"

MOST_FACTORS = 4
"""Features of a factorial study: 16 arms."""

_BLOCK = "advanced_optimization"
_SCHEDULE = (_BLOCK, "learning_rate_schedule")
_GRADIENT = (_BLOCK, "gradient_optimization")


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of the block.

    Attributes:
        name: as arms and options call it.
        title: as a sentence begins with it.
        off: what switches it off.
    """

    name: str
    title: str
    off: Overrides


FEATURES = (
    Feature(
        "schedule",
        "The learning-rate schedule",
        (((*_SCHEDULE, "type"), "constant"), ((*_SCHEDULE, "warmup_steps"), 0)),
    ),
    Feature(
        "adaptive-batch",
        "The adaptive batch size",
        (((_BLOCK, "adaptive_batch_size", "enable"), False),),
    ),
    Feature(
        "checkpointing", "Checkpointing", (((*_GRADIENT, "use_gradient_checkpointing"), False),)
    ),
    Feature("accumulation", "Accumulation", (((*_GRADIENT, "accumulation_steps"), 1),)),
    Feature("clipping", "Global-norm clipping", (((*_GRADIENT, "clip_by_global_norm"), False),)),
    Feature("stabilization", "Stabilization", ((("ppo_config", "stabilization_steps"), 0),)),
)

BY_NAME = {feature.name: feature for feature in FEATURES}


@dataclass(frozen=True, slots=True)
class Arm:
    """One configuration of the study.

    Attributes:
        name: letters, digits and `._-`; also the name of its folder.
        overrides: what stands in for the file's own values.
        features: those that are as configured or off, where the arm is about them: name to on.
    """

    name: str
    overrides: Overrides = ()
    features: tuple[tuple[str, bool], ...] = ()

    @property
    def one_off(self) -> Feature | None:
        """The feature that alone is off; None: the arm is another one."""
        off = [name for name, on in self.features if not on]
        named = len(self.features) == 1 and off
        return BY_NAME[off[0]] if named else None


@dataclass(frozen=True, slots=True)
class Arms:
    """The arms of a study.

    Attributes:
        reference: what the others are compared with.
        others: in the order of the report.
    """

    reference: Arm
    others: tuple[Arm, ...]

    @property
    def all(self) -> tuple[Arm, ...]:
        """The reference first."""
        return (self.reference, *self.others)


def _switched(on: Mapping[str, bool], name: str) -> Arm:
    """An arm with some features off and the rest of those named as configured."""
    off = tuple(
        pair for feature in FEATURES if not on.get(feature.name, True) for pair in feature.off
    )
    return Arm(name, off, tuple(on.items()))


def all_on() -> Arm:
    """The configuration as it stands."""
    return Arm(ALL_ON)


def all_off() -> Arm:
    """Plain PPO: every feature off."""
    return _switched({feature.name: False for feature in FEATURES}, ALL_OFF)


def leave_one_out() -> Arms:
    """Each feature off by itself, and all of them, beside the configuration as it stands."""
    single = tuple(_switched({f.name: False}, f"no-{f.name}") for f in FEATURES)
    return Arms(all_on(), (*single, all_off()))


def add_one_in() -> Arms:
    """Each feature on by itself, and all of them, beside plain PPO."""
    names = [feature.name for feature in FEATURES]
    single = tuple(_switched({n: n == name for n in names}, f"only-{name}") for name in names)
    return Arms(all_off(), (*single, all_on()))


def factorial(names: Sequence[str]) -> Arms:
    """Every combination of some features on and off, the others as configured.

    Args:
        names: of 2 to 4 features.

    Raises:
        UsageError: an unknown feature, one twice, or too few or too many.
    """
    for name in names:
        if name not in BY_NAME:
            raise UsageError(f"no feature is called {name!r}", f"choose of {', '.join(BY_NAME)}")
    if len(set(names)) < len(names):
        raise UsageError(f"a feature is named twice: {', '.join(names)}", "name each once")
    if not 2 <= len(names) <= MOST_FACTORS:
        raise UsageError(
            f"a factorial study has 2 to {MOST_FACTORS} features, not {len(names)}",
            "16 arms are many already; leave one out with --arms for the others",
        )
    found = []
    for states in product((True, False), repeat=len(names)):
        on = dict(zip(names, states, strict=True))
        off = [name for name in names if not on[name]]
        found.append(
            _switched(on, "no-" + "-no-".join(off)) if off else Arm(ALL_ON, (), tuple(on.items()))
        )
    return Arms(found[0], tuple(found[1:]))


def chosen(arms: Arms, names: Iterable[str]) -> Arms:
    """Some of the arms; the reference stays.

    Raises:
        UsageError: a name that is no arm's.
    """
    by_name = {arm.name: arm for arm in arms.others}
    wanted = []
    for name in names:
        found = by_name.get(name) or by_name.get(f"no-{name}")
        if found is None and name != arms.reference.name:
            raise UsageError(f"no arm is called {name!r}", f"choose of {', '.join(by_name)}")
        if found is not None and found not in wanted:
            wanted.append(found)
    return Arms(arms.reference, tuple(wanted))


def with_named(arms: Arms, named: Sequence[Arm]) -> Arms:
    """The arms with further ones of the user's.

    Raises:
        UsageError: two arms of one name.
    """
    together = (*arms.others, *named)
    names = [arm.name for arm in (arms.reference, *together)]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"two arms are called {name!r}", "give one of them another name")
    return Arms(arms.reference, together)


def parse_arm(text: str) -> Arm:
    """An arm of the command line: `NAME: KEY=VALUE; KEY=VALUE`.

    Raises:
        UsageError: it is not written so, or a key is none.
    """
    name, colon, rest = text.partition(":")
    if not colon:
        raise UsageError(
            f"--arm {text!r} is not NAME: KEY=VALUE",
            "write for example --arm 'no-warmup: learning_rate_schedule.warmup_steps=0'",
        )
    pairs = []
    for part in rest.split(";"):
        key, equals, value = part.partition("=")
        if not equals:
            raise UsageError(
                f"--arm {text!r}: {part.strip()!r} is not KEY=VALUE",
                "part several by semicolons: 'small: ppo_config.minibatch_size=32; ppo_config.epochs=4'",
            )
        try:
            pairs.append((resolve_key(key), parse_value(value)))
        except UsageError as error:
            raise UsageError(f"--arm {text!r}: {error.message}", error.remedy) from None
    return Arm(_checked_name(name.strip()), tuple(pairs))


def read_arms(data: bytes, path: str) -> tuple[Arm, ...]:
    """The arms of a file: a JSON object of names, each with an object of keys and values.

    Raises:
        UsageError: it is none, or a key is none.
    """
    remedy = 'write {"no-warmup": {"advanced_optimization.learning_rate_schedule.warmup_steps": 0}}'
    try:
        content = parse_json(data)
    except ValueError as error:
        raise UsageError(f"{path}: cannot be read as JSON: {error}", remedy) from None
    if not isinstance(content, dict) or not all(isinstance(v, dict) for v in content.values()):
        raise UsageError(f"{path}: holds no arms", remedy)
    found = []
    for name, values in content.items():
        try:
            found.append(Arm(_checked_name(name), overrides_of(values, None)))
        except UsageError as error:
            raise UsageError(f"{path}: arm {name!r}: {error.message}", error.remedy) from None
    return tuple(found)


def _checked_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise UsageError(
            f"{name!r} cannot be the name of an arm",
            "letters, digits, '.', '_' and '-', at most 64, beginning with a letter or digit",
        )
    return name
