"""Running the rules on one configuration: the initial size, the batch range, the echoes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ppodiag.config import DoesNotApply
from ppodiag.context import Context
from ppodiag.finding import Finding, Severity
from ppodiag.profile import PRESETS
from ppodiag.rule import Rule


def evaluate(context: Context, rules: Mapping[str, Rule]) -> list[Finding]:
    """The findings of all rules, echoes left out, worst first within the order of the codes.

    Rules run at the initial minibatch size. Where information is wanted and the batch adapts, a
    ranged rule that is silent there is tried over the range; what it finds is information, and
    silences nothing.
    """
    wants_info = context.wants_info
    findings: list[Finding] = []
    for rule in rules.values():
        if wants_info or rule.worst is not Severity.INFO:
            found = rule.run(context)
            if found:
                findings.extend(found)
    if wants_info and _adapts(context):
        at_initial = {finding.code for finding in findings}
        for rule in rules.values():
            if rule.ranged and rule.code not in at_initial:
                findings.extend(_over_range(context, rule))
    return without_echoes(findings) if len(findings) > 1 else findings


def _adapts(context: Context) -> bool:
    try:
        return bool(context.range_contexts) and context.size > 0
    except DoesNotApply:
        return False


def _over_range(context: Context, rule: Rule) -> list[Finding]:
    """What a rule that is silent at the initial size finds in the range: one finding at most."""
    held: list[tuple[int, Finding]] = []
    silent: list[int] = []
    for other in context.range_contexts:
        found = rule.run(other)
        if found:
            held.append((other.size, max(found, key=lambda f: f.severity)))
        else:
            silent.append(other.size)
    if not held:
        return []
    low, high = held[0][0], held[-1][0]
    unbroken = not any(low < size < high for size in silent)
    size, finding = min(held, key=lambda pair: abs(pair[0] - context.size))
    if low == high:
        where = f"at minibatch size {low}"
    elif unbroken:
        where = f"at minibatch sizes {low} to {high}"
    else:
        where = f"at some minibatch sizes from {low} to {high}"
    message = (
        f"{where}, which adaptation may reach, though not at the initial {context.size}: "
        f"{finding.message}" + ("" if low == high else f" (at {size})")
    )
    return [
        replace(
            finding,
            severity=Severity.INFO,
            message=message,
            sizes=(low, high),
            silences=(),
            fix=None,
        )
    ]


def without_echoes(findings: list[Finding]) -> list[Finding]:
    """The findings that none of the others makes needless.

    A finding silences the codes (or prefixes of codes) that it names, of its own or of lower
    severity; one that holds in the range alone silences nothing.
    """
    kept = []
    for finding in findings:
        silenced = any(
            other is not finding
            and other.code != finding.code
            and other.sizes is None
            and other.severity >= finding.severity
            and finding.code.startswith(other.silences)
            for other in findings
        )
        if not silenced:
            kept.append(finding)
    return kept


def elsewhere(context: Context, rule: Rule, finding: Finding) -> dict[str, str]:
    """What the other presets say of a finding: preset to severity or `absent`, where they differ.

    The rule is asked at the initial minibatch size under each preset; a finding that holds in the
    range alone is compared with nothing.
    """
    if finding.sizes is not None or rule.stage != "config":
        return {}
    differing = {}
    for name, preset in PRESETS.items():
        if name == context.profile.name:
            continue
        found = [f for f in rule.run(context.under(preset)) if f.pointer == finding.pointer]
        worst = max((f.severity for f in found), default=None)
        if worst is not finding.severity:
            differing[name] = "absent" if worst is None else worst.word
    return differing


def rules_without_run_length(context: Context, rules: Mapping[str, Rule]) -> list[str]:
    """Codes of the rules that would judge this file if the run's length were known."""
    return [code for code, rule in rules.items() if rule.needs_run_length(context)]
