"""`ppodiag lint`."""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from ppodiag.commands.codes import parse_codes
from ppodiag.commands.completing import complete_codes, complete_files
from ppodiag.commands.console import current, detail, note, wants_colour
from ppodiag.commands.devices import kind_of
from ppodiag.commands.output import emit
from ppodiag.commands.overrides import parse_overrides
from ppodiag.commands.plain import (
    exit_code,
    find_readable,
    settings_of_folder,
    tell_of_huge,
    without_known,
)
from ppodiag.commands.progress import counter
from ppodiag.commands.shared import (
    device_option,
    exit_zero_option,
    fail_on_option,
    format_option,
    ignore_option,
    jobs_option,
    memory_option,
    output_option,
    override_options,
    profile_option,
    runtime_option,
    select_option,
    severity_option,
)
from ppodiag.commands.sizes import parse_memory
from ppodiag.commands.verb import Example, Verb
from ppodiag.errors import UsageError
from ppodiag.exits import CLEAN
from ppodiag.files import Target, shortest
from ppodiag.finding import Severity
from ppodiag.options import Options
from ppodiag.profile import parse_profile
from ppodiag.report import FORMATS, Style, renderer
from ppodiag.report.summary import plural
from ppodiag.result import Report
from ppodiag.rules.loader import fast_rules
from ppodiag.runner import Request, lint_targets

if TYPE_CHECKING:
    from ppodiag.runtime.search import Runtime
    from ppodiag.settings import Settings

_MOST_UNREAD = 10
"""Unreadable source files that are named before the report."""


@click.command(
    "lint",
    cls=Verb,
    examples=(
        Example("One file", "ppodiag lint configs/ppo.json"),
        Example("Every configuration below a folder, information too", "ppodiag lint configs --severity info"),
        Example("As if it were trained by SB3 for a million steps",
                "ppodiag lint ppo.json --profile sb3 --total-env-steps 1e6"),
        Example("See what safe fixes would change", "ppodiag lint ppo.json --fix --diff"),
    ),
)  # fmt: skip
@click.argument("paths", nargs=-1, metavar="[PATH|GLOB|DIR|-]...", shell_complete=complete_files)
@format_option(*FORMATS)
@output_option
@select_option
@ignore_option
@click.option(
    "--extend-select",
    multiple=True,
    metavar="CODES",
    help="Codes that count as well.",
    shell_complete=complete_codes,
)
@severity_option
@fail_on_option
@exit_zero_option
@profile_option
@override_options
@memory_option
@device_option("not known")
@click.option("--fix", is_flag=True, help="Apply safe fixes.")
@click.option(
    "--unsafe-fixes", is_flag=True, help="Apply all fixes, those that choose for you too."
)
@click.option("--diff", is_flag=True, help="Print the fixes as a diff; change nothing.")
@click.option(
    "--baseline",
    metavar="FILE",
    help="Leave out the findings that a baseline knows.",
    shell_complete=complete_files,
)
@click.option("--update-baseline", is_flag=True, help="Write the findings to the baseline.")
@jobs_option
@click.option("--stdin-filename", default="<stdin>", metavar="NAME", help="Name that - goes by.")
@click.option(
    "--skip-unrelated", is_flag=True, help="Pass over files that are no PPO configuration."
)
@runtime_option()
@click.option("--statistics", is_flag=True, help="Count the findings by rule.")
@click.option("--explain-plan", is_flag=True, help="Print every integer of the run's plan.")
def command(paths: tuple[str, ...], **given: Any) -> int:
    """Find faults in configurations, each with its place, its arithmetic and its remedy.

    Folders and patterns are searched for .json, .jsonc, .yaml and .yml files that are PPO
    configurations; - is the standard input.
    """
    if not paths:
        raise UsageError("no file is named", "name a file, a folder or -; see ppodiag lint --help")
    request = _request(given)
    targets = find_readable(paths)
    rules = fast_rules()
    if given["explain_plan"]:
        return _explain_plans(targets, request, given["output"])
    settings = settings_of_folder(request)
    baseline = given["baseline"] or settings.baseline
    if baseline and not given["update_baseline"]:
        from ppodiag.baseline import load_baseline

        load_baseline(baseline)  # refused before any file is fixed
    if given["fix"] or given["unsafe_fixes"] or given["diff"]:
        changed = _fix(targets, request, rules, given)
        if given["diff"]:
            return CLEAN if given["exit_zero"] else int(changed)
    jobs = given["jobs"] or os.cpu_count() or 1
    if current().verbose:
        _tell_settings(targets, request, settings)
    tell_of_huge(targets)
    with counter("files") as progress:
        report = lint_targets(targets, request, rules, jobs=jobs, progress=progress)
    if given["update_baseline"]:
        return _update_baseline(report, baseline, request, rules)
    if baseline:
        report = without_known(report, baseline, request, rules)
    severity = request.severity or settings.severity or Severity.WARNING
    style = Style(
        severity,
        colour=given["format_"] == "text" and not given["output"] and wants_colour(),
        statistics=given["statistics"],
    )
    nothing = current().quiet and not (report.diagnostics or report.unreadable)
    if not (nothing and given["format_"] == "text" and given["output"] is None):
        emit(renderer(given["format_"])(report, style), given["output"])
    if given["exit_zero"]:
        return CLEAN
    fail_on = given["fail_on"]
    threshold = Severity.parse(fail_on) if fail_on else settings.fail_on or Severity.WARNING
    return exit_code(report, threshold)


def _tell_settings(targets: list[Target], request: Request, folder: Settings) -> None:
    """Say which settings count for how many of the files, and which for the run."""
    from ppodiag.runner import settings_for

    cache: dict[str, Settings] = {}
    names = [request.stdin_filename if t.path == "-" else t.path for t in targets]
    for path, number in sorted(Counter(settings_for(name, cache).path for name in names).items()):
        said = f"{plural(number, 'file')}; settings: {path or 'none'}"
        detail(said, "settings", path=path or None)
    said = f"settings for baseline and fail-on: {folder.path or 'none'}"
    detail(said, "settings", path=folder.path or None)


def _request(given: dict[str, Any]) -> Request:
    profile = given["profile"]
    options = Options(
        profile=parse_profile(profile) if profile else None,
        overrides=tuple(parse_overrides(given["settings"], given["total_env_steps"])),
        skip_unrelated=given["skip_unrelated"],
        memory_bytes=parse_memory(given["memory"]),
        device=kind_of(given["device"]),
        runtime=_runtime(given["runtime"]),
    )
    return Request(
        options,
        severity=Severity.parse(given["severity"]) if given["severity"] else None,
        select=_codes("--select", given["select"]) or None,
        ignore=_codes("--ignore", given["ignore"]) or None,
        extend_select=_codes("--extend-select", given["extend_select"]),
        stdin_filename=shortest(given["stdin_filename"]),
    )


def _runtime(paths: tuple[str, ...]) -> Runtime | None:
    """What the runtime's sources read; files that cannot be read are named, never passed over."""
    if not paths:
        return None
    from ppodiag.runtime.search import search_runtime

    runtime = search_runtime(paths)
    for unread in runtime.unread[:_MOST_UNREAD]:
        note(f"note: {unread.path} could not be read: {unread.reason}", path=unread.path)
    if len(runtime.unread) > _MOST_UNREAD:
        note(f"note: nor could {len(runtime.unread) - _MOST_UNREAD} more")
    return runtime


def _codes(option: str, values: tuple[str, ...]) -> tuple[str, ...]:
    from ppodiag.rules.loader import rule_files

    return parse_codes(option, values, [name.upper() for name in rule_files()])


def _explain_plans(targets: list[Target], request: Request, output: str | None) -> int:
    from ppodiag.explain_plan import explain_plan
    from ppodiag.printing import printable
    from ppodiag.runner import read_target, settings_for

    plans = []
    for target in targets:
        data = read_target(target.path)
        name = request.stdin_filename if target.path == "-" else target.path
        options = request.options_for(settings_for(name), explicit=True)
        plans.append(explain_plan(data, printable(name), options))
    emit("".join(plans), output)
    return CLEAN


def _fix(targets: list[Target], request: Request, rules: Any, given: dict[str, Any]) -> bool:
    """Fix the files, or print the diff; whether anything was to be changed."""
    from ppodiag.fix import fix_bytes, unified_diff
    from ppodiag.printing import printable
    from ppodiag.runner import read_target, settings_for
    from ppodiag.writing import write_whole

    changed, diffs = False, []
    for target in targets:
        data = read_target(target.path)
        name = request.stdin_filename if target.path == "-" else target.path
        options = request.options_for(settings_for(name), target.explicit)
        fixed = fix_bytes(data, name, options, rules, unsafe=given["unsafe_fixes"])
        if fixed.data == data:
            continue
        changed = True
        if given["diff"]:
            diffs.append(_diff_to_show(unified_diff(data, fixed.data, printable(name))))
        elif target.path == "-":
            raise UsageError("the standard input cannot be fixed in place", "use --diff")
        else:
            if read_target(target.path) != data:
                raise UsageError(f"{name} changed while it was fixed", "run the command again")
            write_whole(target.path, fixed.data)
            for title in fixed.applied:
                note(f"{name}: fixed {title}", "fixed", path=name)
    if given["diff"]:
        emit("".join(diffs), given["output"])
    return changed


def _diff_to_show(diff: str) -> str:
    """The diff, made safe for a terminal; a file or a pipe gets what `patch` needs."""
    from ppodiag.printing import printable

    if not sys.stdout.isatty():
        return diff
    return "".join(printable(line) + "\n" for line in diff.split("\n")[:-1])


def _update_baseline(report: Report, baseline: str | None, request: Request, rules: Any) -> int:
    from ppodiag.baseline import updated_baseline
    from ppodiag.printing import printable
    from ppodiag.writing import write_whole

    path = baseline or "ppodiag-baseline.json"
    if report.unreadable:
        first = report.unreadable[0]
        raise UsageError(f"{first.path}: {first.fault}", "mend it before making the baseline")
    text, number, unseen = updated_baseline(report, path, request, rules)
    write_whole(path, text.encode())
    rest = f", {unseen} of them not looked at" if unseen else ""
    print(f"{printable(path)} knows {plural(number, 'finding')}{rest}")
    return CLEAN
