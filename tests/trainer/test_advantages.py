"""Advantages: estimation held to the papers' sums, normalisation to its definition."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from reference_trainer.advantages import EPSILON, gae, normalised, standardised
from reference_trainer.minibatches import Cut, places

GAMMA, LAMBDA = 0.97, 0.9
S, T, N = 2, 40, 3


def rollout(seed: int = 0) -> tuple[Tensor, ...]:
    """Rewards, values, next values, terminated, truncated, in double precision."""
    g = torch.Generator().manual_seed(seed)
    rewards, values = (torch.randn(S, T, N, generator=g, dtype=torch.float64) for _ in range(2))
    beyond = torch.randn(S, T, N, generator=g, dtype=torch.float64)
    ended = torch.rand(S, T, N, generator=g)
    terminated, truncated = ended < 0.1, (ended >= 0.1) & (ended < 0.2)
    following = torch.cat((values[:, 1:], beyond[:, -1:]), dim=1)
    following = torch.where(truncated, beyond, following)
    return rewards, values, following, terminated, truncated


def literal_gae(
    rewards: Tensor, values: Tensor, following: Tensor, terminated: Tensor, truncated: Tensor
) -> np.ndarray:
    """Σ_l (γλ)^l δ_{t+l} summed up to the end of the episode, term by term."""
    found = np.zeros((S, T, N))
    for s in range(S):
        for n in range(N):
            for t in range(T):
                factor, total = 1.0, 0.0
                for k in range(t, T):
                    v_next = 0.0 if terminated[s, k, n] else float(following[s, k, n])
                    delta = float(rewards[s, k, n]) + GAMMA * v_next - float(values[s, k, n])
                    total += factor * delta
                    if terminated[s, k, n] or truncated[s, k, n]:
                        break
                    factor *= GAMMA * LAMBDA
                found[s, t, n] = total
    return found


def test_gae_is_the_discounted_sum_of_the_errors_up_to_the_end_of_the_episode() -> None:
    """Equation 16 of the paper, summed literally, with ends and cuts apart."""
    columns = rollout()
    advantages, targets = gae(*columns, GAMMA, LAMBDA)
    literal = literal_gae(*columns)
    np.testing.assert_allclose(advantages.numpy(), literal, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(targets.numpy(), literal + columns[1].numpy(), rtol=1e-12)


def test_gae_is_that_of_stable_baselines3() -> None:
    """Its buffer, which has no truncation: it adds the value beyond to the reward."""
    buffers = pytest.importorskip("stable_baselines3.common.buffers")
    spaces = pytest.importorskip("gymnasium").spaces
    rewards, values, following, terminated, truncated = rollout(1)
    bonus = GAMMA * torch.where(truncated, following, 0.0)
    advantages, _ = gae(rewards, values, following, terminated, truncated, GAMMA, LAMBDA)
    ended = terminated | truncated
    for s in range(S):
        buffer = buffers.RolloutBuffer(
            T, spaces.Box(-1, 1, (1,)), spaces.Discrete(2), "cpu", LAMBDA, GAMMA, N
        )
        buffer.rewards[:] = (rewards + bonus)[s].numpy()
        buffer.values[:] = values[s].numpy()
        buffer.episode_starts[1:] = ended[s, :-1].numpy()
        buffer.compute_returns_and_advantage(following[s, -1].float(), ended[s, -1].numpy())
        np.testing.assert_allclose(buffer.advantages, advantages[s].numpy(), rtol=2e-5, atol=1e-5)


def literal_standard(values: np.ndarray) -> np.ndarray:
    """(x − mean)/(deviation + ε) with n − 1 in the denominator; 0 for a single one."""
    if len(values) == 1:
        return np.zeros(1)
    return (values - values.mean()) / (values.std(ddof=1) + EPSILON)


@pytest.mark.parametrize(("group", "a", "length"), [(7, 3, 1), (8, 1, 1), (2, 2, 5), (1, 3, 7)])
@pytest.mark.parametrize("per", ["window", "minibatch", "rollout"])
def test_advantages_are_normalised_over_the_samples_of_their_group(
    group: int, a: int, length: int, per: str
) -> None:
    """Groups of one size, shorter last ones, and short sequences, against a loop over the groups."""
    sequences = N * -(-T // length)
    cut = Cut(length, sequences, T, N, group, -(-sequences // group), a, epochs=2)
    g = torch.Generator().manual_seed(3)
    order = torch.stack([torch.randperm(sequences, generator=g) for _ in range(2)])[None]
    rows, inside = places(cut, order)
    raw = torch.randn(1, T * N, generator=g, dtype=torch.float64)
    placed = raw[0][rows]
    found = normalised(placed, inside, cut, per)
    groups = {
        "window": [(cut.bounds[w[0]][0], cut.bounds[w[-1]][1]) for w in cut.windows],
        "minibatch": [bound[:2] for bound in cut.bounds],
        "rollout": [(0, cut.bounds[-1][1])],
    }[per]
    for epoch in range(2):
        for first, last in groups:
            chosen = placed[0, epoch, first:last].numpy()
            counts = (
                np.ones(len(chosen), bool) if inside is None
                else inside[0, epoch, first:last].numpy()
            )  # fmt: skip
            expected = np.zeros(len(chosen))
            expected[counts] = literal_standard(chosen[counts])
            got = found[0, epoch, first:last].numpy()
            np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-10)


def test_a_single_sample_is_zero_where_it_is_guarded_and_nan_where_it_is_not() -> None:
    """What runtimes without a guard do is there to be shown."""
    one = torch.tensor([[3.0]])
    assert standardised(one, None).item() == 0.0
    assert torch.isnan(standardised(one, None, guarded=False)).all()
