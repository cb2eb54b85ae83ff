"""`ppodiag ablate merge`."""

from __future__ import annotations

import click

from ppodiag.commands.completing import complete_folders
from ppodiag.commands.verb import OUR_FAULT, WRONG, Example, Exit, Verb


@click.command(
    "ablate merge",
    cls=Verb,
    examples=(
        Example("Take over what one machine has run", "ppodiag ablate merge ablation-ppo other"),
        Example("Of several machines", "ppodiag ablate merge ablation-ppo first second third"),
    ),
    exits=(Exit(0, "the results are taken over"), WRONG, OUR_FAULT),
)
@click.argument("folder", metavar="DIR", shell_complete=complete_folders)
@click.argument(
    "others", metavar="OTHER...", nargs=-1, required=True, shell_complete=complete_folders
)
def command(folder: str, others: tuple[str, ...]) -> int:
    """Take the results of the same study in other folders over into the first.

    Each OTHER is the --out folder of another machine that ran the same command. Results that are there
    already stay; the last line is the command that writes the report of all.
    """
    from ppodiag.commands.ablating import merge_folders

    return merge_folders((folder, *others))
