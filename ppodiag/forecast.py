"""One configuration simulated under one profile, with all that a report says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from ppodiag.architecture import unmodelled
from ppodiag.batch import window_samples
from ppodiag.closed_loop import Progress, assumed_norms, simulate_run
from ppodiag.config import FIELDS, Unavailable
from ppodiag.context import Context, NoRunLength
from ppodiag.diagnostic import Diagnostic
from ppodiag.errors import UsageError
from ppodiag.figures import Outline, outline
from ppodiag.finding import Severity
from ppodiag.full import lint_document, resolve
from ppodiag.memory import estimate_for
from ppodiag.norms.model import NormModel, Replay
from ppodiag.norms.placing import Plan
from ppodiag.norms.recorded import source_from_run
from ppodiag.norms.spec import FromRun, parse_norms
from ppodiag.options import Options
from ppodiag.rule import Rule
from ppodiag.rules.loader import fast_rules
from ppodiag.simulated import judge_document
from ppodiag.source.document import Document
from ppodiag.source.reader import read_document
from ppodiag.taken_for import log_kind, log_words
from ppodiag.trajectory import Trajectory

if TYPE_CHECKING:
    from ppodiag.runlog.run import Run

Source = NormModel | Replay | None
SourceFor = Callable[[Context], tuple[Source, tuple[str, ...]]]
"""Gives the norms for a configuration, and notes on them, such as the goodness of a fit."""

MANY_SEEDS = 100
FEW_SEEDS = 8
NOTHING_TRAINS = ("UNIT703", "STB602")
"""The linter's findings about runs that apply no update."""

STDIN = "<stdin>"
"""What standard input is called."""

CELLS = 20_000_000
"""Updates times seeds that are followed where nobody gave the number of seeds."""


@dataclass(frozen=True, eq=False)
class Forecast:
    """A simulated configuration.

    Attributes:
        path: the file.
        document: its text with positions.
        trajectory: what it implies.
        options: profile and overrides that it was read with.
        rules: all rules.
        source_notes: what the norms' source had to say.
    """

    path: str
    document: Document
    trajectory: Trajectory
    options: Options
    rules: Mapping[str, Rule]
    source_notes: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the figures must know."""
        return (*self.source_notes, *_layer_notes(self.trajectory.context))

    @cached_property
    def outline(self) -> Outline:
        """The figures."""
        return outline(self.trajectory)

    @cached_property
    def findings(self) -> list[Diagnostic]:
        """What only the trajectory shows, worst first; and why nothing trains, where nothing does."""
        if not self.trajectory.updates:
            return [d for d in self.linted if d.code in NOTHING_TRAINS]
        return judge_document(self.trajectory, self.document, self.rules, self.options)

    @cached_property
    def linted(self) -> list[Diagnostic]:
        """What the linter finds at warning and above, in the order of the places."""
        options = replace(self.options, severity=Severity.WARNING)
        return list(lint_document(self.document, options, self.rules).diagnostics)


def lint_command(path: str) -> str:
    """The command that lints a file, as a remedy names it."""
    return f"ppodiag lint {'-' if path == STDIN else path}"


def read_whole(data: bytes, path: str, options: Options) -> Document:
    """A file without a fault in its text.

    Raises:
        UsageError: the text cannot be read as a whole.
    """
    kind = log_kind(data)
    if kind:
        message, remedy = log_words(kind, path)
        raise UsageError(f"{path}: {message}", remedy)
    document = read_document(data, path, options.format)
    if document.problems:
        first = document.problems[0]
        line = document.lines.span(first.start, first.end).start_line
        remedy = f"mend it first; {lint_command(path)} lists all that is wrong"
        if path == STDIN and options.format is None:
            remedy += "; standard input is read as JSON, so give YAML as a file that ends in .yaml"
        raise UsageError(f"{path}:{line}: {first.message}: the file cannot be simulated", remedy)
    return document


def read_context(data: bytes, path: str, options: Options) -> tuple[Document, Context]:
    """A configuration that can be simulated.

    Raises:
        UsageError: the text cannot be read as a whole.
    """
    document = read_whole(data, path, options)
    return document, resolve(document, options, fast_rules())[1]


def forecast(
    data: bytes,
    path: str,
    options: Options,
    *,
    source_for: SourceFor | None = None,
    seeds: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Forecast:
    """The forecast of a file.

    Args:
        data: the file.
        path: its name.
        options: profile and overrides.
        source_for: gives the gradient norms; None: the assumed model where the batch adapts.
        seeds: number of paths; None: 100, fewer where the run is long.
        seed: of the first path; the others count on from it.
        progress: as for `simulate_run`.

    Raises:
        UsageError: the file cannot be simulated; the message says why.
    """
    document = read_whole(data, path, options)
    return forecast_document(
        document, options, fast_rules(), source_for=source_for, seeds=seeds, seed=seed,
        progress=progress,
    )  # fmt: skip


def forecast_document(
    document: Document,
    options: Options,
    rules: Mapping[str, Rule],
    *,
    source_for: SourceFor | None = None,
    seeds: int | None = None,
    most_seeds: int = MANY_SEEDS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Forecast:
    """The forecast of a file that is read; as `forecast`, with `most_seeds` where `seeds` is None."""
    path = document.path
    _, context = resolve(document, options, rules)
    notes: tuple[str, ...] = ()
    try:
        source: Source = None
        if source_for is not None:
            source, notes = source_for(context)
        numbers = range(seed, seed + (seeds or default_seeds(context, most_seeds)))
        trajectory = simulate_run(context, source, numbers, progress)
    except (Unavailable, NoRunLength) as error:
        raise explained(error, path, document, options) from None
    return Forecast(path, document, trajectory, options, rules, notes)


def _layer_notes(context: Context) -> tuple[str, ...]:
    """What of the networks the memory estimate leaves out."""
    left_out = unmodelled(context.value)
    try:
        if not left_out or estimate_for(context.config, context.size) is None:
            return ()
    except Unavailable:
        return ()
    block = "/actor_critic_architecture/"
    shown = ", ".join(pointer.removeprefix(block).replace("/", ".") for pointer in left_out[:5])
    more = f" and {len(left_out) - 5} more keys" if len(left_out) > 5 else ""
    return (f"the memory is that of networks without {shown}{more} of actor_critic_architecture",)


def default_seeds(context: Context, most: int = MANY_SEEDS) -> int:
    """100 paths or `most`, fewer where the run has so many updates that they would take minutes."""
    updates = max(context.budget.applied, 1)
    return min(most, max(FEW_SEEDS, CELLS // updates))


def explained(
    error: Exception, path: str, document: Document | None = None, options: Options | None = None
) -> UsageError:
    """Why a configuration cannot be simulated: a key that is unusable, or no length of the run.

    Args:
        error: what reading a field raised.
        path: the file.
        document, options: what it was read from and with; then what the linter says of the key is
            quoted, and a value of the command line is not blamed on the file.
    """
    if isinstance(error, NoRunLength):
        return UsageError(
            f"{path}: the length of the run is not known",
            "give training.ppo_requests, or --total-env-steps on the command line",
        )
    field = str(error.args[0]) if error.args else ""
    if field not in FIELDS:
        return UsageError(f"{path}: {field} is absent or invalid", lint_command(path))
    key, options = FIELDS[field][0].replace("/", "."), options or Options()
    above = tuple(accumulate(FIELDS[field][0].split("/"), "{}/{}".format))
    given = [value for name, value in options.overrides if "/".join(name) in above]
    message = _fault_of(above, document, options)
    if given:
        return UsageError(
            message or f"{key} cannot be {given[-1]!r}", "give another value on the command line"
        )
    return UsageError(
        f"{path}: {message or f'{key} is absent or invalid, and the simulation needs it'}",
        f"{lint_command(path)} says what is wrong with it",
    )


def _fault_of(paths: Sequence[str], document: Document | None, options: Options) -> str:
    """What the linter says of a key, or of a block that it is in; or nothing."""
    if document is None:
        return ""
    found = lint_document(document, options, fast_rules())
    faults = [d.message for d in found.diagnostics if d.pointer[1:] in paths]
    return faults[0] if faults else ""


def norms_for(text: str) -> SourceFor:
    """The source that a text such as `noise:share=0.9` or `fit:runs/17` describes.

    A model that names no norm has that of the clip threshold of the configuration at hand. A run is
    read once, however many configurations it is for.

    Raises:
        UsageError: the text cannot be read; when it is used, also that the run cannot.
    """
    described = parse_norms(text)

    @cache
    def record() -> Run:
        from ppodiag.runlog import read_run

        assert isinstance(described, FromRun)
        return read_run(described.path)

    def source_for(context: Context) -> tuple[Source, tuple[str, ...]]:
        config, samples = context.config, context.rollout.samples
        spec = parse_norms(text, assumed_norms(config).norm)
        if not isinstance(spec, FromRun):
            return spec, ()
        a = config.accumulation_steps
        initial = window_samples(a, context.size, samples)
        return source_from_run(
            spec,
            lambda sizes: window_samples(a, sizes, samples) / initial,
            Plan(samples, context.budget.skipped),
            record(),
        )

    return source_for
