"""Whether a trainer would take what it is to be handed, asked before anything is run."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping

from ppodiag.errors import UsageError
from ppodiag.exits import USAGE
from ppodiag.launch.process import Ended, run_process
from ppodiag.launch.trainer import Trainer, UserTrainer
from ppodiag.writing import write_whole

PYTHON = re.compile(r"(pythonw?|pypy)[\d.]*(\.exe)?")


def refuse_program(config: str) -> None:
    """Nothing where the file may be a configuration.

    Raises:
        UsageError: it is named as a Python program is: a trainer in the place of its configuration.
    """
    if config.endswith(".py"):
        raise UsageError(
            f"{config} is named as a program, not as a configuration",
            f"name the JSON file first, and --trainer 'python {config} --config {{config}} --seed {{seed}} "
            "--out {out}'",
        )


def refuse_early(
    trainer: Trainer,
    path: str,
    configs: Mapping[str, str],
    seed: int,
    tick: Callable[[], None] | None = None,
) -> None:
    """Nothing where the trainer takes every configuration, as far as can be told without a run.

    The bundled trainer builds each and trains nothing. Of a user's command only the program and the
    script that Python is to run are looked for.

    Args:
        trainer: what is to train.
        path: of the user's file.
        configs: what the error calls each configuration, the user's own first, to its text.
        seed: of a run.
        tick: called now and then while the trainer looks; what it raises ends it.

    Raises:
        UsageError: it refuses one, in its own words and with its own remedy.
    """
    if isinstance(trainer, UserTrainer):
        _find(trainer)
        return
    with tempfile.TemporaryDirectory(prefix="ppodiag-check-") as folder:
        paths = {}
        for number, (name, text) in enumerate(configs.items()):
            handed = os.path.join(folder, f"config-{number}.json")
            write_whole(handed, text.encode("utf-8", "surrogatepass"))
            paths[handed] = name
        ended = run_process(
            trainer.check(tuple(paths), seed), os.path.join(folder, "output.txt"), tick=tick
        )
        if ended.code:
            raise refusal(ended, path, paths)


def refusal(ended: Ended, path: str, names: Mapping[str, str]) -> UsageError:
    """What a trainer that did not take its configuration said, its `error:` line and its remedy.

    Args:
        ended: how it ended.
        path: of the user's file, which a remedy speaks of.
        names: path of a configuration, as the trainer knows it, to what the user is told instead.
    """
    lines = [line.rstrip() for line in ended.tail.splitlines() if line.strip()]
    at = next((n for n, line in enumerate(lines) if line.startswith("error: ")), None)
    if ended.code != USAGE or at is None:
        last = lines[-1] if lines else "it says nothing"
        return UsageError(
            f"the trainer fails before it trains: {ended.failure}: {last}",
            "see that `python -m reference_trainer CONFIG --check` ends well",
        )
    message = lines[at].removeprefix("error: ")
    remedy = (
        lines[at + 1].strip().removeprefix("= help: ")
        if len(lines) > at + 1
        else f"see ppodiag lint {path}"
    )
    for handed, name in names.items():
        message, remedy = message.replace(handed, name), remedy.replace(handed, path)
    return UsageError(f"the trainer refuses it: {message}", remedy)


def _find(trainer: UserTrainer) -> None:
    """See that a command's program is there, and the script that a Python is told to run."""
    program, *rest = trainer.command("CONFIG", (0,), "OUT")
    if shutil.which(program) is None:
        why = "it is no program" if os.path.exists(program) else "there is no such program"
        raise UsageError(f"cannot start {program}: {why}", "check the command of --trainer")
    script = rest[0] if rest else ""
    is_script = PYTHON.fullmatch(os.path.basename(program)) and script.endswith(".py")
    if is_script and not os.path.exists(script):
        raise UsageError(
            f"{program} is to run {script}, which does not exist in {os.getcwd()}",
            "check the command of --trainer; its paths begin at the present folder",
        )
