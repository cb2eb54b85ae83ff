"""A replica simulated one event at a time, in plain Python, to hold the schedules to."""

from __future__ import annotations

from dataclasses import dataclass, field

from reference_trainer.envs.replica import parameters as p


@dataclass
class Job:
    """A request: when it came, what it needs, and when it was done."""

    number: int
    came: float
    prompt: float
    output: float
    left: float = 0.0
    done: float | None = None


@dataclass
class Replica:
    """First come, first served; one prompt is read at a time, and all else waits for it."""

    speed: float
    now: float = 0.0
    queue: list[Job] = field(default_factory=list)
    to_read: list[tuple[Job, float]] = field(default_factory=list)
    running: list[Job] = field(default_factory=list)

    def send(self, job: Job) -> None:
        """A request comes."""
        self.queue.append(job)
        self.admit()

    @property
    def admitted(self) -> list[Job]:
        """Those that hold memory."""
        return self.running + [job for job, _ in self.to_read]

    def admit(self) -> None:
        """Let in from the head of the queue what fits."""
        while self.queue:
            job = self.queue[0]
            taken = sum(other.prompt + other.output for other in self.admitted)
            if taken + job.prompt + job.output > p.MEMORY:
                return
            self.to_read.append((self.queue.pop(0), job.prompt / p.PREFILL / self.speed))

    def until(self, end: float) -> None:
        """Go on to a moment, event by event."""
        while self.now < end:
            if self.to_read:
                job, seconds = self.to_read[0]
                spent = min(seconds, end - self.now)
                self.now += spent
                self.to_read[0] = (job, seconds - spent)
                if spent == seconds:
                    self.to_read.pop(0)
                    job.left = job.output
                    self.running.append(job)
            elif self.running:
                self.decode(end)
            else:
                self.now = end

    def decode(self, end: float) -> None:
        """Iterate until the first request is done, or to a moment."""
        memory = sum(job.prompt + job.output for job in self.running)
        pace = p.ITERATION + len(self.running) * p.PER_REQUEST + memory * p.PER_TOKEN
        pace /= self.speed
        first = min(self.running, key=lambda job: job.left)
        tokens = min(first.left, (end - self.now) / pace)
        finishes = tokens == first.left
        self.now = self.now + tokens * pace
        for job in self.running:
            job.left -= tokens
        if not finishes:
            self.now = end
            return
        first.done = self.now
        self.running.remove(first)
        self.admit()
