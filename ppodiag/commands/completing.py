"""What the shell offers behind an option or in the place of an argument."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def complete_files(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    """Names of files, which the shell itself finds."""
    return [CompletionItem(typed, type="file")]


def complete_folders(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    """Names of folders, which the shell itself finds."""
    return [CompletionItem(typed, type="dir")]


def complete_config(
    context: click.Context, parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """A configuration; of `ablate` also its own `merge`."""
    found = [CompletionItem("merge")] if typed and "merge".startswith(typed) else []
    return complete_files(context, parameter, typed) + found


def words(*known: str) -> Completer:
    """A completer of fixed words."""

    def complete(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
        return _matching(known, typed)

    return complete


def complete_codes(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    """Codes of rules; behind commas too."""
    from ppodiag.rules.loader import all_rule_files

    before, comma, last = typed.rpartition(",")
    codes = [name.upper() for name in all_rule_files()]
    return [
        CompletionItem(before + comma + code)
        for code in codes
        if code.startswith(last.upper()) and code not in before.upper().split(",")
    ]


def complete_profiles(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    """Names of the presets."""
    from ppodiag.profile import PRESETS

    return _matching(PRESETS, typed)


def complete_settings(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    """Keys of a configuration, as far as their `=`."""
    from ppodiag.overrides import key_names

    return [] if "=" in typed else _matching([f"{name}=" for name in key_names()], typed)


def complete_arms(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    """Names of the arms that leave one feature out; behind commas too."""
    from ppodiag.ablate.arms import leave_one_out

    before, comma, last = typed.rpartition(",")
    names = [arm.name for arm in leave_one_out().others]
    return [CompletionItem(before + comma + name) for name in names if name.startswith(last)]


def _matching(known: Iterable[str], typed: str) -> list[CompletionItem]:
    return [CompletionItem(word) for word in known if word.startswith(typed)]
