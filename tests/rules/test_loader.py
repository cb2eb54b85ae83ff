"""The loader: no rule is lost in silence, and the bundle is the rules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ppodiag._generated import rules_bundle
from ppodiag.rules import loader

ROOT = Path(__file__).resolve().parents[2]


def test_every_file_is_a_rule() -> None:
    """There are as many rules as rule files, each with its own code and name."""
    rules = loader.load_rules()
    assert len(rules) == len(loader.rule_files()) >= 70
    assert len({rule.name for rule in rules.values()}) == len(rules)
    assert [code.lower() for code in rules] == loader.rule_files()


def test_bundle_is_current() -> None:
    """The committed bundle was generated from the files as they are, and is what is used."""
    assert loader.checksums() == rules_bundle.CHECKSUMS
    assert loader.fast_rules() is rules_bundle.RULES
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.path[:0] = ['.', 'tools']; import generate_bundle as g; "
            "assert g.generate() == g.TARGET.read_text(encoding='utf-8')",
        ],
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0


def test_bundle_says_what_the_files_say() -> None:
    """Bundled rules agree with the files in everything but the check's identity."""
    for code, rule in loader.load_rules().items():
        bundled = rules_bundle.RULES[code]
        assert (rule.name, rule.worst, rule.ranged, rule.stage) == (
            bundled.name,
            bundled.worst,
            bundled.ranged,
            bundled.stage,
        )


def test_a_changed_file_is_not_served_from_the_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a checksum differs, the files themselves are loaded."""
    monkeypatch.setattr(rules_bundle, "CHECKSUMS", {**rules_bundle.CHECKSUMS, "lr101": 0})
    assert loader.fast_rules() is not rules_bundle.RULES


@pytest.mark.parametrize(
    ("source", "piece"),
    [
        ("import nowhere_to_be_found\n", "does not import"),
        ('"""Page."""\nCASES = (1,)\n', "declares no rule"),
        (
            '"""Page."""\nfrom ppodiag.rule import ERROR, page_only\n'
            'check = page_only("ZZ998", "x", ERROR, "syntax")\nCASES = (1,)\n',
            "declares ZZ998; the names must agree",
        ),
        (
            "from ppodiag.rule import ERROR, page_only\n"
            'check = page_only("ZZ999", "x", ERROR, "syntax")\n',
            "lacks its page or its cases",
        ),
    ],
)
def test_a_broken_rule_file_is_an_error(
    source: str, piece: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that does not import, or is not what its name says, raises and is never left out."""
    import ppodiag.rules

    (tmp_path / "zz999.py").write_text(source)
    monkeypatch.setattr(ppodiag.rules, "__path__", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "ppodiag.rules.zz999", raising=False)
    with pytest.raises(loader.BrokenRule, match=piece):
        loader.load_module("zz999")
