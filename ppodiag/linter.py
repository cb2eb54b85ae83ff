"""Linting one text: the short way for a clean file; `ppodiag.full` for any other."""

from __future__ import annotations

from collections.abc import Mapping

from ppodiag._generated.accept import accept
from ppodiag.config import parse_config
from ppodiag.context import Context
from ppodiag.errors import UsageError
from ppodiag.evaluate import evaluate
from ppodiag.finding import Severity
from ppodiag.options import Options
from ppodiag.profile import NOTE, Profile, parse_profile
from ppodiag.result import FileReport
from ppodiag.rule import Rule
from ppodiag.schema.near import warns
from ppodiag.source.reader import NotClean, format_of, quick_value

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from typing import Any

_BLOCKS = ("ppo_config", "advanced_optimization")


def lint_bytes(data: bytes, path: str, options: Options, rules: Mapping[str, Rule]) -> FileReport:
    """The findings in one file's bytes.

    Args:
        data: the file as it stands on the disk.
        path: its name, for the report and for the format.
        options: what is asked for.
        rules: the rules by code.

    Raises:
        UsageError: a YAML file without the YAML reader.
    """
    if (
        (options.format or format_of(path)) == "json"
        and options.severity > Severity.INFO
        and not options.runtime
    ):
        report = _lint_clean(data, path, options, rules)
        if report is not None:
            return report
    from ppodiag.full import lint_fully

    return lint_fully(data, path, options, rules)


def _lint_clean(
    data: bytes, path: str, options: Options, rules: Mapping[str, Rule]
) -> FileReport | None:
    """The report of a file with nothing to show; None where it needs the long way."""
    try:
        value = quick_value(data)
        if not is_related(value) and options.skip_unrelated:
            return FileReport(path, related=False)
        value = with_overrides(value, options)
        profile, declared = choose_profile(value, options)
    except (NotClean, UsageError):
        return None
    own = value.get("$ppodiag")
    if (isinstance(own, dict) and "ignore" in own) or not accept(value) or warns(value):
        return None
    context = Context(
        parse_config(value),
        profile,
        value=value,
        profile_declared=declared,
        wants_info=False,
        memory_bytes=options.memory_bytes,
        device=options.device,
        rules=rules,
    )
    if any(f.severity >= options.severity for f in evaluate(context, rules)):
        return None
    return FileReport(path)


def is_related(value: object) -> bool:
    """Whether a JSON value is meant as a PPO configuration."""
    return isinstance(value, dict) and any(block in value for block in _BLOCKS)


def choose_profile(value: Mapping[str, Any], options: Options) -> tuple[Profile, bool]:
    """The profile that counts, and whether anybody declared it.

    The command line counts before the file, the file before the project's settings.

    Raises:
        UsageError: the file names no known profile.
    """
    if options.profile is not None:
        return options.profile, True
    own = value.get("$ppodiag")
    named = own.get("profile") if isinstance(own, dict) else None
    if isinstance(named, str):
        return parse_profile(named), True
    if options.default_profile is not None:
        return options.default_profile, True
    return NOTE, False


def with_overrides(value: dict[str, Any], options: Options) -> dict[str, Any]:
    """The value with the command line's settings in it; the original stays as it is."""
    for path, content in options.overrides:
        value = dict(value)
        block = value
        for part in path[:-1]:
            below = block.get(part)
            block[part] = dict(below) if isinstance(below, dict) else {}
            block = block[part]
        block[path[-1]] = content
    return value
