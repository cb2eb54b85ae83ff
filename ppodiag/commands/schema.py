"""`ppodiag schema`."""

from __future__ import annotations

import json

import click

from ppodiag.exits import CLEAN


@click.command("schema")
@click.option("--settings", is_flag=True, help="The schema of [tool.ppodiag] instead.")
def command(settings: bool) -> int:
    """Print the JSON Schema of a configuration, for editors and other validators.

    \b
    Example:
      ppodiag schema > ppo-config.schema.json
    """
    if settings:
        from ppodiag.settings import settings_schema

        click.echo(json.dumps(settings_schema(), indent=2))
    else:
        from ppodiag.schema.load import schema_text

        click.echo(schema_text(), nl=False)
    return CLEAN
