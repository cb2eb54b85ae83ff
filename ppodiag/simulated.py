"""What the rules say of a simulated run."""

from __future__ import annotations

from collections.abc import Mapping

from ppodiag.diagnostic import Diagnostic
from ppodiag.finding import Finding
from ppodiag.full import diagnostic
from ppodiag.options import Options
from ppodiag.rule import Rule
from ppodiag.source.document import Document
from ppodiag.trajectory import Trajectory


def judge(trajectory: Trajectory, rules: Mapping[str, Rule]) -> list[Finding]:
    """The findings that only a trajectory shows, in the order of the codes."""
    context = trajectory.context.at(trajectory.context.size)
    context.trajectory = trajectory
    return [
        finding
        for rule in rules.values()
        if rule.stage == "trajectory"
        for finding in rule.run(context)
    ]


def judge_document(
    trajectory: Trajectory, document: Document, rules: Mapping[str, Rule], options: Options
) -> list[Diagnostic]:
    """The same, with the places in the file; below the shown severity too, worst first."""
    found = [
        diagnostic(finding, document, trajectory.context, rules, options)
        for finding in judge(trajectory, rules)
        if options.counts(finding.code)
    ]
    return sorted(found, key=lambda d: (-d.severity, d.code))
