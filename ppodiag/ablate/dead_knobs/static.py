"""What the sources of a trainer say of the probed keys, found as `lint --runtime` finds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ppodiag.ablate.dead_knobs.probes import Probe
from ppodiag.finding import Severity
from ppodiag.runtime.judge import judge
from ppodiag.runtime.search import Runtime

CERTAIN = {"RT801": Severity.ERROR, "RT802": Severity.WARNING, "RT803": Severity.WARNING}
"""Findings that say a key does nothing, with the severity that they have where that is certain."""


def unread_keys(
    whole: Mapping[str, Any], runtime: Runtime, probes: Sequence[Probe]
) -> dict[str, str]:
    """Name of each key that the sources certainly do not use, and what is said of it.

    Nothing is certain where a source file cannot be read.

    Args:
        whole: a configuration that gives every probed key.
        runtime: the sources.
        probes: whose keys are asked for.
    """
    if runtime.unread:
        return {}
    findings = [
        found for found in judge(whole, runtime) if found.severity is CERTAIN.get(found.code)
    ]
    said = {}
    for probe in probes:
        pointer = "/" + "/".join(probe.key)
        for found in findings:
            if pointer == found.pointer or pointer.startswith(found.pointer + "/"):
                said[probe.name] = f"{found.code}: {found.message}"
                break
    return said
