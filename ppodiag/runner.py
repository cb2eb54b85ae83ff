"""Linting many files: reading, settings by folder, several processes where it pays."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ppodiag.errors import UsageError
from ppodiag.files import Target
from ppodiag.finding import Severity
from ppodiag.linter import lint_bytes
from ppodiag.options import Options
from ppodiag.result import FileReport, Report
from ppodiag.rule import Rule
from ppodiag.settings import Settings, find_settings

LARGEST = 50 * 1024 * 1024
"""Bytes of the largest file that is read."""

MANY = 400
"""Files from which several processes are faster than one."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for; None leaves it to the settings.

    Attributes:
        options: the options that the command line gave; severity, select and ignore apart.
        severity, select, ignore, extend_select: as given, or None.
        settings: the settings of every file; None: those nearest to each file.
        stdin_filename: the name that `-` is linted under.
    """

    options: Options
    severity: Severity | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    settings: Settings | None = None
    stdin_filename: str = "<stdin>"

    def options_for(self, settings: Settings, explicit: bool) -> Options:
        """The options of one file, the command line before the settings."""
        select = settings.select if self.select is None else self.select
        extended = (*settings.extend_select, *self.extend_select)
        return replace(
            self.options,
            severity=self.severity or settings.severity or Severity.WARNING,
            default_profile=settings.profile,
            select=(*select, *extended) if select else (),
            ignore=tuple(
                code
                for code in (settings.ignore if self.ignore is None else self.ignore)
                if code not in extended
            ),
            skip_unrelated=self.options.skip_unrelated or not explicit,
        )


def lint_targets(
    targets: list[Target],
    request: Request,
    rules: Mapping[str, Rule],
    *,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """The report of every file, in their order.

    Args:
        targets: the files.
        request: what the command line asks for.
        rules: the rules by code.
        jobs: processes to use.
        progress: called with (done, all) from time to time.
    """
    if jobs > 1 and len(targets) >= MANY and all(t.path != "-" for t in targets):
        from ppodiag.parallel import lint_in_processes

        return Report(tuple(lint_in_processes(targets, request, rules, jobs, progress)))
    cache: dict[str, Settings] = {}
    files = []
    for number, target in enumerate(targets):
        report = lint_target(target, request, rules, cache)
        if report is not None:
            files.append(report)
        if progress is not None and number % 50 == 49:
            progress(number + 1, len(targets))
    return Report(tuple(files))


def lint_target(
    target: Target, request: Request, rules: Mapping[str, Rule], cache: dict[str, Settings]
) -> FileReport | None:
    """The report of one file; None where the settings exclude it."""
    path = target.path
    try:
        data = read_target(path)
    except UsageError as error:
        return _unreadable(path, error)
    name = request.stdin_filename if path == "-" else path
    settings = request.settings or settings_for(name, cache)
    if not target.explicit and settings.exclude and _excluded(name, settings):
        return None
    try:
        return lint_bytes(data, name, request.options_for(settings, target.explicit), rules)
    except UsageError as error:
        return _unreadable(name, error)


def _unreadable(path: str, error: UsageError) -> FileReport:
    return FileReport(path, error=error.message.removeprefix(f"{path}: "), remedy=error.remedy)


def read_target(path: str) -> bytes:
    """The bytes of a file, or of the standard input for `-`.

    Raises:
        UsageError: it cannot be read, or is larger than `LARGEST`.
    """
    if path == "-" and sys.stdin is None:
        raise UsageError("-: cannot be read: the standard input is closed", "name a file")
    try:
        if path == "-":
            data = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with open(path, "rb") as file:
                data = file.read(LARGEST + 1)
    except OSError as error:
        remedy = _files_of(path) if os.path.isdir(path) else "check the path"
        raise UsageError(f"{path}: cannot be read: {error.strerror}", remedy) from None
    if len(data) > LARGEST:
        raise UsageError(f"{path}: larger than {LARGEST >> 20} MB", "a configuration is smaller")
    return data


NAMED = 3
"""Files of a folder that a remedy names."""


def _files_of(folder: str) -> str:
    """The configurations that a folder holds, by their names, for the one who named the folder itself."""
    try:
        names = sorted(
            n for n in os.listdir(folder) if n.endswith((".json", ".jsonc", ".yaml", ".yml"))
        )
    except OSError:
        return "check the path"
    if not names:
        return "name a file; there is no .json or .yaml in it"
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"name a file of it: {', '.join(os.path.join(folder, n) for n in names[:NAMED])}{more}"


def settings_for(path: str, cache: dict[str, Settings] | None = None) -> Settings:
    """The settings nearest to a file, looked up once a folder where a cache is given."""
    folder = os.path.dirname(path)
    if cache is None:
        return find_settings(folder or os.curdir)
    if folder not in cache:
        cache[folder] = find_settings(folder or os.curdir)
    return cache[folder]


def _excluded(path: str, settings: Settings) -> bool:
    from fnmatch import fnmatch

    folder = os.path.dirname(settings.path)
    relative = os.path.relpath(os.path.abspath(path), folder).replace(os.sep, "/")
    return any(
        fnmatch(relative, pattern) or fnmatch(relative, pattern.rstrip("/") + "/*")
        for pattern in settings.exclude
    )
