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
_FIELDS = 5
_V, _S, _B, _F, LATENCY = range(_FIELDS)
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
        table, times, newest: the new schedules, (Q, 5, EVENTS), (Q, EVENTS) and (Q, 1).
        before, after: latencies of its requests at their finish, s, (Q, EVENTS); 0 elsewhere.
        full: True where the replica has no place, (Q, 1); the request is turned away.
    """

    table: Tensor
    times: Tensor
    newest: Tensor
    before: Tensor
    after: Tensor
    full: Tensor


class Schedules:
    """The events of S × N × R replicas.

    Attributes:
        table: (S·N·R, 5, EVENTS): v, s, b, f and the latency of the request that finishes, 0 for an
            admission.
        times: T in seconds from now, (S·N·R, EVENTS); not above 0 for what has happened.
        newest: place of the admission of the newest request, (S·N·R, 1) int64.
    """

    def __init__(
        self, shape: tuple[int, int, int], device: torch.device, dtype: torch.dtype
    ) -> None:
        self.shape = shape
        count = shape[0] * shape[1] * shape[2]
        like = {"device": device, "dtype": dtype}
        self._held = (
            torch.zeros(count + 1, _FIELDS, EVENTS, **like),
            torch.zeros(count + 1, EVENTS, **like),
            torch.zeros(count + 1, 1, device=device, dtype=torch.int64),
        )
        self.table, self.times, self.newest = (held[:count] for held in self._held)
        self._old, self._new = (
            torch.zeros(shape[0] * shape[1], _FIELDS, EVENTS, **like) for _ in range(2)
        )
        self._zero = torch.zeros(count, 1, **like)
        self._places = torch.arange(EVENTS, device=device)
        # Row i has 1 in the places from i on.
        self._from = torch.ones(EVENTS, EVENTS, **like).triu()
        later = self._from.long()
        self._after = self._places + 2 - later, -later  # where an event comes from, in two parts
        self.clear()

    def clear(self) -> None:
        """Empty all replicas."""
        self.table.zero_()
        self.table[:, _F] = p.MEMORY
        self.times.zero_()
        self.newest.zero_()
        self.look()

    def pass_time(self, seconds: Tensor) -> None:
        """Let time go by, (S, N)."""
        self.times.view(*self.shape, EVENTS).sub_(seconds[..., None, None])
        self.look()

    def look(self) -> None:
        """Find how the replicas stand; whoever writes to the tensors calls it."""
        passed = torch.searchsorted(self.times, self._zero, right=True)
        self._last = passed - 1
        at = self._last.unsqueeze(1).expand(-1, _FIELDS, 1)
        self._now = self.table.gather(2, at).squeeze(2)
        running, ahead = self._now[:, _B], EVENTS - passed.squeeze(1)
        self._since = self.times.gather(1, self._last).squeeze(1).add_(self._now[:, _S])
        waiting = (ahead - running).mul_(0.5)
        drained = self.times[:, -1].clamp(min=0)
        parts = (running, waiting, self._now[:, _F], self._since.clamp(min=0), drained)
        self.standing = Standing(*(part.view(self.shape) for part in parts))

    def send(self, rows: Tensor, load: Load) -> Sent:
        """What one more request would do to some replicas; they are left as they are.

        What it gives lasts until the next call, for that writes to the same memory.

        Args:
            rows: numbers of the replicas, one of each environment, (Q,) int64 with Q = S·N.
            load: the requests.
        """
        table = torch.index_select(self.table, 0, rows, out=self._old)
        times = self.times.index_select(0, rows)
        last = self._last.index_select(0, rows)
        full = last < _SPARE - 1
        self._from_now(table, times, rows, last, load.speed)
        # Nobody overtakes: not before the newest admission. From there on the free memory only grows.
        floor = torch.maximum(self.newest.index_select(0, rows), last)
        free = table[:, _F].masked_fill(self._places < floor, -torch.inf)
        need = load.prompt + load.output
        admission = torch.searchsorted(free, need)
        end = table[:, _V].gather(1, admission).add_(load.output)
        finish = torch.searchsorted(table[:, _V].contiguous(), end, right=True)
        # Two events leave on the left; the new ones stand behind those found.
        admission, finish = (admission - 1).clamp_(min=0), (finish - 1).clamp_(min=0)
        new, before, new_times = self._insert(table, times, admission, finish, end, load)
        return Sent(new, new_times, admission, before, new[:, LATENCY], full)

    def _from_now(
        self, table: Tensor, times: Tensor, rows: Tensor, last: Tensor, speed: Tensor
    ) -> None:
        """Let v count from now and let the last event that has happened, (Q, 1), be now; in place.

        What is left of its prompt's reading becomes its s; those before lose theirs.
        """
        now = self._now.index_select(0, rows)
        left = self._since.index_select(0, rows).unsqueeze(1)
        iterations = left.clamp(max=0).mul_(speed).div_(pace(now[:, _B:_F], now[:, _F:LATENCY]))
        table[:, _V].sub_(now[:, :_S] - iterations).clamp_(min=0)
        seconds = table[:, _S]
        seconds.masked_fill_(self._places < last, 0.0).scatter_(1, last, left.clamp_(min=0))
        times.clamp_(min=0)

    def _insert(
        self,
        table: Tensor,
        times: Tensor,
        admission: Tensor,
        finish: Tensor,
        end: Tensor,
        load: Load,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The rows with an admission and a finish more, and the two leftmost events gone.

        Both start as copies of the event before them, for b and f go on from there.
        """
        from_admission, from_finish = admission.squeeze(1), finish.squeeze(1)
        source = self._after[0].index_select(0, from_admission)
        source = source + self._after[1].index_select(0, from_finish)
        from_ = source.unsqueeze(1).expand(-1, _FIELDS, -1)
        new = torch.gather(table, 2, from_, out=self._new)
        runs = self._from.index_select(0, from_admission)
        runs.sub_(self._from.index_select(0, from_finish))
        v, s, b, f, latency = new.unbind(1)
        v.scatter_(1, finish, end)
        s.scatter_(1, finish, 0.0).scatter_(1, admission, load.prompt / (load.speed * p.PREFILL))
        b.add_(runs)
        f.addcmul_(runs, load.prompt + load.output, value=-1)
        before = latency.scatter(1, finish, 0.0).scatter_(1, admission, 0.0)

        seconds = (v[:, 1:] - v[:, :-1]).mul_(pace(b[:, :-1], f[:, :-1])).div_(load.speed)
        new_times = torch.zeros_like(times)
        torch.cumsum(seconds.add_(s[:, :-1]), dim=-1, out=new_times[:, 1:])
        moved = (new_times - times.gather(1, source)).mul_(before.sign())
        torch.add(before, moved, out=latency)
        latency.scatter_(1, finish, new_times.gather(1, finish))
        return new, before, new_times

    def put(self, rows: Tensor, sent: Sent) -> None:
        """Take over what `send` found; `look` comes next. Where a replica is full, nothing changes."""
        # The row behind the last one is for what nobody takes.
        rows = torch.where(sent.full.squeeze(1), len(self._held[0]) - 1, rows)
        for held, new in zip(self._held, (sent.table, sent.times, sent.newest), strict=True):
            held.index_copy_(0, rows, new)
