"""Write what is generated in the documentation: rule and reference pages, and the output of every command shown.

A block that begins with ```console holds commands behind `$ `; each is run at the root of the project, or in the folder of
its page's story (tools/story.py), and its real output written below it. Pages named as arguments are written alone.
`--check` changes nothing and fails where anything is stale. Run by `make docs`.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from ppodiag.ablate.dead_knobs.probes import markdown_table as probes_table
from ppodiag.case import Case
from ppodiag.confirm.catalogue import markdown_table as experiments_table
from ppodiag.diagnosis.examples import diagnose_case
from ppodiag.diagnosis.rule import RunCase, RunRule
from ppodiag.report import Style
from ppodiag.report.diagnosis import finding_lines
from ppodiag.report.text import render
from ppodiag.result import Report
from ppodiag.rule_examples import lint_case
from ppodiag.rules.loader import all_rule_files, load_module
from ppodiag.rules.pages import example_lines
from reference_trainer.metrics import markdown_table

sys.path.insert(0, str(Path(__file__).parent))
from bound_times import times_table
from man_pages import MAN, man_pages
from options_table import common_table, own_table, shared_table
from proof import table
from reference_api import api_page
from reference_cli import cli_page
from reference_schemas import columns_page, configuration_page, formats_page
from run_proof import run_table
from story import Story, as_typed, commands_of, settled, told

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "docs" / "rules"
REFERENCE = ROOT / "docs" / "reference"
GENERATED = {
    REFERENCE / "cli.md": cli_page,
    REFERENCE / "python.md": api_page,
    REFERENCE / "configuration.md": configuration_page,
    REFERENCE / "formats.md": formats_page,
    REFERENCE / "log-columns.md": columns_page,
}
"""Pages that are made as a whole."""
_PART = re.compile(
    r"^<!-- story:(?P<story>[^\n]*?)-->$|^<!-- varies: (?P<varies>[^\n]*) -->$"
    r'|^```(?P<language>\w*)(?: title="(?P<title>[^"\n]+)")?[^\n]*\n(?P<body>.*?)^```$',
    re.DOTALL | re.MULTILINE,
)
RECORDED = "recorded"
"""Title of a console block that is not run: what it shows took too long, and the text says where it was run."""
_PROOF = re.compile(r"(<!-- proof:[^>]*-->).*?(<!-- /proof -->)", re.DOTALL)
_RUNS = re.compile(r"(<!-- run-proof -->\n).*?(<!-- /run-proof -->)", re.DOTALL)
_TIMES = re.compile(r"(<!-- times -->\n).*?(<!-- /times -->)", re.DOTALL)
_LOGGED = re.compile(r"(<!-- logged -->\n).*?(<!-- /logged -->)", re.DOTALL)
_PROBES = re.compile(r"(<!-- probes -->\n).*?(<!-- /probes -->)", re.DOTALL)
_EXPERIMENTS = re.compile(r"(<!-- experiments -->\n).*?(<!-- /experiments -->)", re.DOTALL)
_OPTIONS = re.compile(r"(<!-- options:(\w+) -->\n).*?(<!-- /options -->)", re.DOTALL)
_OPTION_TABLES = {"shared": shared_table, "common": common_table, "own": own_table}
FAMILIES = {
    "SYN": "The text",
    "SCH": "The schema",
    "LR": "Learning-rate schedule",
    "BS": "Adaptive batch size",
    "ACC": "Accumulation",
    "CLP": "Clipping",
    "GCK": "Gradient checkpointing",
    "STB": "Stabilization",
    "UNIT": "Units and lengths",
    "PPO": "The rest of the update",
    "TRJ": "Simulated runs (`ppodiag simulate`)",
    "RUN": "The log of a run (`ppodiag diagnose`)",
    "SUP": "Suppressions",
    "RT": "What the runtime reads",
}


def rule_page(name: str) -> str:
    """The page of one rule as Markdown, with what the linter prints for its first bad case."""
    module = load_module(name)
    page = (module.__doc__ or "").strip()
    title, _, rest = page.partition("\n")
    before, heading, after = rest.partition("\n## Instead")
    bad = next(case for case in module.CASES if case.severity is not None)
    good = next(case for case in module.CASES if case.severity is None)
    rule = module.check
    head = (
        f"# {rule.code}: {title}\n\n"
        f"`{rule.name}` · at most {rule.worst.word}\n"
        f"{before.rstrip()}\n\n## Example\n\n"
    )
    if rule.stage == "run":
        example = f"{_sentence(bad.title)}:\n\n```text\n{_run_output(bad, rule)}```\n\n"
        example += f"No finding: {good.title}.\n"
    else:
        example = f"{bad.title}:\n\n{_code(bad)}\n\n```text\n{_output(bad, rule.code)}```\n\n"
        example += f"No finding: {good.title}\n\n{_code(good)}\n"
    return f"{head}{example}{heading}{after}\n".replace("\n\n\n", "\n\n")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _run_output(case: RunCase, rule: RunRule) -> str:
    """What `ppodiag diagnose` prints for the run of a case, of this rule alone."""
    diagnosis = diagnose_case(case, {rule.code: rule})
    lines = [line for f in diagnosis.findings[:1] for line in finding_lines(f, diagnosis, False)]
    return "\n".join(lines) + "\n"


def _code(case: Case) -> str:
    lines = example_lines(case) or ["(the healthy base as it stands)"]
    return "```text\n" + "\n".join(lines) + "\n```"


def _output(case: Case, code: str) -> str:
    report = Report((lint_case(case, select=(code,)),))
    text = render(report, Style())
    return text.partition("\nBelow the shown")[0].rstrip("\n") + "\n"


def index_page() -> str:
    """The list of all rules by family."""
    lines = ["# Rules", "", "The number behind a code is never used again for another rule.", ""]
    for family, title in FAMILIES.items():
        names = [n for n in all_rule_files() if n.upper().rstrip("0123456789") == family]
        lines += [f"## {family}: {title}", "", "| code | at most | fault |", "|---|---|---|"]
        for name in names:
            module = load_module(name)
            first = (module.__doc__ or "").strip().splitlines()[0]
            lines.append(f"| [{name.upper()}]({name}.md) | {module.check.worst.word} | {first} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def with_outputs(text: str) -> str:
    """The text with the real output below every command of its console blocks."""
    text = _PROOF.sub(lambda match: f"{match.group(1)}\n{table()}{match.group(2)}", text)
    text = _RUNS.sub(lambda match: f"{match.group(1)}{run_table()}{match.group(2)}", text)
    text = _TIMES.sub(lambda match: f"{match.group(1)}{times_table()}{match.group(2)}", text)
    text = _LOGGED.sub(lambda match: f"{match.group(1)}{markdown_table()}{match.group(2)}", text)
    text = _PROBES.sub(lambda match: f"{match.group(1)}{probes_table()}{match.group(2)}", text)
    text = _EXPERIMENTS.sub(lambda m: f"{m.group(1)}{experiments_table()}{m.group(2)}", text)
    text = _OPTIONS.sub(lambda m: f"{m.group(1)}{_OPTION_TABLES[m.group(2)]()}{m.group(3)}", text)
    return _told(text)


def _told(text: str) -> str:
    """The text with the real output below every command, in stories and out of them."""
    with contextlib.ExitStack() as stack:
        story: Story | None = None
        varies: list[str] = []

        def part(match: re.Match[str]) -> str:
            nonlocal story
            whole = match.group(0)
            if match["story"] is not None:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="story-")))
                story = Story(folder, match["story"].split())
                stack.callback(story.close)
                varies.clear()
            elif match["varies"] is not None:
                varies.append(match["varies"])
            elif match["language"] == "console" and not match["title"]:
                block = match["body"]
                new = told(story, block, varies) if story else _run_block(block, varies)
                return f"```console\n{new}```"
            elif story and match["title"] and match["language"] == "diff":
                story.edit(match["title"], match["body"])
            elif story and match["title"] and match["title"] != RECORDED:
                story.write(match["title"], match["body"])
            return whole

        return _PART.sub(part, text)


def _run_block(block: str, varies: list[str]) -> str:
    """A console block outside of a story: commands of ppodiag alone, at the root of the project."""
    parts = [
        as_typed(command) + settled(shown, run(command.replace("\\\n", "")), varies)
        for command, shown in commands_of(block)
    ]
    return "".join(parts)


def run(command: str) -> str:
    """What a command of ppodiag's prints, at the root of the project, with 100 columns."""
    words = shlex.split(command)
    if words[0] != "ppodiag":
        raise SystemExit(f"documentation runs ppodiag only, not {command!r}")
    done = subprocess.run(
        [sys.executable, "-m", "ppodiag", *words[1:]],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode > 2:
        raise SystemExit(f"{command!r} failed:\n{done.stderr}")
    return done.stdout + done.stderr


def pages() -> dict[Path, str]:
    """Every generated file and its text."""
    found = {RULES / f"{name}.md": rule_page(name) for name in all_rule_files()}
    found[RULES / "index.md"] = index_page()
    found |= {path: make() for path, make in GENERATED.items()}
    found |= man_pages()
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        if path not in found:
            found[path] = with_outputs(path.read_text(encoding="utf-8"))
    return found


def main() -> int:
    """Write the pages, or check them; the exit code."""
    stale = []
    named = [Path(argument).resolve() for argument in sys.argv[1:] if argument != "--check"]
    for folder in (RULES, REFERENCE, MAN):
        folder.mkdir(parents=True, exist_ok=True)
    wanted = {path: with_outputs(path.read_text(encoding="utf-8")) for path in named} or pages()
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    extra = [path for path in RULES.glob("*.md") if not named and path not in wanted]
    for path in extra:
        stale.append(path)
        if "--check" not in sys.argv:
            path.unlink()
    verb = "stale" if "--check" in sys.argv else "written"
    for path in stale:
        print(f"{verb}: {path.relative_to(ROOT)}")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
