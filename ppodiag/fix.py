"""Applying fixes: only the changed value or key is touched, every other byte stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ppodiag.diagnostic import Diagnostic
from ppodiag.finding import Fix
from ppodiag.linter import lint_bytes
from ppodiag.options import Options
from ppodiag.rule import Rule
from ppodiag.source.document import Document
from ppodiag.source.reader import read_document

MOST_ROUNDS = 20
"""Rounds of fixing and linting again after which fixing stops."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """The outcome: the new bytes, and the titles of the fixes that made them."""

    data: bytes
    applied: tuple[str, ...]


def edit_offsets(fix: Fix, document: Document) -> list[tuple[int, int, str]]:
    """(start, end, replacement) of each edit; empty where one has no place in the file."""
    edits = []
    for edit in fix.edits:
        find = document.key_offsets if edit.target == "key" else document.value_offsets
        offsets = find(edit.pointer)
        if offsets is None:
            return []
        edits.append((*offsets, edit.text))
    return edits


def fix_bytes(
    data: bytes, path: str, options: Options, rules: Mapping[str, Rule], *, unsafe: bool
) -> Fixed:
    """The file with its fixable findings fixed, linted again until nothing changes.

    A fix is kept only if the finding is gone after it and no finding of the same or a higher
    severity is new; otherwise the file stays as it was before that fix. A file with syntax errors, and one
    that is not valid UTF-8, is left alone.
    """
    applied: list[str] = []
    refused: set[tuple[str, str]] = set()
    for _ in range(MOST_ROUNDS):
        document = read_document(data, path, options.format)
        if document.problems:
            break
        before = lint_bytes(data, path, options, rules).diagnostics
        step = _next_fix(data, path, options, rules, before, unsafe, refused)
        if step is None:
            break
        data, title = step
        applied.append(title)
    return Fixed(data, tuple(applied))


def _next_fix(
    data: bytes,
    path: str,
    options: Options,
    rules: Mapping[str, Rule],
    before: tuple[Diagnostic, ...],
    unsafe: bool,
    refused: set[tuple[str, str]],
) -> tuple[bytes, str] | None:
    known = {(d.code, d.pointer) for d in before}
    document = read_document(data, path, options.format)
    for diagnostic in before:
        fix, key = diagnostic.fix, (diagnostic.code, diagnostic.pointer)
        if fix is None or key in refused or not (fix.safe or unsafe):
            continue
        changed = apply_edits(data, document, edit_offsets(fix, document))
        if changed is not None and changed != data:
            after = lint_bytes(changed, path, options, rules).diagnostics
            found = {(d.code, d.pointer) for d in after}
            renamed = any(edit.target == "key" for edit in fix.edits)
            if key not in found and (renamed or found <= known):
                return changed, f"{diagnostic.code}: {fix.title}"
        refused.add(key)
    return None


def apply_edits(data: bytes, document: Document, edits: list[tuple[int, int, str]]) -> bytes | None:
    """The bytes with the edits made; None where there are none or they overlap."""
    if not edits:
        return None
    text = document.text
    end = len(text) + 1
    for start, stop, replacement in sorted(edits, reverse=True):
        if stop > end:
            return None
        text = text[:start] + replacement + text[stop:]
        end = start
    mark = b"\xef\xbb\xbf" if document.bom else b""
    return mark + text.encode("utf-8")


def unified_diff(before: bytes, after: bytes, path: str) -> str:
    """The change as a unified diff; empty where there is none."""
    import difflib

    old = before.decode("utf-8", "replace").splitlines(keepends=True)
    new = after.decode("utf-8", "replace").splitlines(keepends=True)
    lines = difflib.unified_diff(old, new, path, path)
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
