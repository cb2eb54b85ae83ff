"""Sequences do not fit into rollouts or minibatches.

## What it checks
sequence_length L > 1, and L does not divide rollout_len, or a fixed minibatch_size is no multiple
of L.

## Why it matters
A recurrent policy is trained on whole sequences. What does not divide is cut: the last sequence of
each environment is short and weighs too much or is padded, and a minibatch holds another number of
samples than the file says.

## Instead
rollout_len and minibatch_size that are multiples of L.

## When not to use
Runtimes that pad and mask; the nominal minibatch size is still not the one stated.

## Sources
- The definitions: a minibatch is floor(B / L) sequences.
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import WARNING, rule
from ppodiag.wording import count


@rule("BS211", "sequences-do-not-fit", WARNING)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the sequence length divides neither rollout nor minibatch."""
    config = ctx.config
    length = config.sequence_length
    if length <= 1:
        return
    steps, size = config.rollout_len, config.minibatch_size
    faults, examples = [], []
    if steps % length:
        faults.append(
            f"rollout_len {count(steps)} = {steps // length} × {length} + {steps % length}"
        )
        examples.append(f"rollout_len {count(_near(steps, length))}")
    if not config.adaptive_batch and size % length:
        nominal = ctx.rollout.size
        faults.append(
            f"minibatch_size {count(size)} = {size // length} × {length} + {size % length} "
            f"(a minibatch has {count(nominal)} samples)"
        )
        examples.append(f"minibatch_size {count(_near(size, length))}")
    if faults:
        yield ctx.finding(
            WARNING,
            "sequence_length",
            f"sequences of {count(length)} steps do not fit: {'; '.join(faults)}",
            f"choose multiples of {length}, for example {' and '.join(examples)}, or another "
            "sequence_length",
            inputs=("rollout_len", "minibatch_size"),
            values={"sequence_length": length, "rollout_len": steps, "minibatch_size": size},
        )


def _near(value: int, length: int) -> int:
    """The nearest multiple of the length, at least one length."""
    return max(1, (2 * value + length) // (2 * length)) * length


CASES = (
    Case(
        "24 divides neither 128 nor 64",
        {"actor_critic_architecture.sequence_length": 24},
        WARNING,
        "/actor_critic_architecture/sequence_length",
        text="rollout_len 128 = 5 × 24 + 8; minibatch_size 64 = 2 × 24 + 16 (a minibatch has 48",
    ),
    Case("32 divides both", {"actor_critic_architecture.sequence_length": 32}),
    Case("no sequences", {"actor_critic_architecture.sequence_length": 1}),
)
