"""What the bundled trainer refuses is refused at once, by every command that would start it."""

import importlib.util

import pytest

from tests.conftest import require


@pytest.mark.parametrize(
    ("command", "words", "said"),
    [
        ("ablate", ["--env", "CartPole"], "CartPole"),
        ("ablate", ["--dead-knobs", "--device", "cuda:99"], "cuda:99"),
        ("confirm", ["--env", "CartPole"], "CartPole"),
    ],
)
def test_nothing_is_run_and_nothing_is_left(ppodiag, tmp_path, config, command, words, said):
    """Exit code 2, the trainer's own words, what to do; no folder, no unit of work."""
    require(importlib.util.find_spec("torch"), "torch")
    done = ppodiag(command, config, *words)
    assert done.returncode == 2, done.stdout + done.stderr
    first, remedy = done.stderr.splitlines()
    assert first.startswith("error: the trainer refuses it: ")
    assert said in first
    assert remedy.startswith("  = help: ")
    assert {path.name for path in tmp_path.iterdir()} == {"ppo.json"}


def test_a_value_of_the_command_line_that_cannot_be_is_no_finding_of_the_file(ppodiag, config):
    """It is refused by `confirm` without a run; of the file itself it would be a finding."""
    done = ppodiag("confirm", config, "--set", "ppo_config.epochs=0")
    assert done.returncode == 2
    assert "ppo_config.epochs as given on the command line: epochs is 0" in done.stderr
