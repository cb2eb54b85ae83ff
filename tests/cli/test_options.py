"""Options: one name, one form, one meaning in every command; the tables of the documentation."""

from __future__ import annotations

import re
import sys

import pytest

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "tools"))
from options_table import (
    by_name,
    common_table,
    first_sentence,
    head,
    is_common,
    name_of,
    own_table,
    shared_table,
    verbs,
)

VERBS = {head(verb): verb for verb in verbs()}
SHARED = {name: options for name, options in by_name().items() if len(options) > 1}


def test_every_command_is_walked() -> None:
    """The commands of ppodiag's own list, `ablate merge` and the trainer."""
    assert list(VERBS) == [
        "lint", "simulate", "diff", "confirm", "ablate", "ablate merge", "diagnose", "rule", "schema",
        "completion", "python -m reference_trainer",
    ]  # fmt: skip
    assert len(SHARED) > 25


@pytest.mark.parametrize("name", SHARED)
def test_an_option_is_the_same_wherever_it_stands(name: str) -> None:
    """Short form, what stands behind, and the first sentence of its help; formats are each command's."""
    forms = {
        (
            "" if name == "--format" else option.names.replace(", --rule", ""),
            first_sentence(option),
        )
        for option in SHARED[name].values()
    }
    assert len(forms) == 1


DIFFER = {"--device", "--seeds", "--out"}
"""Options whose default is the command's own; docs/options.md shows it."""


@pytest.mark.parametrize("name", [name for name in SHARED if name not in DIFFER])
def test_the_default_is_the_same_wherever_it_stands(name: str) -> None:
    """In the words of the help."""
    assert len({option.default for option in SHARED[name].values()}) == 1


def test_what_is_common_is_common() -> None:
    """Every command says in the same ways how it speaks; the trainer alone has a version of its own."""
    for verb in VERBS.values():
        common = [option.names for option in verb.options if is_common(option)]
        assert [names for names in common if "version" not in names] == [
            "-q, --quiet", "-v, --verbose", "--progress / --no-progress", "--log-format [text|json]",
            "--color [auto|always|never]", "-h, --help",
        ]  # fmt: skip


def test_a_short_form_means_one_thing() -> None:
    """No letter stands for two options."""
    meant: dict[str, set[str]] = {}
    for verb in VERBS.values():
        for option in verb.options:
            for flag in re.findall(r"(?<![\w-])-\w\b", option.names):
                meant.setdefault(flag, set()).add(name_of(option))
    assert meant == {
        "-o": {"--output"}, "-q": {"--quiet"}, "-v": {"--verbose"}, "-h": {"--help"},
        "-V": {"--version"},
    }  # fmt: skip


def test_every_option_has_help_and_says_what_stands_behind() -> None:
    """A sentence of help; no bare TEXT, INTEGER or FLOAT."""
    for verb in VERBS.values():
        for option in verb.options:
            assert option.meaning.endswith((".", ")", "…", "'")), (verb.path, option)
            assert not re.search(r" (TEXT|INTEGER|FLOAT|PATH RANGE)\b", option.names), option


def test_the_human_format_is_text_everywhere() -> None:
    """--format begins with text, and means text where it is left out."""
    for option in SHARED["--format"].values():
        assert option.names.startswith("--format [text|")
        assert option.default == "text"


def test_the_tables_of_the_documentation_are_made_of_this() -> None:
    """docs/options.md holds each table as it is made now, and every option."""
    page = (ROOT / "docs" / "options.md").read_text(encoding="utf-8")
    for table in (shared_table, common_table, own_table):
        assert table() in page
    for name in set(by_name()) - {"--version"}:
        assert re.search(rf"^\| `[^`]*{name}\b[^`]*`(?: `[^`]+`)? \|", page, re.MULTILINE), name
