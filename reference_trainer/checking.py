"""Whether configurations could be trained: everything is built, nothing is trained or written."""

from __future__ import annotations

from ppodiag.errors import UsageError
from reference_trainer.run_record import Request
from reference_trainer.training import choices_of, prepare, trainers
from reference_trainer.world import World


def check(request: Request) -> None:
    """Nothing where the request can be trained: its file, device, environment and networks.

    Raises:
        UsageError: it cannot; the message says why, and what to do.
    """
    experiment, seeds, device = prepare(request)
    built = trainers(experiment, request.env, seeds[:1], device, choices_of(request), World())
    for trainer in built:
        trainer.env.close()


def check_all(requests: list[Request]) -> None:
    """As `check`, for each; the first that cannot be trained is named where there are several.

    Raises:
        UsageError: as for `check`.
    """
    for request in requests:
        try:
            check(request)
        except UsageError as error:
            where = f"{request.path}: " if len(requests) > 1 else ""
            raise UsageError(where + error.message.removeprefix(where), error.remedy) from None
