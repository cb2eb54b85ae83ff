"""The generated part of docs/mutation.md: scores, and every survivor with its reason."""

from __future__ import annotations

import re
from collections import Counter

from mutants_find import ROOT, Exclusion, Mutant

PAGE = ROOT / "docs" / "mutation.md"
_PART = re.compile(r"(<!-- mutants -->\n).*?(<!-- /mutants -->)", re.DOTALL)

Group = tuple[str, list[Mutant], dict[str, list[str]]]


def write_page(groups: list[Group], reasons: tuple[Exclusion, ...]) -> None:
    """Write the scores and the survivors that are known into the page."""
    text = "\n".join([*_scores(groups), "", *_survivors(groups, reasons)])
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(
        _PART.sub(lambda match: f"{match.group(1)}{text}\n{match.group(2)}", page), encoding="utf-8"
    )


def _scores(groups: list[Group]) -> list[str]:
    lines = [
        "| module | mutants | killed | of them by the time limit | survived | score |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, found, known in groups:
        tried = [m for m in found if m.key in known]
        modules = sorted({m.module for m in tried})
        if len(modules) > 1:
            lines += [_row(f"`{m}`", [t for t in tried if t.module == m], known) for m in modules]
        lines.append(_row(f"**{name}**", tried, known))
    return lines


def _row(title: str, tried: list[Mutant], known: dict[str, list[str]]) -> str:
    outcomes = Counter(known[m.key][0] for m in tried)
    survived, total = outcomes["survived"], len(tried)
    score = f"{100 * (total - survived) / total:.1f}%" if total else ""
    return (
        f"| {title} | {total} | {total - survived} | {outcomes['timeout']} | {survived} | {score} |"
    )


def _survivors(groups: list[Group], reasons: tuple[Exclusion, ...]) -> list[str]:
    by_reason: dict[Exclusion, list[str]] = {reason: [] for reason in (*reasons, OPEN)}
    for _, found, known in groups:
        for mutant in found:
            if known.get(mutant.key, [""])[0] == "survived":
                reason = next((r for r in reasons if r.covers(mutant)), OPEN)
                by_reason[reason].append(_line(mutant))
    lines = []
    for reason, survivors in by_reason.items():
        if survivors:
            words = f"{reason.reason[:1].upper()}{reason.reason[1:]}"
            lines += [f"### {reason.title} ({len(survivors)})", "", f"{words}.", "", "```text"]
            lines += [*survivors, "```", ""]
    return lines


OPEN = Exclusion("no test notices these, and none has been written", "Open")


def _line(mutant: Mutant) -> str:
    """Module, and what is changed: the part of the line that differs, with some letters around it."""
    old, new = mutant.line, " ".join(mutant.changed.split())
    old = " ".join(old.split())
    same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    place = mutant.module.removeprefix("ppodiag/")
    return f"{place}:{mutant.row}  {_around(old, same)}  →  {_around(new, same)}"


def _around(line: str, place: int) -> str:
    """The whole words of a line within 30 letters of a place."""
    begin = line.rfind(" ", 0, max(0, place - 30)) + 1
    end = line.find(" ", place + 30)
    end = len(line) if end < 0 else end
    return f"{'… ' if begin else ''}{line[begin:end]}{' …' if end < len(line) else ''}"
