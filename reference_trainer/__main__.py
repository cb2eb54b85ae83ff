"""`python -m reference_trainer CONFIG`: train a configuration."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from ppodiag import __version__
from ppodiag._main import exit_code_of
from ppodiag.commands.console import configure, current, note, warning
from ppodiag.commands.invoke import invoke
from ppodiag.commands.overrides import parse_overrides
from ppodiag.commands.seeds import parse_seeds
from ppodiag.commands.shared import (
    device_option,
    env_option,
    out_option,
    override_options,
    profile_option,
    seed_option,
    seeds_option,
)
from ppodiag.commands.verb import OUR_FAULT, WRONG, Example, Exit, Verb
from ppodiag.exits import INTERRUPTED

if TYPE_CHECKING:
    from reference_trainer.run_record import Request
    from reference_trainer.training import Run


@click.command(
    "reference_trainer",
    cls=Verb,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    examples=(
        Example("Train, and keep logs and checkpoints",
                "python -m reference_trainer examples/healthy.json --out runs/healthy"),
        Example("Eight seeds at once, in another environment",
                "python -m reference_trainer ppo.json --env CartPole-v1 --seeds 0..7"),
        Example("Another learning rate than the file's",
                "python -m reference_trainer ppo.json --set ppo_config.lr=3e-4 --out runs/lr"),
        Example("See whether files can be trained, and train nothing",
                "python -m reference_trainer a.json b.json --env CartPole-v1 --check"),
        Example("Go on where a run was interrupted",
                "python -m reference_trainer --resume runs/healthy"),
    ),
    exits=(
        Exit(0, "trained"),
        WRONG,
        OUR_FAULT,
        Exit(130, "interrupted; --resume goes on where --out was given"),
    ),
    variables={"RANK, LOCAL_RANK, WORLD_SIZE": "set by torchrun for each of its processes"},
)  # fmt: skip
@click.version_option(__version__, "-V", "--version", prog_name="reference_trainer of ppodiag")
@click.argument("configs", nargs=-1, metavar="[CONFIG]")
@env_option
@seed_option
@seeds_option("one, that of --seed")
@device_option("auto")
@override_options
@profile_option
@out_option("none: nothing is kept")
@click.option("--resume", metavar="DIR", help="Go on with the run in this folder.")
@click.option(
    "--normalize",
    type=click.Choice(["both", "state", "reward", "none"]),
    help="Normalizers that act.  [default: both]",
)
@click.option("--compile", is_flag=True, help="Compile the gradient with torch.compile.")
@click.option(
    "--autocast", type=click.Choice(["bfloat16", "float16"]), help="Type of the forward pass."
)
@click.option("--tf32", is_flag=True, help="Let CUDA multiply float32 matrices in TF32.")
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    metavar="N",
    help="Threads of torch on the CPU.  [default: 1]",
)
@click.option(
    "--checkpoint-seconds",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="Between two checkpoints; 0: one after each update.",
)
@click.option(
    "--check", is_flag=True, help="Build everything and train nothing; of several files too."
)
def command(configs: tuple[str, ...], resume: str | None, **options: Any) -> int:
    """Train the configuration CONFIG with PPO, exactly as its file says."""
    _require_torch()
    if os.environ.get("RANK", "0") != "0":  # of several processes of torchrun the first one speaks
        configure(quiet=True)
    return (_check if options["check"] else _main)(configs, resume, options)


def main() -> None:
    """Run the command line and exit with its code."""
    name = "python -m reference_trainer"
    sys.exit(exit_code_of(lambda: invoke(command, sys.argv[1:], name)))


def _require_torch() -> None:
    from importlib.util import find_spec

    from ppodiag.errors import UsageError

    if find_spec("torch") is None:
        raise UsageError("training needs torch", "pip install 'ppodiag[train]'")


def _check(configs: tuple[str, ...], resume: str | None, options: dict[str, Any]) -> int:
    """Say of each configuration whether it could be trained; the first that could not ends it."""
    from ppodiag.errors import UsageError

    if resume is not None or options["out"] is not None:
        raise UsageError("--check trains and writes nothing", "leave out --resume and --out")
    requests = [_request(config, None, options) for config in configs or (None,)]
    from reference_trainer.checking import check_all

    check_all(requests)
    if not current().quiet:
        for request in requests:
            click.echo(f"{request.path} can be trained on {request.env}")
    return 0


def _main(configs: tuple[str, ...], resume: str | None, options: dict[str, Any]) -> int:
    from ppodiag.errors import UsageError

    config, *more = configs or (None,)
    if more:
        raise UsageError(
            f"{len(configs)} files are named", "train one at a time; --check takes several"
        )
    request = _request(config, resume, options)
    import torch

    from reference_trainer.progress import ProgressLine
    from reference_trainer.training import Interrupted, carry_out

    torch.set_num_threads(options["threads"] or 1)
    if options["tf32"]:
        torch.set_float32_matmul_precision("high")
    out = resume or options["out"]
    line = ProgressLine()
    _announce(request)
    stop = _Stop(Interrupted)
    try:
        run = carry_out(
            request, out, resume is not None, options["checkpoint_seconds"], stop.after(line)
        )
    except (Interrupted, KeyboardInterrupt):
        line.close()
        remedy = (
            f"go on with: python -m reference_trainer --resume {out}"
            if out
            else ("nothing was written; give --out to be able to go on")
        )
        warning(f"interrupted; {remedy}", "interrupted", path=out)
        return INTERRUPTED
    finally:
        line.close()
    if not current().quiet:
        _summarise(run)
    return 0


class _Stop:
    """Turns the first SIGINT or SIGTERM into an end after the update that is going on."""

    def __init__(self, error: type[Exception]) -> None:
        self._error, self._asked = error, False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        if self._asked:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self._asked = True

    def after(self, progress: Any) -> Any:
        def check(trainer: Any, rows: Any) -> None:
            progress(trainer, rows)
            if self._asked:
                raise self._error

        return check


def _request(config: str | None, resume: str | None, options: dict[str, Any]) -> Request:
    from ppodiag.errors import UsageError
    from ppodiag.runner import read_target
    from reference_trainer.envs import DEFAULT
    from reference_trainer.run_record import Request, project_profile, read_request

    if resume is not None:
        _refuse_with_resume(config, options)
        return read_request(resume)
    if config is None:
        raise UsageError("there is no configuration", "name a file, or a run with --resume DIR")
    pairs = parse_overrides(options["settings"], options["total_env_steps"])
    return Request(
        path=config,
        text=read_target(config).decode("utf-8", "surrogateescape"),
        env=options["env"] or DEFAULT,
        seeds=_seeds(options["seed"], options["seeds"]),
        device=options["device"] or "auto",
        normalize=options["normalize"] or "both",
        compile=options["compile"],
        autocast=options["autocast"],
        profile=options["profile"],
        overrides=[[list(path), value] for path, value in pairs],
        default_profile=project_profile(config),
    )


def _refuse_with_resume(config: str | None, options: dict[str, Any]) -> None:
    """A resumed run is what it was; what would change it is refused."""
    from ppodiag.errors import UsageError

    names = ("env", "seed", "seeds", "device", "total_env_steps", "out", "settings", "profile",
             "normalize", "compile", "autocast")  # fmt: skip
    given = [f"--{name.replace('_', '-')}" for name in names if options[name]]
    if config is not None:
        given.insert(0, config)
    if given:
        raise UsageError(
            f"--resume goes on with the run as it was begun, and does not go with {', '.join(given)}",
            "leave that out; run.json in the folder holds the configuration",
        )


def _seeds(seed: int | None, seeds: str | None) -> list[int]:
    from ppodiag.errors import UsageError

    if seeds is None:
        return [seed or 0]
    if seed is not None:
        raise UsageError("--seed and --seeds do not go together", "give one of them")
    return list(parse_seeds(seeds))


def _announce(request: Request) -> None:
    """Say what of the file is left out, before anything starts."""
    from ppodiag.report.wrap import wrap
    from reference_trainer.envs.registry import env_keys
    from reference_trainer.training import read_request_experiment, stacking_notes
    from reference_trainer.unmodelled import unmodelled

    experiment = read_request_experiment(request)
    left_out = unmodelled(experiment.value, env_keys(request.env), request.env)
    for text in stacking_notes(experiment, tuple(request.seeds)):
        note(f"note: {text}")
    if left_out:
        note(f"{request.path} asks for what this trainer does not do:", path=request.path)
        for pointer, reason in left_out:
            for line in wrap(f"{pointer}: {reason}", "  ", "    "):
                note(line)


def _summarise(run: Run) -> None:
    """A line for each seed, and where the logs lie."""
    from ppodiag.report.wrap import wrap

    for seed, rows in run.rows.items():
        if not rows:
            continue
        last = rows[-1]
        returns = [row.number("episode_return") for row in rows[-10:]]
        known = [value for value in returns if value == value]
        mean = f"{sum(known) / len(known):,.4g}" if known else "none"
        text = (
            f"seed {seed}: {last.values['env_steps']:,} env steps, "
            f"{last.values['updates_applied']:,} updates applied, return {mean} in the last "
            f"{len(returns)} rollouts, final LR {last.number('lr'):.4g}, "
            f"B {last.values['minibatch_size']}"
        )
        for line in wrap(text, "", "  "):
            print(line)
    if run.out:
        print(f"logs in {run.out}: ppodiag diagnose {run.out}")


if __name__ == "__main__":
    main()
