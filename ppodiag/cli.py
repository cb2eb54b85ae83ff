"""The command line: a click group; each command is imported when it is used."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

import click
from click.shell_completion import CompletionItem

from ppodiag import __version__
from ppodiag.commands.interrupts import terminable
from ppodiag.commands.invoke import invoke
from ppodiag.commands.usage import did_you_mean
from ppodiag.commands.verb import INTERRUPTED, OUR_FAULT, WRONG, Example, Exit, Taught
from ppodiag.errors import UsageError
from ppodiag.exits import USAGE


@dataclass(frozen=True, slots=True)
class Entry:
    """A command in the list of commands.

    Attributes:
        module: where it is; imported when it is used.
        text: what it does.
        stage: when a person needs it.
    """

    module: str
    text: str
    stage: str


BEFORE, RUNNING, AFTER, HELP = "Before the run", "By running", "After the run", "To look up"

COMMANDS = {
    "lint": Entry(
        "ppodiag.commands.lint", "Find faults in configurations, with places and remedies.", BEFORE
    ),
    "simulate": Entry(
        "ppodiag.commands.simulate",
        "Compute what a configuration does to LR, batch and memory.",
        BEFORE,
    ),
    "diff": Entry("ppodiag.commands.diff", "Say what a change of a configuration does.", BEFORE),
    "confirm": Entry(
        "ppodiag.commands.confirm",
        "Settle what lint predicts by short runs of the trainer.",
        RUNNING,
    ),
    "ablate": Entry(
        "ppodiag.commands.ablate",
        "Train with one feature off at a time; what each is worth.",
        RUNNING,
    ),
    "ablate merge": Entry(
        "ppodiag.commands.ablate_merge", "Take over what other machines have run.", RUNNING
    ),
    "diagnose": Entry(
        "ppodiag.commands.diagnose", "Find what is wrong with a run by its log.", AFTER
    ),
    "rule": Entry("ppodiag.commands.rule", "Print a rule's page, or list all rules.", HELP),
    "schema": Entry("ppodiag.commands.schema", "Print the JSON Schema of a configuration.", HELP),
    "completion": Entry(
        "ppodiag.commands.completion", "Print the completion script of a shell.", HELP
    ),
}
"""Every command, in the order in which a person meets them; `ablate merge` is two words."""


class LazyGroup(Taught, click.Group):
    """A group that imports a command only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order in which a person meets them."""
        return list(COMMANDS)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """What may follow; a command of two words is completed word by word."""
        return [i for i in super().shell_complete(ctx, incomplete) if " " not in i.value]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name].module)
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant.

        Raises:
            UsageError: there is none of that name.
        """
        if " ".join(args[:2]) in COMMANDS:
            name = " ".join(args[:2])
            return name, self.get_command(ctx, name), args[2:]
        if args[0] in COMMANDS or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        raise UsageError(
            f"{args[0]}: ppodiag has no such command",
            did_you_mean(args[0], COMMANDS, f"the commands are {', '.join(COMMANDS)}"),
        )

    def sections(self, ctx: click.Context) -> list[tuple[str, list[click.Parameter]]]:
        """Its few options, under one heading."""
        return [("Options", self.get_params(ctx))]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by stage, none of them imported, then the options."""
        width = max(map(len, COMMANDS))
        for stage in dict.fromkeys(entry.stage for entry in COMMANDS.values()):
            with formatter.section(stage):
                formatter.write_dl(
                    [
                        (name.ljust(width), entry.text)
                        for name, entry in COMMANDS.items()
                        if entry.stage == stage
                    ]
                )
                if stage == RUNNING:
                    formatter.write_text(
                        "python -m reference_trainer: train one, as its file says."
                    )
        super().format_options(ctx, formatter)


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    examples=(
        Example("Find what is wrong with a configuration", "ppodiag lint configs/ppo.json"),
        Example("See what it will do", "ppodiag simulate configs/ppo.json"),
        Example("Read what a finding means", "ppodiag rule LR102"),
        Example("Judge a run by its log", "ppodiag diagnose runs/17 --config configs/ppo.json"),
    ),
    exits=(
        Exit(0, "no finding that fails"),
        Exit(1, "findings"),
        WRONG,
        OUR_FAULT,
        INTERRUPTED,
        Exit(141, "the reader of the output has gone, as in | head"),
    ),
)
@click.version_option(__version__, "-V", "--version", prog_name="ppodiag")
@click.pass_context
def cli(context: click.Context) -> int | None:
    """Find the silent failures of PPO training configurations.

    ppodiag COMMAND --help shows the examples and options of a command.
    """
    if context.invoked_subcommand is not None:
        return None
    print(context.get_help())
    return USAGE


def run(arguments: list[str]) -> int:
    """Run the command line on these arguments; the exit code. Errors pass through."""
    with terminable():
        return invoke(cli, arguments, "ppodiag")
