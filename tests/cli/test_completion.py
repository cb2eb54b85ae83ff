"""Completion, in the real shells: what is typed, and what the shell makes of it when Tab is pressed."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, require

pty = pytest.importorskip("pty", reason="terminals of Unix")

TYPED = {
    "ppodiag simu": "[ppodiag][simulate]",  # a command
    "ppodiag ablate me": "[ppodiag][ablate][merge]",  # its second word
    "ppodiag lint --extend-s": "[ppodiag][lint][--extend-select]",  # an option
    "ppodiag lint --format sa": "[ppodiag][lint][--format][sarif]",  # a value of its choices
    "ppodiag lint configs/one-o": "[ppodiag][lint][configs/one-of-many.json]",  # a file
    "ppodiag diagnose --config configs/one-o":
        "[ppodiag][diagnose][--config][configs/one-of-many.json]",  # a file behind an option
    "ppodiag rule STB60": "[ppodiag][rule][STB60",  # codes of rules: as far as they agree
    "ppodiag lint --select LR102,BS201,SUP00": "[ppodiag][lint][--select][LR102,BS201,SUP00",
    "ppodiag lint --profile huggi": "[ppodiag][lint][--profile][huggingface]",  # a preset
    "ppodiag completion fi": "[ppodiag][completion][fish]",
}  # fmt: skip
"""What is typed before Tab, and the words that the shell then has (fish shows all that would do)."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration, `ppodiag` on its own path, and the scripts of the shells."""
    folder = tmp_path_factory.mktemp("completion")
    (folder / "configs").mkdir()
    (folder / "configs" / "one-of-many.json").write_text("{}")
    (folder / "bin").mkdir()
    program = folder / "bin" / "ppodiag"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m ppodiag "$@"\n')
    program.chmod(0o755)
    for shell in ("bash", "zsh", "fish"):
        subprocess.run(
            [program, "completion", shell, "--output", f"script.{shell}"], cwd=folder, check=True
        )
    return folder


def environment(place: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k in ("LANG", "HOME")}
    return {**kept, "PATH": f"{place / 'bin'}:{os.environ['PATH']}", "TERM": "dumb",
            "HOME": str(place), "HISTFILE": "", "PS1": "", "COLUMNS": "200"}  # fmt: skip


class Shell:
    """An interactive shell that is typed into."""

    def __init__(self, words: list[str], place: Path) -> None:
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            os.chdir(place)
            os.execvpe(words[0], words, environment(place))

    def type(self, text: str) -> None:
        os.write(self.handle, text.encode())

    def until(self, mark: str, seconds: float = 60.0) -> str:
        """All that is shown until the mark is."""
        end, seen = time.monotonic() + seconds, ""
        while mark not in seen:
            ready, _, _ = select.select([self.handle], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"{mark!r} is never shown, but {seen!r}"
            seen += os.read(self.handle, 65536).decode(errors="replace")
        return seen

    def completed(self, typed: str, number: int) -> str:
        """The words of the line after Tab: it is run with a `printf` before it, which shows them."""
        self.type(f"{typed}\t\x01printf '[%s]' \x05; printf '<%s>\\n' {number}\n")
        shown = self.until(f"<{number}>\r\n")
        return re.findall(r"((?:\[[^\]\[]*\])+)<" + str(number) + ">", shown)[-1]

    def close(self) -> None:
        os.close(self.handle)
        os.waitpid(self.pid, 0)


STARTS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "set +H; bind 'set bell-style none'; . ./script.bash"),
    "zsh": (["zsh", "-f", "-i"], "unsetopt zle_bracketed_paste prompt_cr prompt_sp; PS1=; bindkey -e; "
            "autoload -U compinit; compinit -D -u; source ./script.zsh"),
}  # fmt: skip


@pytest.fixture(scope="module", params=STARTS)
def shell(request: pytest.FixtureRequest, place: Path) -> Iterator[Shell]:
    """bash, then zsh, with its script loaded."""
    require(shutil.which(request.param), request.param)
    words, setup = STARTS[request.param]
    made = Shell(words, place)
    made.type(f"{setup}; printf '%s%s\\n' rea dy\n")
    made.until("ready\r\n")
    yield made
    made.close()


@pytest.mark.parametrize("typed", TYPED)
def test_tab_in_bash_and_zsh(shell: Shell, typed: str) -> None:
    """Commands, options, values, files and codes are completed as far as they are certain."""
    words = shell.completed(typed, list(TYPED).index(typed) + 1)
    assert words.startswith(TYPED[typed])


def test_a_key_is_completed_without_a_blank(shell: Shell) -> None:
    """Its value follows behind the `=` at once."""
    shell.type("ppodiag lint --set warmup_st\t5\x01printf '[%s]' \x05; printf '<%s>\\n' key\n")
    assert "[ppodiag][lint][--set][warmup_steps=5]<key>" in shell.until("<key>\r\n")


def test_fish(place: Path) -> None:
    """Fish itself completes the same; it lists what would do."""
    require(shutil.which("fish"), "fish")
    asked = "\n".join(f"echo '#'; complete -C '{typed}'" for typed in TYPED)
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"source script.fish\n{asked}"],
        cwd=place,
        env=environment(place),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    answers = done.stdout.split("#\n")[1:]
    assert len(answers) == len(TYPED)
    for (typed, wanted), answer in zip(TYPED.items(), answers, strict=True):
        last = wanted.rpartition("[")[2].rstrip("]")
        found = [line.partition("\t")[0] for line in answer.splitlines()]
        assert any(word.startswith(last) for word in found), (typed, found)
        assert all(word.startswith(last) for word in found), (typed, found)
