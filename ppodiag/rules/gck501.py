"""Gradient checkpointing with dropout.

## What it checks
use_gradient_checkpointing, and a `dropout` above 0 in actor_critic_architecture (in a block that
is not disabled). Information where the runtime preserves the random state, a warning where it does
not.

## Why it matters
Checkpointing runs the forward pass twice. If the second run draws other dropout masks, the
gradient belongs to another network than the loss.

## Instead
A runtime that preserves the random state (torch does by default), or dropout 0.

## When not to use
With the random state preserved the gradient is right; only the time to save and restore it is
lost.

## Sources
- torch.utils.checkpoint: preserve_rng_state.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, WARNING, rule
from ppodiag.wording import number

ROOT = "actor_critic_architecture"
MOST_DEPTH = 8


@rule("GCK501", "checkpointing-with-dropout", WARNING)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding at the first dropout above 0 where checkpointing is on; it names the others."""
    if not ctx.config.checkpointing:
        return
    found = list(_dropouts(ctx.value.get(ROOT), f"/{ROOT}", MOST_DEPTH))
    if not found:
        return
    (pointer, value), *others = found
    preserved = ctx.profile.checkpoint_rng == "preserved"
    yield ctx.finding(
        INFO if preserved else WARNING,
        pointer,
        f"dropout {number(value)} is drawn twice by gradient checkpointing; "
        + (
            "the gradient is right only because the runtime preserves the random state"
            if preserved
            else "the runtime does not preserve the random state, so the gradient is another "
            "network's"
        ),
        "make sure that preserve_rng_state is on, or set dropout to 0",
        inputs=("checkpointing", *(other for other, _ in others)),
        values={"dropout": value},
    )


def _dropouts(block: Any, pointer: str, depth: int) -> Iterator[tuple[str, float]]:
    """Pointer and value of each dropout above 0 in an enabled block; free text is passed over."""
    from ppodiag.source.document import escape  # not needed for a clean file

    if not isinstance(block, Mapping) or block.get("enable") is False or depth == 0:
        return
    for key, value in block.items():
        if key == "dropout" and type(value) in (int, float) and value > 0:
            yield f"{pointer}/dropout", value
        elif isinstance(value, Mapping) and not key.startswith(("_", "$")):
            yield from _dropouts(value, f"{pointer}/{escape(key)}", depth - 1)


_CASE_ON = {
    "advanced_optimization.gradient_optimization.use_gradient_checkpointing": True,
    "actor_critic_architecture.actor.dropout": 0.1,
}

CASES = (
    Case(
        "random state preserved",
        _CASE_ON,
        INFO,
        "/actor_critic_architecture/actor/dropout",
        text="dropout 0.1 is drawn twice",
    ),
    Case(
        "random state lost",
        _CASE_ON,
        WARNING,
        "/actor_critic_architecture/actor/dropout",
        text="does not preserve the random state",
        profile="note,checkpoint_rng=lost",
    ),
    Case(
        "dropout in a disabled block",
        {
            "advanced_optimization.gradient_optimization.use_gradient_checkpointing": True,
            "actor_critic_architecture.cross_replica_attention": {"enable": False, "dropout": 0.1},
        },
        profile="note,checkpoint_rng=lost",
    ),
    Case(
        "keys with a slash and a tilde, and free text",
        {
            "advanced_optimization.gradient_optimization.use_gradient_checkpointing": True,
            "actor_critic_architecture": {"_old": {"dropout": 0.5}, "a/b~c": {"dropout": 0.1}},
        },
        INFO,
        "/actor_critic_architecture/a~1b~0c/dropout",
        text="dropout 0.1 is drawn twice",
    ),
    Case("dropout without checkpointing", {"actor_critic_architecture.actor.dropout": 0.1}),
)
