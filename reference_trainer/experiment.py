"""A configuration that is to be trained: read, checked, and completed by what the environment says."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from ppodiag.architecture import Architecture, architecture_of
from ppodiag.config import PPOConfig, Unavailable
from ppodiag.context import Context, NoRunLength, NothingTrains
from ppodiag.errors import UsageError
from ppodiag.finding import Severity
from ppodiag.forecast import explained
from ppodiag.full import resolve
from ppodiag.options import Options
from ppodiag.rules.loader import fast_rules
from ppodiag.source.reader import read_document
from reference_trainer.envs.environment import EnvSpec
from reference_trainer.settings import Settings, read_settings


@dataclass(frozen=True)
class Experiment:
    """What is trained.

    Attributes:
        path: of the configuration, as it is named in messages.
        value: the configuration, overrides applied.
        context: the same under its profile.
        settings: what the linter does not read.
    """

    path: str
    value: Mapping[str, Any]
    context: Context
    settings: Settings

    @property
    def config(self) -> PPOConfig:
        """The parsed configuration."""
        return self.context.config

    def architecture(self, spec: EnvSpec) -> Architecture:
        """The networks for an environment, whose sizes count before the file's.

        Raises:
            UsageError: the file's block describes no network.
        """
        config = replace(self.config, state_dim=spec.observation, action_dim=spec.actions.outputs)
        found = architecture_of(config)
        if found is None:
            raise UsageError(
                f"{self.path}: actor_critic_architecture describes no network for {spec.name}, which "
                f"has {spec.observation} values in an observation",
                "docs/networks.md says which keys count; leave the block out for two layers of 64",
            )
        return found


def read_experiment(data: bytes, path: str, options: Options) -> Experiment:
    """The experiment of a configuration file.

    Args:
        data: the file.
        path: its name.
        options: profile and overrides.

    Raises:
        UsageError: the file cannot be read, the schema refuses it, a key that is needed is absent or
            invalid, or nothing would be trained.
    """
    document = read_document(data, path, options.format)
    if document.problems:
        first = document.problems[0]
        line = document.lines.span(first.start, first.end).start_line
        raise UsageError(f"{path}:{line}: {first.message}", f"ppodiag lint {path} lists all of it")
    findings, context = resolve(document, options, fast_rules())
    faults = [finding for finding in findings if finding.severity >= Severity.ERROR]
    if faults:
        raise UsageError(
            f"{path}: {faults[0].pointer or '/'}: {faults[0].message}",
            f"ppodiag lint {path} lists all of it",
        )
    try:
        _check(context, path)
        settings = read_settings(context.value, context.config)
    except (Unavailable, NoRunLength) as error:
        raise _untrainable(error, path) from None
    return Experiment(path, context.value, context, settings)


def _check(context: Context, path: str) -> None:
    """Read every field, so that one that is unusable is known before anything starts."""
    config = context.config
    for name in PPOConfig.__dataclass_fields__:
        getattr(config, name)
    if config.clipping and config.max_grad_norm is None:
        raise UsageError(
            f"{path}: clip_by_global_norm is on, and ppo_config.max_grad_norm is absent",
            "give a norm, or switch clipping off",
        )
    if config.early_stopping and config.kl_threshold is None:
        raise UsageError(
            f"{path}: kl_regularization.early_stopping is on, and kl_threshold is absent",
            "give a threshold, or switch it off",
        )
    samples = context.rollout.samples
    if context.budget.rollouts == 0:
        raise UsageError(
            f"{path}: the run has {config.total_env_steps:,} env steps, and a rollout takes "
            f"{samples:,}: nothing would be collected",
            "give a longer run with --total-env-steps, or a shorter rollout_len",
        )
    # Where stabilization defers every update, the run is well defined all the same.
    with suppress(NothingTrains):
        _ = context.schedule


def _untrainable(error: Exception, path: str) -> UsageError:
    fault = explained(error, path)
    return UsageError(fault.message.replace("the simulation needs", "training needs"), fault.remedy)
