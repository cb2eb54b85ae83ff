"""`--select`, `--ignore` and `--extend-select`."""

from __future__ import annotations

from collections.abc import Collection

from ppodiag.errors import UsageError


def parse_codes(
    option: str, values: tuple[str, ...], known: Collection[str], kind: str = "rule"
) -> tuple[str, ...]:
    """Codes and prefixes, separated by commas or given several times.

    Args:
        option: its name.
        values: what it was given.
        known: the codes of the rules that it can be about.
        kind: what these rules are called.

    Raises:
        UsageError: no rule has such a code, or begins so; or a value is empty.
    """
    for value in values:
        if not value.strip(" ,"):
            raise UsageError(
                f"{option} {value!r} names no code", "write for example LR102 or LR,BS"
            )
    codes = tuple(c.strip().upper() for value in values for c in value.split(",") if c.strip())
    for code in codes:
        if not any(name.startswith(code) for name in known):
            from ppodiag.commands.usage import did_you_mean

            families = sorted({name.rstrip("0123456789") for name in known})
            raise UsageError(
                f"{option} {code}: no {kind} begins with {code}",
                did_you_mean(code, known, f"the families are {', '.join(families)}"),
            )
    return codes
