"""The licences of everything that `pip install 'ppodiag[all]'` brings: permissive, or named here with the reason.

    python tools/licences.py

Prints one line a package and exits with 1 where a licence is neither. What a package declares is taken at its
word: the expression of its metadata, else its classifiers, else its field `License`.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT, EXTRA = "ppodiag", "all"

PERMISSIVE = frozenset(
    (
        "0BSD", "Apache", "Apache-2.0", "Apache-2.0-with-LLVM-exception", "BSD", "BSD-2-Clause", "BSD-3-Clause",
        "BSL-1.0", "CC0-1.0", "HPND", "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib",
    )
)  # fmt: skip
"""Identifiers of SPDX, and two words that packages use for families of them."""

EXCEPTIONS = {
    "GCC-exception-3.1": "the runtime of the compiler; its exception permits any use of what is compiled with it",
    "GPL-3.0-with-GCC-exception": "the same",
    "MPL-2.0": "asks for the source of changed files of its own, and of nothing else; none is changed here",
}
"""Licences that are not permissive and are accepted nevertheless, each with the reason."""

_FAMILIES = (
    (r"apache", "Apache-2.0"),
    (r"\bmit\b", "MIT"),
    (r"bsd.?3|3.?clause", "BSD-3-Clause"),
    (r"bsd.?2|2.?clause", "BSD-2-Clause"),
    (r"\bbsd\b", "BSD"),
    (r"python software foundation|\bpsf", "PSF-2.0"),
    (r"mozilla public license 2|mpl.?2", "MPL-2.0"),
    (r"historical permission|hpnd", "HPND"),
    (r"\bisc\b", "ISC"),
    (r"unlicense", "Unlicense"),
)


def closure(root: str, extra: str) -> dict[str, Distribution]:
    """Name to package, of all that a package and one of its extras need on this machine."""
    found: dict[str, Distribution] = {}
    waiting = [(root, frozenset((extra,)))]
    seen = set(waiting)
    while waiting:
        name, extras = waiting.pop()
        try:
            package = distribution(name)
        except PackageNotFoundError:
            raise SystemExit(f"{name} is not installed: pip install '{root}[{extra}]'") from None
        found[canonicalize_name(name)] = package
        for line in package.requires or ():
            need = Requirement(line)
            wanted = any(
                need.marker is None or need.marker.evaluate({"extra": e}) for e in ("", *extras)
            )
            item = (canonicalize_name(need.name), frozenset(need.extras))
            if wanted and item not in seen:
                seen.add(item)
                waiting.append(item)
    del found[canonicalize_name(root)]
    return dict(sorted(found.items()))


def declared(package: Distribution) -> str:
    """What a package says of its licence, as identifiers of SPDX where they can be told; may be empty."""
    metadata = package.metadata
    if "License-Expression" in metadata:
        return str(metadata["License-Expression"])
    names = [
        line.rpartition(":: ")[2]
        for line in metadata.get_all("Classifier") or ()
        if line.startswith("License ::")
    ]
    # A classifier such as "BSD License" says less than the field beside it.
    words = [
        *names,
        *(text.strip().partition("\n")[0] for text in metadata.get_all("License") or ()),
    ]
    known = [identifier for word in words if (identifier := _family(word))]
    return " AND ".join(dict.fromkeys(known)) or "; ".join(word for word in words if word)


def _family(text: str) -> str:
    for pattern, identifier in _FAMILIES:
        if re.search(pattern, text, re.IGNORECASE):
            return identifier
    return ""


def refused(expression: str) -> list[str]:
    """The identifiers of an expression that are neither permissive nor an exception.

    Of parts that are joined by OR one has to be accepted, of parts that are joined by AND each.
    """
    flat = expression.replace("(", " ").replace(")", " ")
    if not flat.strip():
        return ["nothing declared"]
    bad: list[str] = []
    for part in re.split(r"\s+AND\s+", flat):
        options = [
            option.strip().replace(" WITH ", "-with-") for option in re.split(r"\s+OR\s+", part)
        ]
        if not any(o in PERMISSIVE or o in EXCEPTIONS for o in options):
            bad += options
    return bad


def main() -> int:
    """Print the licences; 1 where one is refused."""
    code = 0
    for name, package in closure(ROOT, EXTRA).items():
        expression = declared(package)
        bad = refused(expression)
        excepted = sorted(e for e in EXCEPTIONS if e in expression.replace(" WITH ", "-with-"))
        remark = f"REFUSED: {', '.join(bad)}" if bad else "; ".join(EXCEPTIONS[e] for e in excepted)
        print(f"{name:<26}{package.version:<14}{expression}{f'  ({remark})' if remark else ''}")
        code |= bool(bad)
    return code


if __name__ == "__main__":
    sys.exit(main())
