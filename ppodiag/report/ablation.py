"""The outcome of a study as text: answers first, then the table, then what stands behind it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ppodiag.ablate.arm_plan import ArmPlan
from ppodiag.ablate.cost import Share
from ppodiag.ablate.cost_words import time_share
from ppodiag.ablate.outcome import Outcome
from ppodiag.ablate.study import UNITS, Study
from ppodiag.report.ablation_effects import (
    INTERACTIONS,
    MAIN,
    effect_head,
    effect_notes,
    effect_rows,
)
from ppodiag.report.wrap import WIDTH, paint, printable, wrap
from ppodiag.wording import count, counted, number

NAME = 24
"""Columns for the name of an arm."""

LAST_BIT = " to the last bit"
"""What a table leaves out of a verdict; a sentence says it."""

TAIL_LINES = 8
"""Of the output of a failed run."""


PAIRED_SEEDS = (
    "difference: mean of arm − reference, seed by seed, and so not the difference of the IQMs"
)
PAIRED_ROUNDS = (
    "less: than the reference's run of the same round, median over the rounds, and so not the ratio of the "
    "medians; time is 1 − its speed / the arm's"
)
"""What columns are that a reader would else work out from their neighbours."""


def render_ablation(outcome: Outcome, sentences: Sequence[str], colour: bool) -> str:
    """The report of a study."""
    lines = [paint(line, "bold", colour) for line in wrap(title(outcome.study), "", "  ")]
    lines += _incomplete(outcome)
    for sentence in sentences:
        lines += wrap(sentence, "- ", "  ")
    if outcome.comparisons is not None:
        lines += ["", *_verdicts(outcome)]
    lines += _effects(outcome)
    if any(arm.cost for arm in outcome.arms):
        lines += ["", *_costs(outcome)]
    lines += ["", *plan_table([arm.plan for arm in outcome.arms])]
    lines += _failures(outcome)
    lines += _notes(outcome)
    lines += ["", *wrap(f"to repeat it: {printable(outcome.study.command)}", "", "  ")]
    return "\n".join(lines) + "\n"


def title(study: Study) -> str:
    """What was compared, by what."""
    declared = study.declared
    metric = declared.metric.replace("_", " ")
    if declared.metric == "return":
        metric += f" (mean of the last {100 * declared.final_share:.3g}% of the run)"
    if declared.metric == "time_to_threshold":
        metric = f"env steps until the return is at {number(declared.threshold or 0.0)}"
    many = (
        counted(len(declared.seeds), "seed")
        if study.learns
        else counted(declared.timing_rounds, "timed round")
    )
    return f"{printable(study.path)}, {printable(study.trainer.name)}, {many}, by {metric}"


def _incomplete(outcome: Outcome) -> list[str]:
    if not outcome.missing:
        return []
    text = (
        f"{counted(len(outcome.missing), 'unit')} of work have no result yet: no verdicts; "
        "the same command goes on"
    )
    return wrap(text, "", "  ")


def _verdicts(outcome: Outcome) -> list[str]:
    unit = UNITS[outcome.study.declared.metric]
    rows = [["arm", "verdict", "p", "P(better)", f"IQM [95%], {unit}", "difference [95%]"]]
    for arm in outcome.arms:
        summary = arm.summary
        word = "reference" if arm is outcome.reference else arm.verdict.removesuffix(LAST_BIT)
        row = [arm.name, word, "", "", "", ""]
        if summary is not None:
            i = summary.iqm
            row[4] = f"{number(i.estimate)} [{number(i.low)}, {number(i.high)}]"
            if summary.failed:
                row[4] += f", {summary.failed} failed"
            if summary.censored:
                row[4] += f", {summary.censored} never"
        if arm.comparison is not None:
            c, d = arm.comparison, arm.comparison.paired.mean
            row[5] = f"{number(d.estimate)} [{number(d.low)}, {number(d.high)}]"
            row[2], row[3] = f"{c.p:.3f}", f"{c.improvement.estimate:.2f}"
        rows.append(row)
    return [*table(rows), *wrap(PAIRED_SEEDS, "", "  ")]


def _effects(outcome: Outcome) -> list[str]:
    """Main effects and interactions of a factorial study; nothing of another one."""
    effects = outcome.effects
    if effects is None:
        return []
    lines = ["", *wrap(MAIN, "", "  ")]
    lines += table([effect_head(outcome, "feature"), *effect_rows(effects.main)])
    lines += ["", *wrap(INTERACTIONS, "", "  ")]
    return [*lines, *table([effect_head(outcome, "features"), *effect_rows(effects.interactions)])]


def _costs(outcome: Outcome) -> list[str]:
    rows = [
        ["arm", "env steps/s", "lowest to highest", "less time [95%]", "memory, MiB", "less [95%]"]
    ]
    for arm in outcome.arms:
        cost = arm.cost
        if cost is None:
            continue
        rows.append(
            [
                arm.name, number(cost.steps_per_second),
                f"{number(cost.lowest)} to {number(cost.highest)}", less_time(cost.speed),
                "" if math.isnan(cost.peak_bytes) else f"{cost.peak_bytes / 2**20:,.0f}",
                share_text(cost.memory),
            ]
        )  # fmt: skip
    return [*wrap(timed_how(outcome), "", "  "), *table(rows), *wrap(PAIRED_ROUNDS, "", "  ")]


def timed_how(outcome: Outcome) -> str:
    """How the timed runs were made."""
    timed = [arm.cost for arm in outcome.arms if arm.cost is not None]
    rounds = max(cost.rounds for cost in timed)
    text = f"{counted(rounds, 'round')} of single runs, one at a time, arms interleaved; medians"
    seconds = min(cost.seconds for cost in timed)
    return f"{text}; {number(seconds)} s timed of the shortest"


def less_time(speed: Share | None) -> str:
    """How much less time than the reference, in percent with its interval; empty for the reference."""
    return share_text(None if speed is None else time_share(speed))


def share_text(share: Share | None) -> str:
    """A share in percent with its interval; empty where there is none."""
    if share is None:
        return ""
    if math.isnan(share.value):
        return "not measured"
    if math.isnan(share.low):
        return f"{100 * share.value:.0f}%"
    return f"{100 * share.value:.0f}% [{100 * share.low:.0f}, {100 * share.high:.0f}]"


def plan_table(plans: Sequence[ArmPlan]) -> list[str]:
    """What each arm changes, the steps that it takes, and what the linter says of it."""
    rows = [["arm", "env steps", "N_mb", "N_opt", "mean LR", "findings"]]
    for plan in plans:
        rows.append(
            [
                plan.name, _count(plan.total_env_steps), _count(plan.minibatch_steps),
                _count(plan.optimizer_steps),
                "unknown" if plan.mean_lr is None else f"{plan.mean_lr:.3g}", _findings(plan),
            ]
        )  # fmt: skip
    lines = table(rows)
    reference = plans[0]
    for plan in plans[1:]:
        if plan.already_off:
            continue
        changes = ", ".join(
            f"{pointer.lstrip('/').split('/')[-1]} {before} → {after}"
            for pointer, before, after in plan.differences
        )
        text = f"{plan.name}: {printable(changes) or 'no key differs'}"
        moved = _moved(plan, reference)
        lines += wrap(text + (f"; {moved}" if moved else ""), "  ", "    ")
    return lines


def _moved(plan: ArmPlan, reference: ArmPlan) -> str:
    """How its optimizer steps differ from the reference's, which is no effect of the feature."""
    own, other = plan.optimizer_steps, reference.optimizer_steps
    if not own or not other or own == other:
        return ""
    return f"{number(own / other)} times the optimizer steps"


def _findings(plan: ArmPlan) -> str:
    if plan.already_off:
        return "already off"
    parts = [f.code + (" (expected)" if f.expected else "") for f in plan.findings]
    gone = [f"without {code}" for code in plan.gone]
    return ", ".join(dict.fromkeys([*parts, *gone])) or "none"


def _count(value: int | None) -> str:
    return "unknown" if value is None else count(value)


def failed_by_arm(outcome: Outcome) -> dict[str, list[Mapping[str, Any]]]:
    """Results of failed units, by their arm."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for result in outcome.failed:
        found.setdefault(result["arm"], []).append(result)
    return found


def _failures(outcome: Outcome) -> list[str]:
    lines: list[str] = []
    for arm, results in failed_by_arm(outcome).items():
        failure = results[0]["failures"][-1]
        text = (
            f"{arm}: {counted(len(results), 'unit')} of work failed twice; the first, "
            f"{results[0]['unit']}: {printable(failure['failure'])}"
        )
        lines += ["", *wrap(text, "", "  ")]
        for line in failure["tail"].rstrip().splitlines()[-TAIL_LINES:]:
            lines.append(f"  | {printable(line)}"[:WIDTH])
    return lines


def _notes(outcome: Outcome) -> list[str]:
    lines: list[str] = []
    for arm in outcome.arms:
        for note in arm.comparison.notes if arm.comparison else ():
            lines += wrap(f"{arm.name}: {note}", "note: ", "      ")
    timed = any(arm.cost for arm in outcome.arms)
    machines = [f"run on {machine}" for machine in outcome.machines] if timed else []
    for note in (*effect_notes(outcome), *outcome.notes, *machines):
        lines += wrap(printable(note), "note: ", "      ")
    return ["", *lines] if lines else []


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows in columns, the last one wrapped so that no line is longer than the width."""
    names = short_names([row[0] for row in rows])
    shown = [[names[row[0]], *row[1:]] for row in rows]
    widths = [max(len(row[i]) for row in shown) for i in range(len(rows[0]) - 1)]
    lines = []
    for row in shown:
        start = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        lines += [line.rstrip() for line in wrap(row[-1], start + "  ", " " * len(start) + "  ")]
    return lines


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Name to what a column of `NAME` characters shows of it: each name's longest words lose letters.

    Names that would then look alike are shown whole.
    """
    found = {name: _short(name) for name in names}
    short = list(found.values())
    return {name: text if short.count(text) == 1 else name for name, text in found.items()}


def _short(name: str) -> str:
    """`no-clipping-no-accumulation` as `no-clippin-no-accumula`."""
    parts = re.findall(r"\w+|\W+", name)
    while sum(map(len, parts)) > NAME and max(map(len, parts)) > 1:
        longest = max(range(len(parts)), key=lambda i: (len(parts[i]), i))
        parts[longest] = parts[longest][:-1]
    return "".join(parts)


def render_plans(study: Study, colour: bool) -> str:
    """What a study would run, as `--dry-run` shows it."""
    lines = [paint(line, "bold", colour) for line in wrap(title(study), "", "  ")]
    return "\n".join([*lines, *plan_table(study.plans)]) + "\n"
