"""The unit of the learning-rate clock decides, and it is not declared.

## What it checks
No profile is declared, and whether LR101, LR102, LR103 or LR115 speak, or how severely, differs
between a clock that counts minibatch steps and one that counts optimizer steps.

## Why it matters
With accumulation the two clocks differ by the factor a. What the file implies then depends on the
runtime, and ppodiag had to assume one.

## Instead
Declare the profile: `"$ppodiag": {"profile": "note"}` in the file, `--profile`, or `[tool.ppodiag]
profile`.

## When not to use
Not shown where a profile is declared.

## Sources
- Lightning-AI/pytorch-lightning issue 1476 and huggingface/accelerate issue 963: schedulers that
  step on batches or on optimizer steps.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, rule

DEPENDENT: Final = ("LR101", "LR102", "LR103", "LR115")


@rule("LR114", "clock-not-declared", INFO)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the clock's unit changes what other rules say, and nobody declared it."""
    if ctx.profile_declared or ctx.config.accumulation_steps == 1 or not ctx.config.has_schedule:
        return
    minibatch = ctx.under(replace(ctx.profile, clock="minibatch"))
    optimizer = ctx.under(replace(ctx.profile, clock="optimizer_step"))
    differing = []
    for code in DEPENDENT:
        here, there = minibatch.severity_of(code), optimizer.severity_of(code)
        if here is not there:
            words = [severity.word if severity else "silent" for severity in (here, there)]
            differing.append(
                f"{code} ({words[0]} in minibatch steps, {words[1]} in optimizer steps)"
            )
    if differing:
        yield ctx.finding(
            INFO,
            "/advanced_optimization/learning_rate_schedule",
            f"the unit of the clock decides and is not declared: {', '.join(differing)}",
            "declare the runtime's profile, with --profile or in the file as "
            '"$ppodiag": {"profile": "note"}',
            inputs=("warmup_steps", "accumulation_steps"),
            values={"rules": [text.split()[0] for text in differing]},
        )


CASES = (
    Case(
        "a window of four minibatches",
        {
            "advanced_optimization.gradient_optimization.accumulation_steps": 4,
            "advanced_optimization.learning_rate_schedule.warmup_steps": 16000,
            "advanced_optimization.learning_rate_schedule.restart_period": 143360,
        },
        INFO,
        "/advanced_optimization/learning_rate_schedule",
        text="LR102 (silent in minibatch steps, warning in optimizer steps)",
        declared=False,
    ),
    Case(
        "the same with a declared profile",
        {
            "advanced_optimization.gradient_optimization.accumulation_steps": 4,
            "advanced_optimization.learning_rate_schedule.warmup_steps": 16000,
            "advanced_optimization.learning_rate_schedule.restart_period": 143360,
        },
    ),
    Case(
        "without accumulation the clocks agree",
        {"advanced_optimization.gradient_optimization.accumulation_steps": 1},
        declared=False,
    ),
)
