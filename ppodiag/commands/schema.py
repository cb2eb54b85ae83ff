"""`ppodiag schema`."""

from __future__ import annotations

import json

import click

from ppodiag.commands.output import emit
from ppodiag.commands.shared import output_option
from ppodiag.commands.verb import PRINTED, Example, Verb
from ppodiag.exits import CLEAN


@click.command(
    "schema",
    cls=Verb,
    examples=(
        Example("For an editor or another validator",
                "ppodiag schema --output ppo-config.schema.json"),
        Example("Of [tool.ppodiag] in pyproject.toml", "ppodiag schema --settings"),
        Example("Of the lines of --log-format json", "ppodiag schema --log-line"),
    ),
    exits=PRINTED,
)  # fmt: skip
@click.option(
    "--settings", "kind", flag_value="settings", help="The schema of [tool.ppodiag] instead."
)
@click.option(
    "--log-line", "kind", flag_value="log-line", help="The schema of a line of --log-format json."
)
@output_option
def command(kind: str | None, output: str | None) -> int:
    """Print the JSON Schema of a configuration."""
    if kind == "settings":
        from ppodiag.settings import settings_schema

        text = json.dumps(settings_schema(), indent=2) + "\n"
    else:
        from ppodiag.schema.load import LOG_LINE, schema_text

        text = schema_text(LOG_LINE) if kind else schema_text()
    emit(text, output)
    return CLEAN
