"""What every replica will do if nothing more arrives, and how one more request changes it.

A replica serves its queue in order of arrival. A request is admitted when the memory for its prompt
and output is free. Its prompt is then read while all others stand still; after that each iteration gives
every running request one token. Tokens are taken as continuous.

A replica's progress is told by a clock v of its own, which counts iterations. A request admitted at
v = A finishes at A + output, whatever comes later, for what comes later is admitted later. So a
replica is a list of events in the order of v, an admission and a finish for each request. After event
i, b[i] requests run and f[i] tokens of memory are free; with s[i] seconds to read a prompt (0 for a
finish) the event that follows comes at

    T[i+1] = T[i] + s[i] + (v[i+1] − v[i]) · pace(b[i], f[i]) / speed

Only the replica that is sent a request needs a new schedule. Rows are filled from the right, and what
has happened leaves on the left. v and T never fall along a row, so places are found by bisection.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from reference_trainer.envs.replica import parameters as p

EVENTS = 40  # of a replica; a request takes two until it is admitted, one until it finishes
FIELDS = 6
_V, _S, _B, _F, _LATENCY, _T = range(FIELDS)
_SPARE = 3  # events that must have happened before one more request: two leave, one stays


def pace(running: Tensor, free: Tensor) -> Tensor:
    """Seconds of one iteration at speed 1, from running requests and free tokens of memory.

    ITERATION + PER_REQUEST · running + PER_TOKEN · (MEMORY − free)
    """
    idle = p.ITERATION + p.PER_TOKEN * p.MEMORY
    return (running * p.PER_REQUEST).add_(free, alpha=-p.PER_TOKEN).add_(idle)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the replicas stand now; all (S, N, R).

    Attributes:
        running: requests that were admitted.
        waiting: requests that were not.
        free: tokens of memory that are not set aside for those that run.
        reading: seconds for which prompts of admitted requests are still read.
        drained: seconds until all is done, if nothing more arrives.
    """

    running: Tensor
    waiting: Tensor
    free: Tensor
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
        table, newest: the new schedules, (FIELDS, Q, EVENTS) and (Q, 1).
        before, after: latencies of its requests at their finish, s, (Q, EVENTS); 0 elsewhere.
        full: True where the replica has no place, (Q, 1); the request is turned away.
    """

    table: Tensor
    newest: Tensor
    before: Tensor
    after: Tensor
    full: Tensor


class Schedules:
    """The events of S × N × R replicas.

    Attributes:
        table: (FIELDS, S·N·R, EVENTS): v, s, b, f, the latency of the request that finishes (0 for
            an admission), and T in seconds from now, which is not above 0 for what has happened.
        newest: place of the admission of the newest request, (S·N·R, 1) int64.
        standing: how the replicas stand now.
    """

    def __init__(
        self, shape: tuple[int, int, int], device: torch.device, dtype: torch.dtype
    ) -> None:
        self.shape = shape
        count, sent = shape[0] * shape[1] * shape[2], shape[0] * shape[1]

        def zeros(*size: int, of: torch.dtype = dtype) -> Tensor:
            return torch.zeros(size, device=device, dtype=of)

        # One row more than there are replicas takes what is turned away.
        self._rows = zeros(FIELDS, count + 1, EVENTS)
        self._newest = zeros(count + 1, 1, of=torch.int64)
        self.table, self.newest = self._rows[:, :count], self._newest[:count]
        self._times = self.table[_T]
        self._old, self._new = zeros(FIELDS, sent, EVENTS), zeros(FIELDS, sent, EVENTS)
        self._zero = zeros(count, 1)
        self._places = torch.arange(EVENTS, device=device)
        self._starts = torch.arange(count, device=device).unsqueeze(1) * EVENTS
        # Row i has 1 in the places from i on.
        self._from = torch.ones(EVENTS, EVENTS, device=device, dtype=dtype).triu()
        later = self._from.long()
        self._after = self._places + 2 - later, -later  # where an event comes from, in two parts
        self.clear()

    def clear(self) -> None:
        """Empty all replicas."""
        self._rows.zero_()
        self._rows[_F] = p.MEMORY
        self._newest.zero_()
        self.look()

    def pass_time(self, seconds: Tensor) -> None:
        """Let time go by, (S, N)."""
        self._times.view(*self.shape, EVENTS).sub_(seconds[..., None, None])
        self.look()

    def look(self) -> None:
        """Find how the replicas stand; whoever writes to the tensors calls it."""
        passed = torch.searchsorted(self._times, self._zero, right=True)
        self._last = passed - 1
        at = (self._last + self._starts).squeeze(1)
        self._now = self._rows.view(FIELDS, -1).index_select(1, at)
        running, free = self._now[_B], self._now[_F]
        self._since = self._now[_T] + self._now[_S]
        waiting = ((EVENTS - passed.squeeze(1)) - running).mul_(0.5)
        drained = self._times[:, -1].clamp(min=0)
        parts = (running, waiting, free, self._since.clamp(min=0), drained)
        self.standing = Standing(*(part.view(self.shape) for part in parts))

    def finished(self, seconds: Tensor) -> Tensor:
        """Latencies of what finished in the last `seconds` (S, N); 0 elsewhere, (S, N, R, EVENTS)."""
        times, latency = (self.table[i].view(*self.shape, EVENTS) for i in (_T, _LATENCY))
        return latency * ((times <= 0) & (times + seconds[..., None, None] > 0))

    def send(self, rows: Tensor, load: Load) -> Sent:
        """What one more request would do to some replicas; they are left as they are.

        What it gives lasts until the next call, for that writes to the same memory.

        Args:
            rows: numbers of the replicas, one of each environment, (Q,) int64 with Q = S·N.
            load: the requests.
        """
        last = self._last.index_select(0, rows)
        full = last < _SPARE - 1
        old = self._from_now(rows, last, load.speed)
        # Nobody overtakes: not before the newest admission. From there on the free memory only grows.
        floor = torch.maximum(self.newest.index_select(0, rows), last)
        free = old[_F].masked_fill(self._places < floor, -torch.inf)
        admission = torch.searchsorted(free, load.prompt + load.output)
        end = old[_V].gather(1, admission).add_(load.output)
        finish = torch.searchsorted(old[_V], end, right=True)
        # Two events leave on the left; the new ones stand behind those found.
        admission, finish = (admission - 1).clamp_(min=0), (finish - 1).clamp_(min=0)
        new = self._insert(old, admission, finish, end, load)
        before = self._retime(new, admission, finish, load.speed)
        return Sent(new, admission, before, new[_LATENCY], full)

    def _from_now(self, rows: Tensor, last: Tensor, speed: Tensor) -> Tensor:
        """Copies of rows in which v counts from now, and the last event that has happened is now.

        What is left of its prompt's reading becomes its s; those before lose theirs.
        """
        old = torch.index_select(self._rows, 1, rows, out=self._old)
        now = self._now.index_select(1, rows).unsqueeze(2)
        left = self._since.index_select(0, rows).unsqueeze(1)
        iterations = left.clamp(max=0).mul_(speed).div_(pace(now[_B], now[_F]))
        old[_V].sub_(now[_V] - iterations).clamp_(min=0)
        old[_S].masked_fill_(self._places < last, 0.0).scatter_(1, last, left.clamp_(min=0))
        old[_T].clamp_(min=0)
        return old

    def _insert(
        self, old: Tensor, admission: Tensor, finish: Tensor, end: Tensor, load: Load
    ) -> Tensor:
        """The rows with an admission and a finish more, and the two leftmost events gone.

        Both start as copies of the event before them, for b and f go on from there. The times are
        those from before.
        """
        one, two = admission.squeeze(1), finish.squeeze(1)
        source = self._after[0].index_select(0, one).add_(self._after[1].index_select(0, two))
        source.add_(self._starts[: len(source)])
        torch.index_select(old.view(FIELDS, -1), 1, source.view(-1), out=self._new.view(FIELDS, -1))
        new = self._new
        runs = self._from.index_select(0, one).sub_(self._from.index_select(0, two))
        new[_V].scatter_(1, finish, end)
        new[_S].scatter_(1, finish, 0.0)
        new[_S].scatter_(1, admission, load.prompt / (load.speed * p.PREFILL))
        new[_B].add_(runs)
        new[_F].addcmul_(runs, load.prompt + load.output, value=-1)
        return new

    def _retime(self, new: Tensor, admission: Tensor, finish: Tensor, speed: Tensor) -> Tensor:
        """Set the times and latencies of new rows; what the latencies were before, (Q, EVENTS)."""
        v, latency, times = new[_V], new[_LATENCY], new[_T]
        before = latency.scatter_(1, finish, 0.0).scatter_(1, admission, 0.0).clone()
        seconds = (v[:, 1:] - v[:, :-1]).div_(speed).mul_(pace(new[_B, :, :-1], new[_F, :, :-1]))
        now = seconds.add_(new[_S, :, :-1]).cumsum(-1)
        moved = (now - times[:, 1:]).mul_(before[:, 1:].sign())
        times[:, 1:].copy_(now)
        latency[:, 1:].add_(moved)
        latency.scatter_(1, finish, times.gather(1, finish))
        return before

    def put(self, rows: Tensor, sent: Sent) -> None:
        """Take over what `send` found; `look` comes next. Where a replica is full, nothing changes."""
        rows = torch.where(sent.full.squeeze(1), self.table.shape[1], rows)
        self._rows.index_copy_(1, rows, sent.table)
        self._newest.index_copy_(0, rows, sent.newest)
