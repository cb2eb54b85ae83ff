"""Environments by name, and what is said where there is none."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
import torch

from ppodiag.errors import UsageError
from reference_trainer.envs import make_env
from reference_trainer.envs.cartpole import CartPole
from reference_trainer.envs.environment import VectorEnv
from tests.conftest import require

HAS_GYMNASIUM = importlib.util.find_spec("gymnasium") is not None


def made(name: str) -> VectorEnv:
    device = torch.device("cpu")
    return make_env(name, {}, (0, 1), 3, device)


def test_cartpole_is_built_in() -> None:
    """And is not Gymnasium's."""
    assert isinstance(made("CartPole-v1"), CartPole)


@pytest.mark.parametrize("name", ["Acrobot-v1", "gymnasium:CartPole-v1"])
def test_other_ids_are_gymnasiums(name: str) -> None:
    """With the prefix even where the id is built in."""
    require(HAS_GYMNASIUM, "gymnasium")
    env = made(name)
    assert type(env).__name__ == "GymnasiumEnv"
    assert env.spec.name == name.removeprefix("gymnasium:")
    env.close()


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("cartpole-v1", "CartPole-v1"),
        ("CartPole", "CartPole-v1"),
        ("replica-sheduling", "replica-scheduling"),
        ("gymnasium:Acrobat-v1", "Acrobot-v1"),
        ("LunarLander-v2", "LunarLander-v3"),
    ],
)
def test_a_name_that_is_nearly_right_is_corrected(name: str, near: str) -> None:
    """Of those built in and of all that Gymnasium has registered."""
    require(HAS_GYMNASIUM, "gymnasium")
    with pytest.raises(UsageError) as caught:
        made(name)
    assert caught.value.message == f"there is no environment {name.removeprefix('gymnasium:')}"
    assert caught.value.remedy == f"did you mean {near}?"


def test_a_strange_name_is_told_what_there_is() -> None:
    """Where nothing is near."""
    require(HAS_GYMNASIUM, "gymnasium")
    with pytest.raises(UsageError) as caught:
        made("")
    assert caught.value.remedy == (
        "choose replica-scheduling, CartPole-v1, an id of Gymnasium or module:function"
    )


def test_without_gymnasium_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a traceback from an import."""
    for name in [name for name in sys.modules if name.startswith("reference_trainer.envs.gym")]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.split(".")[0] == "gymnasium"]:
        monkeypatch.delitem(sys.modules, name)

    class Absent:
        def find_spec(self, name: str, path: object = None, target: object = None) -> None:
            if name.split(".")[0] == "gymnasium":
                raise ModuleNotFoundError(f"No module named {name!r}", name="gymnasium")

    monkeypatch.setattr(sys, "meta_path", [Absent(), *sys.meta_path])
    import reference_trainer.envs as package

    monkeypatch.delattr(package, "gymnasium_env", raising=False)
    monkeypatch.delattr(package, "gymnasium_make", raising=False)
    with pytest.raises(UsageError) as caught:
        made("LunarLander-v3")
    assert caught.value.message == "LunarLander-v3 is not built in, and Gymnasium is not installed"
    assert 'pip install "ppodiag[gym]" (box2d or mujoco' in caught.value.remedy


@pytest.mark.parametrize(("name", "package", "extra"), [
    ("LunarLander-v3", "Box2D", "box2d"), ("HalfCheetah-v5", "mujoco", "mujoco"),
])  # fmt: skip
def test_a_missing_package_is_named_with_its_extra(name: str, package: str, extra: str) -> None:
    """Box2D and MuJoCo come by extras of the project."""
    require(HAS_GYMNASIUM, "gymnasium")
    if importlib.util.find_spec(package):
        pytest.skip(f"{package} is installed")
    with pytest.raises(UsageError) as caught:
        made(name)
    assert caught.value.message.startswith(f"{name} cannot be made")
    assert caught.value.remedy == f'pip install "ppodiag[{extra}]"'


def test_a_function_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is called with the configuration and all that an environment needs to know."""
    (tmp_path / "ours_a.py").write_text(
        "from reference_trainer.envs.cartpole import CartPole\n"
        "class Kinds:\n"
        "    @staticmethod\n"
        "    def pole(config, *, seeds, envs, device, rank, dtype):\n"
        "        assert config == {} and seeds == (0, 1)\n"
        "        return CartPole(len(seeds), envs, device, dtype)\n"
        "def nothing(config, **request):\n"
        "    return None\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert isinstance(made("ours_a:Kinds.pole"), CartPole)
    with pytest.raises(UsageError, match="gave a NoneType, whose spec is not an EnvSpec"):
        made("ours_a:nothing")


def test_a_module_that_registers_with_gymnasium(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`module:ID` works as in Gymnasium itself, with the prefix and without."""
    require(HAS_GYMNASIUM, "gymnasium")
    (tmp_path / "ours_b.py").write_text(
        "import gymnasium\n"
        "gymnasium.register('Ours-v3', "
        "'gymnasium.envs.classic_control.acrobot:AcrobotEnv', max_episode_steps=7)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("ours_b:Ours-v3", "gymnasium:ours_b:Ours-v3"):
        env = made(name)
        assert env.spec.observation == 6
        env.close()
    with pytest.raises(UsageError, match="did you mean Ours-v3"):
        made("ours_b:Ours-v4")


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        (None, "there is no module ours_c", "start in the folder that holds it"),
        ("import absent_package\n", "No module named 'absent_package'", "install what it imports"),
    ],
)
def test_a_module_that_is_not_there(
    text: str | None,
    message: str,
    remedy: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor one that it imports: two messages, with what to do."""
    if text:
        (tmp_path / "ours_c.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UsageError) as caught:
        made("ours_c:make")
    assert message in caught.value.message
    assert caught.value.remedy.startswith(remedy)


@pytest.mark.filterwarnings("ignore")
def test_every_id_of_gymnasium_works_or_says_why_not() -> None:
    """Old versions, absent packages and strange spaces; never another exception."""
    require(HAS_GYMNASIUM, "gymnasium")
    import gymnasium

    worked, refused = [], {}
    for name in list(gymnasium.registry):
        try:
            env = made(f"gymnasium:{name}")
        except UsageError as error:
            refused[name] = error
        else:
            env.close()
            worked.append(name)
    for name, error in refused.items():
        assert error.message.startswith((f"{name} cannot be made: ", "the observations of"))
        assert error.remedy
    assert len(worked) + len(refused) == len(gymnasium.registry) > 40
    assert {"CartPole-v1", "Acrobot-v1", "MountainCar-v0", "Pendulum-v1"} <= set(worked)
