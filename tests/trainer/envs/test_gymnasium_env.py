"""Environments of Gymnasium beside a loop over single ones."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from ppodiag.errors import UsageError

gymnasium = pytest.importorskip("gymnasium")
from gymnasium.vector import AutoresetMode  # noqa: E402  (without gymnasium, skipped above)

from reference_trainer.envs.gymnasium_env import GymnasiumEnv, reset_seed  # noqa: E402  (the same)
from reference_trainer.envs.gymnasium_make import make  # noqa: E402  (the same)
from reference_trainer.spaces import Box, Discrete  # noqa: E402  (the same)
from tests.conftest import require  # noqa: E402  (the same)

CPU = torch.device("cpu")
ENVS = 4


def of_id(name: str) -> Callable[[], Any]:
    return lambda: make(name, ENVS)


def in_mode(name: str, mode: AutoresetMode) -> Callable[[], Any]:
    return lambda: gymnasium.make_vec(
        name, ENVS, vectorization_mode="sync", vector_kwargs={"autoreset_mode": mode}
    )


def chosen(env: GymnasiumEnv, seeds: int, generator: torch.Generator) -> Tensor:
    """Actions by chance; in a box wider than its bounds."""
    space = env.spec.actions
    if isinstance(space, Discrete):
        return torch.randint(0, space.count, (seeds, ENVS), generator=generator)
    return 2 * torch.randn(seeds, ENVS, *space.shape, generator=generator)


def single_action(space: Any, action: Tensor) -> Any:
    """What a single environment is given for an action of the trainer."""
    if isinstance(space, gymnasium.spaces.Discrete):
        return int(action) + int(space.start)
    return np.clip(action.numpy().reshape(space.shape), space.low, space.high).astype(space.dtype)


def beside_single_ones(name: str, vector: Callable[[], Any], steps: int) -> tuple[int, int]:
    """Step both and compare every value; how many episodes ended and how many were cut off."""
    numbers = (3, 4)
    env = GymnasiumEnv(name, vector, numbers, CPU)
    generator = torch.Generator().manual_seed(1)
    draws = torch.rand(2, ENVS, 1, generator=generator)
    seen = env.reset(draws)
    singles = [[gymnasium.make(name) for _ in range(ENVS)] for _ in numbers]
    whole = (draws[..., 0].double() * 2**24).long()
    for k, row in enumerate(singles):
        for n, single in enumerate(row):
            first, _ = single.reset(seed=reset_seed(numbers[k], 0, whole[k].tolist()) + n)
            assert seen[k, n].tolist() == first.astype(np.float32).tolist()
    ended = cut = 0
    for _ in range(steps):
        actions = chosen(env, 2, generator)
        step = env.step(actions, torch.empty(2, ENVS, 0))
        for k, row in enumerate(singles):
            for n, single in enumerate(row):
                last, reward, terminated, truncated, _ = single.step(
                    single_action(single.action_space, actions[k, n])
                )
                first = single.reset()[0] if terminated or truncated else last
                assert step.observation[k, n].tolist() == first.astype(np.float32).tolist()
                assert step.final_observation[k, n].tolist() == last.astype(np.float32).tolist()
                assert step.reward[k, n].item() == np.float32(reward)
                assert bool(step.terminated[k, n]) == terminated
                assert bool(step.truncated[k, n]) == truncated
                ended, cut = ended + terminated, cut + truncated
    env.close()
    return ended, cut


@pytest.mark.parametrize("mode", [AutoresetMode.DISABLED, AutoresetMode.SAME_STEP])
def test_episodes_that_end(mode: AutoresetMode) -> None:
    """CartPole one after the other, in both ways to restart: every value as in single ones."""
    ended, cut = beside_single_ones("CartPole-v1", in_mode("CartPole-v1", mode), 200)
    assert (ended > 40, cut) == (True, 0)


@pytest.mark.parametrize("mode", [AutoresetMode.DISABLED, AutoresetMode.SAME_STEP])
def test_episodes_that_are_cut_off(mode: AutoresetMode) -> None:
    """Pendulum, 200 steps each, with actions beyond its bounds: clipped to them."""
    assert beside_single_ones("Pendulum-v1", in_mode("Pendulum-v1", mode), 401) == (0, 16)


@pytest.mark.parametrize("name", ["Acrobot-v1", "MountainCar-v0", "MountainCarContinuous-v0"])
def test_classic_control_by_id(name: str) -> None:
    """The way that an id alone chooses."""
    beside_single_ones(name, of_id(name), 60)


@pytest.mark.filterwarnings("ignore:builtin type:DeprecationWarning")
@pytest.mark.parametrize(
    ("name", "package", "steps"),
    [("LunarLander-v3", "Box2D", 250), ("HalfCheetah-v5", "mujoco", 40)],
)
def test_the_extras_where_they_are_installed(name: str, package: str, steps: int) -> None:
    """Box2D and MuJoCo, beside single ones as the others."""
    require(importlib.util.find_spec(package), package)
    beside_single_ones(name, of_id(name), steps)


def test_cartpoles_own_vector_mode_wastes_no_step() -> None:
    """Every step is one of the physics, the first of an episode too; the limit stays at 500."""
    env = GymnasiumEnv("CartPole-v1", of_id("CartPole-v1"), (0,), CPU)
    assert env.mode == "CartPoleVectorEnv"
    single = gymnasium.make("CartPole-v1").unwrapped
    single.reset()
    generator = torch.Generator().manual_seed(0)
    seen = env.reset(torch.rand(1, ENVS, 1, generator=generator))
    ages, lengths, cut = [0] * ENVS, [], 0
    for _ in range(1200):
        actions = chosen(env, 1, generator)
        lean = seen[..., 2] + 0.3 * seen[..., 3] + 0.05 * seen[..., 0] + 0.1 * seen[..., 1]
        actions[0, :2] = (lean > 0)[0, :2].long()
        inside = env._vectors[0].unwrapped.state.T.copy()
        step = env.step(actions, torch.empty(1, ENVS, 0))
        for n in range(ENVS):
            single.reset()
            single.state = inside[n]
            last, _, terminated, _, _ = single.step(int(actions[0, n]))
            ages[n] += 1
            assert step.final_observation[0, n].tolist() == last.tolist()
            assert step.reward[0, n].item() == 1.0
            assert bool(step.terminated[0, n]) is terminated
            assert bool(step.truncated[0, n]) is (ages[n] == 500)
            if terminated or ages[n] == 500:
                cut += ages[n] == 500
                lengths.append(ages[n])
                ages[n] = 0
                assert step.observation[0, n].abs().max() <= 0.05
                assert not torch.equal(step.observation[0, n], step.final_observation[0, n])
            else:
                assert torch.equal(step.observation[0, n], step.final_observation[0, n])
        seen = step.observation
    assert cut >= 2
    assert len(lengths) > 60


def first_observation(numbers: tuple[int, ...], draws: Tensor, seed: int) -> list[float]:
    """What one seed of several sees first."""
    env = GymnasiumEnv("CartPole-v1", of_id("CartPole-v1"), numbers, CPU)
    seen = env.reset(draws)[numbers.index(seed)].flatten().tolist()
    env.close()
    return seen


def test_random_numbers_follow_from_the_seed_and_the_draws() -> None:
    """The same whatever stands beside it; others for another seed, and for another reset."""
    draws = torch.rand(3, ENVS, 1, generator=torch.Generator().manual_seed(0))
    among = first_observation((4, 5, 6), draws, 5)
    assert among == first_observation((5,), draws[1:2], 5)
    assert among != first_observation((6,), draws[1:2], 6)
    assert among != first_observation((-5,), draws[1:2], -5)
    assert among != first_observation((5,), draws[2:], 5)


def test_what_the_specification_says() -> None:
    """Sizes, bounds, and that it cannot be put back."""
    env = GymnasiumEnv("Pendulum-v1", of_id("Pendulum-v1"), (0,), CPU, dtype=torch.float64)
    spec = env.spec
    assert (spec.observation, spec.reset_draws, spec.step_draws, spec.resumable) == (3, 1, 0, False)
    assert isinstance(spec.actions, Box)
    assert (spec.actions.low.tolist(), spec.actions.high.tolist()) == ([-2.0], [2.0])
    assert env.mode == "SyncVectorEnv"
    assert env.reset(torch.rand(1, ENVS, 1)).dtype == torch.float64
    assert env.state() == {}
    env.load_state({})
    with pytest.raises(ValueError, match="this environment"):
        env.load_state({"age": torch.zeros(1)})


class Numbered(gymnasium.Env[Any, Any]):
    """Actions 5 to 7, each its own reward; counts how often one was closed."""

    closed = 0

    def __init__(self, shape: tuple[int, ...] = (2,), actions: Any = None) -> None:
        self.observation_space = gymnasium.spaces.Box(-1, 1, shape)
        self.action_space = actions or gymnasium.spaces.Discrete(3, start=5)

    def reset(self, **options: Any) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=options.get("seed"))
        return np.zeros(self.observation_space.shape, np.float32), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        assert self.action_space.contains(action)
        return np.zeros(2, np.float32), float(action), False, False, {}

    def close(self) -> None:
        Numbered.closed += 1


def numbered(mode: AutoresetMode = AutoresetMode.DISABLED, **kwargs: Any) -> Callable[[], Any]:
    return lambda: gymnasium.vector.SyncVectorEnv(
        [lambda: Numbered(**kwargs)] * 3, autoreset_mode=mode
    )


def test_actions_are_counted_from_where_the_environment_begins() -> None:
    """The trainer's 0 is its first one."""
    env = GymnasiumEnv("Numbered", numbered(), (0,), CPU)
    env.reset(torch.zeros(1, 3, 1))
    step = env.step(torch.tensor([[0, 1, 2]]), torch.empty(1, 3, 0))
    assert step.reward.tolist() == [[5, 6, 7]]


def test_all_are_closed() -> None:
    """Those of every seed; and a second time does no harm."""
    env = GymnasiumEnv("Numbered", numbered(), (0, 1), CPU)
    Numbered.closed = 0
    env.close()
    env.close()
    assert Numbered.closed == 6


@pytest.mark.parametrize(
    ("vector", "message"),
    [
        (numbered(shape=(2, 2)), "not a flat Box"),
        (numbered(actions=gymnasium.spaces.MultiBinary(2)), "neither Discrete nor a Box"),
        (numbered(actions=gymnasium.spaces.Box(0, 9, (2,), np.int64)), "neither Discrete nor"),
        (numbered(AutoresetMode.NEXT_STEP), "in the step after its end"),
    ],
)
def test_what_is_not_supported_is_refused(vector: Callable[[], Any], message: str) -> None:
    """Before the first step, with what to do; and what was made is closed."""
    Numbered.closed = 0
    with pytest.raises(UsageError, match=message) as caught:
        GymnasiumEnv("Numbered", vector, (0,), CPU)
    assert caught.value.remedy
    assert Numbered.closed == 3


def test_an_own_vector_mode_that_cannot_restart_in_the_step_is_left_aside() -> None:
    """One after the other in its place."""

    class Own(gymnasium.vector.SyncVectorEnv):
        def __init__(self, num_envs: int, **kwargs: Any) -> None:
            super().__init__([Numbered] * num_envs)

    gymnasium.register("Own-v0", Numbered, vector_entry_point=Own)
    try:
        vector = make("Own-v0", 2)
        assert type(vector) is gymnasium.vector.SyncVectorEnv
        assert vector.metadata["autoreset_mode"] is AutoresetMode.DISABLED
        vector.close()
    finally:
        del gymnasium.registry["Own-v0"]
