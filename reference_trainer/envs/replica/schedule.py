"""What every replica will do if nothing more arrives, and how one more request changes it.

A replica serves its queue in order of arrival. A request is admitted when the memory for its prompt
and output is free and fewer than `BATCH` run. Its prompt is then read while all others stand still;
after that each iteration gives every running request one token. Tokens are taken as continuous.

A replica's progress is told by a clock v of its own, which counts iterations. A request admitted at
v = A finishes at A + output, whatever comes later, for what comes later is admitted later. So a
replica is a list of events in the order of v, an admission and a finish for each request. After event
i, b[i] requests run and m[i] tokens of memory are taken; with s[i] seconds to read a prompt (0 for a
finish) the event that follows comes at

    T[i+1] = T[i] + s[i] + (v[i+1] − v[i]) · pace(b[i], m[i]) / speed

Only the replica that is sent a request needs a new schedule. Rows are filled from the right, and what
has happened leaves on the left.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from reference_trainer.envs.replica import parameters as p

EVENTS = 48  # of a replica; a request takes two until it is admitted, one until it finishes
_FIELDS = 5
_V, _S, _B, _M, LATENCY = range(_FIELDS)
_SPARE = 3  # events that must have happened before one more request: two leave, one stays
_FOR_EVER = 1e6  # s; a clock that jumps so far has everything behind it


def pace(running: Tensor, memory: Tensor) -> Tensor:
    """Seconds of one iteration at speed 1."""
    return (running * p.PER_REQUEST).add_(memory, alpha=p.PER_TOKEN).add_(p.ITERATION)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the replicas stand now; all (S, N, R).

    Attributes:
        running: requests that were admitted.
        waiting: requests that were not.
        memory: tokens set aside for those that run.
        reading: seconds for which prompts of admitted requests are still read.
        drained: seconds until all is done, if nothing more arrives.
    """

    running: Tensor
    waiting: Tensor
    memory: Tensor
    reading: Tensor
    drained: Tensor

    @property
    def outstanding(self) -> Tensor:
        """Requests sent and not finished."""
        return self.running + self.waiting


@dataclass(frozen=True, slots=True)
class Load:
    """One request for each of Q replicas; all (Q, 1).

    Attributes:
        prompt, output: tokens.
        speed: of the replica.
    """

    prompt: Tensor
    output: Tensor
    speed: Tensor


@dataclass(frozen=True, slots=True)
class Sent:
    """What a request does to the replica that it is sent to.

    Attributes:
        table, times: the new schedules, (Q, 5, EVENTS) and (Q, EVENTS).
        before, after: latencies of its requests at their finish, s, (Q, EVENTS); 0 elsewhere.
        full: True where the replica has no place, (Q, 1); the request is turned away.
    """

    table: Tensor
    times: Tensor
    before: Tensor
    after: Tensor
    full: Tensor


class Schedules:
    """The events of S × N × R replicas.

    Attributes:
        table: (S·N·R, 5, EVENTS): v, s, b, m and the latency of the request that finishes, 0 for an
            admission.
        times: T in seconds from now, (S·N·R, EVENTS); not above 0 for what has happened.
    """

    def __init__(
        self, shape: tuple[int, int, int], device: torch.device, dtype: torch.dtype
    ) -> None:
        self.shape = shape
        count = shape[0] * shape[1] * shape[2]
        self.table = torch.zeros(count, _FIELDS, EVENTS, device=device, dtype=dtype)
        self.times = torch.zeros(count, EVENTS, device=device, dtype=dtype)
        self._places = torch.arange(EVENTS, device=device)

    def clear(self) -> None:
        """Empty all replicas."""
        self.table.zero_()
        self.times.zero_()

    def pass_time(self, seconds: Tensor) -> None:
        """Let time go by, (S, N)."""
        self.times.view(*self.shape, EVENTS).sub_(seconds[..., None, None])

    def abandon(self, ended: Tensor) -> None:
        """Empty the replicas where `ended` (S, N) is 1 and not 0."""
        self.pass_time(ended * _FOR_EVER)

    def standing(self) -> Standing:
        """How the replicas stand."""
        ahead = (self.times > 0).sum(-1, keepdim=True)
        last = (EVENTS - 1) - ahead
        now = self.table.gather(2, last.unsqueeze(1).expand(-1, _FIELDS, 1)).squeeze(2)
        running = now[:, _B]
        waiting = (ahead.squeeze(1) - running) * 0.5
        reading = (self.times.gather(1, last).squeeze(1) + now[:, _S]).clamp_(min=0)
        drained = self.times[:, -1].clamp(min=0)
        parts = (running, waiting, now[:, _M], reading, drained)
        return Standing(*(part.view(self.shape) for part in parts))

    def send(self, rows: Tensor, load: Load) -> Sent:
        """What one more request would do to some replicas; they are left as they are.

        Args:
            rows: numbers of the replicas, (Q,) int64.
            load: the requests.
        """
        table, times = self.table.index_select(0, rows), self.times.index_select(0, rows)
        ahead = times > 0
        passed = EVENTS - ahead.sum(-1, keepdim=True)
        full = passed < _SPARE
        last = (passed - 1).clamp_(min=0)
        _from_now(table, times, ahead, last, load.speed)
        admission = self._admission(table, last, load)
        new, before, new_times = self._insert(table, times.clamp_(min=0), admission, load)
        after = new[:, LATENCY]
        return Sent(new, new_times, before, after, full)

    def _admission(self, table: Tensor, last: Tensor, load: Load) -> Tensor:
        """The event at which the request is admitted, (Q, 1): the first after which it fits.

        Nobody overtakes: it is not before the last admission that there is. From there on events
        are finishes only, so once it fits it fits for good, and what does not fit can be counted.
        """
        floor = torch.where(table[:, _S] > 0, self._places, last).amax(-1, keepdim=True)
        fits = table[:, _M] <= p.MEMORY - (load.prompt + load.output)
        fits.logical_and_(table[:, _B] < p.BATCH).logical_and_(self._places >= floor)
        return EVENTS - fits.sum(-1, keepdim=True)

    def _insert(
        self, table: Tensor, times: Tensor, admission: Tensor, load: Load
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The rows with two more events and the two leftmost gone.

        The admission comes right behind event `admission`, the finish behind all events up to its v.
        Both start as copies of the event before them, for b and m go on from there.
        """
        end = table[:, _V].gather(1, admission) + load.output
        finish = (table[:, _V] <= end).sum(-1, keepdim=True)
        admission = admission - 1  # the two events that leave shift all places by two
        source = self._places + 2
        source = source - (self._places >= admission).long() - (self._places >= finish - 1).long()
        new = table.gather(2, source.unsqueeze(1).expand(-1, _FIELDS, -1))
        old_times = times.gather(1, source)
        is_admission, is_finish = self._places == admission, self._places == finish - 1
        runs = ((self._places >= admission) & (self._places < finish - 1)).to(new.dtype)
        v, s, b, m, latency = new.unbind(1)
        v.copy_(torch.where(is_finish, end, v))
        s.copy_(torch.where(is_admission, load.prompt / (load.speed * p.PREFILL), s))
        s.masked_fill_(is_finish, 0.0)
        b.add_(runs)
        m.addcmul_(runs, load.prompt + load.output)
        latency.masked_fill_(is_admission | is_finish, 0.0)
        before = latency.clone()
        paces = pace(b, m).div_(load.speed)
        gaps = (v[:, 1:] - v[:, :-1]).mul_(paces[:, :-1]).add_(s[:, :-1])
        new_times = torch.zeros_like(old_times)
        torch.cumsum(gaps, dim=-1, out=new_times[:, 1:])
        moved = torch.where(is_finish, new_times, new_times - old_times)
        latency.add_(moved.mul_((before > 0).logical_or_(is_finish)))
        return new, before, new_times

    def put(self, rows: Tensor, sent: Sent) -> None:
        """Take over what `send` found, but where the replica is full."""
        keep = sent.full.unsqueeze(-1)
        table = torch.where(keep, self.table.index_select(0, rows), sent.table)
        times = torch.where(sent.full, self.times.index_select(0, rows), sent.times)
        self.table.index_copy_(0, rows, table)
        self.times.index_copy_(0, rows, times)


def _from_now(table: Tensor, times: Tensor, ahead: Tensor, last: Tensor, speed: Tensor) -> None:
    """Let v count from now and let the last event that has happened, (Q, 1), be now; in place.

    What is left of its prompt's reading becomes its s; what happened before loses its own.
    """
    now = table.gather(2, last.unsqueeze(1).expand(-1, _FIELDS, 1))
    since = -(times.gather(1, last) + now[:, _S])  # seconds since its prompt was read
    iterations = since.clamp(min=0).mul_(speed).div_(pace(now[:, _B], now[:, _M]))
    v, s = table[:, _V], table[:, _S]
    v.sub_(now[:, _V] + iterations).clamp_(min=0)
    s.mul_(ahead).scatter_(1, last, since.neg_().clamp_(min=0))
