"""The curriculum is longer than the run.

## What it checks
The stages of an enabled curriculum, one after the other, in environment steps: one that would
begin at or after the end of the run never starts (a warning); the last one that starts is cut
short (information).

## Why it matters
The hard stage, the one that the curriculum is for, is never trained. Durations are usually written
for another run length.

## Instead
Durations that add up to T.

## When not to use
A curriculum that ends with an open stage on purpose.

## Sources
- The definitions: durations are environment steps.
"""

from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, WARNING, rule
from ppodiag.wording import count, number

STAGES = "/curriculum_learning/stages"

MOST: Final = 3
"""Stages that the message names; it counts the others."""


@rule("UNIT701", "curriculum-longer-than-the-run", WARNING)
def check(ctx: Context) -> Iterator[Finding]:
    """One finding where the stages need more than the run."""
    config = ctx.config
    total = config.total_env_steps
    stages = config.stage_env_steps
    if not config.curriculum or not stages or total is None:
        if config.curriculum and stages:
            _ = ctx.budget  # says that the run's length is missing
        return
    whole = sum(stages)
    if whole <= total or total == 0:
        return  # of a run without a single step UNIT703 speaks
    starts = list(accumulate(stages, initial=0))[:-1]
    never = [index for index, start in enumerate(starts) if start >= total]
    cut = max(index for index, start in enumerate(starts) if start < total)
    sum_up = (
        f"the stages add up to {count(whole)} environment steps, "
        f"{number(whole / total)} times the run of {count(total)}"
    )
    short = ""
    if starts[cut] + stages[cut] > total:
        short = f"{_name(ctx, cut)} is cut short at {count(total - starts[cut])} of {count(stages[cut])}"
    if never:
        late = ", ".join(
            f"{_name(ctx, i)} (would begin at {count(starts[i])})" for i in never[:MOST]
        )
        if len(never) > MOST:
            late += f" and {count(len(never) - MOST)} more"
        verb = "never starts" if len(never) == 1 else "never start"
        message = f"{sum_up}: {late} {verb}" + (f", and {short}" if short else "")
    else:
        message = f"{sum_up}: {short}"
    yield ctx.finding(
        WARNING if never else INFO,
        f"{STAGES}/{never[0]}/duration_requests" if never else f"{STAGES}/{cut}/duration_requests",
        message,
        f"scale the durations by {number(total / whole)}, or train for {count(whole)} environment "
        "steps",
        inputs=(
            "total_env_steps",
            *(
                f"{STAGES}/{index}/duration_requests"
                for index in range(min(len(stages), 2 * MOST))
                if index != (never[0] if never else cut)
            ),
        ),
        values={"stages_env_steps": whole, "total_env_steps": total},
    )


def _name(ctx: Context, index: int) -> str:
    stage = ctx.value["curriculum_learning"]["stages"][index]
    name = stage.get("name")
    return f"{name!r}" if isinstance(name, str) and len(name) <= 30 else f"stage {index + 1}"


_CASE_STAGES = [
    {"name": "easy", "duration_requests": 512000},
    {"name": "medium", "duration_requests": 768000},
    {"name": "hard", "duration_requests": 768000},
]

CASES = (
    Case(
        "twice the run",
        {"curriculum_learning": {"enable": True, "stages": _CASE_STAGES}},
        WARNING,
        "/curriculum_learning/stages/2/duration_requests",
        text="add up to 2,048,000 environment steps, 2 times the run of 1,024,000: 'hard' (would "
        "begin at 1,280,000) never starts, and 'medium' is cut short at 512,000 of 768,000",
    ),
    Case(
        "the last one is cut short",
        {"curriculum_learning": {"enable": True, "stages": _CASE_STAGES[:2]}},
        INFO,
        "/curriculum_learning/stages/1/duration_requests",
        text="'medium' is cut short at 512,000 of 768,000",
    ),
    Case(
        "as long as the run",
        {
            "curriculum_learning": {
                "enable": True,
                "stages": [{"duration_requests": 512000}, {"duration_requests": 512000}],
            }
        },
    ),
    Case(
        "a run of no steps is another rule's",
        {
            "training.ppo_requests": 0,
            "curriculum_learning": {"enable": True, "stages": _CASE_STAGES},
        },
    ),
    Case("disabled", {"curriculum_learning": {"enable": False, "stages": _CASE_STAGES}}),
)
