"""The schedules beside a simulation event by event."""

from __future__ import annotations

import pytest
import torch

from reference_trainer.envs.replica import ReplicaScheduling, Task
from reference_trainer.envs.replica import parameters as p
from tests.trainer.envs.replica.literal import Job, Replica

CPU = torch.device("cpu")
WORDS = 5


def draws(generator: torch.Generator, *shape: int) -> torch.Tensor:
    """Uniform numbers for a step, in double precision."""
    return torch.rand(*shape, WORDS, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("qps", [0.5, 2.5, 3.2])
def test_a_run_equals_a_simulation_event_by_event(qps: float) -> None:
    """Each latency, their sum, the late, queues and memory, of 300 random decisions.

    The environment never looks back: it only adds up what each decision adds.
    """
    envs, steps = 6, 300
    task = Task(qps=qps, decisions=10_000)
    env = ReplicaScheduling(task, 1, envs, CPU, torch.float64)
    generator = torch.Generator().manual_seed(4)
    env.reset(draws(generator, 1, envs))
    twins = [[Replica(float(s)) for s in env.speed[0, n]] for n in range(envs)]
    done: list[list[float]] = [[] for _ in range(envs)]
    jobs: list[list[Job]] = [[] for _ in range(envs)]
    added, late, now = torch.zeros(envs).double(), torch.zeros(envs).double(), [0.0] * envs
    for number in range(steps):
        # Where the replica is full the request would be turned away; send it elsewhere.
        actions = torch.randint(0, 4, (1, envs), generator=generator)
        emptiest = env.standing.outstanding.argmin(-1)
        actions = torch.where(env.standing.outstanding.amax(-1) > 15, emptiest, actions)
        for n, action in enumerate(actions[0].tolist()):
            prompt, output = (float(x[0, n]) for x in (env.request.prompt, env.request.output))
            jobs[n].append(Job(number, now[n], prompt, output))
            twins[n][action].send(jobs[n][-1])
        step = env.step(actions, draws(generator, 1, envs))
        assert not step.metrics["rejected"].any()
        added += step.metrics["latency"][0]
        late += step.metrics["late"][0]
        for told, latencies in zip(done, env.finished()[0], strict=True):
            told += latencies[latencies > 0].tolist()
        for n, gap in enumerate(env.gap[0].tolist()):
            now[n] += gap
            for replica, twin in enumerate(twins[n]):
                twin.until(now[n])
                held = sum(job.prompt + job.output for job in twin.admitted)
                stands = env.standing
                total = len(twin.admitted) + len(twin.queue)
                assert float(stands.outstanding[0, n, replica]) == total
                # The schedules count a prompt that has not begun to be read as waiting.
                begun = len(twin.running) + bool(twin.to_read)
                assert float(stands.running[0, n, replica]) == begun
                if len(twin.to_read) <= 1:
                    assert float(p.MEMORY - stands.free[0, n, replica]) == pytest.approx(
                        held, abs=1e-6
                    )
    for n in range(envs):
        so_far = [job.done - job.came for job in jobs[n] if job.done is not None]
        assert len(so_far) > 200
        assert sorted(done[n]) == pytest.approx(sorted(so_far), rel=1e-9)
        for twin in twins[n]:
            twin.until(now[n] + 1e5)
        latencies = [job.done - job.came for job in jobs[n] if job.done is not None]
        assert len(latencies) == steps
        assert float(added[n]) == pytest.approx(sum(latencies), rel=1e-9)
        assert float(late[n]) == sum(latency > p.LATE for latency in latencies)
