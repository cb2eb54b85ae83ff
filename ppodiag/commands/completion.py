"""`ppodiag completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ppodiag.commands.output import emit
from ppodiag.commands.shared import output_option
from ppodiag.commands.verb import PRINTED, Example, Verb
from ppodiag.errors import UsageError
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
    emit(script(shell), output)
    return CLEAN


def script(shell: str) -> str:
    """The completion script of a shell: click's, with what values such as `LR101,LR102` and `KEY=` need."""
    group = click.get_current_context().find_root().command
    kind = get_completion_class(shell)
    if kind is None:
        raise UsageError(f"{shell}: click completes nothing in it", "use bash, zsh or fish")
    text = kind(group, {}, "ppodiag", "_PPODIAG_COMPLETE").source() + "\n"
    for before, after in _CHANGES[shell]:
        text = text.replace(before, after)
    return text


_CHANGES = {
    # No blank behind KEY= and fit:, where the value follows.
    "bash": (
        (
            "    return 0\n",
            "    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=:] ]]; then\n"
            "        compopt -o nospace\n"
            "    fi\n\n"
            "    return 0\n",
        ),
    ),
    "zsh": (
        (
            "        compadd -U -V unsorted -a completions\n",
            "        local -a open\n"
            "        open=(${(M)completions:#*[=:]})\n"
            "        completions=(${completions:#*[=:]})\n"
            "        compadd -U -V unsorted -S '' -a open\n"
            "        compadd -U -V unsorted -a completions\n",
        ),
    ),
    # The value may hold commas itself.
    "fish": (('string split "," $completion', 'string split -m 1 "," $completion'),),
}
