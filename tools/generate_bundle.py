"""Bundle the checks of all rules into `ppodiag/_generated/rules_bundle.py`: one import, not dozens.

Each rule file becomes a function whose body is the file without its page and its cases, so constants
and helpers keep to themselves; imports are gathered at the top. Run by `make generate`.
"""

from __future__ import annotations

import ast
from pathlib import Path

from ppodiag.rules.loader import checksums, rule_files

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "ppodiag" / "rules"
TARGET = ROOT / "ppodiag" / "_generated" / "rules_bundle.py"
ONLY_FOR_CASES = {"Case", "ABSENT"}


def split(source: str) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """The imports, and the rest without page and cases."""
    imports: list[ast.stmt] = []
    rest: list[ast.stmt] = []
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # the page, and the docstrings of constants
        if isinstance(statement, ast.Import | ast.ImportFrom):
            imports.append(statement)
        elif not _is_cases(statement):
            rest.append(_without_docstrings(_without_annotation(statement)))
    return imports, rest


def _is_cases(statement: ast.stmt) -> bool:
    """Whether a statement makes the cases, or a value (upper case) that only they use."""
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    return names == ["CASES"] or any(name.startswith("_CASE") for name in names)


def _without_annotation(statement: ast.stmt) -> ast.stmt:
    """A constant's assignment without `Final`, so that the bundle need not import typing."""
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        bare = ast.Assign([statement.target], statement.value)
        return ast.copy_location(ast.fix_missing_locations(bare), statement)
    for node in ast.walk(statement):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            for argument in node.args.args:
                argument.annotation = None
    return statement


def _without_docstrings(statement: ast.stmt) -> ast.stmt:
    for node in ast.walk(statement):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    return statement


def generate() -> str:
    """The text of the bundle."""
    modules: dict[str, set[str]] = {}
    plain: set[str] = set()
    functions = []
    for name in rule_files():
        imports, rest = split((RULES / f"{name}.py").read_text(encoding="utf-8"))
        for statement in imports:
            if isinstance(statement, ast.ImportFrom):
                wanted = {ast.unparse(a) for a in statement.names} - ONLY_FOR_CASES
                modules.setdefault(str(statement.module), set()).update(wanted)
            else:
                plain.add(ast.unparse(statement))
        body = "\n".join(ast.unparse(statement) for statement in rest)
        indented = "\n".join(f"    {line}" if line else "" for line in body.splitlines())
        functions.append(f"def _{name}():\n{indented}\n    return check")
    for unused in ("__future__", "typing", "ppodiag.case"):
        modules.pop(unused, None)
    lines = [
        '"""Generated from the files in ppodiag/rules by tools/generate_bundle.py."""',
        "",
        *sorted(plain),
        *(
            f"from {module} import {', '.join(sorted(names))}"
            for module, names in sorted(modules.items())
            if names
        ),
        "",
        "CHECKSUMS = {",
        *(f"    {name!r}: {value}," for name, value in checksums().items()),
        "}",
        "",
        "\n\n".join(functions),
        "",
        f"_ALL = ({', '.join('_' + name for name in rule_files())},)",
        "RULES = {rule.code: rule for rule in (make() for make in _ALL)}",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    TARGET.write_text(generate(), encoding="utf-8")
    print(f"wrote {TARGET.relative_to(ROOT)}")
