"""The page that the demonstration leaves: every step with its command, its output and its pictures."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

import ppodiag
from ppodiag.diagnosis.verdicts import verdicts
from ppodiag.report.html.page import asset
from ppodiag.report.html.plot import Line, figure
from ppodiag.report.html.run_section import run_section

from .agreement import Update, forecast, logged
from .running import Done
from .story import ABLATION, FORECAST, ILL, PICTURE, TRAINED, Step

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"

_STYLE = """
pre { overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: .3rem;
  padding: .6rem; font-size: .8rem; line-height: 1.35; margin: .4rem 0; }
pre.command { border-left: .3rem solid var(--data); font-size: .9rem; white-space: pre-wrap;
  overflow-wrap: anywhere; }
pre.output { max-height: 28rem; overflow-y: auto; }
img { max-width: 100%; height: auto; display: block; background: #fff; border-radius: .3rem; }
nav ol { padding-left: 1.4rem; } details { margin: .4rem 0; } summary { cursor: pointer; }
.step > h2 { border-top: 1px solid var(--line); padding-top: 1.2rem; }
.step section h2 { font-size: 1.05rem; } .step section h3 { font-size: 1rem; }
svg .whisker { stroke: var(--data); stroke-width: 2.5; } svg .zero { stroke: var(--ink); }
svg .band { fill: var(--data); fill-opacity: .2; } svg .band-base { fill: var(--plan); fill-opacity: .15; }
svg .margin { fill: var(--good); fill-opacity: .15; }
svg .seed { fill: none; stroke: var(--soft); stroke-width: 1.2; }
"""


@dataclass(frozen=True)
class Told:
    """A step with what its commands did."""

    step: Step
    done: tuple[Done, ...]


def render(told: Sequence[Told], out: Path) -> str:
    """The whole page; nothing is asked of a network. Run at the root of the project.

    Args:
        told: the steps, in their order.
        out: the folder with what the steps left.
    """
    sections = "".join(_section(index, part, out) for index, part in enumerate(told, 1))
    seconds = sum(done.seconds for part in told for done in part.done)
    commands = "\n".join(done.command for part in told for done in part.done)
    contents = "".join(
        f'<li><a href="#{part.step.key}">{escape(part.step.title)}</a></li>' for part in told
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>ppodiag: a demonstration</title><style>{asset('style.css')}{_STYLE}</style></head><body>"
        "<header><h1>ppodiag: a demonstration</h1>"
        '<button type="button" id="scheme" hidden>Light or dark</button></header><main>'
        "<p>A configuration is judged before its run, trained, compared with its forecast, taken apart, and "
        "a run that went wrong is diagnosed. Below every command stands what it printed on this machine, "
        f"{seconds:.0f} seconds in all.</p>"
        f"<nav><ol>{contents}</ol></nav>{sections}"
        '<section class="step" id="all"><h2>All commands</h2><p>At the root of the project, in its '
        "environment:</p>"
        f'<pre class="command">source .venv/bin/activate\n{escape(commands)}</pre></section></main>'
        f'<footer class="soft">ppodiag {escape(ppodiag.__version__)}. Drag over a plot to look closer, '
        "double click or Escape for all of it; with the keyboard: arrows, + and −.</footer>"
        f"<script>{asset('script.js')}</script></body></html>\n"
    )


def _section(index: int, told: Told, out: Path) -> str:
    step = told.step
    draw = {
        "simulate": lambda: _picture(out / PICTURE),
        "agree": lambda: _agreement(out),
        "ablate": lambda: _ablation(out),
        "diagnose": _diagnosis,
    }.get(step.key, str)
    return (
        f'<section class="step" id="{step.key}"><h2>{index}. {escape(step.title)}</h2>'
        f"<p>{escape(step.shows)}</p>{''.join(_command(done) for done in told.done)}{draw()}</section>"
    )


def _command(done: Done) -> str:
    text = f'<pre class="command">$ {escape(done.command)}</pre>'
    if done.output.strip():
        text += f'<pre class="output" tabindex="0">{escape(done.output.rstrip())}</pre>'
    return f'{text}<p class="soft">exit code {done.code}, {done.seconds:.1f} s</p>'


def _picture(path: Path) -> str:
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    return (
        '<img alt="Learning rate, minibatch size and gradient norm over the run, as simulated" '
        f'src="data:image/svg+xml;base64,{data}">'
    )


def _agreement(out: Path) -> str:
    """The log over the forecast: one line where they agree."""
    log, foretold = logged(out / TRAINED / "log.jsonl"), forecast(out / FORECAST)
    lr = figure(
        "learning rate of the last optimizer step, 1", _lines(log, foretold, "lr"), (), "lr"
    )
    sizes = figure("minibatch size, samples", _lines(log, foretold, "size"), (), "size")
    return f'<div class="grid">{lr}{sizes}</div>'


def _lines(log: Sequence[Update], foretold: Sequence[Update], name: str) -> list[Line]:
    return [
        Line(
            label,
            np.array([update.env_steps for update in updates], dtype=np.float64),
            np.array([getattr(update, name) for update in updates], dtype=np.float64),
        )
        for label, updates in (("logged", log), ("planned", foretold))
    ]


def _ablation(out: Path) -> str:
    """The pictures of the ablation's own report, which stands beside this page."""
    report = out / ABLATION / "report.html"
    figures = re.findall(r"<figure.*?</figure>", report.read_text(encoding="utf-8"), re.DOTALL)
    return (
        f'<div class="grid">{"".join(figures)}</div>'
        f"<p>The whole report: <code>{escape(str(Path(out.name) / ABLATION / 'report.html'))}</code></p>"
    )


def _diagnosis() -> str:
    log, config = ILL
    diagnosis = ppodiag.diagnose(log, config=config)
    return run_section(diagnosis, verdicts(diagnosis), 0)
