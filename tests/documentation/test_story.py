"""The stories of the documentation: files, edits and commands of a page, run in order; a wrong story fails."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, require


@pytest.fixture(scope="module")
def tools() -> Iterator[dict[str, Any]]:
    """tools/story.py and tools/build_docs.py."""
    require(shutil.which("bash"), "bash")
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        yield {name: importlib.import_module(name) for name in ("story", "build_docs")}
    finally:
        sys.path.remove(str(ROOT / "tools"))


@pytest.fixture
def story(tools: dict[str, Any], tmp_path: Path) -> Iterator[Any]:
    """A story with a copy of the examples."""
    story = tools["story"].Story(tmp_path, ["examples"])
    yield story
    story.close()


PAGE = """# A story

<!-- story: -->
<!-- varies: took [0-9]+ s -->

```json title="a.json"
{
  "a": 1
}
```

```console
$ mkdir -p in && cd in && pwd
old
$ cat ../a.json \\
>   | grep a
old
```

```diff title="a.json"
-  "a": 1
+  "a": 2
```

```console
$ cat ../a.json | grep a; echo "took 17 s"
  "a": 2
took 12 s
$ (exit 3)
$ echo $?
3
```

```console title="recorded"
$ sleep 10000
slept
```
"""


def test_a_page_is_told(tools: dict[str, Any]) -> None:
    """Files are saved, edits made, the shell goes on; what varies stays as it is shown, the recorded is not run."""
    told = tools["build_docs"].with_outputs(PAGE)
    assert told == PAGE.replace("pwd\nold", "pwd\n~/work/in").replace(
        "grep a\nold", 'grep a\n  "a": 1'
    )
    assert tools["build_docs"].with_outputs(told) == told


def test_what_differs_is_seen(tools: dict[str, Any]) -> None:
    """A line that differs in more than what varies brings the new output."""
    page = PAGE.replace("took 12 s", "it took 12 s")
    assert "took 17 s\n$ (exit" in tools["build_docs"].with_outputs(page)


def test_a_failing_command_stops_the_story(tools: dict[str, Any], story: Any) -> None:
    """An exit code above 1 that nobody asks for, a traceback and an unknown command are no output to show."""
    for command in ("(exit 2)", "no-such-command", "python -c 'raise ValueError'"):
        with pytest.raises(tools["story"].StoryError, match="exits with"):
            tools["story"].told(story, f"$ {command}\n", [])
    assert tools["story"].told(story, "$ (exit 2)\n$ echo $?\n", []) == "$ (exit 2)\n$ echo $?\n2\n"


def test_an_edit_that_does_not_fit_stops_the_story(tools: dict[str, Any], story: Any) -> None:
    """The lines to change must stand in the file once."""
    story.write("x", "a\nb\na\n")
    for change in ("-a\n+c\n", "-z\n"):
        with pytest.raises(tools["story"].StoryError, match=r"stand in it [02] times"):
            story.edit("x", change)
    story.edit("x", " b\n-a\n+c\n")
    assert (story.folder / "x").read_text(encoding="utf-8") == "a\nb\nc\n"


def test_a_story_has_its_own_world(story: Any) -> None:
    """Nothing of the tester's git, home or standard input gets in; ppodiag and python are the tested ones."""
    assert (
        story.run("cat; echo $HOME | sed 's#.*/##'; git config user.name; ls")[0]
        == "home\nexamples\n"
    )
    output, code = story.run(
        "git init -q . && git commit -q --allow-empty -m x && git log --format='%an %ad' --date=short"
    )
    assert (output, code) == ("Ada 2026-01-05\n", 0)
    assert story.run("command -v python ppodiag")[0].split() == [
        str(Path(sys.executable).parent / name) for name in ("python", "ppodiag")
    ]


def test_output_before_a_command_is_refused(tools: dict[str, Any]) -> None:
    """A block that begins with output has lost its command."""
    with pytest.raises(tools["story"].StoryError, match="begins with a command"):
        tools["story"].commands_of("output\n$ command\n")
