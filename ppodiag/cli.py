"""The command line: a click group; each command is imported when it is used."""

from __future__ import annotations

import importlib
from typing import Any

import click

from ppodiag import __version__
from ppodiag.commands.interrupts import terminable

_COMMANDS = {
    "lint": ("ppodiag.commands.lint", "Find faults in configurations, with places and remedies."),
    "simulate": (
        "ppodiag.commands.simulate",
        "Compute what a configuration does to LR, batch and memory.",
    ),
    "rule": ("ppodiag.commands.rule", "Print a rule's page, or list all rules."),
    "schema": ("ppodiag.commands.schema", "Print the JSON Schema of a configuration."),
    "diagnose": ("ppodiag.commands.diagnose", "Find what is wrong with a run by its log."),
    "ablate": (
        "ppodiag.commands.ablate",
        "Train with one feature off at a time; what each is worth.",
    ),
    "confirm": (
        "ppodiag.commands.confirm",
        "Settle what lint predicts by short runs of the trainer.",
    ),
    "diff": ("ppodiag.commands.diff", "Say what a change of a configuration does."),
    "completion": ("ppodiag.commands.completion", "Print the completion script of a shell."),
}


class LazyGroup(click.Group):
    """A group that imports a command only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order in which a person meets them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(_COMMANDS[cmd_name][0])
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 clean, 1 findings, 2 usage or unreadable input, 3 a fault of ppodiag.",
)
@click.version_option(__version__, prog_name="ppodiag")
def cli() -> None:
    """Find the silent failures of PPO training configurations.

    \b
    Examples:
      ppodiag lint configs/ppo.json
      ppodiag lint configs --format sarif --output ppodiag.sarif
      ppodiag rule LR102
    """


def run(arguments: list[str]) -> int:
    """Run the command line on these arguments; the exit code. Errors pass through."""
    try:
        with terminable():
            result: Any = cli.main(args=arguments, prog_name="ppodiag", standalone_mode=False)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return result if isinstance(result, int) else 0
