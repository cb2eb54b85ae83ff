"""The manual pages as roff, from the commands themselves: `ppodiag(1)`, one a command, the trainer's."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from ppodiag import __version__
from ppodiag.cli import COMMANDS, cli
from ppodiag.commands.walk import Choice, Verb, walk
from reference_trainer.__main__ import command as trainer

MAN = Path(__file__).resolve().parents[1] / "man"
TRAINER = "reference_trainer"


def man_pages() -> dict[Path, str]:
    """Every page by its file."""
    verbs = [*walk(cli, "ppodiag"), *walk(trainer, "python -m reference_trainer")]
    names = [page_name(verb) for verb in verbs]
    return {
        MAN / f"{name}.1": man_page(verb, [other for other in names if other != name])
        for name, verb in zip(names, verbs, strict=True)
    }


def page_name(verb: Verb) -> str:
    """What `man` is given: `ppodiag-lint`."""
    return TRAINER if TRAINER in verb.path else verb.path.replace(" ", "-")


def man_page(verb: Verb, others: list[str]) -> str:
    """One page."""
    name = page_name(verb)
    summary = verb.summary.rstrip(".")
    lines = [
        '.\\" Made by tools/build_docs.py.',
        f'.TH {roff(name.upper())} 1 "" "ppodiag {roff(__version__)}" "ppodiag"',
        ".SH NAME",
        f"{roff(name)} \\-",
        _filled(summary[:1].lower() + summary[1:]),
        ".SH SYNOPSIS",
        f"\\fB{roff(verb.path)}\\fR {roff(verb.usage)}",
        ".SH DESCRIPTION",
        _filled(verb.summary),
    ]
    for paragraph in verb.text:
        lines += [".PP", _filled(paragraph)]
    if verb.group:
        lines += [".SH COMMANDS"]
        for command, entry in COMMANDS.items():
            lines += [".TP", f"\\fB{roff(command)}\\fR", _filled(f"{entry.stage}: {entry.text}")]
    lines += [".SH OPTIONS"]
    for option in verb.options:
        lines += [".TP", f"\\fB{roff(option.names)}\\fR", _filled(_meaning(option))]
    lines += [".SH EXAMPLES"]
    for index, (what, command) in enumerate(verb.examples):
        lines += [".PP"] if index else []
        lines += [
            _filled(what if what.endswith("?") else f"{what}:"),
            ".RS 4",
            ".nf",
            roff(command),
            ".fi",
            ".RE",
        ]
    for heading, pairs in (("EXIT STATUS", verb.exits), ("ENVIRONMENT", verb.variables)):
        lines += [f".SH {heading}"]
        for word, meaning in pairs:
            lines += [
                ".TP",
                f"\\fB{roff(word)}\\fR",
                _filled(f"{meaning[:1].upper()}{meaning[1:]}."),
            ]
    lines += [".SH SEE ALSO", ",\n".join(f"\\fB{roff(other)}\\fR(1)" for other in others)]
    return "\n".join(lines) + "\n"


def _meaning(option: Choice) -> str:
    if not option.default:
        return option.meaning
    return f"{option.meaning} Default: {option.default}."


def roff(text: str) -> str:
    """Text as roff takes it: hyphens that can be copied, escapes for what is not ASCII, no requests."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = re.sub(r"[^\x00-\x7f]", lambda found: f"\\[u{ord(found.group()):04X}]", text)
    return "\\&" + text if text[:1] in (".", "'") else text


def _filled(text: str) -> str:
    """A paragraph in lines that an editor shows, each safe at its beginning."""
    return "\n".join(roff(line) for line in textwrap.wrap(text, 64, break_long_words=False,
                                                          break_on_hyphens=False))  # fmt: skip


if __name__ == "__main__":
    for path, text in man_pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
