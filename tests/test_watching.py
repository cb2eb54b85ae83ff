"""`ppodiag.watch`: a dict in every way that a trainer uses it, which knows what was read."""

from __future__ import annotations

import copy
import json
import os
import pickle
import pprint
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ppodiag
from ppodiag.watching import Watched
from tests.conftest import ROOT

CONFIG: dict[str, Any] = {
    "opt": {"lr": 1, "clip": 2, "comment": "remark"},
    "stages": [{"name": "a", "steps": 1}, {"name": "b", "extra": 2}],
    "seed": 3,
    "_note": 4,
}
ALL = ("opt", "stages", "seed")


def watched() -> Watched:
    return ppodiag.watch(CONFIG, at_exit=False)


def test_nothing_read() -> None:
    """Topmost paths only, without free text; what was wrapped stays as it was."""
    before = copy.deepcopy(CONFIG)
    cfg = watched()
    cfg["seed"] = 5
    assert cfg.unread() == ALL
    assert before == CONFIG


READS: dict[str, tuple[Callable[[Any], object], tuple[str, ...]]] = {
    "item": (lambda c: c["opt"]["lr"], ("opt.clip", "stages", "seed")),
    "get": (lambda c: c.get("opt").get("lr"), ("opt.clip", "stages", "seed")),
    "get with default": (lambda c: c.get("none", 1), ALL),
    "pop": (lambda c: c.pop("seed"), ("opt", "stages")),
    "setdefault": (lambda c: c.setdefault("seed", 1), ("opt", "stages")),
    "in": (lambda c: "seed" in c, ("opt", "stages")),
    "block alone": (lambda c: c["opt"], ALL),
    "star star": (lambda c: dict(**c["opt"]), ("stages", "seed")),
    "dict": (lambda c: dict(c["opt"]), ("stages", "seed")),
    "items": (lambda c: list(c["opt"].items()), ("stages", "seed")),
    "items of the whole": (lambda c: list(c.items()), ("opt", "stages")),
    "values": (lambda c: list(c["opt"].values()), ("stages", "seed")),
    "keys": (lambda c: list(c["opt"].keys()), ALL),
    "iteration": (lambda c: list(c["opt"]), ALL),
    "list": (lambda c: [s["name"] for s in c["stages"]], ("opt", "stages.steps", "stages.extra", "seed")),
    "copy": (lambda c: copy.copy(c)["seed"], ("opt", "stages")),
    "deep copy": (lambda c: copy.deepcopy(c)["opt"]["lr"], ("opt.clip", "stages", "seed")),
    "merged": (lambda c: (c | {"x": 1})["seed"], ("opt", "stages")),
}  # fmt: skip


@pytest.mark.parametrize("way", READS)
def test_reading(way: str) -> None:
    """Each way to read marks exactly the keys whose values it hands out."""
    read, left = READS[way]
    cfg = watched()
    read(cfg)
    assert cfg.unread() == left


WRITES: dict[str, Callable[[Any], object]] = {
    "json": json.dumps,
    "json, indented": lambda c: json.dumps(c, indent=1, sort_keys=True),
    "pprint": pprint.pformat,
    "repr": repr,
    "equality": lambda c: c == CONFIG,
    "len": len,
    "pickle": pickle.dumps,
    "deep copy": copy.deepcopy,
    "copy": lambda c: c.copy(),
}


@pytest.mark.parametrize("way", WRITES)
def test_writing_down_is_no_reading(way: str) -> None:
    """Writing the configuration down, showing, comparing or copying it marks nothing."""
    cfg = watched()
    WRITES[way](cfg)
    assert cfg.unread() == ALL


def test_yaml() -> None:
    """YAML's writers take it for a dict, and mark nothing."""
    yaml = pytest.importorskip("yaml")
    cfg = watched()
    assert yaml.safe_load(yaml.safe_dump(cfg)) == CONFIG
    assert yaml.safe_load(yaml.dump(cfg)) == CONFIG
    assert cfg.unread() == ALL


def test_pickles_as_a_plain_dict() -> None:
    """Another process gets plain dicts and lists."""
    again = pickle.loads(pickle.dumps(watched()))
    assert again == CONFIG
    assert type(again) is dict
    assert type(again["opt"]) is dict
    assert type(again["stages"][0]) is dict


_values = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=15,
)


@given(st.dictionaries(st.text(max_size=3), _values, max_size=4))
def test_is_the_dict_that_it_wraps(config: dict[str, Any]) -> None:
    """Equal, with the same text and the same order, for any JSON."""
    cfg = ppodiag.watch(config, at_exit=False)
    assert cfg == config
    assert json.dumps(cfg) == json.dumps(config)
    assert list(cfg) == list(config)
    assert {**cfg} == config
    assert isinstance(cfg, dict)


def test_assert_all_read() -> None:
    """An AssertionError names the keys; patterns leave some out, a block with all below it."""
    cfg = watched()
    cfg["seed"]
    with pytest.raises(AssertionError, match="never read: opt, stages") as caught:
        cfg.assert_all_read()
    assert isinstance(caught.value, ppodiag.UnreadKeys)
    assert caught.value.keys == ("opt", "stages")
    cfg.assert_all_read(ignore=["opt.*", "stages"])


def test_report(capsys: pytest.CaptureFixture[str]) -> None:
    """The report counts keys, and blocks once."""
    cfg = watched()
    cfg["seed"]
    text = cfg.report()
    assert text == capsys.readouterr().err
    assert text == (
        "ppodiag.watch: 5 of 6 keys were never read:\n  opt (2 keys)\n  stages (3 keys)\n"
    )
    assert (
        ppodiag.watch({}, at_exit=False).report() == "ppodiag.watch: each of the 0 keys was read\n"
    )


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import json, os, sys, ppodiag\n" + code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )


def test_at_exit(tmp_path: Path) -> None:
    """At exit the report goes to the standard error, or to a file."""
    done = run("c = ppodiag.watch({'a': 1, 'b': 2}); c['a']", tmp_path)
    assert done.stderr == "ppodiag.watch: 1 of 2 keys were never read:\n  b\n"
    done = run("c = ppodiag.watch({'a': 1, 'b': 2}, log='unread.txt')", tmp_path)
    assert done.stderr == ""
    assert "2 of 2 keys" in (tmp_path / "unread.txt").read_text()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_forked_children_say_nothing(tmp_path: Path) -> None:
    """One report, the parent's, which says that there were children."""
    code = (
        "c = ppodiag.watch({'a': 1})\n"
        "child = os.fork()\n"
        "if not child:\n    c['a']; sys.exit()\n"
        "os.waitpid(child, 0)\n"
    )
    done = run(code, tmp_path)
    assert done.stderr.count("ppodiag.watch:") == 1
    assert "  a\n" in done.stderr
    assert "processes were forked" in done.stderr


def test_threads() -> None:
    """Reads from many threads are all noted."""
    config = {f"k{n}": n for n in range(2000)}
    cfg = ppodiag.watch(config, at_exit=False)

    def read(part: int) -> None:
        for n in range(part, 2000, 8):
            cfg[f"k{n}"]

    threads = [threading.Thread(target=read, args=(part,)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cfg.unread() == ()


def test_benchmark_runs() -> None:
    """The benchmark that the page names prints a line for each way to read."""
    done = subprocess.run(
        [sys.executable, "benchmarks/watch.py", "--quick"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count(" ns") == 6
