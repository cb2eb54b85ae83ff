"""Linting, simulating and diagnosing from Python; the command line does the same."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ppodiag.bytesize import parse_size
from ppodiag.errors import UsageError
from ppodiag.files import Target, find_files
from ppodiag.finding import Severity
from ppodiag.linter import lint_bytes
from ppodiag.options import Options
from ppodiag.overrides import overrides_of
from ppodiag.profile import parse_profile
from ppodiag.result import Report
from ppodiag.rules.loader import fast_rules
from ppodiag.runner import Request, lint_targets, read_target
from ppodiag.settings import Settings

if TYPE_CHECKING:
    from ppodiag.diagnosis.engine import Diagnosis
    from ppodiag.norms.model import NormModel, Replay
    from ppodiag.runlog import Run
    from ppodiag.trajectory import Trajectory


def lint(
    source: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    severity: str = "warning",
    profile: str | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    overrides: Mapping[str, Any] | None = None,
    total_env_steps: int | None = None,
    memory: int | str | None = None,
    device: str | None = None,
    filename: str = "<text>",
    settings: bool = False,
) -> Report:
    """The findings in a configuration: a text, a path, a folder, or several paths.

    Args:
        source: a `str` that begins with `{` or holds a line break is the text itself; any other
            `str` and every path-like names a file, a folder or a pattern.
        severity: findings below it are not in `Report.diagnostics`: info, warning or error.
        profile: the runtime's conventions, for example `sb3`; None: the file's own, else `note`.
        select: codes or prefixes of the rules that count; empty: all.
        ignore: codes or prefixes of the rules that do not.
        overrides: dotted key to value, standing in for what the file says.
        total_env_steps: the length of the run, in environment steps over all environments.
        memory: of the machine that trains, in bytes or as the command line takes it: `16GB`.
        device: what trains, `cpu` or `cuda`.
        filename: the name that a text is reported, and its format recognised, by.
        settings: whether `[tool.ppodiag]` of the nearest pyproject.toml counts.

    Returns:
        The report; `Report.diagnostics` are the findings of all files.

    Raises:
        UsageError: a path that does not exist, an unknown profile, severity or device, or a memory
            that is no size.
    """
    try:
        shown = Severity.parse(severity)
    except ValueError as error:
        raise UsageError(str(error), "choose one of them") from None
    if device not in (None, "cpu", "cuda"):
        raise UsageError(f"{device!r} is no device: expected cpu or cuda", "choose one of them")
    options = Options(
        severity=shown,
        profile=parse_profile(profile) if profile else None,
        overrides=overrides_of(overrides, total_env_steps),
        memory_bytes=None if memory is None else parse_size(str(memory)),
        device=device,
        select=tuple(select),
        ignore=tuple(ignore),
    )
    rules = fast_rules()
    if isinstance(source, str) and _is_text(source):
        data = source.encode("utf-8", "surrogatepass")
        return Report((lint_bytes(data, filename, options, rules),))
    targets = _targets(source)
    request = Request(
        options,
        severity=shown,
        select=options.select or None,
        ignore=options.ignore or None,
        settings=None if settings else Settings(),
    )
    return lint_targets(targets, request, rules)


def simulate(
    config: str | os.PathLike[str] | Mapping[str, Any],
    profile: str | None = None,
    norms: str | NormModel | Replay | None = None,
    seeds: int | Iterable[int] | None = None,
    *,
    overrides: Mapping[str, Any] | None = None,
    total_env_steps: int | None = None,
) -> Trajectory:
    """What a configuration implies for a run: learning rate, batch size, steps.

    Args:
        config: a path, the text of a configuration, or its content as a mapping.
        profile: the runtime's conventions, for example `sb3`; None: the file's own, else `note`.
        norms: mean gradient norms of the updates, before clipping: a text as for `--norms`, such as
            `noise:norm=1,share=0.5`, or a model; None: assumed where the batch adapts, else none.
        seeds: number of paths, or the seed of each; None: 100, fewer for long runs. One path where
            nothing is random.
        overrides: dotted key to value, standing in for what the file says.
        total_env_steps: the length of the run, in environment steps over all environments.

    Returns:
        The trajectory; arrays over updates have shape (applied updates, seeds).

    Raises:
        UsageError: the configuration cannot be simulated; the message says why, and what to do.
    """
    from ppodiag.closed_loop import simulate_run
    from ppodiag.config import Unavailable
    from ppodiag.context import NoRunLength
    from ppodiag.forecast import default_seeds, explained, norms_for, read_context

    options = Options(
        profile=parse_profile(profile) if profile else None,
        overrides=overrides_of(overrides, total_env_steps),
    )
    data, path = _content(config)
    _, context = read_context(data, path, options)
    try:
        source = norms_for(norms)(context)[0] if isinstance(norms, str) else norms
        if seeds is None:
            seeds = default_seeds(context)
        paths = range(seeds) if isinstance(seeds, int) else tuple(seeds)
        if not len(paths):
            raise UsageError("there is no seed", "give one at least")
        return simulate_run(context, source, paths)
    except (Unavailable, NoRunLength) as error:
        raise explained(error, path) from None


def diagnose(
    run: str | os.PathLike[str] | Run,
    config: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    *,
    profile: str | None = None,
    baseline: str | os.PathLike[str] | Run | None = None,
    mapping: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Diagnosis:
    """What is wrong with a run by its log.

    Args:
        run: an event file, a CSV or JSONL file, a folder that holds one run, or a log that was read.
        config: the configuration that it was started with, as for `simulate`; None: not known.
        profile: the runtime's conventions; None: the file's own, else `note`.
        baseline: another run to compare the speed with.
        mapping: canonical column to tag, for tags that are not known.
        overrides: dotted key to value, standing in for what the configuration says.

    Returns:
        The diagnosis; `Diagnosis.findings` are the symptoms, worst first.

    Raises:
        UsageError: a log or a configuration that cannot be read.
    """
    from ppodiag.diagnosis.engine import diagnose_run
    from ppodiag.forecast import read_context
    from ppodiag.rules.loader import load_run_rules
    from ppodiag.runlog import Run, read_run

    def log_of(source: str | os.PathLike[str] | Run) -> Run:
        return source if isinstance(source, Run) else read_run(os.fspath(source), mapping)

    context = None
    if config is not None:
        options = Options(
            profile=parse_profile(profile) if profile else None,
            overrides=overrides_of(overrides, None),
        )
        context = read_context(*_content(config), options)[1]
    other = None if baseline is None else log_of(baseline)
    return diagnose_run(log_of(run), load_run_rules(), context, other)


def _content(config: str | os.PathLike[str] | Mapping[str, Any]) -> tuple[bytes, str]:
    """Bytes and name of a configuration."""
    if isinstance(config, Mapping):
        return json.dumps(config).encode(), "<mapping>"
    if isinstance(config, str) and _is_text(config):
        return config.encode("utf-8", "surrogatepass"), "<text>"
    path = os.fspath(config)
    return read_target(path), path


def _is_text(source: str) -> bool:
    return source.lstrip("\ufeff \t").startswith("{") or "\n" in source


def _targets(source: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> list[Target]:
    if isinstance(source, str | os.PathLike):
        source = [source]
    return find_files(tuple(os.fspath(path) for path in source))
