"""`tools/licences.py`."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest

from tests.conftest import ROOT, require


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("licences", ROOT / "tools" / "licences.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_dependency_has_an_accepted_licence(capsys: pytest.CaptureFixture[str]) -> None:
    """Of all that the extra `all` brings, by their own metadata; some thirty packages."""
    for name in ("torch", "tensorboard", "pandas", "gymnasium"):
        require(importlib.util.find_spec(name), name)
    assert tool().main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 25
    assert any(line.startswith("numpy ") for line in lines)


@pytest.mark.parametrize(
    ("expression", "refused"),
    [
        ("MIT", []),
        ("GPL-3.0-only OR MIT", []),
        ("(Apache-2.0 OR BSD-2-Clause) AND MIT", []),
        ("Apache-2.0 WITH LLVM-exception", []),
        ("MPL-2.0", []),
        ("GPL-3.0-only", ["GPL-3.0-only"]),
        ("MIT AND LGPL-2.1-or-later", ["LGPL-2.1-or-later"]),
        ("Other/Proprietary License", ["Other/Proprietary License"]),
        ("", ["nothing declared"]),
    ],
)
def test_expressions(expression: str, refused: list[str]) -> None:
    """Of parts that are joined by OR one has to be accepted, of parts that are joined by AND each."""
    assert tool().refused(expression) == refused
