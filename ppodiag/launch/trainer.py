"""How a trainer is started: the command line for a configuration, some seeds and a folder."""

from __future__ import annotations

import os
import shlex
import string
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from ppodiag.errors import UsageError

PLACES = ("config", "seed", "out", "python")
"""What a user's command may name in braces."""


@dataclass(frozen=True, slots=True)
class BundledTrainer:
    """`python -m reference_trainer`, which trains several seeds in one process.

    Attributes:
        env: id of the environment; None: the trainer's default.
        device: as its `--device`; auto takes CUDA where there is one.
        options: further arguments, such as `--normalize none`.
    """

    env: str | None = None
    device: str = "auto"
    options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"reference_trainer on {self.env or 'replica-scheduling'}"

    @property
    def many_seeds(self) -> bool:
        """Whether one process may train several seeds."""
        return True

    def command(self, config: str, seeds: Sequence[int], out: str) -> list[str]:
        """The arguments of a process that trains these seeds and writes its logs to `out`.

        Logs lie in `out` where there is one seed, in `out/seed-N` where there are several.
        """
        which = ",".join(str(seed) for seed in seeds)
        named = ["--seed", which] if len(seeds) == 1 else ["--seeds", which]
        return [*self._words((config,)), *named, "--out", out]

    def check(self, configs: Sequence[str], seed: int) -> list[str]:
        """The arguments of a process that builds what these configurations ask for, and trains nothing."""
        return [*self._words(configs), "--seed", str(seed), "--check"]

    def _words(self, configs: Sequence[str]) -> list[str]:
        env = [] if self.env is None else ["--env", self.env]
        return [
            sys.executable, "-m", "reference_trainer", *configs, *env, "--device", self.device,
            "--quiet", *self.options,
        ]  # fmt: skip

    def folder(self, out: str, seed: int, seeds: int) -> str:
        """Where the log of a seed lies, among so many seeds of its process."""
        return out if seeds == 1 else os.path.join(out, f"seed-{seed}")

    def identity(self) -> dict[str, object]:
        """What decides its results, for hashes and records."""
        return {"trainer": "reference_trainer", "env": self.env, "device": self.device,
                "options": list(self.options)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class UserTrainer:
    """A command of the user's, which trains one seed and writes a log that `diagnose` reads.

    The template is split as a shell splits words, and no shell sees it; what stands for {config},
    {seed} and {out} goes into one word each, whatever it holds.

    Attributes:
        template: such as `python train.py --config {config} --seed {seed} --out {out}`.
    """

    template: str
    words: tuple[str, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", tuple(_words(self.template)))

    @property
    def name(self) -> str:
        """What reports call it."""
        return self.template

    @property
    def many_seeds(self) -> bool:
        """Whether one process may train several seeds."""
        return False

    def command(self, config: str, seeds: Sequence[int], out: str) -> list[str]:
        """The arguments of a process that trains the one seed."""
        [seed] = seeds
        values = {"config": config, "seed": str(seed), "out": out, "python": sys.executable}
        return [word.format_map(values) for word in self.words]

    def folder(self, out: str, _seed: int, _seeds: int) -> str:
        """Where the log of a seed lies: in the folder that it was given."""
        return out

    def identity(self) -> dict[str, object]:
        """What decides its results, for hashes and records."""
        return {"trainer": self.template}


Trainer = BundledTrainer | UserTrainer


def split_words(text: str, *, windows: bool = os.name == "nt") -> list[str]:
    """The words of a command as a shell splits them; on Windows a backslash divides folders and no more.

    Raises:
        ValueError: a quotation is not closed.
    """
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters = True, ""
    if windows:
        lexer.escape = ""
    return list(lexer)


def _words(template: str) -> list[str]:
    """The words of a template, checked.

    Raises:
        UsageError: it cannot be split, or its places are not the known ones.
    """
    example = (
        "write for example --trainer 'python train.py --config {config} --seed {seed} --out {out}'"
    )
    try:
        words = split_words(template)
        places = [name for word in words for _, name, _, _ in string.Formatter().parse(word)]
    except ValueError as error:
        raise UsageError(f"--trainer {template!r} cannot be read: {error}", example) from None
    if not words:
        raise UsageError("--trainer names no command", example)
    named = {name for name in places if name is not None}
    if unknown := sorted(named - set(PLACES)):
        raise UsageError(
            f"--trainer names {{{unknown[0]}}}, and the places are {', '.join(PLACES)}",
            "write {{ and }} for braces that stand for themselves",
        )
    if missing := [name for name in ("config", "seed", "out") if name not in named]:
        raise UsageError(f"--trainer does not name {{{missing[0]}}}", example)
    return words
