"""Every command of a click program with its options, as data: the reference of the command line is made of it.

Nothing here knows a command by its name, so that a new one is found without a list to add it to.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass

import click

_BRACKET = re.compile(r" *\[([^\[\]]*)\]\s*$")
_LIMIT = re.compile(r"required|\S*x[<>]\S*|\S*[<>]=?x")
_EXAMPLES = re.compile(r"\n*\x08?\n?Examples?:\n((?:  .*\n?)+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a command.

    Attributes:
        names: as `--help` shows them, with what they take: `-o, --output FILE`.
        meaning: its text, without the default; limits of a number in brackets.
        default: what holds where it is not given, in words; empty where there is nothing to say.
    """

    names: str
    meaning: str
    default: str


@dataclass(frozen=True, slots=True)
class Verb:
    """A command.

    Attributes:
        path: as it is typed: `ppodiag lint`.
        usage: what follows the path: `[OPTIONS] PATH...`.
        summary: the first sentence of its text.
        text: the rest of it, in paragraphs.
        options: in the order of `--help`.
        examples: pairs of what is wanted (may be empty) and the command.
        exits: pairs of exit code and meaning; empty where the text says it.
        variables: pairs of environment variable and what it does.
        group: whether it holds commands of its own.
    """

    path: str
    usage: str
    summary: str
    text: tuple[str, ...]
    options: tuple[Choice, ...]
    examples: tuple[tuple[str, str], ...]
    exits: tuple[tuple[str, str], ...]
    variables: tuple[tuple[str, str], ...]
    group: bool


def walk(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[Verb]:
    """The command and all below it, each before its own commands, in the order of `--help`.

    Args:
        command: a click command or group.
        name: what is typed for it.
        parent: of the group that it belongs to.
    """
    settings = command.context_settings
    with click.Context(command, info_name=name, parent=parent, **settings) as context:
        yield verb(command, context)
        if isinstance(command, click.Group):
            for each in command.list_commands(context):
                inner = command.get_command(context, each)
                if inner is not None and not inner.hidden:
                    yield from walk(inner, each, context)


def verb(command: click.Command, context: click.Context) -> Verb:
    """The command as data."""
    text, examples = _examples(inspect.cleandoc(command.help or ""))
    epilog = inspect.cleandoc(command.epilog or "")
    paragraphs = [
        _joined(part) for part in f"{text}\n\n{epilog}".split("\n\n") if part.strip("\b\n ")
    ]
    taught = tuple(
        (getattr(each, "what", ""), each.command) for each in getattr(command, "examples", ())
    )
    exits = tuple((str(each.code), each.meaning) for each in getattr(command, "exits", ()))
    return Verb(
        path=context.command_path,
        usage=" ".join(command.collect_usage_pieces(context)),
        summary=paragraphs[0] if paragraphs else "",
        text=tuple(paragraphs[1:]),
        options=tuple(_options(command, context)),
        examples=taught or examples,
        exits=exits,
        variables=tuple(getattr(command, "variables", {}).items()),
        group=isinstance(command, click.Group),
    )


def _joined(paragraph: str) -> str:
    return " ".join(paragraph.replace("\b", "").split())


def _examples(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The text without its list of examples, and the commands of that list."""
    found = _EXAMPLES.search(text)
    if not found:
        return text, ()
    commands = [("", line.strip()) for line in found.group(1).splitlines()]
    return text[: found.start()] + "\n\n" + text[found.end() :], tuple(commands)


def _options(command: click.Command, context: click.Context) -> Iterator[Choice]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is None or isinstance(parameter, click.Argument):
            continue
        names, text = record
        default, limits = "", ""
        while found := _BRACKET.search(text):
            text = text[: found.start()]
            for part in found.group(1).split("; "):
                if part.startswith("default: "):
                    default = part.removeprefix("default: ")
                elif _LIMIT.fullmatch(part):
                    limits = f" ({part})"
                else:
                    default = f"{default}; {part}"
        yield Choice(names, text.strip() + limits, default)
