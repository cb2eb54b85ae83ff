"""Wrong usage in one form: what click says of a command line, as an error with its remedy."""

from __future__ import annotations

from collections.abc import Iterable

import click

from ppodiag.commands.verb import common_options
from ppodiag.errors import UsageError


def as_usage_error(error: click.ClickException, path: str) -> UsageError:
    """What is wrong with a command line, and what to do.

    The place is the option or the argument; the remedy names what was probably meant.

    Args:
        error: what click says.
        path: the command, where the error does not know it.
    """
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else path
    help_ = f"see {path} --help"
    if isinstance(error, click.NoSuchOption):
        known = context.command.get_params(context) if context is not None else []
        options = [name for parameter in known for name in parameter.opts if name.startswith("-")]
        if error.option_name in (name for option in common_options() for name in option.opts):
            help_ = f"it goes behind the command: ppodiag lint {error.option_name}"
        return UsageError(
            f"{error.option_name}: {path} has no such option",
            did_you_mean(error.option_name, options, help_),
        )
    if isinstance(error, click.MissingParameter):
        wanted = getattr(error.param, "type", None)
        known_values = (
            f"choose of {', '.join(map(str, wanted.choices))}; "
            if isinstance(wanted, click.Choice)
            else ""
        )
        return UsageError(f"{_place(error)} is missing", known_values + help_)
    if isinstance(error, click.BadParameter):
        kind = getattr(error.param, "type", None)
        if isinstance(kind, click.Choice):
            choices = [str(choice) for choice in kind.choices]
            value = error.message.split("'")[1] if error.message.count("'") > 1 else ""
            remedy = did_you_mean(value, choices, f"choose of {', '.join(choices)}")
            return UsageError(f"{_place(error)}: {value!r} is none of its values", remedy)
        return UsageError(f"{_place(error)}: {error.message.rstrip('.')}", help_)
    if isinstance(error, click.BadOptionUsage):
        message = error.message.replace("Option ", "").replace("'", "").rstrip(".")
        return UsageError(message[:1].lower() + message[1:], help_)
    message = error.format_message().rstrip(".")
    return UsageError(f"{path}: {message[:1].lower()}{message[1:]}", help_)


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """A remedy that names the known words nearest to one, else the other remedy."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), n=2, cutoff=0.6)
    return f"did you mean {' or '.join(near)}? Else {otherwise}" if near else otherwise


def _place(error: click.BadParameter) -> str:
    """The option or the argument, as it is typed."""
    parameter = error.param
    if parameter is None:
        return str(error.param_hint or "the command line").strip("'\"")
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return parameter.make_metavar(error.ctx) if error.ctx else str(parameter.name).upper()
