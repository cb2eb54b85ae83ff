"""The verdicts on trainers of the user's: what each script does is what is said of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ppodiag.ablate.dead_knobs.probes import PROBES
from ppodiag.commands.dead_knobs import run_dead_knobs
from tests.ablate.dead_knobs import scripts

HEALTHY = "examples/healthy.json"
SCHEDULE = "advanced_optimization.learning_rate_schedule"
GRADIENT = "advanced_optimization.gradient_optimization"
ACTS, NOT_SEEN, NONE = "acts", "no effect seen in this probe", "no effect at all"


def outcome_of(
    folder: Path, script: str, key: str = "", **given: Any
) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """Exit code, the result, and the records of the keys by name."""
    output = folder / "result.json"
    given = {"trainer": scripts.trainer(folder, script, key), "format_": "json", **given}
    code = run_dead_knobs(HEALTHY, {**given, "output": str(output)})
    record = json.loads(output.read_text(encoding="utf-8"))
    return code, record, {result["key"]: result for result in record["keys"]}


def verdicts(keys: dict[str, Any]) -> dict[str, str]:
    return {name: result["verdict"] for name, result in keys.items()}


def test_a_trainer_that_ignores_the_block_has_no_effect_at_all(tmp_path: Path) -> None:
    """Every key of a block that nothing reads is called dead, and the exit code says so."""
    code, record, keys = outcome_of(tmp_path, scripts.IGNORES)
    assert code == 1
    assert verdicts(keys) == {probe.name: NONE for probe in PROBES}
    assert {result["reason"] for result in keys.values()} == {"no probe has one"}
    assert record["deterministic"]
    assert record["columns"] == {
        "repeating": ["env_steps", "policy_loss"], "machine": ["fps"], "unsteady": [],
    }  # fmt: skip
    assert [c["differing"] for c in record["controls"]] == [["policy_loss"], ["policy_loss"]]


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.key[-1])
def test_the_one_key_that_is_read_acts(tmp_path: Path, probe: Any) -> None:
    """A script that reads one key: that one acts, of the others nothing is seen."""
    with_cost = probe.key[-1] == "use_gradient_checkpointing"
    others = ["type", "warmup_steps", "stabilization_steps"]
    wanted = None if with_cost else ",".join([probe.name, *others])
    code, _, keys = outcome_of(tmp_path, scripts.READS, probe.name, keys=wanted)
    expected = {name: ACTS if name == probe.name else NOT_SEEN for name in keys}
    assert verdicts(keys) == expected
    assert code == 1
    assert keys[probe.name]["differing"] == [{"column": "policy_loss", "from_step": 0}]


def test_a_key_of_the_file_beside_the_block_spares_the_block_nothing(tmp_path: Path) -> None:
    """With max_grad_norm read and the block not: the block is dead, stabilization is not seen."""
    _, _, keys = outcome_of(tmp_path, scripts.READS, "ppo_config.max_grad_norm")
    found = verdicts(keys)
    assert found.pop("ppo_config.max_grad_norm") == ACTS
    assert found.pop("ppo_config.stabilization_steps") == NOT_SEEN
    assert set(found.values()) == {NONE}
    assert keys[f"{SCHEDULE}.type"]["reason"] == "no probe of the block has one"


@pytest.mark.parametrize("script", [scripts.CHECKPOINTS, scripts.SAVES_MEMORY])
def test_checkpointing_is_seen_by_time_and_by_memory(tmp_path: Path, script: str) -> None:
    """A trajectory that stays the same does not hide a longer time, or less memory."""
    code, _, keys = outcome_of(tmp_path, script, keys="use_gradient_checkpointing")
    result = keys[f"{GRADIENT}.use_gradient_checkpointing"]
    assert (code, result["verdict"], result["differing"]) == (0, ACTS, [])
    told = [measured["what"] for measured in result["measured"] if measured["told_apart"]]
    by_time = script == scripts.CHECKPOINTS
    assert told == ["seconds of the process" if by_time else "highest gpu_memory_mb"]


def test_a_trainer_that_never_does_the_same_twice(tmp_path: Path) -> None:
    """Where two equal runs differ in a column of learning, nothing is told of any key."""
    code, record, keys = outcome_of(tmp_path, scripts.RANDOM)
    assert code == 3
    assert set(verdicts(keys).values()) == {"trainer not deterministic, cannot tell"}
    assert record["columns"]["unsteady"] == ["policy_loss"]
    assert record["runs"] == 4, "the probes are not run"


def test_a_column_that_does_not_repeat_is_left_out(tmp_path: Path) -> None:
    """A column of no known meaning that differs between equal runs makes no key act."""
    code, record, keys = outcome_of(tmp_path, scripts.RANDOM_BESIDE, keys="type,warmup_steps")
    assert code == 1
    assert set(verdicts(keys).values()) == {NOT_SEEN}
    assert record["columns"]["unsteady"] == ["queue"]


def test_a_trainer_that_crashes(tmp_path: Path) -> None:
    """The tail of the base run is shown, and nothing is told of any key."""
    code, record, keys = outcome_of(tmp_path, scripts.CRASHES)
    assert code == 3
    assert set(verdicts(keys).values()) == {"cannot tell"}
    assert record["base_failure"]["reason"] == "exit code 1"
    assert "KeyError: 'no such thing'" in record["base_failure"]["tail"]


def test_a_trainer_that_writes_no_log(tmp_path: Path) -> None:
    """A run that ends well and leaves nothing to read failed."""
    code, record, _ = outcome_of(tmp_path, scripts.NO_LOG)
    assert code == 3
    assert record["base_failure"]["reason"] == (
        "no log that can be read: the folder holds no log of a run"
    )


def test_a_constant_log_shows_nothing(tmp_path: Path) -> None:
    """A log that neither the seed nor the learning rate changes proves no key dead."""
    code, record, keys = outcome_of(tmp_path, scripts.CONSTANT, keys="warmup_steps")
    assert (code, record["log_shows"]) == (3, False)
    result = keys[f"{SCHEDULE}.warmup_steps"]
    assert result["verdict"] == "cannot tell"
    assert result["reason"] == "the log shows nothing, whatever changes"


def test_a_run_that_crashes_on_one_value(tmp_path: Path) -> None:
    """The key that crashes it is not judged, with the reason; the others are."""
    code, _, keys = outcome_of(tmp_path, scripts.CRASHES_ON_WARMUP, keys="type,warmup_steps")
    assert code == 3
    result = keys[f"{SCHEDULE}.warmup_steps"]
    assert result["verdict"] == "cannot tell"
    assert result["reason"] == "the run with warmup_steps = 384 failed: exit code 1"
    assert "warm-up is not built yet" in result["tail"]
    assert keys[f"{SCHEDULE}.type"]["verdict"] == NOT_SEEN


def test_an_echo_is_no_effect(tmp_path: Path) -> None:
    """A log that repeats the values of the block shows nothing of what they do."""
    _, _, keys = outcome_of(tmp_path, scripts.ECHOES, keys="accumulation_steps,warmup_steps")
    result = keys[f"{GRADIENT}.accumulation_steps"]
    assert (result["verdict"], result["echoes"]) == (NOT_SEEN, ["accumulation_steps"])


def test_a_schedule_that_is_only_logged_is_told(tmp_path: Path) -> None:
    """A key that changes the logged rate and no loss acts on the log alone, which is said."""
    code, _, keys = outcome_of(tmp_path, scripts.LOGS_A_SCHEDULE, keys="warmup_steps")
    result = keys[f"{SCHEDULE}.warmup_steps"]
    assert (code, result["verdict"], result["logged_only"]) == (0, ACTS, True)
    assert [each["column"] for each in result["differing"]] == ["lr"]


def test_a_seed_alone_is_control_enough(tmp_path: Path) -> None:
    """A trainer that does not read its learning rate either is still shown to ignore the key."""
    _, record, keys = outcome_of(tmp_path, scripts.IGNORES_LR, keys="warmup_steps")
    assert [bool(control["differing"]) for control in record["controls"]] == [True, False]
    assert keys[f"{SCHEDULE}.warmup_steps"]["verdict"] == NOT_SEEN


def test_sources_that_agree_make_it_certain(tmp_path: Path) -> None:
    """No effect, and nothing in the sources reads the key: no effect at all, with what was found."""
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "train.py").write_text(
        "import json\n\ndef main(path):\n    config = json.load(open(path))\n"
        "    ppo = config['ppo_config']\n    block = config['advanced_optimization']\n"
        "    run(ppo['lr'], block['learning_rate_schedule']['type'])\n",
        encoding="utf-8",
    )
    _, _, keys = outcome_of(
        tmp_path, scripts.IGNORES, keys="type,warmup_steps", runtime=[str(folder)]
    )
    dead, read = keys[f"{SCHEDULE}.warmup_steps"], keys[f"{SCHEDULE}.type"]
    assert (dead["verdict"], dead["reason"]) == (NONE, "the sources agree")
    assert dead["sources_say"].startswith(f"RT801: nothing reads {SCHEDULE}.warmup_steps")
    assert (read["verdict"], read["sources_say"]) == (NOT_SEEN, "")
