"""The stories of the documentation: commands of a page run one after the other in one shell, in a folder of their own.

`<!-- story: examples -->` on a page begins one: a new folder with copies of what is named. Below it

- a block with a title, such as ```json title="ppo.json", is a file that the reader saves under that name;
- a block ```diff title="ppo.json" is an edit of it: the lines with a blank or a minus must stand in the file once, and those
  with a blank or a plus take their place;
- a block ```console holds commands behind `$ `, which go on in the same shell: a `cd`, a variable, an activated option stay.

`<!-- varies: REGEX -->` names what may differ between two runs of the same command, such as a time or a return that depends
on the machine: where the rest is equal, what stands on the page stays.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMIT_SECONDS = 300
"""Of one command."""
DATE = "2026-01-05T09:00:00+00:00"
"""Of every commit, so that its hash is always the same."""


class StoryError(Exception):
    """A story that does not go as it is told."""


class Story:
    """A shell in a new folder."""

    def __init__(self, folder: Path, copies: Iterable[str]) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        for name in copies:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, self.folder / name)
        (folder / "home").mkdir()
        tools = Path(sys.executable).parent
        if not (tools / "ppodiag").exists():
            raise StoryError(
                f"a story needs the command ppodiag beside {sys.executable}: make test sets it up"
            )
        self._mark = f"=={secrets.token_hex(8)}=="
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=self.folder,
            env=_environment(folder / "home", tools),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def close(self) -> None:
        """End the shell."""
        if self._shell.stdin:
            self._shell.stdin.close()
        self._shell.wait()
        if self._shell.stdout:
            self._shell.stdout.close()

    def write(self, name: str, text: str) -> None:
        """Save a file as the reader does."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, name: str, change: str) -> None:
        """Change a file by the lines of a diff without its head.

        Raises:
            StoryError: the lines that are to change do not stand in the file exactly once.
        """
        lines = change.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] != "+")
        after = "".join(line[1:] for line in lines if line[0] != "-")
        text = (self.folder / name).read_text(encoding="utf-8")
        if text.count(before) != 1:
            raise StoryError(
                f"{name}: the lines to change stand in it {text.count(before)} times:\n{before}"
            )
        self.write(name, text.replace(before, after))

    def run(self, command: str) -> tuple[str, int]:
        """What a command writes, and its exit code.

        Raises:
            StoryError: the shell ended, or the command took too long.
        """
        stdin, stdout = self._shell.stdin, self._shell.stdout
        if stdin is None or stdout is None:
            raise StoryError("the shell has no pipes")
        watchdog = threading.Timer(LIMIT_SECONDS, self._shell.kill)
        watchdog.start()
        try:
            stdin.write(
                f"{{ {command}\n}} </dev/null\n__code=$?; printf '\\n%s %s\\n' '{self._mark}' $__code; (exit $__code)\n"
            )
            stdin.flush()
            output = "".join(self._until_mark(stdout))
        finally:
            watchdog.cancel()
        text, _, code = output.rpartition(f"\n{self._mark} ")
        if not code:
            raise StoryError(f"{command!r} ended the shell, or took {LIMIT_SECONDS} s:\n{output}")
        return text.replace(str(self.folder), "~/work"), int(code)

    def _until_mark(self, stdout: Iterable[str]) -> Iterator[str]:
        for line in stdout:
            yield line
            if line.startswith(self._mark):
                return


def _environment(home: Path, tools: Path) -> dict[str, str]:
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("GIT_", "PYTEST_", "COVERAGE_", "COV_"))
    }
    who = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER")
           for part, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"), ("DATE", DATE))}  # fmt: skip
    return {
        **kept, **who, "PATH": f"{tools}{os.pathsep}{kept['PATH']}", "HOME": str(home), "NO_COLOR": "1", "COLUMNS": "100",
        "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "init.defaultBranch", "GIT_CONFIG_VALUE_0": "main",
        "PRE_COMMIT_HOME": str(home / "pre-commit"), "PRE_COMMIT_COLOR": "never",
    }  # fmt: skip


def commands_of(block: str) -> list[tuple[str, str]]:
    """The commands of a console block with the output that stands below each; `> ` continues a command.

    Raises:
        StoryError: output before the first command.
    """
    found: list[tuple[str, str]] = []
    lines = block.splitlines(keepends=True)
    while lines:
        line = lines.pop(0)
        if not line.startswith("$ "):
            raise StoryError(
                f"a console block begins with a command behind '$ ', and not with {line!r}"
            )
        command = line[2:]
        while lines and lines[0].startswith("> ") and command.endswith("\\\n"):
            command += lines.pop(0)[2:]
        output = ""
        while lines and not lines[0].startswith("$ "):
            output += lines.pop(0)
        found.append((command.rstrip("\n"), output))
    return found


def as_typed(command: str) -> str:
    """A command as it stands in a block, behind its prompts."""
    return "$ " + command.replace("\n", "\n> ") + "\n"


def told(story: Story, block: str, varies: Iterable[str]) -> str:
    """A console block with what its commands write now.

    Raises:
        StoryError: a command ends with a traceback, or with an exit code above 1 that the next one does not ask for.
    """
    parts = []
    commands = commands_of(block)
    for index, (command, shown) in enumerate(commands):
        output, code = story.run(command)
        asked = index + 1 < len(commands) and "$?" in commands[index + 1][0]
        if (code > 1 and not asked) or "Traceback (most recent call last)" in output:
            raise StoryError(f"{command!r} exits with {code}:\n{output}")
        parts.append(as_typed(command) + settled(shown, output, varies))
    return "".join(parts)


def settled(shown: str, output: str, varies: Iterable[str]) -> str:
    """The output, or what is shown of it already where both differ only in what varies."""
    output = "".join(line.rstrip() + "\n" for line in output.splitlines())
    before, after = shown, output
    for pattern in varies:
        before, after = re.sub(pattern, "…", before), re.sub(pattern, "…", after)
    return shown if before == after else output
