"""The walk over a click program: what `--help` says, as data."""

from __future__ import annotations

import click

from ppodiag.cli import cli
from ppodiag.commands.walk import Choice, walk


@click.command("paint")
@click.argument("walls", nargs=-1, metavar="WALL...")
@click.option("--coats", default=2, show_default=True, help="How many.")
@click.option("--dry/--wet", default=None, help="Wait between them.  [default: where it rains]")
@click.option("-c", "--colour", type=click.Choice(["red", "blue"]), help="Of all walls.")
@click.option(
    "--ladders", type=click.IntRange(1, 9), help="Used.  [default: 1; 2 where it is high]"
)
@click.option("--secret", hidden=True)
def paint(**_: object) -> None:
    """Paint some walls.

    Twice
    at least.

    \b
    Examples:
      house paint north
      house paint south --coats 3

    Exit codes: 0 painted.
    """


@click.group("house")
def house() -> None:
    """A house."""


house.add_command(paint)


def test_a_command_as_data() -> None:
    """Text, examples and options stand apart; a hidden option is left out; defaults are words."""
    top, found = walk(house, "house")
    assert (top.path, top.group, top.summary) == ("house", True, "A house.")
    assert (found.path, found.usage) == ("house paint", "[OPTIONS] WALL...")
    assert found.summary == "Paint some walls."
    assert found.text == ("Twice at least.", "Exit codes: 0 painted.")
    assert found.examples == (("", "house paint north"), ("", "house paint south --coats 3"))
    assert found.options == (
        Choice("--coats INTEGER", "How many.", "2"),
        Choice("--dry / --wet", "Wait between them.", "where it rains"),
        Choice("-c, --colour [red|blue]", "Of all walls.", ""),
        Choice("--ladders INTEGER RANGE", "Used. (1<=x<=9)", "1; 2 where it is high"),
        Choice("--help", "Show this message and exit.", ""),
    )


def test_every_command_of_ppodiag() -> None:
    """The walk finds all commands, each with a summary, and a meaning for each option."""
    verbs = list(walk(cli, "ppodiag"))
    assert {"ppodiag", "ppodiag lint", "ppodiag simulate", "ppodiag ablate"} <= {
        v.path for v in verbs
    }
    assert len(verbs) == 1 + len(cli.list_commands(click.Context(cli)))
    for each in verbs:
        assert each.summary
        assert all("[default:" not in option.meaning for option in each.options)
