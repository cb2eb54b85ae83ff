"""`ppodiag lint`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from ppodiag.commands.overrides import parse_overrides
from ppodiag.commands.plain import exit_code, settings_of_folder, wants_colour
from ppodiag.commands.shared import override_options
from ppodiag.errors import UsageError
from ppodiag.exits import CLEAN
from ppodiag.files import Target, find_files
from ppodiag.finding import Severity
from ppodiag.options import Options
from ppodiag.profile import parse_profile
from ppodiag.report import FORMATS, Style, renderer
from ppodiag.result import Report
from ppodiag.rules.loader import fast_rules
from ppodiag.runner import Request, lint_targets

if TYPE_CHECKING:
    from ppodiag.runtime.search import Runtime

_MOST_UNREAD = 10
"""Unreadable source files that are named before the report."""

_SEVERITIES = click.Choice([severity.word for severity in Severity])


@click.command("lint")
@click.argument("paths", nargs=-1, metavar="[PATH|GLOB|DIR|-]...")
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="text",
    help="How findings are written.",
)
@click.option("-o", "--output", metavar="FILE", help="Write the report to a file.")
@click.option("--select", multiple=True, metavar="CODES", help="Codes or prefixes that count.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Codes or prefixes that do not.")
@click.option("--extend-select", multiple=True, metavar="CODES", help="Codes that count as well.")
@click.option("--severity", type=_SEVERITIES, help="Lowest severity shown.  [default: warning]")
@click.option("--fail-on", type=_SEVERITIES, help="Lowest severity that fails.  [default: warning]")
@click.option("--profile", metavar="NAME", help="Conventions of the runtime, e.g. sb3.")
@override_options
@click.option("--memory", metavar="SIZE", help="Memory of the machine that trains, e.g. 16GB.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), help="What trains.")
@click.option("--fix", is_flag=True, help="Apply safe fixes.")
@click.option(
    "--unsafe-fixes", is_flag=True, help="Apply all fixes, those that choose for you too."
)
@click.option("--diff", is_flag=True, help="Print the fixes as a diff; change nothing.")
@click.option("--baseline", metavar="FILE", help="Leave out the findings that a baseline knows.")
@click.option("--update-baseline", is_flag=True, help="Write the findings to the baseline.")
@click.option("--jobs", type=click.IntRange(min=0), default=0, help="Processes.  [default: cores]")
@click.option("--stdin-filename", default="<stdin>", metavar="NAME", help="Name that - goes by.")
@click.option(
    "--skip-unrelated", is_flag=True, help="Pass over files that are no PPO configuration."
)
@click.option("--runtime", multiple=True, metavar="DIR", help="Sources that are to read every key.")
@click.option("--statistics", is_flag=True, help="Count the findings by rule.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@click.option("--explain-plan", is_flag=True, help="Print every integer of the run's plan.")
def command(paths: tuple[str, ...], **given: Any) -> int:
    """Find faults in configurations, each with its place, its arithmetic and its remedy.

    Folders and patterns are searched for .json, .jsonc, .yaml and .yml files that are PPO
    configurations; - is the standard input.

    \b
    Examples:
      ppodiag lint configs/ppo.json
      ppodiag lint configs --severity info
      ppodiag lint ppo.json --profile sb3 --total-env-steps 1e6
      ppodiag lint ppo.json --fix --diff
      ppodiag rule LR102
    """
    if not paths:
        raise UsageError("no file is named", "name a file, a folder or -; see ppodiag lint --help")
    request = _request(given)
    targets = find_files(paths)
    rules = fast_rules()
    if given["explain_plan"]:
        return _explain_plans(targets, request)
    if given["fix"] or given["unsafe_fixes"] or given["diff"]:
        changed = _fix(targets, request, rules, given)
        if given["diff"]:
            return CLEAN if given["exit_zero"] else int(changed)
    settings = settings_of_folder(request)
    report = lint_targets(
        targets, request, rules, jobs=given["jobs"] or os.cpu_count() or 1, progress=_progress()
    )
    baseline = given["baseline"] or settings.baseline
    if given["update_baseline"]:
        return _update_baseline(report, baseline)
    if baseline:
        from ppodiag.baseline import apply_baseline

        report = apply_baseline(report, baseline)
    severity = request.severity or settings.severity or Severity.WARNING
    style = Style(
        severity,
        colour=given["format_"] == "text" and not given["output"] and wants_colour(),
        statistics=given["statistics"],
    )
    _write(renderer(given["format_"])(report, style), given["output"])
    if given["exit_zero"]:
        return CLEAN
    fail_on = given["fail_on"]
    threshold = Severity.parse(fail_on) if fail_on else settings.fail_on or Severity.WARNING
    return exit_code(report, threshold)


def _request(given: dict[str, Any]) -> Request:
    profile = given["profile"]
    options = Options(
        profile=parse_profile(profile) if profile else None,
        overrides=tuple(parse_overrides(given["settings"], given["total_env_steps"])),
        skip_unrelated=given["skip_unrelated"],
        memory_bytes=_memory(given["memory"]),
        device=given["device"],
        runtime=_runtime(given["runtime"]),
    )
    return Request(
        options,
        severity=Severity.parse(given["severity"]) if given["severity"] else None,
        select=_codes(given["select"]) or None,
        ignore=_codes(given["ignore"]) or None,
        extend_select=_codes(given["extend_select"]),
        stdin_filename=given["stdin_filename"],
    )


def _memory(text: str | None) -> int | None:
    if text is None:
        return None
    from ppodiag.bytesize import parse_size

    try:
        return parse_size(text)
    except UsageError as error:
        raise UsageError(f"--memory {error.message}", error.remedy) from None


def _runtime(paths: tuple[str, ...]) -> Runtime | None:
    """What the runtime's sources read; files that cannot be read are named, never passed over."""
    if not paths:
        return None
    from ppodiag.runtime.search import search_runtime

    runtime = search_runtime(paths)
    for unread in runtime.unread[:_MOST_UNREAD]:
        click.echo(f"note: {unread.path} could not be read: {unread.reason}", err=True)
    if len(runtime.unread) > _MOST_UNREAD:
        click.echo(f"note: nor could {len(runtime.unread) - _MOST_UNREAD} more", err=True)
    return runtime


def _codes(values: tuple[str, ...]) -> tuple[str, ...]:
    """Codes and prefixes, separated by commas or given several times; checked against the rules."""
    from ppodiag.rules.loader import rule_files

    known = [name.upper() for name in rule_files()]
    codes = tuple(c.strip().upper() for value in values for c in value.split(",") if c.strip())
    for code in codes:
        if not any(name.startswith(code) for name in known):
            families = sorted({name.rstrip("0123456789") for name in known})
            raise UsageError(
                f"no rule begins with {code}", f"the families are {', '.join(families)}"
            )
    return codes


def _explain_plans(targets: list[Target], request: Request) -> int:
    from ppodiag.explain_plan import explain_plan
    from ppodiag.runner import read_target, settings_for

    for target in targets:
        data = read_target(target.path)
        name = request.stdin_filename if target.path == "-" else target.path
        options = request.options_for(settings_for(name), explicit=True)
        click.echo(explain_plan(data, name, options), nl=False)
    return CLEAN


def _fix(targets: list[Target], request: Request, rules: Any, given: dict[str, Any]) -> bool:
    """Fix the files, or print the diff; whether anything was to be changed."""
    from ppodiag.fix import fix_bytes, unified_diff
    from ppodiag.runner import read_target, settings_for
    from ppodiag.writing import write_whole

    changed = False
    for target in targets:
        data = read_target(target.path)
        name = request.stdin_filename if target.path == "-" else target.path
        options = request.options_for(settings_for(name), target.explicit)
        fixed = fix_bytes(data, name, options, rules, unsafe=given["unsafe_fixes"])
        if fixed.data == data:
            continue
        changed = True
        if given["diff"]:
            click.echo(unified_diff(data, fixed.data, name), nl=False)
        elif target.path == "-":
            raise UsageError("the standard input cannot be fixed in place", "use --diff")
        else:
            if read_target(target.path) != data:
                raise UsageError(f"{name} changed while it was fixed", "run the command again")
            write_whole(target.path, fixed.data)
            for title in fixed.applied:
                click.echo(f"{name}: fixed {title}", err=True)
    return changed


def _update_baseline(report: Report, baseline: str | None) -> int:
    from ppodiag.baseline import baseline_text
    from ppodiag.writing import write_whole

    path = baseline or "ppodiag-baseline.json"
    if report.unreadable:
        first = report.unreadable[0]
        raise UsageError(f"{first.path}: {first.error}", "mend it before making the baseline")
    write_whole(path, baseline_text(report, path).encode())
    click.echo(f"{path} knows {len(report.diagnostics)} findings")
    return CLEAN


def _write(text: str, output: str | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    from ppodiag.writing import write_whole

    write_whole(output, text.encode("utf-8", "backslashreplace"))


def _progress() -> Any:
    """A line on the terminal from the third second on; None where nobody watches."""
    if not sys.stderr.isatty():
        return None
    import time

    begin = time.monotonic()

    def show(done: int, whole: int) -> None:
        if time.monotonic() - begin > 2:
            end = "\r" if done < whole else "\n"
            print(f"linted {done:,} of {whole:,} files", end=end, file=sys.stderr, flush=True)

    return show
