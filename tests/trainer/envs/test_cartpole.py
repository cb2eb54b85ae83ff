"""The built-in CartPole-v1 beside Gymnasium's own."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest
import torch
from torch import Tensor

from reference_trainer.envs.cartpole import CartPole
from tests.conftest import require

CPU = torch.device("cpu")


def started(seeds: int, envs: int, seed: int = 0) -> tuple[CartPole, Tensor, torch.Generator]:
    """Environments after a reset, their first observation, and the generator behind it."""
    generator = torch.Generator().manual_seed(seed)
    made = CartPole(seeds, envs, CPU)
    return made, made.reset(torch.rand(seeds, envs, 4, generator=generator)), generator


def gymnasium_cartpole() -> Any:
    require(importlib.util.find_spec("gymnasium"), "gymnasium")
    import gymnasium

    return gymnasium.make("CartPole-v1", disable_env_checker=True)


def put(env: Any, state: dict[str, Tensor], index: int) -> None:
    """Give Gymnasium's environment the motion of one of ours."""
    env.unwrapped.state = state["motion"][0, index].flatten().numpy().copy()


def start(env: Any, state: dict[str, Tensor], index: int) -> None:
    """Start an episode of Gymnasium's from the motion of one of ours."""
    env.reset()
    put(env, state, index)


def test_one_step_equals_gymnasiums_bit_for_bit() -> None:
    """From equal states, wide ones among them: observations in single precision, reward, end."""
    ours, _, generator = started(1, 64)
    theirs = gymnasium_cartpole()
    spread = torch.tensor([[3.0, 3.0], [0.3, 3.0]], dtype=torch.float64)
    ends = steps = 0
    for _ in range(80):
        draws = torch.rand(1, 64, 2, 2, generator=generator, dtype=torch.float64)
        state = {"motion": (2 * draws - 1) * spread, "age": torch.zeros(1, 64).double()}
        ours.load_state(state)
        actions = torch.randint(0, 2, (1, 64), generator=generator)
        step = ours.step(actions, torch.rand(1, 64, 4, generator=generator))
        for index in range(64):
            start(theirs, state, index)
            seen, reward, terminated, truncated, _ = theirs.step(int(actions[0, index]))
            assert step.final_observation[0, index].tolist() == seen.tolist()
            assert float(step.reward[0, index]) == reward
            assert bool(step.terminated[0, index]) is terminated
            assert bool(step.truncated[0, index]) is truncated
            ends, steps = ends + terminated, steps + 1
    assert steps == 5120
    assert 1000 < ends < 4000


def test_whole_episodes_equal_gymnasiums() -> None:
    """10,000 steps side by side, by chance and by a controller that reaches the time limit.

    The sines of torch and of numpy differ in the last bit of a double here and there. A pole that
    nobody corrects grows such a difference by 1.08 a step, to a thousandfold in 100 steps and to
    anything in 500; so the motion is made equal every 100 steps, and the tolerance is 1e-9 and
    half a unit in the last place of a float.
    """
    envs = 5
    ours, seen, generator = started(1, envs)
    theirs = [gymnasium_cartpole() for _ in range(envs)]
    for index, env in enumerate(theirs):
        start(env, ours.state(), index)
    cut = fallen = 0
    for count in range(2000):
        actions = torch.randint(0, 2, (1, envs), generator=generator)
        lean = seen[..., 2] + 0.3 * seen[..., 3] + 0.05 * seen[..., 0] + 0.1 * seen[..., 1]
        actions[0, :2] = (lean > 0)[0, :2].long()
        step = ours.step(actions, torch.rand(1, envs, 4, generator=generator))
        seen = step.observation
        for index, env in enumerate(theirs):
            expected, reward, terminated, truncated, _ = env.step(int(actions[0, index]))
            torch.testing.assert_close(
                step.final_observation[0, index], torch.from_numpy(expected), rtol=6e-8, atol=1e-9
            )
            assert float(step.reward[0, index]) == reward
            assert bool(step.terminated[0, index]) is terminated
            assert bool(step.truncated[0, index]) is truncated
            if terminated or truncated:
                start(env, ours.state(), index)
            elif count % 100 == 0:
                put(env, ours.state(), index)
            cut, fallen = cut + truncated, fallen + terminated
    assert cut >= 6
    assert fallen > 100


def test_first_states_are_uniform_within_the_bounds() -> None:
    """A draw of 0 is −0.05 and one of 1 is +0.05, in the order of the observation."""
    ours = CartPole(1, 1, CPU)
    seen = ours.reset(torch.tensor([[[0.0, 0.25, 0.5, 1.0]]]))
    torch.testing.assert_close(seen, torch.tensor([[[-0.05, -0.025, 0.0, 0.05]]]))
    assert seen.dtype == torch.float32


def test_an_episode_restarts_within_its_last_step() -> None:
    """The last observation of the old one and the first of the new one are both given."""
    ours, _, _ = started(1, 2)
    state = ours.state()
    state["motion"][0, 0, 0] = torch.tensor([2.39, 5.0])
    ours.load_state(state)
    half = torch.full((1, 2, 4), 0.5)
    step = ours.step(torch.ones(1, 2, dtype=torch.int64), half)
    assert step.terminated.tolist() == [[True, False]]
    assert step.truncated.tolist() == [[False, False]]
    assert step.final_observation[0, 0, 0].item() == pytest.approx(2.49)
    assert step.observation[0, 0].tolist() == [0, 0, 0, 0]
    assert torch.equal(step.observation[0, 1], step.final_observation[0, 1])
    assert ours.state()["age"].tolist() == [[0, 1]]


@pytest.mark.parametrize("age", [498, 499])
def test_the_time_limit_cuts_off_the_500th_step(age: int) -> None:
    """Cut off, not ended: a value does lie beyond."""
    ours, _, _ = started(2, 1)
    ours.load_state({**ours.state(), "age": torch.tensor([[age], [0]])})
    step = ours.step(torch.zeros(2, 1, dtype=torch.int64), torch.zeros(2, 1, 4))
    assert step.truncated.tolist() == [[age == 499], [False]]
    assert not step.terminated.any()


def test_a_seed_does_not_depend_on_its_neighbours() -> None:
    """Other actions and draws of seed 1 change nothing in seeds 0 and 2, to the last bit."""
    runs = []
    for other in (5, 6):
        ours, _, generator = started(3, 4)
        strange = torch.Generator().manual_seed(other)
        for _ in range(200):
            actions = torch.randint(0, 2, (3, 4), generator=generator)
            draws = torch.rand(3, 4, 4, generator=generator)
            actions[1] = torch.randint(0, 2, (4,), generator=strange)
            draws[1] = torch.rand(4, 4, generator=strange)
            step = ours.step(actions, draws)
        runs.append(step.observation)
    assert torch.equal(runs[0][0], runs[1][0])
    assert torch.equal(runs[0][2], runs[1][2])
    assert not torch.equal(runs[0][1], runs[1][1])


def test_a_saved_state_goes_on_to_the_last_bit() -> None:
    """Loaded into a fresh environment; nor do later steps touch what was saved or returned."""
    ours, _, generator = started(2, 3)
    for _ in range(50):
        step = ours.step(torch.ones(2, 3).long(), torch.rand(2, 3, 4, generator=generator))
    saved = ours.state()
    copy = {name: tensor.clone() for name, tensor in saved.items()}
    held, held_copy = step.observation, step.observation.clone()
    other = CartPole(2, 3, CPU)
    other.load_state(saved)
    actions, draws = torch.zeros(2, 3).long(), torch.rand(2, 3, 4, generator=generator)
    for _ in range(30):
        one, two = ours.step(actions, draws), other.step(actions, draws)
        assert torch.equal(one.observation, two.observation)
        assert torch.equal(one.terminated, two.terminated)
    assert all(torch.equal(saved[name], copy[name]) for name in copy)
    assert torch.equal(held, held_copy)


@pytest.mark.parametrize("drop", ["age", None])
def test_a_foreign_state_is_refused(drop: str | None) -> None:
    """By the names it holds and by their shapes."""
    state = CartPole(1, 2, CPU).state()
    if drop:
        del state[drop]
    with pytest.raises(ValueError, match="this environment"):
        CartPole(1, 2 if drop else 3, CPU).load_state(state)


def test_observations_and_rewards_take_the_type_asked_for() -> None:
    """Double precision for tests of the trainer."""
    ours = CartPole(1, 1, CPU, torch.float64)
    assert ours.reset(torch.zeros(1, 1, 4)).dtype == torch.float64
    step = ours.step(torch.zeros(1, 1).long(), torch.zeros(1, 1, 4))
    assert (step.observation.dtype, step.reward.dtype) == (torch.float64, torch.float64)
