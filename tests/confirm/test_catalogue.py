"""Every rule of the linter has an experiment, or a reason why no run settles it."""

from __future__ import annotations

import os
from pathlib import Path

from ppodiag.confirm import experiments as package
from ppodiag.confirm.catalogue import experiments
from ppodiag.confirm.unsettled import REASONS
from ppodiag.rules.loader import load_rules


def test_every_rule_has_an_experiment_or_a_reason() -> None:
    """The two share the rules among them; neither speaks of a rule that there is not."""
    known, rules = set(experiments()), set(load_rules())
    assert known | set(REASONS) == rules
    assert not known & set(REASONS)
    assert all(len(reason) > 20 for reason in REASONS.values())


def test_an_experiment_lies_in_a_file_named_like_its_rule() -> None:
    """As many are found as there are files."""
    folder = Path(os.path.dirname(str(package.__file__)))
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert {code.lower() for code in experiments()} == files
    assert len(files) == 48
