"""The reference of the command line as Markdown, from the commands themselves."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from ppodiag.cli import cli
from ppodiag.commands.walk import Choice, Verb, walk
from reference_trainer.__main__ import command as trainer

sys.path.insert(0, str(Path(__file__).parent))
from options_table import as_code

_CODE = re.compile(
    r"(?<![\w`-])(--?[a-z][a-z-]*(?: \d+)?|\{[a-z]+\}|[A-Z]+=[A-Z0-9:…,]+(?::log)?)(?![\w`])"
)
HEAD = """# The command line

Every command with its options, as `--help` has them; this page is made from the same definitions
(`tools/build_docs.py`).

"""


def cli_page() -> str:
    """All commands of `ppodiag`, then the reference trainer's."""
    verbs = [*walk(cli, "ppodiag"), *walk(trainer, "python -m reference_trainer")]
    top = verbs[0]
    listed = "".join(
        f"| [`{v.path}`](#{_anchor(v.path)}) | {_text(v.summary)} |\n"
        for v in verbs
        if v is not top
    )
    parts = [HEAD, f"| command | what it does |\n|---|---|\n{listed}\n"]
    parts += [_section(verb) for verb in verbs]
    return "\n".join("".join(parts).rstrip().split("\n")) + "\n"


def _anchor(heading: str) -> str:
    """The anchor that GitHub and the site give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _section(verb: Verb) -> str:
    parts = [f"## `{verb.path}`\n\n{_text(verb.summary)}\n\n"]
    parts.append(f"```text\n{verb.path} {verb.usage}\n```\n\n")
    parts += [f"{_text(paragraph)}\n\n" for paragraph in verb.text]
    if verb.examples:
        lines = [f"# {what}\n{command}" if what else command for what, command in verb.examples]
        parts.append("Examples:\n\n```sh\n" + "\n".join(lines) + "\n```\n\n")
    if verb.options:
        parts.append("| option | meaning | default |\n|---|---|---|\n")
        parts += [_row(option) for option in verb.options]
        parts.append("\n")
    if verb.exits:
        parts.append("| exit code | meaning |\n|---:|---|\n")
        parts += [f"| {code} | {_text(meaning)} |\n" for code, meaning in verb.exits]
        parts.append("\n")
    if verb.variables:
        parts.append("| environment variable | meaning |\n|---|---|\n")
        parts += [f"| `{name}` | {_text(meaning)} |\n" for name, meaning in verb.variables]
        parts.append("\n")
    return "".join(parts)


def _row(option: Choice) -> str:
    return f"| {as_code(option.names)} | {_text(option.meaning)} | {_text(option.default)} |\n"


def _text(text: str) -> str:
    """Words of the help as Markdown: options as code, and nothing that Markdown would take for itself."""
    escaped = re.sub(r"([*_|\[\]])", r"\\\1", text).replace("<", "&lt;")
    return _CODE.sub(lambda match: "`" + match.group(1).replace("\\", "") + "`", escaped)


if __name__ == "__main__":
    print(cli_page(), end="")
