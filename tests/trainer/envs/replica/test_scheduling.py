"""The environment as the trainer sees it."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from reference_trainer.envs.registry import make_env
from reference_trainer.envs.replica import ReplicaScheduling, Task, baselines, observation
from reference_trainer.envs.replica import parameters as p
from reference_trainer.envs.replica.score import score

CPU = torch.device("cpu")


def started(
    seeds: int, envs: int, task: Task | None = None, seed: int = 0
) -> tuple[ReplicaScheduling, Tensor, torch.Generator]:
    """Environments after a reset, their first observation, and the generator behind it."""
    generator = torch.Generator().manual_seed(seed)
    env = ReplicaScheduling(task or Task(), seeds, envs, CPU, torch.float32)
    return env, env.reset(torch.rand(seeds, envs, 5, generator=generator)), generator


def test_the_first_observation_by_hand() -> None:
    """Empty replicas, median lengths, the second replica slow."""
    env = ReplicaScheduling(Task(), 1, 1, CPU, torch.float64)
    # u₃ = 0 makes the radius 0, so both lengths are their medians.
    seen = env.reset(torch.tensor([[[0.5, 0.5, 0.0, 0.3, 0.3]]]))
    assert seen.shape == (1, 1, observation.size(4)) == (1, 1, 33)
    memory = 1 - 550 / 8000
    pace = 0.015 + 0.00075 + 1.2e-6 * 550
    fast = [1, 0, 0, memory, 0, 0, 400 / 5000, 150 * pace / 20]
    slow = [1 / 3, 0, 0, memory, 0, 0, 3 * 400 / 5000, 3 * 150 * pace / 20]
    expected = torch.tensor([fast + slow + fast + fast + [1]], dtype=torch.float64)
    torch.testing.assert_close(seen[0], expected)


def test_one_request_by_hand() -> None:
    """The first adds its reading and its output; a second on the same replica delays it."""
    env = ReplicaScheduling(Task(qps=1e6), 1, 1, CPU, torch.float64)
    median = torch.tensor([[[0.0, 0.5, 0.0, 0.3, 0.9]]], dtype=torch.float64)
    env.reset(median)
    step = env.step(torch.tensor([[0]]), median)
    read, alone = 400 / 5000, 0.015 + 0.00075 + 1.2e-6 * 550
    assert step.metrics["latency"].item() == pytest.approx(read + 150 * alone)
    assert step.reward.item() == pytest.approx(-(read + 150 * alone))
    step = env.step(torch.tensor([[0]]), median)
    both = 0.015 + 2 * 0.00075 + 1.2e-6 * 1100
    # Both read their prompts first and then run side by side.
    total = 2 * (2 * read + 150 * both)
    assert step.metrics["latency"].item() == pytest.approx(total - read - 150 * alone)


def test_observations_are_of_unit_scale() -> None:
    """Under the fewest outstanding requests: 99% of the values lie within ±3, none beyond 15."""
    env, seen, generator = started(2, 64)
    values = []
    for _ in range(300):
        actions = baselines.least_outstanding(env, seen, torch.rand(2, 64, generator=generator))
        seen = env.step(actions, torch.rand(2, 64, 5, generator=generator)).observation
        values.append(seen)
    flat = torch.cat(values).flatten()
    assert flat.isfinite().all()
    assert float(flat.abs().max()) < 15
    assert float((flat.abs() < 3).float().mean()) > 0.99


def test_an_episode_is_cut_off_and_begins_anew() -> None:
    """After `training.max_steps` decisions, all at once; the last observation is of the old one."""
    env, _, generator = started(1, 8, Task(decisions=20))
    for count in range(45):
        step = env.step(
            torch.zeros(1, 8, dtype=torch.int64), torch.rand(1, 8, 5, generator=generator)
        )
        ends = count % 20 == 19
        assert bool(step.truncated.all()) is ends
        assert bool(step.truncated.any()) is ends
        assert not step.terminated.any()
        assert bool(step.metrics["throughput"].isfinite().all()) is ends
        if ends:
            assert (env.standing.outstanding == 0).all()
            assert (step.final_observation[..., 1] > 0).any()
            assert (step.observation[..., 1::8][..., :4] == 0).all()
        else:
            assert torch.equal(step.observation, step.final_observation)


def test_a_full_replica_turns_requests_away() -> None:
    """Nothing changes there, and the request counts as `REJECTED` seconds, late."""
    env, _, generator = started(1, 4, Task(qps=1000.0))
    for _ in range(60):
        before = env.standing.outstanding[..., 0].clone()
        step = env.step(
            torch.zeros(1, 4, dtype=torch.int64), torch.rand(1, 4, 5, generator=generator)
        )
        turned = step.metrics["rejected"] == 1
        after = env.standing.outstanding[..., 0]
        assert (after[turned] <= before[turned]).all()
    assert turned.all()
    assert (step.reward == -p.REJECTED).all()
    assert (step.metrics["late"] == 1).all()
    assert (after > 10).all()


@pytest.mark.parametrize("bursty", [False, True])
def test_arrivals_have_the_rate_asked_for(bursty: bool) -> None:
    """Mean gap 1/qps, within 2%; bursts spread the gaps."""
    env, _, generator = started(1, 2000, Task(qps=4.0, bursty=bursty))
    gaps = []
    for _ in range(400):
        env.step(torch.zeros(1, 2000).long(), torch.rand(1, 2000, 5, generator=generator))
        gaps.append(env.gap)
    gap = torch.stack(gaps)
    assert float(gap.mean()) == pytest.approx(0.25, rel=0.02)
    spread = float(gap.std() / gap.mean())
    # An exponential has 1. Two of means 1/2 and 3/2 in equal parts: E[x²] = 2·(1/4 + 9/4)/2, √1.5.
    assert spread == pytest.approx(1.5**0.5 if bursty else 1.0, rel=0.03)


def test_lengths_are_log_normal() -> None:
    """Medians of 400 and 150 tokens, spread 0.9 where nothing is cut off."""
    env, _, _ = started(1, 40_000)
    for values, median in ((env.request.prompt, 400), (env.request.output, 150)):
        assert float(values.median()) == pytest.approx(median, rel=0.03)
        low = float(values.quantile(0.1587))
        assert low == pytest.approx(median * 2.71828**-0.9, rel=0.04)
        assert float(values.max()) <= p.LONGEST


def test_the_reward_takes_what_the_configuration_weighs() -> None:
    """Weights of latency, of seconds beyond the threshold and of uneven queues."""
    weights = {
        "latency_weight": 0.5, "latency_threshold": 2.0, "latency_penalty_scale": 3.0,
        "balance_penalty_weight": 0.25,
    }  # fmt: skip
    draws = [torch.rand(1, 16, 5, generator=torch.Generator().manual_seed(k)) for k in range(9)]
    plain = make_env("replica-scheduling", {}, (0,), 16, CPU, dtype=torch.float64)
    other = make_env(
        "replica-scheduling", {"reward_config": weights}, (0,), 16, CPU, dtype=torch.float64
    )
    plain.reset(draws[0])
    other.reset(draws[0])
    action = torch.zeros(1, 16, dtype=torch.int64)
    for index, now in enumerate(draws[1:]):
        one, two = plain.step(action, now), other.step(action, now)
        assert isinstance(other, ReplicaScheduling)
        queue = other.standing.outstanding
        uneven = queue.std(-1, correction=0) / (queue.mean(-1) + 1)
        rest = -two.reward - 0.5 * one.metrics["latency"] - 0.25 * uneven
        if index == 0:
            beyond = (one.metrics["latency"] - 2.0).clamp(min=0)
            torch.testing.assert_close(rest, 3 * beyond)
        assert (rest > -1e-9).all()
    assert (rest > 0).any()


def test_a_seed_does_not_depend_on_its_neighbours() -> None:
    """Other actions and draws of seed 1 change nothing in seeds 0 and 2, to the last bit."""
    runs = []
    for other in (5, 6):
        env, _, generator = started(3, 4, Task(decisions=50))
        strange = torch.Generator().manual_seed(other)
        for _ in range(120):
            actions = torch.randint(0, 4, (3, 4), generator=generator)
            draws = torch.rand(3, 4, 5, generator=generator)
            actions[1] = torch.randint(0, 4, (4,), generator=strange)
            draws[1] = torch.rand(4, 5, generator=strange)
            step = env.step(actions, draws)
        runs.append(step.observation)
    assert torch.equal(runs[0][0], runs[1][0])
    assert torch.equal(runs[0][2], runs[1][2])
    assert not torch.equal(runs[0][1], runs[1][1])


def test_a_stack_of_seeds_equals_single_ones() -> None:
    """Seed by seed, to the last bit."""
    env, _, generator = started(3, 4)
    alone = [ReplicaScheduling(Task(), 1, 4, CPU, torch.float32) for _ in range(3)]
    first = torch.rand(3, 4, 5, generator=generator)
    env.reset(first)
    for seed, single in enumerate(alone):
        single.reset(first[seed : seed + 1])
    for _ in range(100):
        actions = torch.randint(0, 4, (3, 4), generator=generator)
        draws = torch.rand(3, 4, 5, generator=generator)
        step = env.step(actions, draws)
        for seed, single in enumerate(alone):
            one = single.step(actions[seed : seed + 1], draws[seed : seed + 1])
            assert torch.equal(one.observation[0], step.observation[seed])
            assert torch.equal(one.reward[0], step.reward[seed])


def test_a_saved_state_goes_on_to_the_last_bit() -> None:
    """Loaded into a fresh environment; nor do later steps touch what was saved or returned."""
    task = Task(decisions=40, bursty=True)
    env, _, generator = started(2, 3, task)
    for _ in range(57):
        step = env.step(
            torch.randint(0, 4, (2, 3), generator=generator),
            torch.rand(2, 3, 5, generator=generator),
        )
    saved = env.state()
    copy = {name: tensor.clone() for name, tensor in saved.items()}
    held, held_copy = step.observation, step.observation.clone()
    other = ReplicaScheduling(task, 2, 3, CPU, torch.float32)
    other.load_state(saved)
    for _ in range(60):
        actions = torch.randint(0, 4, (2, 3), generator=generator)
        draws = torch.rand(2, 3, 5, generator=generator)
        one, two = env.step(actions, draws), other.step(actions, draws)
        assert torch.equal(one.observation, two.observation)
        assert torch.equal(one.reward, two.reward)
        assert torch.equal(one.truncated, two.truncated)
        for name, metric in one.metrics.items():
            assert torch.equal(metric.nan_to_num(-1), two.metrics[name].nan_to_num(-1))
    assert all(torch.equal(saved[name], copy[name]) for name in copy)
    assert torch.equal(held, held_copy)


def test_a_foreign_state_is_refused() -> None:
    """By the shapes it holds."""
    env, _, _ = started(1, 2)
    with pytest.raises(ValueError, match="this environment"):
        env.load_state(started(1, 3)[0].state())


@pytest.mark.parametrize("replicas", [1, 2, 3, 9])
def test_any_number_of_replicas(replicas: int) -> None:
    """The observation divides into as many parts, with fewer values left over than parts."""
    task = Task(replicas=replicas, qps=0.6 * replicas)
    env, seen, generator = started(1, 4, task)
    assert seen.shape[-1] // replicas >= len(observation.FEATURES)
    assert replicas == 1 or seen.shape[-1] % replicas == observation.GLOBAL
    assert ((env.speed < 1).sum(-1) == task.slow).all()
    for _ in range(50):
        actions = torch.randint(0, replicas, (1, 4), generator=generator)
        step = env.step(actions, torch.rand(1, 4, 5, generator=generator))
    assert step.observation.isfinite().all()


def test_the_task_has_room_between_the_baselines() -> None:
    """10 seeds: round robin is clearly the worst, and looking at what replicas do beats counting.

    The order holds for every seed, so it does not hang on the choice of seeds.
    """
    scores = {
        name: score(policy, Task(decisions=400), range(10), envs=16)
        for name, policy in (*baselines.BASELINES.items(), ("added", baselines.least_added))
    }
    latency = {name: found.latency for name, found in scores.items()}
    counting = latency["least outstanding"]
    assert (latency["round robin"] > 1.5 * counting).all()
    assert (latency["random"] > 1.5 * counting).all()
    assert (latency["added"] < 0.97 * counting).all()
    assert (scores["least outstanding"].p99 > counting).all()
