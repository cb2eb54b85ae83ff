"""A runtime's conventions: the same block means other things in other trainers.

Each option is one convention; each preset is a set of them with a public source (see
`docs/profiles.md`). The first value of every option is that of the default preset, `note`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from ppodiag.errors import UsageError


@dataclass(frozen=True, slots=True)
class Profile:
    """One set of conventions.

    Attributes:
        clock: what one tick of the learning-rate clock is.
        warmup_form: λ in warm-up is t/W or (t+1)/W.
        cosine_origin: the cosine's phase counts from the end of warm-up, or from t = 0.
        skipped_updates: the clock pauses, or ticks, while updates are skipped.
        last_rollout: a partial last rollout is dropped, or completed (the run is then longer).
        advantages_per: the group over which advantages are normalised.
        accumulation: losses are weighed by samples, or the minibatch means are averaged.
        batch_state: the adapted minibatch size is kept as a float, or rounded after each update.
        batch_reference: what a gradient norm is compared with.
        update_tick: which tick gives the LR of an update, where all of it uses one value.
        linear_end: a linear schedule ends with the ticks of the run, or at T.
        linear_floor: below its floor a linear schedule is clamped, or goes on falling.
        advantage_std: the standard deviation of a single sample is guarded, or NaN.
        checkpoint_rng: the random state is preserved in recomputed parts, or not.
        running_statistics: running normalizers stay outside the recomputed part, or inside.
    """

    name: str = "note"
    clock: str = "minibatch"
    warmup_form: str = "t/W"
    cosine_origin: str = "after_warmup"
    skipped_updates: str = "paused"
    last_rollout: str = "dropped"
    advantages_per: str = "window"
    accumulation: str = "samples"
    batch_state: str = "float"
    batch_reference: str = "moving"
    update_tick: str = "first"
    linear_end: str = "N"
    linear_floor: str = "clamped"
    advantage_std: str = "guarded"
    checkpoint_rng: str = "preserved"
    running_statistics: str = "outside"

    @property
    def one_lr_per_update(self) -> bool:
        """True where all optimizer steps of an update use one learning rate."""
        return self.clock in ("update", "env_step")

    @property
    def tick_unit(self) -> str:
        """One tick of the clock, in words."""
        return TICK_UNITS[self.clock]


TICK_UNITS = {
    "minibatch": "minibatch step",
    "optimizer_step": "optimizer step",
    "update": "update",
    "env_step": "environment step",
}

OPTIONS: dict[str, tuple[str, ...]] = {
    "clock": ("minibatch", "optimizer_step", "update", "env_step"),
    "warmup_form": ("t/W", "(t+1)/W"),
    "cosine_origin": ("after_warmup", "zero"),
    "skipped_updates": ("paused", "ticking"),
    "last_rollout": ("dropped", "completed"),
    "advantages_per": ("window", "minibatch", "rollout"),
    "accumulation": ("samples", "mean_of_means"),
    "batch_state": ("float", "integer"),
    "batch_reference": ("moving", "max_grad_norm"),
    "update_tick": ("first", "last"),
    "linear_end": ("N", "T"),
    "linear_floor": ("clamped", "unclamped"),
    "advantage_std": ("guarded", "unguarded"),
    "checkpoint_rng": ("preserved", "lost"),
    "running_statistics": ("outside", "inside"),
}

NOTE = Profile()

PRESETS: dict[str, Profile] = {
    "note": NOTE,
    "torch-optimizer-step": Profile(
        name="torch-optimizer-step",
        clock="optimizer_step",
        accumulation="mean_of_means",
        advantages_per="minibatch",
    ),
    "huggingface": Profile(
        name="huggingface",
        clock="optimizer_step",
        accumulation="mean_of_means",
        advantages_per="rollout",
    ),
    "sb3": Profile(
        name="sb3",
        clock="env_step",
        last_rollout="completed",
        advantages_per="minibatch",
        update_tick="last",
        linear_end="T",
        linear_floor="unclamped",
    ),
    "cleanrl": Profile(
        name="cleanrl",
        clock="update",
        advantages_per="minibatch",
        advantage_std="unguarded",
    ),
}


def parse_profile(text: str) -> Profile:
    """The profile that `NAME` or `NAME,option=value,…` describes.

    Raises:
        UsageError: no such preset, option or value; the message lists what there is.
    """
    name, *changes = [part.strip() for part in text.split(",")]
    if name not in PRESETS:
        raise UsageError(f"no profile is called {name!r}", f"choose one of {', '.join(PRESETS)}")
    profile = PRESETS[name]
    for change in changes:
        option, equals, value = change.partition("=")
        if not equals or option not in OPTIONS:
            raise UsageError(
                f"{change!r} sets no option of a profile",
                f"write option=value with one of {', '.join(OPTIONS)}",
            )
        if value not in OPTIONS[option]:
            raise UsageError(
                f"{option} cannot be {value!r}", f"choose one of {', '.join(OPTIONS[option])}"
            )
        profile = replace(profile, **{option: value})
    if changes:
        profile = replace(profile, name=text.replace(" ", ""))
    return profile


def option_values(profile: Profile) -> dict[str, str]:
    """Every option of the profile with its value, name excepted."""
    return {f.name: getattr(profile, f.name) for f in fields(profile) if f.name != "name"}
