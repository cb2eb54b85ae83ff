"""The long way: everything that can be said about one file, with places and profiles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ppodiag._generated.accept import accept
from ppodiag.config import parse_config
from ppodiag.context import Context
from ppodiag.diagnostic import Diagnostic, RelatedPlace
from ppodiag.errors import UsageError
from ppodiag.evaluate import elsewhere, evaluate, rules_without_run_length
from ppodiag.finding import Finding, Severity
from ppodiag.linter import choose_profile, is_related, with_overrides
from ppodiag.options import Options
from ppodiag.profile import NOTE, Profile
from ppodiag.result import FileReport
from ppodiag.rule import Rule
from ppodiag.schema.explain import explain, malformed_profile
from ppodiag.schema.near import warns
from ppodiag.source.document import Document, SyntaxProblem
from ppodiag.source.reader import read_document
from ppodiag.source.spans import Span
from ppodiag.suppress import apply_suppressions
from ppodiag.taken_for import log_kind, log_words

_INVALIDATING = ("SCH101", "SCH102", "SCH103", "SCH106")
_T = "/training/ppo_requests"


def lint_fully(data: bytes, path: str, options: Options, rules: Mapping[str, Rule]) -> FileReport:
    """The report of one file, whatever is in it; arguments as for `linter.lint_bytes`."""
    kind = log_kind(data)
    if kind and not options.skip_unrelated:
        return _log_report(kind, data, path, options, rules)
    document = read_document(data, path, options.format)
    if options.skip_unrelated and not _is_related(document):
        return FileReport(path, related=False)
    return lint_document(document, options, rules)


def _log_report(
    kind: str, data: bytes, path: str, options: Options, rules: Mapping[str, Rule]
) -> FileReport:
    """The report of a log: one finding, and none about what a configuration of that text would be."""
    text = data.split(b"\n", 1)[0] if data[7:8] != b"\0" else b""
    document = read_document(text, path, "json")
    problem = SyntaxProblem("SYN001", *log_words(kind, path), 0, min(len(document.text), 1))
    found = _syntax_diagnostic(problem, document, rules)
    return FileReport(path, (found,) if options.counts(found.code) else (), document=document)


def lint_document(
    document: Document, options: Options, rules: Mapping[str, Rule], *, others: bool = True
) -> FileReport:
    """The report of a file that is read.

    Args:
        document: the text with its positions.
        options, rules: as for `linter.lint_bytes`.
        others: whether each finding says what the other profiles make of it, which takes as long as
            all the rest.
    """
    findings, context = resolve(document, options, rules)
    findings += evaluate(context, rules)
    findings += _no_run_length(context, rules)
    if options.runtime is not None:
        from ppodiag.runtime.judge import judge

        findings += [f for f in judge(context.value, options.runtime) if f.code in rules]
    diagnostics = [_syntax_diagnostic(problem, document, rules) for problem in document.problems]
    diagnostics += [diagnostic(f, document, context, rules, options, others) for f in findings]
    diagnostics = [d for d in diagnostics if options.counts(d.code)]
    diagnostics, suppressed = apply_suppressions(
        diagnostics, document, context.value, rules, options
    )
    diagnostics.sort(key=lambda d: (d.span.start, -d.severity, d.code))
    return FileReport(
        document.path,
        tuple(d for d in diagnostics if d.severity >= options.severity),
        tuple(d for d in diagnostics if d.severity < options.severity),
        suppressed=suppressed,
        document=document,
    )


def resolve(
    document: Document, options: Options, rules: Mapping[str, Rule]
) -> tuple[list[Finding], Context]:
    """What the schema finds in a document, and the context that the rules judge.

    Fields that the schema refuses, or that were lost, are left unset in the context's configuration.
    """
    value = with_overrides(document.value, options)
    findings, profile, declared = _schema_findings(value, document, options)
    context = Context(
        parse_config(value, _unusable(findings, document), document.damaged),
        profile,
        value=value,
        profile_declared=declared,
        memory_bytes=options.memory_bytes,
        device=options.device,
        rules=rules,
    )
    return findings, context


def _is_related(document: Document) -> bool:
    if is_related(document.value):
        return True
    broken = document.problems and not document.value
    return bool(broken) and any(f'"{b}"' in document.text for b in ("ppo_config",))


def _schema_findings(
    value: dict[str, Any], document: Document, options: Options
) -> tuple[list[Finding], Profile, bool]:
    findings: list[Finding] = []
    intact = not document.lost and not document.damaged
    if not intact or not accept(value) or warns(value):
        findings = explain(value, document.damaged, document.lost)
    try:
        profile, declared = choose_profile(value, options)
    except UsageError as error:
        findings.append(malformed_profile(error.message, error.remedy))
        profile, declared = NOTE, False
    return findings, profile, declared


def _unusable(findings: list[Finding], document: Document) -> frozenset[str]:
    pointers = set(document.lost)
    for finding in findings:
        if finding.code in _INVALIDATING:
            pointers.add(finding.pointer)
        meant = finding.values.get("meant")
        if isinstance(meant, str):
            pointers.add(meant)
    return frozenset(pointers)


def _no_run_length(context: Context, rules: Mapping[str, Rule]) -> list[Finding]:
    """UNIT704, where the run's length is not known: the rules that did not apply, by name."""
    if "total_env_steps" in context.config.given or "UNIT704" not in rules:
        return []
    codes = rules_without_run_length(context, rules)
    if not codes:
        return []
    return [
        Finding(
            "UNIT704",
            Severity.INFO,
            _T,
            f"the length of the run is not known, so {len(codes)} rules do not apply: "
            f"{', '.join(codes)}",
            "give training.ppo_requests, or --total-env-steps on the command line",
            values={"rules": codes},
        )
    ]


def _syntax_diagnostic(problem: Any, document: Document, rules: Mapping[str, Rule]) -> Diagnostic:
    span = document.lines.span(problem.start, problem.end)
    return Diagnostic(
        path=document.path,
        code=problem.code,
        rule_name=rules[problem.code].name if problem.code in rules else "",
        severity=Severity.ERROR,
        pointer="",
        span=span,
        message=problem.message,
        remedy=problem.remedy,
        related=tuple(
            RelatedPlace(document.lines.span(start, end), "", note)
            for start, end, note in problem.related
        ),
        fingerprint=_fingerprint([problem.code, problem.message]),
    )


def diagnostic(
    finding: Finding,
    document: Document,
    context: Context,
    rules: Mapping[str, Rule],
    options: Options,
    others: bool = True,
) -> Diagnostic:
    """A finding with its places in the file and, where wanted, what other profiles would say."""
    overridden = {"/" + "/".join(path) for path, _ in options.overrides}
    related = []
    for place in finding.related:
        if document.has(place.pointer) or place.note or place.pointer in overridden:
            note = place.note
            if place.pointer in overridden:
                note = f"{place.pointer.rsplit('/', 1)[1]} is set on the command line"
            related.append(
                RelatedPlace(document.span(place.pointer, place.target), place.pointer, note)
            )
    for other in finding.elsewhere:
        span = Span(other.line, other.column, other.line, other.end_column, 0, 0)
        related.append(RelatedPlace(span, "", other.note, other.path))
    rule = rules.get(finding.code)
    differing = elsewhere(context, rule, finding) if rule is not None and others else {}
    message = finding.message
    if finding.pointer in overridden:
        message += f" ({finding.pointer.rsplit('/', 1)[1]} is set on the command line)"
    return Diagnostic(
        path=document.path,
        code=finding.code,
        rule_name=rule.name if rule is not None else "",
        severity=finding.severity,
        pointer=finding.pointer,
        span=document.span(finding.pointer, finding.target),
        message=message,
        remedy=finding.remedy,
        related=tuple(related),
        values=finding.values,
        profile=context.profile.name,
        elsewhere=differing,
        sizes=finding.sizes,
        fix=finding.fix,
        fingerprint=_fingerprint(_involved(finding, context.value)),
    )


def _involved(finding: Finding, value: Mapping[str, Any]) -> list[object]:
    """The rule, the pointer and every value of its arithmetic: what a baseline remembers."""
    pointers = [finding.pointer, *(place.pointer for place in finding.related)]
    return [finding.code, [(pointer, _scalar_at(value, pointer)) for pointer in pointers]]


def _scalar_at(value: Any, pointer: str) -> object:
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return None if isinstance(value, Mapping | list) else value


def _fingerprint(involved: list[object]) -> str:
    """16 hexadecimal digits that change with the values involved, not with the formatting."""
    from hashlib import blake2b

    text = json.dumps(involved, sort_keys=True, default=str)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def shown_at(report: FileReport, severity: Severity) -> FileReport:
    """The same report with another severity shown."""
    every = sorted((*report.diagnostics, *report.below), key=lambda d: (d.span.start, d.code))
    return replace(
        report,
        diagnostics=tuple(d for d in every if d.severity >= severity),
        below=tuple(d for d in every if d.severity < severity),
    )
