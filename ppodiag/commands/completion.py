"""`ppodiag completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ppodiag.exits import CLEAN


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print the completion script of a shell.

    \b
    Examples:
      ppodiag completion bash > ~/.local/share/bash-completion/completions/ppodiag
      ppodiag completion fish > ~/.config/fish/completions/ppodiag.fish
    """
    group = click.get_current_context().find_root().command
    kind = get_completion_class(shell)
    if kind is not None:
        click.echo(kind(group, {}, "ppodiag", "_PPODIAG_COMPLETE").source())
    return CLEAN
