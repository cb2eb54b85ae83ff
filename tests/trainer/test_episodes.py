"""Returns of whole episodes across rollouts, against a loop over all steps."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reference_trainer.episodes import Episodes


@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_episodes_are_those_of_a_loop_over_all_steps(
    seeds: int, envs: int, steps: int, seed: int
) -> None:
    """Three rollouts, ends anywhere, in the order of time."""
    rng = np.random.default_rng(seed)
    episodes = Episodes(seeds, envs)
    returns, lengths = np.zeros((seeds, envs)), np.zeros((seeds, envs))
    for _ in range(3):
        rewards = rng.integers(-5, 5, (seeds, steps, envs)).astype(float)
        ended = rng.random((seeds, steps, envs)) < 0.4
        found = episodes.finish(rewards, ended)
        for s in range(seeds):
            expected = []
            for t in range(steps):
                for n in range(envs):
                    returns[s, n] += rewards[s, t, n]
                    lengths[s, n] += 1
                    if ended[s, t, n]:
                        expected.append((returns[s, n], lengths[s, n]))
                        returns[s, n] = lengths[s, n] = 0
            assert list(zip(found[s].returns, found[s].lengths, strict=True)) == expected


def test_an_infinite_reward_stays_in_its_episode() -> None:
    """The episodes after it are finite."""
    rewards = np.array([[[1.0], [np.inf], [2.0], [3.0]]])
    ended = np.array([[[False], [True], [False], [True]]])
    (found,) = Episodes(1, 1).finish(rewards, ended)
    assert found.returns.tolist() == [np.inf, 5.0]
