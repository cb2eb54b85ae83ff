"""What a decision costs: how much later all requests finish because of it.

Sending a request adds its own latency, and delays those on the same replica. Each schedule holds
until the next request reaches its replica, so the seconds that the decisions of an episode add sum to
the latencies of all its requests, exactly; those still under way at the end count as if nothing more
arrived. So the credit for a delay is given at once, and to the decision that caused it.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from reference_trainer.envs.replica import parameters as p
from reference_trainer.envs.replica.parameters import Task
from reference_trainer.envs.replica.schedule import Sent


@dataclass(frozen=True, slots=True)
class Added:
    """What one decision adds; all (Q,).

    Attributes:
        latency: seconds, over all requests of the replica; `REJECTED` for one turned away.
        late: requests that become late; below 0 where rounding makes one timely again.
        cost: weighted seconds.
    """

    latency: Tensor
    late: Tensor
    cost: Tensor


def added(task: Task, sent: Sent) -> Added:
    """What sending the requests adds.

        cost = latency_weight · Σ Δℓ + latency_penalty_scale · Σ Δ max(0, ℓ − latency_threshold)

    with ℓ the latencies on the replica before and after.
    """
    full = sent.full.squeeze(1)
    seconds = (sent.after - sent.before).sum(-1).masked_fill_(full, p.REJECTED)
    after, before = ((x > task.late).to(seconds.dtype).sum(-1) for x in (sent.after, sent.before))
    late = (after - before).masked_fill_(full, 1.0)
    cost = seconds * task.latency_weight
    if task.late_weight:
        after, before = ((x - task.late).clamp_(min=0) for x in (sent.after, sent.before))
        beyond = (after - before).sum(-1).masked_fill_(full, max(0.0, p.REJECTED - task.late))
        cost = cost + beyond * task.late_weight
    return Added(seconds, late, cost)


def unevenness(outstanding: Tensor) -> Tensor:
    """How uneven the queues are: the deviation of outstanding requests over (mean + 1), (S, N).

    Args:
        outstanding: requests sent and not finished, (S, N, R).
    """
    mean = outstanding.mean(-1)
    return (outstanding - mean.unsqueeze(-1)).square().mean(-1).sqrt() / (mean + 1)
