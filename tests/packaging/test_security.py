"""docs/security.md: each promise is held by tests that exist; and what the sources as a whole must not do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/.]+)::(\w+)`", PAGE)
SOURCES = [
    path for top in ("ppodiag", "reference_trainer") for path in sorted((ROOT / top).rglob("*.py"))
]


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_each_test_that_the_page_names_exists(file: str, name: str) -> None:
    """By its file and its name."""
    path = ROOT / file
    assert path.exists()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_each_promise_names_a_test() -> None:
    """No item of the lists is without one, and there are as many as were written."""
    items = PAGE.partition("## What is not promised")[0].split("\n- ")[1:]
    assert len(items) > 18
    assert not [item for item in items if "::test_" not in item]


def called() -> Iterator[tuple[str, ast.Call, str]]:
    """Every call of the sources: file, node, and the function as it is written."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield path.relative_to(ROOT).as_posix(), node, ast.unparse(node.func)


def test_nothing_unpickles_or_evaluates() -> None:
    """No pickle, no eval; numpy and pandas read no objects; torch reads weights only; YAML makes none."""
    ill = re.compile(
        r"^(eval|exec)$|\b(c?[pP]ickle|marshal|shelve|dill|joblib)\.|\bread_pickle$|\byaml\.(unsafe_|full_)?load(_all)?$"
    )
    found = [(file, name) for file, _, name in called() if ill.search(name)]
    # Rules come from files and a bundle of this package; `torch.compile` and `re.compile` are none of these.
    assert {file for file, _ in found} <= {"ppodiag/rules/loader.py"}
    loads = [call for _, call, name in called() if name in ("torch.load", "np.load", "numpy.load")]
    assert len(loads) == 1
    assert all(
        ast.unparse(k.value) == "True"
        for call in loads
        for k in call.keywords
        if k.arg == "weights_only"
    )
    assert any(k.arg == "weights_only" for k in loads[0].keywords)
    assert not [
        file for file, call, _ in called() if any(k.arg == "allow_pickle" for k in call.keywords)
    ]


def test_no_shell_is_started() -> None:
    """Processes are started from lists of words."""
    found = [
        (file, name)
        for file, _, name in called()
        if re.search(r"\bos\.(system|popen|spawn)|getoutput$", name)
    ]
    found += [
        (file, name)
        for file, call, name in called()
        if any(k.arg == "shell" for k in call.keywords)
    ]
    assert found == []
    assert [name for _, _, name in called() if name == "subprocess.Popen"]


def test_no_module_opens_connections() -> None:
    """Nothing that does is imported, but by the executor that speaks to Ray."""
    network = {
        "socket",
        "http",
        "urllib.request",
        "ftplib",
        "smtplib",
        "requests",
        "httpx",
        "aiohttp",
        "urllib3",
    }
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names = {node.module or ""}
            else:
                continue
            if any(name == n or name.startswith(f"{n}.") for name in names for n in network):
                found.add(path.relative_to(ROOT).as_posix())
    assert found <= {"ppodiag/ablate/executors/ray_cluster.py"}
