"""The reference pages: made from the commands, the docstrings and the schemas, and current."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import subprocess
import sys
from types import ModuleType

import click
import pytest

import ppodiag
import reference_trainer
from ppodiag.cli import cli
from ppodiag.runlog.tags import COLUMNS
from tests.conftest import ROOT

REFERENCE = ROOT / "docs" / "reference"
SCHEMA = json.loads((ROOT / "schemas" / "ppo-config.schema.json").read_text(encoding="utf-8"))


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def tool(name: str) -> ModuleType:
    """A module of tools/."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "module", "maker"),
    [
        ("cli.md", "reference_cli", "cli_page"),
        ("python.md", "reference_api", "api_page"),
        ("configuration.md", "reference_schemas", "configuration_page"),
        ("formats.md", "reference_schemas", "formats_page"),
        ("log-columns.md", "reference_schemas", "columns_page"),
    ],
)
def test_current(name: str, module: str, maker: str) -> None:
    """Each page is what its source gives now; `make docs` writes it."""
    assert page(name) == getattr(tool(module), maker)(), "run make docs"


def test_every_option_of_every_command() -> None:
    """Each option that click knows stands in the table of its command."""
    sections = re.split(r"^## ", page("cli.md"), flags=re.MULTILINE)
    seen = 0
    with click.Context(cli, info_name="ppodiag") as context:
        for name in cli.list_commands(context):
            (section,) = [s for s in sections if s.startswith(f"`ppodiag {name}`")]
            command = cli.get_command(context, name)
            assert command is not None
            for parameter in command.params:
                if isinstance(parameter, click.Option) and not parameter.hidden:
                    seen += 1
                    assert re.search(rf"^\| `[^`]*{parameter.opts[-1]}\b", section, re.MULTILINE)
    assert seen > 80


def test_every_public_name() -> None:
    """Each name of both packages has its heading; constants of the version are left out."""
    for package in (ppodiag, reference_trainer):
        for name in set(package.__all__) - {"__version__"}:
            assert f"### `{package.__name__}.{name}`" in page("python.md")


def test_every_key_of_the_schema() -> None:
    """Each key of each block stands in the block's table."""
    sections = re.split(r"^## ", page("configuration.md"), flags=re.MULTILINE)[1:]
    assert [s.partition("\n")[0].strip("`") for s in sections] == list(SCHEMA["properties"])
    for section, block in zip(sections, SCHEMA["properties"].values(), strict=True):
        for key in set(block.get("properties", {})) - {"comment"}:
            assert f"\n| `{key}` |" in section
    key = "gradient_optimization.accumulation_steps"
    assert f"| `{key}` | number | `1` | minibatch steps per optimizer step |" in sections[-1]


def test_every_column_of_logs() -> None:
    """Each canonical column has a table of the tags that stand for it."""
    text = page("log-columns.md")
    assert all(f"\n## `{column}`\n\n| trainer | tag |" in text for column in COLUMNS)
    assert "| stable-baselines3 | `train/learning_rate` | a single value |" in text


def test_the_python_page_imports_nothing() -> None:
    """Sources are parsed: neither torch nor the packages are imported."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.path.insert(0, 'tools'); import reference_api as r; r.api_page();"
         "print(sorted({'torch', 'ppodiag', 'reference_trainer'} & set(sys.modules)))"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_a_docstring_as_markdown() -> None:
    """Sections become lists; what Markdown would read is escaped, code stays."""
    source = '''
def f(a: int, *, b: str = "x|y") -> tuple[int, ...]:
    """The a_b of `c_d`.

    Args:
        a: first,
            and more.
        b, c: others.

    Raises:
        ValueError: a < 0.
    """
'''
    api = tool("reference_api")
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    assert api.signature(node) == "f(a: int, *, b: str = 'x|y') -> tuple[int, ...]"
    assert api.docstring(node) == (
        "The a\\_b of `c_d`.\n\n**Args**\n\n- `a`: first, and more.\n- `b`, `c`: others.\n\n"
        "**Raises**\n\n- `ValueError`: a &lt; 0.\n\n"
    )
