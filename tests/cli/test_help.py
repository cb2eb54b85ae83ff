"""`--help` teaches: examples that can be typed, exit codes, environment variables; what was meant."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from itertools import pairwise

import click
import pytest

from ppodiag.cli import COMMANDS, cli
from ppodiag.commands.invoke import invoke
from ppodiag.commands.verb import Example, Taught
from ppodiag.errors import UsageError
from reference_trainer.__main__ import command as trainer
from tests.conftest import ROOT, Run

TRAINER = "python -m reference_trainer"


def every_command() -> dict[str, Taught]:
    """What is typed for a command to the command: `ppodiag`, all of its own, the trainer."""
    root = click.Context(cli, info_name="ppodiag")
    own = {f"ppodiag {name}": cli.get_command(root, name) for name in COMMANDS}
    found = {"ppodiag": cli, **own, TRAINER: trainer}
    assert all(isinstance(command, Taught) for command in found.values())
    return found  # type: ignore[return-value]  # the line above has checked it


ALL = every_command()
EXAMPLES = [(path, example) for path, command in ALL.items() for example in command.examples]


def context_of(path: str) -> click.Context:
    """A context with the width of the widest help."""
    return click.Context(
        ALL[path], info_name=path, help_option_names=["-h", "--help"], max_content_width=100,
        terminal_width=100,
    )  # fmt: skip


def flags_of(path: str) -> set[str]:
    """Every way in which the options of a command are named."""
    params = [p for p in ALL[path].get_params(context_of(path)) if isinstance(p, click.Option)]
    return {flag for p in params if not p.hidden for flag in (*p.opts, *p.secondary_opts)}


@pytest.mark.parametrize("path", ALL)
def test_help_has_every_part(path: str) -> None:
    """Usage, two to five examples, options, exit codes 0, 2 and 3, variables; at most 100 columns."""
    command = ALL[path]
    text = command.get_help(context_of(path))
    assert text.startswith(f"Usage: {path} ")
    assert 2 <= len(command.examples) <= 5
    for example in command.examples:
        assert f"\n    {example.command}\n" in text
    common = "Options" if path == "ppodiag" else "Options of every command"
    for heading in ("Examples", common, "Exit codes", "Environment variables"):
        assert f"\n{heading}:\n" in text
    assert {0, 2, 3} <= {exit.code for exit in command.exits}
    assert all(flag in text for flag in flags_of(path))
    wide = [line for line in text.splitlines() if len(line) > 100 and "{config}" not in line]
    assert wide == []


def words_of(example: Example) -> tuple[str, list[str]]:
    """The command of an example, and the words that it is given."""
    words = shlex.split(example.command)
    words = words[words.index("ppodiag") if "ppodiag" in words else 0 :]
    words = words[: words.index(">")] if ">" in words else words
    for length in (3, 2):
        path = " ".join(words[:length])
        if path in ALL:
            return path, words[length:]
    raise AssertionError(example.command)


@pytest.mark.parametrize(("path", "example"), EXAMPLES, ids=[e.command for _, e in EXAMPLES])
def test_an_example_is_taken(path: str, example: Example) -> None:
    """It is one of its command, and click accepts every word of it."""
    named, words = words_of(example)
    assert path in (named, "ppodiag")
    with ALL[named].make_context(named, words) as context:
        assert context.params


RUN = {
    "ppodiag lint configs/ppo.json": "lint examples/ill.json",
    "ppodiag rule LR102": "rule LR102",
    "ppodiag rule --all": "rule --all",
    "ppodiag schema --settings": "schema --settings",
    "ppodiag simulate ppo.json --sweep warmup_steps=0:2000:21":
        "simulate examples/ill.json --sweep warmup_steps=0:2000:3 --seeds 2",
    "ppodiag lint ppo.json --profile sb3 --total-env-steps 1e6":
        "lint examples/ill.json --profile sb3 --total-env-steps 1e6",
    "ppodiag lint ppo.json --fix --diff": "lint examples/ill.json --unsafe-fixes --diff",
    "ppodiag diff old.json new.json --fail-on error":
        "diff examples/healthy.json examples/ill.json --fail-on error",
    "ppodiag diagnose runs/17 --list-tags": "diagnose examples/runs/ill.jsonl --list-tags",
}  # fmt: skip
"""Examples and what they come to with files of this project: these are run as well."""


def test_examples_run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """They print something, end with 0 or 1, and say nothing of an error."""
    monkeypatch.chdir(ROOT)
    assert {example.command for _, example in EXAMPLES} >= set(RUN)
    for words in RUN.values():
        code = invoke(cli, shlex.split(words), "ppodiag")
        said = capfd.readouterr()
        assert code in (0, 1), words
        assert said.out, words
        assert "error:" not in said.err, words


def test_help_of_ppodiag_groups_its_commands_by_stage() -> None:
    """Before the run, by running, after the run, to look up: every command under one of them."""
    text = cli.get_help(context_of("ppodiag"))
    places = [text.index(f"\n{stage}:\n") for stage in
              ("Before the run", "By running", "After the run", "To look up", "Options")]  # fmt: skip
    assert places == sorted(places)
    stages = [text[a:b] for a, b in pairwise(places)]
    where = {
        name: [i for i, part in enumerate(stages) if re.search(rf"^  {name}  ", part, re.M)]
        for name in COMMANDS
    }
    assert where == {
        "lint": [0], "simulate": [0], "diff": [0], "confirm": [1], "ablate": [1], "ablate merge": [1],
        "diagnose": [2], "rule": [3], "schema": [3], "completion": [3],
    }  # fmt: skip
    assert TRAINER in stages[1]


def test_no_arguments_show_the_help(ppodiag: Run) -> None:
    """Exit code 2, for nothing was done."""
    done = ppodiag()
    assert done.returncode == 2
    assert done.stdout.startswith("Usage: ppodiag ")


MEANT = [
    ("lnt ppo.json", "lnt: ppodiag has no such command", "did you mean lint?"),
    ("diagnos runs", "diagnos: ppodiag has no such command", "did you mean diagnose?"),
    ("xyzzy", "xyzzy: ppodiag has no such command", "the commands are lint, simulate, diff"),
    ("lint a --formt json", "--formt: ppodiag lint has no such option", "did you mean --format"),
    ("lint a --format jsn", "--format: 'jsn' is none of its values", "did you mean json"),
    ("lint a --xyzzy", "--xyzzy: ppodiag lint has no such option", "see ppodiag lint --help"),
    ("--quiet lint a", "--quiet: ppodiag has no such option", "it goes behind the command"),
    ("ablate merge a b --sed", "--sed: ppodiag ablate merge has no such option", "see ppodiag"),
    ("rule LR12", "there is no rule LR12", "did you mean LR112 or LR102?"),
    ("lint a --select LX", "--select LX: no rule begins with LX", "the families are ACC, BS"),
    ("diff a", "AFTER is missing", "see ppodiag diff --help"),
    (
        "lint a --jobs none",
        "--jobs: 'none' is not a valid integer range",
        "see ppodiag lint --help",
    ),
    ("lint a --format", "--format requires an argument", "see ppodiag lint --help"),
    ("completion", "SHELL is missing", "choose of bash, zsh, fish"),
    ("schema more", "ppodiag schema: got unexpected extra argument (more)", "see ppodiag schema"),
    ("simulate a --seeds 5,9", "--seeds 5,9: the paths", "write how many"),
]


@pytest.mark.parametrize(("words", "message", "remedy"), MEANT, ids=[words for words, *_ in MEANT])
def test_a_slip_gets_a_suggestion(words: str, message: str, remedy: str) -> None:
    """Command, option, value and code: what was probably meant, else where to look."""
    with pytest.raises(UsageError) as error:
        invoke(cli, words.split(), "ppodiag")
    assert error.value.message.startswith(message)
    assert remedy in error.value.remedy


def named_options(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+[a-z]\b", text))


def commands_in(page: str) -> list[str]:
    """What a page says of our programs' command lines, each without what it is piped into."""
    found = re.findall(r"(?:ppodiag|python -m reference_trainer) [^`\n|]*(?:\\\n[^`\n|]*)*", page)
    return [command.partition(" && ")[0] for command in found]


def test_every_option_that_is_spoken_of_is_there() -> None:
    """Errors and remedies name no option that does not exist, nor does a command in the pages."""
    known = {flag for path in ALL for flag in flags_of(path)} | OTHERS
    pages = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    sources = [*(ROOT / "ppodiag" / "commands").glob("*.py"), ROOT / "reference_trainer/__main__.py",
               *(ROOT / "ppodiag" / "ablate").glob("*.py"), *(ROOT / "ppodiag" / "norms").glob("*.py"),
               *(ROOT / "ppodiag" / "runlog").glob("*.py"), *(ROOT / "ppodiag").glob("*.py")]  # fmt: skip
    assert len(pages) > 100
    assert len(sources) > 100
    assert sum(len(commands_in(page.read_text(encoding="utf-8"))) for page in pages) > 100
    for path in pages:
        for command in commands_in(path.read_text(encoding="utf-8")):
            assert not named_options(command) - known, (path, command)
    for path in sources:
        assert not named_options(path.read_text(encoding="utf-8")) - known, path


OTHERS = {"--max-grad-norm"}
"""Options of programs that the pages show beside ours."""


def test_heavy_packages_are_not_loaded_for_help() -> None:
    """Of no command: neither numpy, torch, pandas nor matplotlib."""
    code = (
        "import sys; from ppodiag.cli import cli, COMMANDS; import click\n"
        "root = click.Context(cli, info_name='ppodiag')\n"
        "for name in COMMANDS:\n"
        "    command = cli.get_command(root, name)\n"
        "    command.get_help(click.Context(command, info_name=name, parent=root))\n"
        "from reference_trainer.__main__ import command\n"
        "command.get_help(click.Context(command, info_name='t'))\n"
        "print(sorted({'numpy','torch','pandas','matplotlib','jsonschema','yaml'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_question_mark_needs_no_colon() -> None:
    """The heading of an example."""
    assert Example("Is it?", "x").heading == "Is it?"
    assert Example("See", "x").heading == "See:"


def test_the_group_is_taught_too() -> None:
    """Ppodiag itself has examples, each of which names a command of its own."""
    assert isinstance(cli, Taught)
    assert all(example.command.split()[1] in COMMANDS for example in cli.examples)
