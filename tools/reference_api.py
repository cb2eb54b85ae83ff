"""The reference of the Python interface as Markdown, read from the sources; nothing is imported, torch least of all."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {
    "ppodiag": "Linting, simulating, diagnosing, watching.",
    "reference_trainer": "Training. It needs torch: `pip install '.[train]'`.",
    "ppodiag.runlog": "The logs of runs.",
    "ppodiag.architecture": "The layers of the networks.",
    "ppodiag.memory": "What training takes of memory.",
    "ppodiag.ablate.statistics.comparison": "Verdicts on scores of many seeds.",
}
"""What is documented: modules with the names that they offer."""
HEAD = """# Python interface

What may be imported, made from the signatures and docstrings (`tools/build_docs.py`). Anything that is not on this page may
change without notice. [From Python](../api.md) shows how it is used.

"""
_SECTIONS = ("Args", "Attributes", "Returns", "Raises", "Yields")
_ITEM = re.compile(r"^(\S[^:]*): (.*)$")
Definition = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Module:
    """The syntax tree of a module, and where it is."""

    path: Path
    tree: ast.Module

    def public(self) -> list[str]:
        """The names that it offers, by `__all__`, else those that begin with no underscore."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                return [str(name) for name in ast.literal_eval(node.value)]
        return [n.name for n in self.tree.body if isinstance(n, Definition) and n.name[0] != "_"]

    def find(self, name: str) -> Definition | None:
        """The definition of a name, here or where it is imported from; None where it is a constant."""
        for node in self.tree.body:
            if isinstance(node, Definition) and node.name == name:
                return node
        for inner in ast.walk(self.tree):
            if not isinstance(inner, ast.ImportFrom) or inner.module is None:
                continue
            if name in [alias.asname or alias.name for alias in inner.names]:
                return module_of(inner.module).find(name)
        return None


@cache
def module_of(name: str) -> Module:
    """A module of the project by its dotted name."""
    path = ROOT / Path(*name.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return Module(path, ast.parse(path.read_text(encoding="utf-8")))


def api_page() -> str:
    """Every public name of the documented modules: signature, meaning, arguments, what it raises."""
    parts = [HEAD]
    for name, about in PACKAGES.items():
        parts.append(f"## `{name}`\n\n{about}\n\n")
        module = module_of(name)
        for public in sorted(module.public(), key=lambda each: (each[0].isupper(), each)):
            found = module.find(public)
            if found is not None:
                parts.append(_definition(found, f"{name}.{public}"))
    return "".join(parts).rstrip() + "\n"


def _definition(node: Definition, path: str) -> str:
    if isinstance(node, ast.FunctionDef):
        return f"### `{path}`\n\n```python\n{signature(node)}\n```\n\n{docstring(node)}"
    parts = [f"### `{path}`\n\n", docstring(node)]
    fields = [each for each in node.body if isinstance(each, ast.AnnAssign)]
    if fields and not (ast.get_docstring(node) or "").count("Attributes:"):
        rows = [
            f"| `{ast.unparse(f.target)}` | `{_cell(ast.unparse(f.annotation))}` |" for f in fields
        ]
        parts.append("| field | type |\n|---|---|\n" + "\n".join(rows) + "\n\n")
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and each.name[0] != "_":
            kind = {ast.unparse(d) for d in each.decorator_list}
            shown = each.name if "property" in kind else signature(each)
            parts.append(f"```python\n{shown}\n```\n\n{docstring(each)}")
    return "".join(parts)


def signature(node: ast.FunctionDef) -> str:
    """The function as it is called: one line, or one line an argument where that is long."""
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    arguments = ast.unparse(node.args)
    arguments = re.sub(r"^(self|cls)(, )?", "", arguments)
    parts = _split(arguments)
    line = f"{node.name}({', '.join(parts)}){returns}"
    if len(line) <= 90:
        return line
    inner = "".join(f"    {part},\n" for part in parts)
    return f"{node.name}(\n{inner}){returns}"


def _split(arguments: str) -> list[str]:
    """The arguments one by one; commas within brackets part nothing."""
    parts, depth = [""], 0
    for character in arguments:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [re.sub(r"^(\w+: [^=]+)=", r"\1 = ", part.strip()) for part in parts if part.strip()]


def docstring(node: Definition) -> str:
    """A docstring as Markdown: paragraphs, and its sections as lists."""
    text = inspect.cleandoc(ast.get_docstring(node) or "")
    parts: list[str] = []
    for block in re.split(r"\n\n+", text):
        heading, _, rest = block.partition("\n")
        if heading.rstrip(":") in _SECTIONS and heading.endswith(":"):
            parts += [f"**{heading.rstrip(':')}**", _items(textwrap.dedent(rest))]
        else:
            parts.append(_prose(block))
    return "\n\n".join(part for part in parts if part) + "\n\n" if text else ""


def _items(text: str) -> str:
    """A section of a docstring as a list: `name: meaning`, further lines further in."""
    lines: list[str] = []
    for line in text.split("\n"):
        found = _ITEM.match(line)
        if line.startswith(" ") and lines:
            lines[-1] += " " + line.strip()
        elif found:
            names = ", ".join(f"`{name.strip()}`" for name in found.group(1).split(","))
            lines.append(f"{names}: {found.group(2)}")
        elif lines:
            lines[-1] += " " + line.strip()
        else:
            lines.append(line.strip())
    return "\n".join(f"- {_prose(line)}" for line in lines)


def _prose(text: str) -> str:
    """A text as Markdown: what is code stays, the rest has nothing that Markdown would read."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(
        p if p.startswith("`") else re.sub(r"([*_|<])", r"\\\1", p).replace("\\<", "&lt;")
        for p in parts
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(api_page(), end="")
