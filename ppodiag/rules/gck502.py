"""Gradient checkpointing that saves next to nothing.

## What it checks
use_gradient_checkpointing, and either of: it lowers the estimated memory of training by less than 5%
(at the largest minibatch size, with adaptation); `--device cpu` is given. The first is silent where
the networks cannot be estimated or `actor_critic_architecture` is absent.

## Why it matters
Every forward pass is computed twice, which takes about a third more time an update. That buys
activations, and in small networks parameters, gradients and Adam's moments are nearly everything. On
a CPU memory is rarely what runs out.

## Instead
use_gradient_checkpointing false.

## When not to use
Where a machine trains networks that this estimate does not know, or several runs at once.

## Sources
- Chen et al., Training Deep Nets with Sublinear Memory Cost (arXiv:1604.06174): segments near √layers.
- The estimate and what it leaves out: docs/memory.md.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, rule
from ppodiag.wording import count, percent

LEAST_SHARE: Final = 0.05
"""[judgement] Share of the memory that is worth a second forward pass."""


@rule("GCK502", "checkpointing-saves-little", INFO)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where checkpointing saves little of the estimate, or the CPU trains."""
    config = ctx.config
    if not ctx.wants_info or not config.checkpointing:
        return
    evidence, share = "", None
    if config.architecture is not None:
        from ppodiag.bytesize import size_text  # not needed for most files
        from ppodiag.memory import estimate_for

        largest = ctx.range_contexts[-1] if config.adaptive_batch else ctx
        size = largest.rollout.size
        plain = estimate_for(config, size, checkpointing=False)
        kept = estimate_for(config, size, checkpointing=True)
        if plain is not None and kept is not None:
            share = (plain.total - kept.total) / plain.total
            less = "saves " + percent(share) if share > 0 else "saves nothing"
            evidence = (
                f"{less} of an estimated {size_text(plain.total)} at minibatch size {count(size)}"
            )
    small = share is not None and share < LEAST_SHARE
    if not small and ctx.device != "cpu":
        return
    if small:
        message = f"checkpointing {evidence}; expected at least {percent(LEAST_SHARE)}"
    else:
        message = "checkpointing spends time to save an accelerator's memory, and the CPU trains"
        message += f" (it {evidence})" if evidence else ""
    yield ctx.finding(
        INFO,
        "checkpointing",
        message,
        "set use_gradient_checkpointing to false",
        inputs=("minibatch_size", "rollout_len", "num_envs", "state_dim", "architecture")
        if evidence
        else (),
        values={} if share is None else {"share": share},
    )


_CASE_ON = {"advanced_optimization.gradient_optimization.use_gradient_checkpointing": True}
_CASE_DEEP = {**_CASE_ON, "actor_critic_architecture": {"hidden_size": 32, "num_layers": 16}}

CASES = (
    Case(
        "two layers of 64",
        {**_CASE_ON, "actor_critic_architecture": {"hidden_size": 64, "num_layers": 2}},
        INFO,
        "/advanced_optimization/gradient_optimization/use_gradient_checkpointing",
        text="saves 2.4% of an estimated 681 kB at minibatch size 64; expected at least 5.0%",
    ),
    Case(
        "the CPU trains, whatever the networks are",
        _CASE_ON,
        INFO,
        "/advanced_optimization/gradient_optimization/use_gradient_checkpointing",
        text="and the CPU trains",
        device="cpu",
    ),
    Case(
        "16 layers on the CPU",
        _CASE_DEEP,
        INFO,
        "/advanced_optimization/gradient_optimization/use_gradient_checkpointing",
        text="and the CPU trains (it saves",
        device="cpu",
    ),
    Case("16 layers of 32", _CASE_DEEP, device="cuda"),
    Case("neither networks nor device are known", _CASE_ON),
)
