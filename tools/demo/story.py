"""The steps of the demonstration: what is run, and what to look for in it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

NOTE = "examples/note.json"
"""The note's block as it stands, with the lengths of its worked example."""

FEATURES = "examples/every_feature.json"
"""The same features in a configuration without findings."""

ILL = tuple(f"examples/gallery/gradient-explosion/ill.{suffix}" for suffix in ("jsonl", "json"))
"""The log of an ill run of the reference trainer, and its configuration."""

TRAINED, FORECAST, ABLATION = "trained", "forecast.csv", "ablation"
PICTURE, DIAGNOSIS = "note.svg", "diagnosis.html"
"""What the steps leave in the folder."""


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        title: what is done, as an instruction.
        shows: what a reader should look for in what follows.
        commands: as typed at the root of the project; `ppodiag` and `python` are those of the environment.
        may_find: exit code 1 says that something was found, and is no failure.
        key: names the step for the page.
    """

    title: str
    shows: str
    commands: tuple[str, ...]
    may_find: bool
    key: str


@dataclass(frozen=True)
class Length:
    """How much is trained.

    Attributes:
        note_env_steps: of the note's configuration; None: as its file says.
        ablation_env_steps, ablation_seeds: of each arm.
    """

    note_env_steps: int | None = None
    ablation_env_steps: int = 30_720
    ablation_seeds: int = 5


def story(out: str, length: Length) -> tuple[Step, ...]:
    """The steps, leaving their files in the folder `out`."""
    out = shlex.quote(out)
    total = f" --total-env-steps {length.note_env_steps}" if length.note_env_steps else ""
    log = f"{out}/{TRAINED}/log.jsonl"
    return (
        Step(
            "Lint the note's configuration",
            "The file is valid, and every key is known. Each finding names the value, the arithmetic that "
            "makes it one, and a remedy. Nothing was trained to know it.",
            (f"ppodiag lint {NOTE}{total}",),
            True,
            "lint",
        ),
        Step(
            "Simulate it",
            "What the block does over the whole run: when the warm-up ends, how far the cosine gets, where "
            "the batch size goes. The gradient norms are assumed, and the output says so.",
            (f"ppodiag simulate {NOTE}{total} --plot {out}/{PICTURE}",),
            True,
            "simulate",
        ),
        Step(
            "Train it",
            "The reference trainer does what the file says, every feature of it, on CartPole.",
            (f"python -m reference_trainer {NOTE} --env CartPole-v1{total} --out {out}/{TRAINED}",),
            False,
            "train",
        ),
        Step(
            "Compare the log with the forecast",
            "The simulator is given the gradient norms of that run. Learning rate and minibatch size of "
            "every update must then be those of the log, to the last bit: compared with ==, no tolerance.",
            (
                f"ppodiag simulate {NOTE}{total} --norms run:{out}/{TRAINED} --seeds 1 --format csv "
                f"-o {out}/{FORECAST}",
                f"python -m tools.demo.agreement {log} {out}/{FORECAST}",
            ),
            True,
            "agree",
        ),
        Step(
            "Ablate two features, in small",
            "The same features in a healthy file; each arm trains with one of them off, on the same seeds. "
            "So few seeds seldom decide anything: the report says how many would.",
            (
                f"ppodiag ablate {FEATURES} --env CartPole-v1 --arms no-schedule,no-accumulation "
                f"--seeds {length.ablation_seeds} --total-env-steps {length.ablation_env_steps} "
                f"--timing-rounds 0 --out {out}/{ABLATION}",
            ),
            False,
            "ablate",
        ),
        Step(
            "Diagnose an ill run",
            "A log is enough: what is wrong, in which steps, by which numbers, the likely causes, and the "
            "note's checklist answered line by line.",
            (
                f"ppodiag diagnose {ILL[0]} --config {ILL[1]}",
                f"ppodiag diagnose {ILL[0]} --config {ILL[1]} --format html -o {out}/{DIAGNOSIS}",
            ),
            True,
            "diagnose",
        ),
    )
