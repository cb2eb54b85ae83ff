"""Whether configurations could be trained: everything is built, nothing is trained or written."""

from __future__ import annotations

import json

from ppodiag.errors import UsageError
from reference_trainer.run_record import Request
from reference_trainer.training import choices_of, prepare, trainers
from reference_trainer.world import World

FREE = ("ppo_config", "advanced_optimization")
"""Blocks that decide nothing of environment and networks: reading them tells whether they can be."""


def check_all(requests: list[Request]) -> None:
    """Nothing where the requests can be trained: file, device, environment and networks of each.

    Files that differ in `FREE` blocks alone are all read, and built once: large networks take long.

    Raises:
        UsageError: one cannot; why, what to do, and which where there are several.
    """
    built: set[str] = set()
    for request in requests:
        try:
            _check(request, built)
        except UsageError as error:
            where = f"{request.path}: " if len(requests) > 1 else ""
            raise UsageError(where + error.message.removeprefix(where), error.remedy) from None


def _check(request: Request, built: set[str]) -> None:
    experiment, seeds, device = prepare(request)
    told = {key: block for key, block in experiment.value.items() if key not in FREE}
    key = json.dumps([told, request.env], sort_keys=True)
    if key in built:
        return
    built.add(key)
    for trainer in trainers(
        experiment, request.env, seeds[:1], device, choices_of(request), World()
    ):
        trainer.env.close()
