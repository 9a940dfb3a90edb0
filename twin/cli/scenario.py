"""Commands about scenario documents: their schema, their faults, and those that are shipped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scenarios.schema import Translated

__all__ = ["find_scenario", "register"]


def find_scenario(name: str) -> Path:
    """Return the file of a scenario: a path, or the name of a shipped one where no file is so."""
    from scenarios import library

    path = Path(name)
    return path if path.exists() else library().get(name, path)


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command("schema")(schema)
    app.command("validate")(validate)
    app.command("scenarios")(scenarios)


def schema(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; else to the screen.")
    ] = None,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="A reference for people instead of JSON Schema.")
    ] = False,
) -> None:
    """Write the JSON Schema of scenarios, with which editors complete and check."""
    from scenarios import json_schema
    from scenarios.reference import markdown

    text = markdown() if as_markdown else json.dumps(json_schema(), indent=2, ensure_ascii=False)
    if output is None:
        typer.echo(text.rstrip("\n"))
    else:
        output.write_text(text.rstrip("\n") + "\n", encoding="utf-8")


def validate(
    scenario: Annotated[str, typer.Argument(help="A YAML or JSON file, or a shipped scenario.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    skip_files: Annotated[
        bool, typer.Option("--skip-files", help="Do not read the CSV files it refers to.")
    ] = False,
) -> None:
    """Check a scenario and the files that it refers to; list everything that is wrong."""
    from scenarios import Scenario

    path = find_scenario(scenario)
    document = Scenario.load(path)
    whole = document if skip_files else document.resolve()
    if as_json:
        summary = {
            "scenario": document.name,
            "file": str(path),
            "valid": True,
            "digest": None if skip_files else whole.digest,
            "duration_s": document.duration_s,
        }
        typer.echo(json.dumps(summary, ensure_ascii=False))
        return
    hours = document.duration_s / 3600.0
    typer.echo(f"{path}: {document.name} is valid: {hours:g} h from {document.period.start}")


def scenarios(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False,
    language: Annotated[str, typer.Option("--lang", help="vi or en.")] = "en",
) -> None:
    """List the shipped scenarios."""
    from scenarios import Scenario, library

    shipped = [(name, path, Scenario.load(path)) for name, path in library().items()]
    if as_json:
        rows = [
            {
                "name": name,
                "file": str(path),
                "title": _texts(scenario.title),
                "description": _texts(scenario.description),
                "city": scenario.city,
                "duration_s": scenario.duration_s,
            }
            for name, path, scenario in shipped
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    width = max(len(name) for name, _, _ in shipped)
    for name, _, scenario in shipped:
        typer.echo(f"{name:<{width}}  {scenario.title.in_language(language)}")


def _texts(text: Translated) -> dict[str, str]:
    return {key: value for key, value in text.model_dump().items() if value is not None}
