"""Options that several commands have: one name, one wording and one meaning for all.

docs/options.md is made of what the commands take from here; tests/cli/test_options.py holds every
command to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ppodiag.commands.completing import (
    complete_codes,
    complete_files,
    complete_folders,
    complete_profiles,
    complete_settings,
    words,
)
from ppodiag.commands.devices import device
from ppodiag.finding import Severity

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
Decorator = Callable[[Decorated], Decorated]

_SEVERITIES = click.Choice([severity.word for severity in Severity])
_FROM_SETTINGS = "  [default: that of the settings, else warning]"

output_option = click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write the result to a file.",
    shell_complete=complete_files,
)
profile_option = click.option(
    "--profile",
    metavar="NAME",
    help="Conventions of the runtime, e.g. sb3.",
    shell_complete=complete_profiles,
)
profiles_option = click.option(
    "--profile",
    "profiles",
    multiple=True,
    metavar="NAME",
    help="Conventions of the runtime, e.g. sb3. Several are compared.",
    shell_complete=complete_profiles,
)
severity_option = click.option(
    "--severity", type=_SEVERITIES, help=f"Lowest severity shown.{_FROM_SETTINGS}"
)
fail_on_option = click.option(
    "--fail-on", type=_SEVERITIES, help=f"Lowest severity that fails.{_FROM_SETTINGS}"
)
exit_zero_option = click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
select_option = click.option(
    "--select",
    multiple=True,
    metavar="CODES",
    help="Codes or prefixes that count.",
    shell_complete=complete_codes,
)
ignore_option = click.option(
    "--ignore",
    multiple=True,
    metavar="CODES",
    help="Codes or prefixes that do not.",
    shell_complete=complete_codes,
)
memory_option = click.option(
    "--memory", metavar="SIZE", help="Memory of the machine that trains, e.g. 16GB."
)
plot_option = click.option(
    "--plot",
    metavar="FILE",
    help="Write a picture: .png, .svg or .pdf.",
    shell_complete=complete_files,
)
env_option = click.option(
    "--env",
    metavar="ID",
    help="Environment to train in: replica-scheduling, CartPole-v1 or another.",
    shell_complete=words("replica-scheduling", "CartPole-v1"),
)
jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Processes at once.  [default: the cores]",
)
timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Longest that one process may take.",
)
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Show what would be run, and about how long; keep nothing."
)


def override_options(command: Decorated) -> Decorated:
    """`--set KEY=VALUE` and `--total-env-steps N`, which `overrides.parse_overrides` reads."""
    length = click.option("--total-env-steps", metavar="N", help="The length of the run, e.g. 1e6.")
    settings = click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="KEY=VALUE",
        help="Stand in for a key, named by its path or by the end of it.",
        shell_complete=complete_settings,
    )
    return settings(length(command))


def format_option(*formats: str, more: str = "") -> Decorator[Any]:
    """`--format`, whose first value is the default."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How the result is written." + (f" {more}" if more else ""),
    )


def device_option(default: str) -> Decorator[Any]:
    """`--device`; the default is in words, the value None where nobody gives it."""
    return click.option(
        "--device",
        type=device,
        metavar="NAME",
        help=f"What trains: auto, cpu, cuda or cuda:0.  [default: {default}]",
        shell_complete=words("auto", "cpu", "cuda", "cuda:0"),
    )


def seed_option(command: Decorated) -> Decorated:
    """`--seed N`; None where nobody gives it, which means 0."""
    return click.option(
        "--seed",
        type=click.IntRange(0, 2**63 - 1),
        metavar="N",
        help="Seed of the random numbers.  [default: 0]",
    )(command)


def seeds_option(default: str) -> Decorator[Any]:
    """`--seeds`, which `seeds.parse_seeds` reads; the default is in words."""
    return click.option(
        "--seeds",
        metavar="N|A..B",
        help=f"How many seeds, or which: 10, 0..9 or 1,5,7.  [default: {default}]",
    )


def out_option(default: str) -> Decorator[Any]:
    """`--out DIR`; the default is in words."""
    return click.option(
        "--out",
        metavar="DIR",
        help=f"Folder of runs, logs and reports.  [default: {default}]",
        shell_complete=complete_folders,
    )


def compare_option(what: str) -> Decorator[Any]:
    """`--compare OTHER`."""
    return click.option(
        "--compare",
        metavar="OTHER",
        help=f"Another one to compare with: {what}.",
        shell_complete=complete_files,
    )


def runtime_option(more: str = "") -> Decorator[Any]:
    """`--runtime PATH`."""
    return click.option(
        "--runtime",
        multiple=True,
        metavar="PATH",
        help="Sources of a trainer that are to read every key." + (f" {more}" if more else ""),
        shell_complete=complete_files,
    )
