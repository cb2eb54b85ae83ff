"""Pictures need matplotlib."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.conftest import require


@pytest.fixture(autouse=True)
def matplotlib_is_there() -> None:
    """Skip where it is absent on a user's machine; fail for that in CI."""
    require(find_spec("matplotlib"), "matplotlib")
