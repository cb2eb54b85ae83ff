"""What a rule is given: the configuration, the profile, and the plan at one minibatch size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ppodiag.config import FIELDS, DoesNotApply, PPOConfig, Unavailable, pointer_of
from ppodiag.finding import Finding, Fix, Related, Severity
from ppodiag.plan import (
    Budget,
    RolloutPlan,
    RunPlan,
    initial_size,
    plan_budget,
    plan_rollout,
    plan_run,
    representative_sizes,
)
from ppodiag.profile import Profile
from ppodiag.schedule import Schedule, lr_ratio

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from typing import Any

    from ppodiag.finding import Target
    from ppodiag.rule import Rule
    from ppodiag.trajectory import Trajectory


class NoRunLength(DoesNotApply):
    """The rule needs the length of the run, and nobody gave it."""


class NotSimulated(DoesNotApply):
    """The rule judges a simulated run, and there is none."""


class NothingTrains(DoesNotApply):
    """No update of the run is applied; another rule says so."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The lowest and the highest value that a figure takes over the batch range."""

    low: float
    high: float


class Context:
    """A configuration under one profile, at one minibatch size.

    Attributes:
        config: the parsed configuration; an invalid field raises when it is read.
        profile: the runtime's conventions.
        profile_declared: whether anybody declared the profile.
        value: the configuration as it stands in the file, for rules that read ill values.
        size: the minibatch size in samples that the plan is made for.
        wants_info: whether findings of severity I will be seen; figures for them may be skipped.
        trajectory: the simulated run, where there is one, for the rules that judge it.
        run_is_simulated: whether `run` is that of the trajectory, and not the plan at `size`.
        may_stop_early: whether `run` may have fewer steps, as updates may stop early.
        memory_bytes: memory of the machine that trains, in bytes; None: not known.
        device: what trains, `cpu` or `cuda`; None: not known.
    """

    def __init__(
        self,
        config: PPOConfig,
        profile: Profile,
        *,
        value: Mapping[str, Any],
        profile_declared: bool = False,
        wants_info: bool = True,
        memory_bytes: int | None = None,
        device: str | None = None,
        rules: Mapping[str, Rule] | None = None,
        size: int | None = None,
        initial: Context | None = None,
    ) -> None:
        self.config = config
        self.profile = profile
        self.value = value
        self.profile_declared = profile_declared
        self.wants_info = wants_info
        self.memory_bytes = memory_bytes
        self.device = device
        self._rules = rules or {}
        self._size = size
        self._initial = initial
        self.code = ""
        self.trajectory: Trajectory | None = None
        self.run_is_simulated = False

    # The plan -------------------------------------------------------------------------------

    @property
    def initial(self) -> Context:
        """The context at the initial minibatch size: this one, or the one it was made from."""
        return self._initial or self

    @cached_property
    def size(self) -> int:
        """The minibatch size B of this context, in samples."""
        return initial_size(self.config) if self._size is None else self._size

    @cached_property
    def rollout(self) -> RolloutPlan:
        """The plan of one applied update; needs no run length."""
        return plan_rollout(self.config, self.profile, self.size)

    @cached_property
    def budget(self) -> Budget:
        """Rollouts collected and skipped.

        Raises:
            NoRunLength: the run's length is not known.
        """
        total = self.config.total_env_steps
        if total is None:
            raise NoRunLength
        return plan_budget(self.config, self.profile, total)

    @cached_property
    def run(self) -> RunPlan:
        """The steps of the run.

        Raises:
            NoRunLength: the run's length is not known.
            NothingTrains: no update is applied.
        """
        if self.budget.applied <= 0:
            raise NothingTrains
        return plan_run(self.rollout, self.budget, self.profile)

    @property
    def simulated(self) -> Trajectory:
        """The simulated run.

        Raises:
            NotSimulated: there is none.
        """
        if self.trajectory is None:
            raise NotSimulated
        return self.trajectory

    def with_run(self, run: RunPlan) -> Context:
        """The same configuration, with the steps that a run really does."""
        other = self.at(self.size)
        other.__dict__["run"] = run
        other.trajectory, other.run_is_simulated = self.trajectory, True
        return other

    @property
    def may_stop_early(self) -> bool:
        """False too where the simulated run has the early stops of a record."""
        if self.run_is_simulated and self.trajectory is not None:
            return self.trajectory.steps_are_upper_bounds
        return self.config.early_stopping

    @cached_property
    def schedule(self) -> Schedule:
        """The schedule, all conventions resolved; an absent P or a linear end needs `run`."""
        config, profile = self.config, self.profile
        kind = config.schedule_kind
        period, restarts, end = config.restart_period, True, 1
        if kind == "cosine_annealing_with_warmup" and period is None:
            period = max(1, self.initial.run.ticks - config.warmup_steps)
            restarts = False
        if kind == "linear":
            end = self.initial.run.ticks
            if profile.linear_end == "T":
                end = self._ticks_of_total()
        return Schedule(
            kind=kind,
            warmup=config.warmup_steps,
            period=period or 1,
            restarts=restarts,
            floor=config.min_lr_ratio,
            end=end,
            clamped=profile.linear_floor == "clamped",
            shift=1 if profile.warmup_form == "(t+1)/W" else 0,
            origin=0 if profile.cosine_origin == "zero" else config.warmup_steps,
        )

    def _ticks_of_total(self) -> int:
        """T in ticks of the clock."""
        total = self.config.total_env_steps
        if total is None:
            raise NoRunLength
        rollout = self.initial.rollout
        return max(1, total * rollout.ticks // rollout.samples)

    def lr_ratio(self, tick: int) -> float:
        """λ at a tick of this context's clock."""
        return float(lr_ratio(self.schedule, tick))

    # The batch range ------------------------------------------------------------------------

    def at(self, size: int) -> Context:
        """The same configuration at another minibatch size."""
        other = Context(
            self.config,
            self.profile,
            value=self.value,
            profile_declared=self.profile_declared,
            wants_info=self.wants_info,
            memory_bytes=self.memory_bytes,
            device=self.device,
            rules=self._rules,
            size=size,
            initial=self.initial,
        )
        other.code = self.code
        return other

    def under(self, profile: Profile) -> Context:
        """The same configuration under another profile, at its initial minibatch size."""
        other = Context(
            self.config,
            profile,
            value=self.value,
            profile_declared=self.profile_declared,
            wants_info=self.wants_info,
            memory_bytes=self.memory_bytes,
            device=self.device,
            rules=self._rules,
        )
        other.code = self.code
        return other

    @cached_property
    def range_contexts(self) -> tuple[Context, ...]:
        """Contexts over the adaptive batch range, ascending; empty where the batch is fixed."""
        if self._initial is not None:
            return self._initial.range_contexts
        if not self.config.adaptive_batch:
            return ()
        return tuple(self.initial.at(size) for size in representative_sizes(self.config))

    def over_range(self, figure: Callable[[Context], float]) -> Interval | None:
        """The extremes of a figure over the batch range; None where the batch is fixed."""
        if not self.range_contexts:
            return None
        figures = [figure(context) for context in self.range_contexts]
        return Interval(min(figures), max(figures))

    # Other rules ----------------------------------------------------------------------------

    @property
    def rules(self) -> Mapping[str, Rule]:
        """All rules by their code."""
        return self._rules

    def severity_of(self, code: str) -> Severity | None:
        """The highest severity that another rule gives here, at this size; None: silent."""
        return max(
            (f.severity for f in self._rules[code].run(self)),
            default=None,
        )

    # Findings -------------------------------------------------------------------------------

    def raw(self, field: str) -> Any:
        """The value of a field's key as it stands in the file, for a rule that owns its range.

        Raises:
            Unavailable: the key is absent or not even a number.
        """
        content: Any = self.value
        for part in FIELDS[field][0].split("/"):
            if not isinstance(content, Mapping) or part not in content:
                raise Unavailable(field)
            content = content[part]
        if isinstance(content, bool) or not isinstance(content, int | float):
            raise Unavailable(field)
        return content

    @staticmethod
    def pointer(field: str) -> str:
        """The JSON pointer of a field's key."""
        return pointer_of(field)

    def capped(self, severity: Severity) -> Severity:
        """At most I where updates may stop early, for rules that judge the end of the run."""
        return min(severity, Severity.INFO) if self.may_stop_early else severity

    def finding(
        self,
        severity: Severity,
        at: str,
        message: str,
        remedy: str,
        *,
        inputs: Iterable[str] = (),
        values: dict[str, object] | None = None,
        fix: Fix | None = None,
        target: Target = "value",
        silences: tuple[str, ...] = (),
    ) -> Finding:
        """A finding of the rule that is running.

        Args:
            severity: how bad it is.
            at: the field (a name of `config.FIELDS`) or the JSON pointer that is at fault.
            message: value seen, value expected, the numbers between.
            remedy: what to do.
            inputs: fields or pointers of every other input of the arithmetic; absent ones are
                shown with their default.
            values: the numbers by name.
            fix: a change that removes it.
            target: whether the fault lies in the value or in the key.
            silences: codes or prefixes of the echoes that this finding makes needless.
        """
        return Finding(
            code=self.code,
            severity=severity,
            pointer=pointer_of(at) if at in FIELDS else at,
            message=message,
            remedy=remedy,
            related=tuple(self._related(name) for name in inputs),
            values=values or {},
            fix=fix,
            target=target,
            silences=silences,
        )

    def _related(self, name: str) -> Related:
        if name not in FIELDS:
            return Related(name, "")
        pointer = pointer_of(name)
        key = pointer.rsplit("/", 1)[1]
        if name in self.config.given:
            return Related(pointer, "")
        default = FIELDS[name][1]
        return Related(
            pointer, f"{key} is absent" + ("" if default is None else f": {default} by default")
        )
