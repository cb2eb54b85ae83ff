"""Commands whose help teaches: examples, exit codes and environment variables beside the options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click

from ppodiag.commands.console import configure

COLOURS = {"auto": None, "always": True, "never": False}
COMMON = "Options of every command"


@dataclass(frozen=True, slots=True)
class Example:
    """A command that a person would type, and what it does."""

    what: str
    command: str

    @property
    def heading(self) -> str:
        """What it does, as it stands above the command."""
        return self.what if self.what.endswith("?") else f"{self.what}:"


@dataclass(frozen=True, slots=True)
class Exit:
    """An exit code and what it says."""

    code: int
    meaning: str


WRONG = Exit(2, "wrong usage, or input that cannot be read")
OUR_FAULT = Exit(3, "a fault of ppodiag itself")
INTERRUPTED = Exit(130, "interrupted")
FOUND = (
    Exit(0, "no finding at or above --fail-on, or --exit-zero"),
    Exit(1, "at least one such finding"),
    WRONG,
    OUR_FAULT,
    INTERRUPTED,
)
PRINTED = (Exit(0, "printed"), WRONG, OUR_FAULT)

VARIABLES = {
    "NO_COLOR": "no colour, where --color does not say otherwise",
    "FORCE_COLOR": "colour in pipes too, where neither --color nor NO_COLOR says otherwise",
    "TERM": "dumb: no colour",
}
"""What every command reads of its environment."""


class Taught(click.Command):
    """A command, or a group of them, whose help teaches.

    Attributes:
        examples: commands to learn from; each is tried by a test.
        exits: its exit codes.
        variables: name to meaning of what it reads of the environment.
    """

    def __init__(
        self,
        *arguments: Any,
        examples: tuple[Example, ...] = (),
        exits: tuple[Exit, ...] = FOUND,
        variables: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(*arguments, **more)
        self.examples = examples
        self.exits = exits
        self.variables = {**(variables or {}), **VARIABLES}

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option that shows the help, in the encoding of the terminal; click's own forces UTF-8."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _show_help
        return option

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write usage, text, examples, options, exit codes and environment variables."""
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write_text(example.heading)
                    formatter.write(f"{'':{formatter.current_indent + 2}}{example.command}\n")
        self.format_options(ctx, formatter)
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(exit.code), exit.meaning) for exit in self.exits])
        with formatter.section("Environment variables"):
            formatter.write_dl(list(self.variables.items()))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options, then those that every command has."""
        for title, parameters in self.sections(ctx):
            records = [record for p in parameters if (record := p.get_help_record(ctx)) is not None]
            records = [record for record in records if record[1]]  # arguments are in the text
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def sections(self, ctx: click.Context) -> list[tuple[str, list[click.Parameter]]]:
        """The parameters under their headings."""
        parameters = self.get_params(ctx)
        common = [parameter for parameter in parameters if COMMON_NAMES & {*parameter.opts}]
        own = [parameter for parameter in parameters if parameter not in common]
        return [("Options", own), (COMMON, common)]


def _show_help(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        print(context.get_help())
        context.exit()


class Verb(Taught):
    """A command of ppodiag's, or the trainer: it also has the options that all have."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.params += common_options()


def common_options() -> list[click.Parameter]:
    """The options that every command has; they act on the console and reach no command."""

    def setting(name: str) -> Any:
        def told(_context: click.Context, _parameter: click.Parameter, value: Any) -> None:
            configure(**{name: value})

        return told

    def coloured(_context: click.Context, _parameter: click.Parameter, value: str) -> None:
        configure(colour=COLOURS[value])

    def logged(_context: click.Context, _parameter: click.Parameter, value: str) -> None:
        configure(as_json=value == "json")

    return [
        click.Option(
            ["-q", "--quiet"], is_flag=True, expose_value=False, callback=setting("quiet"),
            help="Results and errors alone: no notes, no progress.",
        ),
        click.Option(
            ["-v", "--verbose"], is_flag=True, expose_value=False, callback=setting("verbose"),
            help="Also what was taken from where, and progress in a pipe.",
        ),
        click.Option(
            ["--progress/--no-progress"], default=True, expose_value=False,
            callback=setting("progress"),
            help="Show progress on a terminal.  [default: --progress]",
        ),
        click.Option(
            ["--log-format"], type=click.Choice(["text", "json"]), default="text", is_eager=True,
            show_default=True, expose_value=False, callback=logged,
            help="How notes, progress and errors are written; json: one object a line.",
        ),
        click.Option(
            ["--color"], type=click.Choice(list(COLOURS)), default="auto", show_default=True,
            expose_value=False, callback=coloured, help="Colour in text.",
        ),
    ]  # fmt: skip


COMMON_NAMES = frozenset(
    ("--quiet", "--verbose", "--progress", "--log-format", "--color", "--help", "--version")
)
"""Of the options that every command has; the version is that of all."""
