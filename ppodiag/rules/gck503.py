"""A running normalizer in the recomputed part.

## What it checks
use_gradient_checkpointing, and running statistics inside the network (a key of
actor_critic_architecture.stabilization that ends in `momentum`, unless the block is disabled).
Information where the runtime keeps them outside the recomputed part, a warning where not.

## Why it matters
The forward pass is run twice, so running statistics are updated twice with the same data, and the
second pass sees other statistics than the first.

## Instead
Keep stateful modules outside the recomputed part.

## When not to use
Runtimes that do so already.

## Sources
- The definitions: stateful modules stay outside the recomputed part.
"""

from collections.abc import Iterator, Mapping

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, WARNING, rule

BLOCK = "/actor_critic_architecture/stabilization"


@rule("GCK503", "stateful-module-recomputed", WARNING)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where checkpointing meets running statistics."""
    if not ctx.config.checkpointing:
        return
    architecture = ctx.value.get("actor_critic_architecture")
    block = architecture.get("stabilization") if isinstance(architecture, Mapping) else None
    if not isinstance(block, Mapping) or block.get("enable") is False:
        return
    keys = [key for key in block if key.endswith("momentum") and not key.startswith(("_", "$"))]
    if not keys:
        return
    from ppodiag.source.document import escape  # not needed for a clean file

    outside = ctx.profile.running_statistics == "outside"
    yield ctx.finding(
        INFO if outside else WARNING,
        f"{BLOCK}/{escape(keys[0])}",
        f"{keys[0]} means running statistics inside the network; gradient checkpointing runs the "
        "forward pass twice, "
        + (
            "which does no harm because the runtime keeps them outside the recomputed part"
            if outside
            else "and so updates them twice with the same data"
        ),
        "keep running normalizers outside the recomputed part",
        inputs=("checkpointing", *(f"{BLOCK}/{escape(key)}" for key in keys[1:])),
    )


_CASE_ON = {
    "advanced_optimization.gradient_optimization.use_gradient_checkpointing": True,
    "actor_critic_architecture.stabilization.input_normalization_momentum": 0.99,
}

CASES = (
    Case(
        "kept outside",
        _CASE_ON,
        INFO,
        "/actor_critic_architecture/stabilization/input_normalization_momentum",
        text="does no harm because",
    ),
    Case(
        "recomputed",
        _CASE_ON,
        WARNING,
        "/actor_critic_architecture/stabilization/input_normalization_momentum",
        text="updates them twice",
        profile="note,running_statistics=inside",
    ),
    Case(
        "the block is disabled",
        {
            "advanced_optimization.gradient_optimization.use_gradient_checkpointing": True,
            "actor_critic_architecture.stabilization": {"enable": False, "momentum": 0.99},
        },
        profile="note,running_statistics=inside",
    ),
    Case(
        "no checkpointing",
        {"actor_critic_architecture.stabilization.input_normalization_momentum": 0.99},
    ),
)
