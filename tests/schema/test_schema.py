"""The schema, the generated verdict, and the words for what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ppodiag._generated import accept as generated
from ppodiag.case import ABSENT
from ppodiag.healthy import HEALTHY, with_changes
from ppodiag.schema.explain import explain
from ppodiag.schema.load import describe, schema
from ppodiag.schema.near import edit_distance, near_misses, nearest
from tests.conftest import CORPUS, ROOT, require
from tests.test_properties import configurations, values

VALIDATOR = Draft202012Validator(schema())


def described(node: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every described key of the schema with its path."""
    found = []
    for key, below in node.get("properties", {}).items():
        found.append((f"{path}/{key}", below))
        found += described(below, f"{path}/{key}")
    if "items" in node:
        found += described(node["items"], f"{path}/0")
    return found


KEYS = described(schema())


def test_the_schema_is_a_schema() -> None:
    """It is valid by the metaschema of 2020-12, and describes more than a hundred keys."""
    Draft202012Validator.check_schema(schema())
    assert len(KEYS) > 100


@pytest.mark.parametrize(("path", "node"), KEYS, ids=[path for path, _ in KEYS])
def test_every_key_is_described(path: str, node: dict[str, Any]) -> None:
    """Title, description, unit, examples that are valid, and a default or the word that there is none."""
    assert node["title"]
    assert node["description"].endswith(".")
    assert node["x-unit"]
    assert ("default" in node) != node["description"].endswith("No default.")
    resolved = {**node, "$defs": schema()["$defs"]}
    for example in [*node["examples"], *([node["default"]] if "default" in node else [])]:
        assert Draft202012Validator(resolved).is_valid(example), (path, example)


def test_generated_code_is_current() -> None:
    """accept.py and keys.py are what the generator makes of the schema."""
    code = (
        "import sys; sys.path[:0] = ['.', 'tools']; import generate_validator as g; "
        "assert all(p.read_text(encoding='utf-8') == t for p, t in g.outputs().items())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0


def test_unknown_keywords_stop_the_generator() -> None:
    """A keyword that the generator does not understand stops it; nothing is skipped."""
    code = (
        "import sys; sys.path[:0] = ['.', 'tools']; import generate_validator as g; "
        "g.Compiler({}).function({'multipleOf': 2})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "does not understand ['multipleOf']" in done.stderr


@given(configurations() | values)
@settings(max_examples=400)
def test_both_verdicts_agree(instance: Any) -> None:
    """The generated code accepts exactly what jsonschema accepts."""
    assert generated.accept(instance) == VALIDATOR.is_valid(instance)


@pytest.mark.parametrize(
    "own",
    [
        {"profile": 1}, {"ignore": {"LR1": 3}}, {"ignore": {"LR1": [{"reason": "x"}]}},
        {"ignore": {"LR1": {"reason": "x", "until": "soon"}}}, {"x": 1}, {"ignore": []}, [],
        {"ignore": {"LR1": {"reason": "x", "at": "lr"}}}, {"ignore": {"LR1": {"why": "x"}}},
    ],
)  # fmt: skip
def test_verdicts_agree_on_the_reserved_object(own: Any) -> None:
    """The same for the object in which the author talks to ppodiag."""
    instance = {**HEALTHY, "$ppodiag": own}
    assert generated.accept(instance) == VALIDATOR.is_valid(instance)


LRS = "advanced_optimization.learning_rate_schedule"
FAULTS: list[tuple[dict[str, Any], list[tuple[str, str, str]]]] = [
    ({"ppo_config.lr": "3e-4"}, [("SCH101", "/ppo_config/lr", "write 3e-4 without quotes")]),
    ({"ppo_config.epochs": True}, [("SCH101", "/ppo_config/epochs", "write a whole number")]),
    ({"ppo_config.epochs": 2.5}, [("SCH101", "/ppo_config/epochs", "write a whole number")]),
    ({"ppo_config.epochs": 0}, [("SCH102", "/ppo_config/epochs", "at least 1")]),
    ({"ppo_config.lr": 0}, [("SCH102", "/ppo_config/lr", "above 0")]),
    ({"ppo_config": []}, [("SCH101", "/ppo_config", "write an object")]),
    ({"ppo_config.epochs": ABSENT}, [("SCH103", "/ppo_config/epochs", 'add "epochs": 4')]),
    ({f"{LRS}.type": ABSENT}, [("SCH103", "/" + LRS.replace(".", "/") + "/type", "add")]),
    (
        {"advanced_optimization.adaptive_batch_size": {"enable": True, "min_batch_size": 1}},
        [
            ("SCH103", "/advanced_optimization/adaptive_batch_size/max_batch_size", "add"),
            ("SCH103", "/advanced_optimization/adaptive_batch_size/adaptation_rate", "add"),
        ],
    ),
    (
        {f"{LRS}.warmup_step": 5, f"{LRS}.warmup_steps": ABSENT},
        [("SCH104", "/" + LRS.replace(".", "/") + "/warmup_step", "write warmup_steps")],
    ),
    ({f"{LRS}.zzz": 5}, [("SCH104", "/" + LRS.replace(".", "/") + "/zzz", "remove it")]),
    ({f"{LRS}._why": 5, f"{LRS}.comment": 5}, []),
    (
        {f"{LRS}.type": "cosine"},
        [("SCH106", "/" + LRS.replace(".", "/") + "/type", "choose one of")],
    ),
    (
        {"ppo_config.learning_rate": 3e-4, "ppo_config.lr": ABSENT},
        [("SCH105", "/ppo_config/learning_rate", "write lr in the place of learning_rate")],
    ),
    ({"ppo_config.my_own_key": {"deep": []}}, []),
    ({"my_block": {"lr": "x"}}, []),
]


@pytest.mark.parametrize(("changes", "expected"), FAULTS)
def test_words(changes: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    """Each fault is one finding at its place, with what to do."""
    found = explain(with_changes(changes))
    assert [(f.code, f.pointer) for f in found] == [(c, p) for c, p, _ in expected]
    for finding, (_, _, piece) in zip(found, expected, strict=True):
        assert piece in finding.remedy


def test_lost_keys_are_not_missed() -> None:
    """No key is called missing where it was lost, or where a damaged block may have held it."""
    value = with_changes({"ppo_config.lr": ABSENT, "ppo_config.epochs": ABSENT})
    found = explain(value, lost=frozenset(["/ppo_config/lr"]))
    assert [f.pointer for f in found] == ["/ppo_config/epochs"]
    assert explain(value, damaged=frozenset(["/ppo_config"])) == []


def test_long_values_are_shortened() -> None:
    """A message shows at most a piece of a huge value."""
    (finding,) = explain(with_changes({"ppo_config.lr": "x" * 10**6}))
    assert len(finding.message) < 120


def test_check_jsonschema(tmp_path: Path) -> None:
    """check-jsonschema accepts a good file by the schema and refuses a bad one."""
    tool = Path(sys.executable).with_name("check-jsonschema")
    require(tool.exists(), "check-jsonschema")
    file = ROOT / "schemas" / "ppo-config.schema.json"
    codes = []
    for value in (HEALTHY, with_changes({"ppo_config.lr": "3e-4"})):
        (tmp_path / "a.json").write_text(json.dumps(value))
        done = subprocess.run(
            [tool, "--schemafile", file, tmp_path / "a.json"], capture_output=True, check=False
        )
        codes.append(done.returncode)
    assert codes == [0, 1]


def test_real_files_draw_nothing() -> None:
    """Neither real configuration draws a finding of the schema's."""
    files = sorted(CORPUS.glob("*.json"))
    if not files:
        pytest.skip("the corpus is not beside the project")
    for file in files:
        assert explain(json.loads(file.read_text())) == []


def literal_distance(a: str, b: str) -> int:
    """Optimal string alignment by its recurrence."""
    d = [[i + j if i * j == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            d[i][j] = min(
                d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])
            )
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                d[i][j] = min(d[i][j], d[i - 2][j - 2] + 1)
    return d[-1][-1]


@given(st.text("abc", max_size=7), st.text("abc", max_size=7), st.integers(0, 3))
@settings(max_examples=300)
def test_edit_distance(a: str, b: str, limit: int) -> None:
    """The distance up to a limit equals the textbook recurrence."""
    assert min(edit_distance(a, b, limit), limit + 1) == min(literal_distance(a, b), limit + 1)


def test_nearest() -> None:
    """Misspellings, other spellings, other orders and other trainers' names; no wild guesses."""
    keys = ["epochs", "rollout_len", "minibatch_size", "gamma", "lr", "max_grad_norm"]
    assert nearest("epohcs", keys) == "epochs"
    assert nearest("minibatchSize", keys) == "minibatch_size"
    assert nearest("grad_norm_max", keys) == "max_grad_norm"
    assert nearest("n_steps", keys) == "rollout_len"
    assert nearest("ls", keys) is None
    assert nearest("alpha", keys) is None


def test_near_misses_know_what_is_present() -> None:
    """A key near a known one that is present is the author's own."""
    assert near_misses(with_changes({"ppo_config.gama": 1})) == []
    assert near_misses(with_changes({"ppo_config.gama": 1, "ppo_config.gamma": ABSENT})) == [
        (("ppo_config",), "gama", "gamma")
    ]


def test_describe() -> None:
    """Descriptions are found by pointer, through arrays and references; nothing for free keys."""
    assert describe("/ppo_config/lr")["title"] == "Learning rate"
    assert describe("/curriculum_learning/stages/3/name")["title"] == "Name"
    assert describe("/$ppodiag/ignore/LR103/reason")["title"] == "Reason"
    assert describe("/my_block/x") == {}
