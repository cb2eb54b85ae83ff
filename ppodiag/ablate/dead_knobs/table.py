"""A dead-knob test as a table for the terminal, at most 100 columns, and as JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from ppodiag.ablate.dead_knobs.base import EPOCHS
from ppodiag.ablate.dead_knobs.comparing import Comparison
from ppodiag.ablate.dead_knobs.costs import Measured
from ppodiag.ablate.dead_knobs.outcome import Outcome, Result, Verdict
from ppodiag.ablate.dead_knobs.plan import Plan, written
from ppodiag.ablate.dead_knobs.trust import Control, Repeated
from ppodiag.printing import printable

WIDTH = 100
KEY, CHANGE = 27, 20
INDENT = 2 + KEY + CHANGE
TAIL_LINES = 8
MOST_NAMED = 4


def render_text(outcome: Outcome) -> str:
    """The table."""
    lines = [
        *_wrapped(f"{outcome.path} with {outcome.trainer}"),
        *_wrapped(
            f"one key changed at a time, seed {outcome.seed}: {outcome.sizes.rollouts} rollouts of "
            f"{outcome.sizes.samples} env steps, {EPOCHS} epochs; compared to the last bit"
        ),
        *_trust(outcome),
        *_rows(outcome),
        "",
        *_summary(outcome),
    ]
    return "\n".join(lines) + "\n"


def _trust(outcome: Outcome) -> Iterator[str]:
    """Whether the log can show anything."""
    yield ""
    if outcome.repeated is None:
        yield from _wrapped(f"The base run failed: {outcome.failure}")
        yield from _tail(outcome.tail)
        return
    yield from _wrapped(repeated_words(outcome.repeated))
    for control in outcome.controls:
        yield from _wrapped(control_words(control))
    if not outcome.shows:
        yield from _wrapped(
            "The log shows nothing: neither another seed nor another learning rate changes it. A key "
            "that changes nothing there may act all the same; have the trainer log its losses."
        )


def repeated_words(found: Repeated) -> str:
    """What two equal runs have in common, in a sentence."""
    aside = f"{_columns(len(found.machine))} of time, speed or memory aside"
    if found.deterministic and not found.unsteady:
        return f"Two equal runs: {_columns(len(found.same))} the same to the last bit, {aside}."
    text = f"Two equal runs: {_columns(len(found.same))} the same to the last bit, "
    text += f"{len(found.unsteady)} not ({_named(found.unsteady)}), {aside}."
    if found.deterministic:
        return text + " Those that differ are not compared below."
    return text + " The trainer is not deterministic: fix its seeds and its device's algorithms."


def control_words(control: Control) -> str:
    """What a change that must act did, in a sentence."""
    begin = f"Control, {control.title}: "
    if control.failure:
        return f"{begin}the run failed: {control.failure}."
    differ = len(control.comparison.columns)
    if differ:
        return f"{begin}{differ} of {_columns(control.comparison.compared)} differ."
    echo = control.comparison.echoes
    beside = f" but {_named(echo)}, which only repeats it" if echo else ""
    return f"{begin}nothing differs{beside}."


def _rows(outcome: Outcome) -> Iterator[str]:
    block = None
    for result in outcome.results:
        here = ".".join(result.probe.key[:-1])
        if here != block:
            yield ""
            yield here
            block = here
        change = f"{_short(result.first)} -> {_short(result.second)}"
        start = f"  {result.probe.key[-1]:<{KEY}}{change:<{CHANGE}}"
        yield from _wrapped(verdict_words(result), start)
        if result.tail:
            yield from _tail(result.tail)


def verdict_words(result: Result) -> str:
    """The verdict with its evidence."""
    text = result.verdict.value
    if result.reason:
        text += f": {result.reason}"
    parts = [measure_words(m) for m in _told(result.measured)]
    found = result.comparison
    if found is not None and found.columns:
        parts.append(_difference(result, found))
    elif found is not None and found.echoes:
        parts.append(f"{_named(found.echoes)} only repeats the value")
    if result.unread and result.verdict is Verdict.ACTS:
        parts.append(f"though by the sources that were searched it does not ({result.unread})")
    return f"{text}{'; ' if result.reason else ': '}{'; '.join(parts)}" if parts else text


def _told(measured: tuple[Measured, ...]) -> list[Measured]:
    """Measures that tell the runs apart; all where none does."""
    return [m for m in measured if m.apart] or list(measured)


def _difference(result: Result, found: Comparison) -> str:
    first, more = found.columns[0].tag, len(found.columns) - 1
    columns = first + (f" + {more} more" if more else "")
    if result.measured:
        return (
            f"{columns} differ too, by at most {found.largest:.0e} of a value, which checkpointing "
            "should leave as they are"
        )
    alone = "; nothing that training changes differs" if result.logged_only else ""
    return f"{columns}, from {result.at}{alone}"


def measure_words(measured: Measured) -> str:
    """What was measured, and what a smaller difference than is not seen."""
    if measured.apart:
        return f"{measured.what} {measured.change:+.0%}, in {len(measured.first)} runs of each"
    return (
        f"{measured.what} {measured.change:+.1%}, where less than some "
        f"{measured.resolution:.0%} is not seen"
    )


def _summary(outcome: Outcome) -> Iterator[str]:
    counts = dict.fromkeys(Verdict, 0)
    for result in outcome.results:
        counts[result.verdict] += 1
    verdicts = ", ".join(f"{counts[v]} {v.value}" for v in Verdict if counts[v])
    number = "1 key" if len(outcome.results) == 1 else f"{len(outcome.results)} keys"
    runs = f"{outcome.runs} runs"
    if outcome.kept:
        runs += f", {outcome.kept} of them kept from before"
    yield from _wrapped(f"{number}: {verdicts} ({runs})")
    said_of: dict[str, list[str]] = {}
    for result in outcome.results:
        if result.unread and result.verdict is not Verdict.ACTS:
            said_of.setdefault(result.unread, []).append(result.probe.key[-1])
    for said, keys in said_of.items():
        yield from _wrapped(f"{', '.join(keys)}: {said}", "  ")
    if any(r.verdict is Verdict.NOT_SEEN for r in outcome.results) and not outcome.static:
        yield from _wrapped(
            "No effect seen in a probe is no proof: name the trainer's sources with --runtime DIR, "
            "and what nothing reads is told apart."
        )


def _wrapped(text: str, start: str = "") -> list[str]:
    indent = " " * min(len(start), INDENT) if start else ""
    return textwrap.wrap(
        printable(text),
        WIDTH,
        initial_indent=start,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )


def _tail(text: str) -> Iterator[str]:
    for line in text.rstrip().splitlines()[-TAIL_LINES:]:
        yield "    | " + printable(line.expandtabs())[: WIDTH - 6]


def _short(value: str) -> str:
    return value if len(value) <= 9 else value[:6] + "…"


def _named(tags: tuple[str, ...]) -> str:
    more = f" and {len(tags) - MOST_NAMED} more" if len(tags) > MOST_NAMED else ""
    return ", ".join(tags[:MOST_NAMED]) + more


def _columns(number: int) -> str:
    return f"{number} column" + ("" if number == 1 else "s")


def render_plan(plan: Plan, trainer: str) -> str:
    """What would be run."""
    equal = {(run.config.digest(), run.seed, run.repeat) for run in plan.all()}
    lines = _wrapped(f"Would make {len(equal)} runs of {trainer}, seed {plan.again[0].seed}:")
    lines += _wrapped(
        f"the base run of {plan.sizes.env_steps:,} env steps twice, once with another seed, once with "
        "a tenth of ppo_config.lr; and where they are not made already, two for each key:",
        "  ",
    )
    for probe in plan.probes:
        first, second = map(written, probe.pair.values)
        change = f"{_short(first)} -> {_short(second)}"
        how = f", {len(probe.rounds)} of each" if probe.rounds else ""
        lines.append(f"  {probe.probe.name:<67} {change}{how}")
    return "\n".join(lines) + "\n"


def render_json(outcome: Outcome) -> str:
    """Everything."""
    return json.dumps(as_record(outcome), indent=2) + "\n"


def as_record(outcome: Outcome) -> dict[str, Any]:
    """The outcome as JSON has it."""
    same = outcome.repeated
    return {
        "configuration": outcome.path,
        "trainer": outcome.trainer,
        "seed": outcome.seed,
        "rollouts": outcome.sizes.rollouts,
        "rollout_env_steps": outcome.sizes.samples,
        "runs": outcome.runs,
        "runs_kept": outcome.kept,
        "exit_code": outcome.exit_code,
        "base_failure": {"reason": outcome.failure, "tail": outcome.tail}
        if outcome.failure
        else None,
        "deterministic": None if same is None else same.deterministic,
        "columns": None
        if same is None
        else {
            "repeating": list(same.same),
            "machine": list(same.machine),
            "unsteady": list(same.unsteady),
        },
        "log_shows": outcome.shows,
        "controls": [
            {
                "changed": control.title,
                "failure": control.failure,
                "differing": [column.tag for column in control.comparison.columns],
            }
            for control in outcome.controls
        ],
        "keys": [_key_record(result) for result in outcome.results],
    }


def _key_record(result: Result) -> dict[str, Any]:
    found = result.comparison
    return {
        "key": result.probe.name,
        "values": [result.first, result.second],
        "verdict": result.verdict.value,
        "reason": result.reason,
        "differing": []
        if found is None
        else [{"column": column.tag, "from_step": column.step} for column in found.columns],
        "echoes": [] if found is None else list(found.echoes),
        "logged_only": result.logged_only,
        "measured": [
            {
                "what": measured.what, "first": list(measured.first),
                "second": list(measured.second), "change": measured.change,
                "resolution": measured.resolution, "told_apart": measured.apart,
            }
            for measured in result.measured
        ],
        "sources_say": result.unread,
        "tail": result.tail,
    }  # fmt: skip
