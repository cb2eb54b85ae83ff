"""`ppodiag completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ppodiag.commands.output import emit
from ppodiag.commands.shared import output_option
from ppodiag.commands.verb import PRINTED, Example, Verb
from ppodiag.exits import CLEAN


@click.command(
    "completion",
    cls=Verb,
    examples=(
        Example("bash, from the next shell on",
                "ppodiag completion bash > ~/.local/share/bash-completion/completions/ppodiag"),
        Example("zsh, into a folder of $fpath", "ppodiag completion zsh > ~/.zfunc/_ppodiag"),
        Example("fish", "ppodiag completion fish > ~/.config/fish/completions/ppodiag.fish"),
    ),
    exits=PRINTED,
)  # fmt: skip
@click.argument("shell", metavar="SHELL", type=click.Choice(["bash", "zsh", "fish"]))
@output_option
def command(shell: str, output: str | None) -> int:
    """Print the completion script of a shell: bash, zsh or fish.

    It completes commands, options, their values, names of files, keys and the codes of rules.
    """
    group = click.get_current_context().find_root().command
    kind = get_completion_class(shell)
    if kind is not None:
        emit(kind(group, {}, "ppodiag", "_PPODIAG_COMPLETE").source() + "\n", output)
    return CLEAN
