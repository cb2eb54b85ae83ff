"""Accumulation where the whole window fits into memory.

## What it checks
With `--memory` given: a > 1, and the estimated memory of training on one minibatch of a·B samples
(at most R; with adaptation a times the largest B) is at most the memory given. Silent without
`--memory`, and where the networks cannot be estimated or `actor_critic_architecture` is absent.

## Why it matters
Accumulation exists to take optimizer steps on more samples than fit into memory at once. Where they
fit, it only makes a passes of small matrices in place of one of large ones.

## Instead
accumulation_steps 1 and a minibatch_size of a·B: the same optimizer steps. A learning-rate clock
that counts minibatches then ticks a times slower.

## When not to use
Where other work shares the memory, or what the estimate leaves out is large.

## Sources
- The definitions: a minibatches of B accumulated equal one of a·B.
- The estimate and what it leaves out: docs/memory.md.
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, rule
from ppodiag.wording import count


@rule("ACC307", "accumulation-buys-nothing", INFO)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where a window of samples fits into the given memory at once."""
    config = ctx.config
    room, a = ctx.memory_bytes, config.accumulation_steps
    if room is None or a == 1 or config.architecture is None:
        return
    from ppodiag.bytesize import size_text  # not needed for most files
    from ppodiag.memory import estimate_for

    largest = ctx.range_contexts[-1] if config.adaptive_batch else ctx
    size, samples = largest.rollout.size, largest.rollout.samples
    window = min(a * size, samples)
    whole = estimate_for(config, window)
    if whole is None or whole.total > room:
        return
    yield ctx.finding(
        INFO,
        "accumulation_steps",
        f"accumulation_steps {count(a)} buys nothing: one minibatch of {count(window)} samples "
        f"({count(a)} × {count(size)}, at most the {count(samples)} of a rollout) needs an estimated "
        f"{size_text(whole.total)} of the {size_text(room)} given",
        f"set accumulation_steps to 1 and minibatch_size to {count(window)}; the learning-rate clock "
        "may then tick more slowly",
        inputs=("minibatch_size", "rollout_len", "num_envs", "state_dim", "architecture"),
        values={"bytes": whole.total, "memory_bytes": room, "window_samples": window},
    )


_CASE_NETS = {"actor_critic_architecture": {"hidden_size": 256}}

CASES = (
    Case(
        "two small networks on a large machine",
        _CASE_NETS,
        INFO,
        "/advanced_optimization/gradient_optimization/accumulation_steps",
        text="one minibatch of 128 samples (2 × 64",
        memory="16GB",
    ),
    Case("the same, memory not known", _CASE_NETS),
    Case("the same in 3 MB", _CASE_NETS, memory="3MB"),
    Case("nobody says what the networks are", {}, memory="16GB"),
    Case(
        "no accumulation",
        {**_CASE_NETS, "advanced_optimization.gradient_optimization.accumulation_steps": 1},
        memory="16GB",
    ),
)
