"""What a report shows: a finding with its place, and what other profiles would say."""

from __future__ import annotations

from dataclasses import dataclass, field

from ppodiag.finding import Fix, Severity
from ppodiag.source.spans import Span


@dataclass(frozen=True, slots=True)
class RelatedPlace:
    """A `Related` with its place.

    Attributes:
        path: the file where it is another one than the finding's; its span then has no offsets (0).
    """

    span: Span
    pointer: str
    note: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding in a file, ready to be shown.

    Attributes:
        rule_name: the rule's readable name, for example `warm-up-takes-much`.
        profile: the runtime conventions under which it holds.
        elsewhere: what other presets say of it, preset to severity word or `absent`; only those
            that differ.
        default_assumed: True where the profile was not declared by anybody.
    """

    path: str
    code: str
    rule_name: str
    severity: Severity
    pointer: str
    span: Span
    message: str
    remedy: str
    related: tuple[RelatedPlace, ...] = ()
    values: dict[str, object] = field(default_factory=dict)
    profile: str = "note"
    elsewhere: dict[str, str] = field(default_factory=dict)
    sizes: tuple[int, int] | None = None
    fix: Fix | None = None
    fingerprint: str = ""
