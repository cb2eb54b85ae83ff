"""The demonstration's command line."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from ppodiag.commands.console import wants_colour
from ppodiag.commands.interrupts import terminable
from ppodiag.errors import UsageError
from ppodiag.exits import CLEAN, FINDINGS, INTERNAL, INTERRUPTED, USAGE
from ppodiag.writing import write_whole

from .page import Told, render
from .running import ROOT, Done, run
from .story import Length, Step, story

MARK = ".ppodiag-demo"
"""A file that says that the folder is ours, and may be emptied."""

SHOWN = 24
"""Lines of an output that the terminal shows; the page has all."""

PAGE = "demo.html"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--out", default="demo-output", show_default=True, help="Folder for what the steps leave."
)
@click.option("--short", is_flag=True, help="Train less: the same commands, shorter runs.")
def main(out: str, short: bool) -> None:
    """Run the demonstration and leave one page that ties its steps together."""
    length = Length(1_280, 2_048, 2) if short else Length()
    try:
        folder = _emptied(Path(out))
        with terminable():
            code = _tell(folder, story(_shown_path(folder), length))
    except UsageError as error:
        click.echo(f"error: {error.message}\n  {error.remedy}", err=True)
        code = USAGE
    except KeyboardInterrupt:
        click.echo("\ninterrupted; the same command begins anew", err=True)
        code = INTERRUPTED
    sys.exit(code)


def _emptied(folder: Path) -> Path:
    """The folder, without what an earlier demonstration left.

    Raises:
        UsageError: it holds something else.
    """
    try:
        if folder.exists() and not (folder / MARK).exists() and any(folder.iterdir()):
            raise UsageError(
                f"{folder} is not a demonstration's folder, and not empty", "name another by --out"
            )
        if (folder / MARK).exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).touch()
    except OSError as error:
        raise UsageError(
            f"cannot use {folder}: {error.strerror or error}", "name another by --out"
        ) from None
    return folder.resolve()


def _shown_path(folder: Path) -> str:
    """The folder as the commands name it: from the root of the project where it lies below."""
    return str(folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder)


def _tell(folder: Path, steps: tuple[Step, ...]) -> int:
    """Run the steps and write the page; the exit code."""
    told = []
    for index, step in enumerate(steps, 1):
        click.echo(_bold(f"{index}/{len(steps)} {step.title}"))
        click.echo(_wrapped(step.shows))
        done = []
        for command in step.commands:
            click.echo(f"\n$ {command}")
            result = run(command)
            _show(result)
            if result.code > (FINDINGS if step.may_find else CLEAN):
                click.echo(f"error: that ended with exit code {result.code}", err=True)
                return INTERNAL
            done.append(result)
        told.append(Told(step, tuple(done)))
        click.echo()
    page = folder / PAGE
    write_whole(str(page), render(told, folder).encode())
    seconds = sum(result.seconds for part in told for result in part.done)
    click.echo(f"{len(steps)} steps in {seconds:.0f} s. All of it on one page: {_shown_path(page)}")
    return CLEAN


def _show(result: Done) -> None:
    """The first lines of an output; all of it where little would be left out."""
    lines = result.output.rstrip().splitlines()
    shown = lines if len(lines) <= SHOWN + 6 else lines[:SHOWN]
    for line in shown:
        click.echo(line)
    if len(shown) < len(lines):
        click.echo(f"… {len(lines) - len(shown)} more lines, on the page")
    click.echo(_soft(f"({result.seconds:.1f} s)"))


def _wrapped(text: str) -> str:
    width = min(100, shutil.get_terminal_size((100, 24)).columns)
    return click.wrap_text(text, width)


def _bold(text: str) -> str:
    return click.style(text, bold=True) if wants_colour() else text


def _soft(text: str) -> str:
    return click.style(text, dim=True) if wants_colour() else text


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
