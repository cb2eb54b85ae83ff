"""The tables of docs/options.md: which command has which option, and what it means."""

from __future__ import annotations

import re

from ppodiag.cli import cli
from ppodiag.commands.verb import COMMON_NAMES
from ppodiag.commands.walk import Choice, Verb, walk
from reference_trainer.__main__ import command as trainer

TRAINER = "python -m reference_trainer"
_NAMES = re.compile(r"((?:--?[\w-]+)(?:(?:, | / )--?[\w-]+)*)(?: (.+))?")
SHORT = {TRAINER: "trainer", "ablate merge": "merge"}
"""Names of commands that would be long."""


def verbs() -> list[Verb]:
    """The commands of ppodiag without ppodiag itself, and the trainer."""
    return [*[v for v in walk(cli, "ppodiag") if not v.group], *walk(trainer, TRAINER)]


def head(verb: Verb) -> str:
    """What a command is called without its program."""
    return verb.path.removeprefix("ppodiag ")


def name_of(option: Choice) -> str:
    """The first of its long names: what tells options apart."""
    return next(word for word in re.split(r"[ ,/]+", option.names) if word.startswith("--"))


def is_common(option: Choice) -> bool:
    """Whether every command has it."""
    return name_of(option) in COMMON_NAMES


def by_name() -> dict[str, dict[str, Choice]]:
    """Name of the option to name of the command to the option, in the order of their first places."""
    found: dict[str, dict[str, Choice]] = {}
    for verb in verbs():
        for option in verb.options:
            found.setdefault(name_of(option), {})[head(verb)] = option
    return found


def first_sentence(option: Choice) -> str:
    """What an option means wherever it stands; a command may add to it."""
    first = re.split(r"(?<!e\.g)\. (?=[A-Z])| \(", option.meaning)[0]
    return first.partition(": a ")[0].rstrip(".") + "."


def shared_table() -> str:
    """The options of several commands, and the commands; with each its default, where they differ."""
    lines = ["| option | meaning | commands |", "|---|---|---|"]
    for options in by_name().values():
        option = next(iter(options.values()))
        if len(options) < 2 or is_common(option):
            continue
        differ = len({each.default for each in options.values()}) > 1
        commands = "; ".join(_command(verb, each, differ) for verb, each in options.items())
        lines.append(f"| {_names(option)} | {first_sentence(option)} | {commands} |")
    return "\n".join(lines) + "\n"


def _command(verb: str, option: Choice, differ: bool) -> str:
    name = SHORT.get(verb, verb)
    return f"{name} ({_escape(option.default)})" if differ and option.default else name


def common_table() -> str:
    """The options of every command."""
    lines = ["| option | meaning | default |", "|---|---|---|"]
    for option in verbs()[0].options:
        if is_common(option):
            lines.append(
                f"| {as_code(option.names)} | {_escape(option.meaning)} | {option.default} |"
            )
    return "\n".join(lines) + "\n"


def own_table() -> str:
    """The options that one command alone has."""
    lines = ["| option | command | meaning | default |", "|---|---|---|---|"]
    for options in by_name().values():
        ((verb, option), *more) = options.items()
        if not more and not is_common(option):
            lines.append(
                f"| {as_code(option.names)} | {SHORT.get(verb, verb)} | "
                f"{_escape(option.meaning)} | {_escape(option.default)} |"
            )
    return "\n".join(lines) + "\n"


def _names(option: Choice) -> str:
    """Its names and what stands behind; the formats are the command's own."""
    return as_code("--format FORMAT" if name_of(option) == "--format" else option.names)


def as_code(names: str) -> str:
    """The names, and what stands behind them, as two pieces of code: a narrow window breaks between them."""
    match = _NAMES.fullmatch(names)
    pieces = [piece for piece in match.groups() if piece] if match else [names]
    return " ".join(f"`{_escape(piece)}`" for piece in pieces)


def _escape(text: str) -> str:
    return text.replace("|", "\\|")
