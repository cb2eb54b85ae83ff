"""The work behind `ppodiag ablate`: options to a study, the study to a report."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from typing import Any

from ppodiag.ablate.arm_plan import plan_arms
from ppodiag.ablate.arms import (
    Arms,
    add_one_in,
    chosen,
    factorial,
    leave_one_out,
    parse_arm,
    read_arms,
    with_named,
)
from ppodiag.ablate.effects import refuse_off_factors
from ppodiag.ablate.estimate import Estimate, estimate
from ppodiag.ablate.few_seeds import forewarning
from ppodiag.ablate.matching import matched
from ppodiag.ablate.outcome import Outcome, read_outcome
from ppodiag.ablate.probe import FEW, MORE, UPDATES
from ppodiag.ablate.running import ask_trainer, carry_out
from ppodiag.ablate.store import Store, merge
from ppodiag.ablate.study import TIMING_ROUNDS, Declared, Study
from ppodiag.ablate.words import sentences
from ppodiag.commands.console import detail, note, wants_colour, warning
from ppodiag.commands.executor_options import check_executor, executor_of, local_jobs
from ppodiag.commands.output import emit
from ppodiag.commands.overrides import parse_overrides
from ppodiag.commands.progress import counter
from ppodiag.commands.seeds import parse_seeds
from ppodiag.errors import UsageError
from ppodiag.exits import CLEAN, INTERNAL, INTERRUPTED
from ppodiag.files import from_here
from ppodiag.launch.preflight import refuse_program
from ppodiag.launch.trainer import BundledTrainer, Trainer, UserTrainer
from ppodiag.locking import only_process
from ppodiag.options import Options
from ppodiag.profile import parse_profile
from ppodiag.report.ablation import render_ablation, render_plans
from ppodiag.report.ablation_json import render_csv, render_json
from ppodiag.report.html.ablation import render_page
from ppodiag.report.wrap import wrap
from ppodiag.runner import Request, read_target, settings_for
from ppodiag.wording import counted
from ppodiag.writing import write_whole


def run_study(config: str, given: Mapping[str, Any]) -> int:
    """Carry out what the command line asks for; the exit code."""
    if config == "-":
        raise UsageError("a study reads its configuration again later", "name a file")
    check_executor(given)
    study = study_of(config, given)
    jobs = local_jobs(given)
    if few := forewarning(study):
        warning(f"warning: {few}", "few_seeds")
    if given["dry_run"]:
        return _dry_run(study, jobs, given["executor"], given["output"])
    store = Store(given["out"] or _default_folder(config))
    try:
        with counter("units of work") as show:

            def progress(done: int, whole: int, result: dict[str, Any] | None) -> None:
                if show is not None:
                    show(done, whole)
                if result is not None and result["status"] == "failed":
                    failure = result["failures"][-1]["failure"]
                    warning(f"failed: {result['unit']}: {failure}", "failed", unit=result["unit"])
                elif result is not None:
                    detail(f"{result['status']}: {result['unit']}", "unit", unit=result["unit"])

            executor = executor_of(given, store.folder)
            carry_out(study, store, executor, progress, retry_failed=given["retry_failed"])
    except KeyboardInterrupt:
        done = sum(1 for _ in store.results())
        warning(
            f"interrupted; {counted(done, 'unit')} of work have a result in {store.folder}; the "
            "same command goes on",
            "interrupted",
            done=done,
            path=store.folder,
        )
        return INTERRUPTED
    return _report(read_outcome(study, store), store, given)


def study_of(config: str, given: Mapping[str, Any]) -> Study:
    """The study that the command line describes.

    Raises:
        UsageError: an option that cannot be, or a file that cannot be read.
    """
    refuse_program(config)
    data = read_target(config)
    options = Options(
        profile=parse_profile(given["profile"]) if given["profile"] else None,
        overrides=tuple(parse_overrides(given["settings"], given["total_env_steps"])),
    )
    options = Request(options).options_for(settings_for(config), True)
    arms = _arms(given)
    plans = plan_arms(arms, data, config, options, matched(given["match"]))
    declared = _declared(given)
    if given["factorial"]:
        refuse_off_factors(plans, config)
    if all(plan.already_off for plan in plans[1:]):
        names = ", ".join(plan.name for plan in plans[1:])
        raise UsageError(
            f"every arm trains what the reference trains: {names or 'there is no other arm'}",
            "choose other arms, or a configuration in which the features are on",
        )
    return Study(
        config, data, options, plans, trainer_of(given), declared, given["timeout"],
        gpus=given["gpus"] or 0.0, command=_command(),
    )  # fmt: skip


_MANNERS = ("-v", "--verbose", "-q", "--quiet", "--no-progress", "--retry-failed", "--dry-run")
"""Words that change nothing of a study."""


def _command() -> str:
    """What was typed, less what only says how it is carried out."""
    return shlex.join(["ppodiag", *(word for word in sys.argv[1:] if word not in _MANNERS)])


def trainer_of(given: Mapping[str, Any]) -> Trainer:
    """The trainer that the command line names.

    Raises:
        UsageError: a template that cannot work, or options that belong to the other trainer.
    """
    if given["trainer"] is None:
        return BundledTrainer(given["env"], given["device"] or "auto")
    for option in ("env", "device"):
        if given[option] is not None:
            raise UsageError(
                f"--{option} is an option of the bundled trainer", "put it into --trainer's command"
            )
    return UserTrainer(given["trainer"])


def _arms(given: Mapping[str, Any]) -> Arms:
    if given["add_one_in"] and given["factorial"]:
        raise UsageError("--add-one-in and --factorial do not go together", "give one of them")
    if given["factorial"]:
        arms = factorial([name.strip() for name in given["factorial"].split(",")])
    else:
        arms = add_one_in() if given["add_one_in"] else leave_one_out()
    named = [parse_arm(text) for text in given["named"]]
    if given["arms_file"]:
        named += read_arms(read_target(given["arms_file"]), given["arms_file"])
    if given["arms"] is not None:
        names = [name.strip() for name in given["arms"].split(",") if name.strip()]
        arms = chosen(arms, names)
    elif named and not (given["add_one_in"] or given["factorial"]):
        arms = Arms(arms.reference, ())
    return with_named(arms, named)


def _declared(given: Mapping[str, Any]) -> Declared:
    seeds = parse_seeds(given["seeds"] or "10")
    measured = given["metric"] in ("steps_per_second", "peak_memory")
    rounds = given["timing_rounds"]
    if rounds is None:
        rounds = len(seeds) if measured else TIMING_ROUNDS
    return Declared(
        metric=given["metric"],
        seeds=seeds,
        margin=given["margin"],
        worst=given["worst"],
        threshold=given["threshold"],
        match=given["match"],
        timing_rounds=rounds,
    )


def _default_folder(config: str) -> str:
    stem = os.path.splitext(os.path.basename(config))[0]
    return f"ablation-{stem}"


def _dry_run(study: Study, jobs: int, executor: str, output: str | None) -> int:
    ask_trainer(study, here=True)
    plans = render_plans(study, wants_colour() and output is None)
    if output is None:
        emit(plans, None)  # before the probes, which take their time
    with counter("probes") as show:
        found = estimate(study, jobs, show)
    cost = _cost(study, found)
    if executor != "local":
        cost += f"probed on this machine; how many run at once on {executor}, it decides\n"
    emit(cost if output is None else plans + cost, output)
    return CLEAN


def _cost(study: Study, found: Estimate) -> str:
    """What a study takes, by what was probed."""
    low, middle, high = found.wall_seconds
    time = f"about {_duration(middle)}"
    if _duration(low) != _duration(high):
        time += (
            f" ({_duration(low)} to {_duration(high)} by the fastest and the slowest update seen)"
        )
    lines = [f"{found.units:,} processes, {found.jobs} at once: {time}"]
    if found.peak_bytes is not None:
        lines[0] += (
            f", and at least {found.jobs * found.peak_bytes / 2**30:.2g} GiB of memory "
            f"({found.jobs} × {found.peak_bytes / 2**20:,.0f} MiB)"
        )
    what = f"{UPDATES} short updates" if study.trainer.many_seeds else f"{FEW} and {MORE} updates"
    probes = f"probed by {counted(found.probes, 'run')} of {what}, {_duration(found.probed)} in all"
    if found.probes < found.arms:
        probes += f", for {counted(found.arms, 'arm')}: those that take alike share one"
    lines.append(f"{probes}; nothing was kept")
    return "".join(f"{line}\n" for text in lines for line in wrap(text, "", "  "))


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _report(outcome: Outcome, store: Store, given: Mapping[str, Any]) -> int:
    said = sentences(outcome)
    page = render_page(outcome, said, store)
    texts = {
        "json": render_json(outcome, said),
        "csv": render_csv(outcome),
        "html": page,
    }
    for suffix, text in texts.items():
        path = os.path.join(store.folder, f"report.{suffix}")
        write_whole(path, text.encode("utf-8", "backslashreplace"))
    output = given["output"]
    colour = wants_colour() and output is None
    text = texts.get(given["format_"]) or render_ablation(outcome, said, colour)
    emit(text, output)
    where = from_here(store.folder)
    page_path = os.path.join(where, "report.html")
    note(f"reports: {page_path}, .json, .csv", "wrote", path=page_path)
    return INTERNAL if outcome.failed else CLEAN


def merge_folders(folders: tuple[str, ...]) -> int:
    """`ppodiag ablate merge DIR OTHER…`: take over what other machines have run."""
    if len(folders) < 2:
        raise UsageError(
            "merging takes a folder and one or more others", "ppodiag ablate merge DIR OTHER..."
        )
    target = Store(folders[0])
    target.study()  # refused before anything is touched
    with only_process(target.folder):
        for other in folders[1:]:
            taken, stayed = merge(target, Store(other))
            print(f"{other}: {counted(taken, 'result')} taken, {stayed} were there already")
    missing = sorted(set(target.study()["units"]) - {r["unit"] for r in target.results()})
    if missing:
        print(f"{counted(len(missing), 'unit')} of work still have no result")
    print(f"the report: {target.study()['command']}")
    return CLEAN
