"""Commands about observed data: observed check, observed presets."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer
from rich.console import Console

from twin.language import choose_language

__all__ = ["app"]

app = typer.Typer(
    name="observed",
    help="Read logs, levels, rain, closures and reports by a mapping, and check them.",
    no_args_is_help=True,
)

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_Language = Annotated[
    str | None, typer.Option("--lang", help="vi or en; else as LANG says.", show_default=False)
]


@app.command()
def check(
    mapping: Annotated[Path, typer.Argument(help="Mapping, YAML.")],
    *,
    city: Annotated[
        Path | None, typer.Option(help="Folder of a city, in which places are looked up.")
    ] = None,
    as_json: _Json = False,
    language: _Language = None,
) -> None:
    """Read observed data and show what was found: gaps, doubles, jumps, impossible orders."""
    from twin.observed import read_observed
    from twin.observed.places import with_city
    from twin.observed.show import show_observed

    spoken = choose_language(language)
    observed = read_observed(mapping)
    if city is not None:
        from twin.city.city import open_city

        observed = with_city(observed, open_city(city))
    if as_json:
        typer.echo(json.dumps(observed.report.as_dict(), ensure_ascii=False, allow_nan=False))
        return
    console = Console(highlight=False)
    for part in show_observed(observed, spoken):
        console.print(part)


@app.command()
def presets(name: Annotated[str | None, typer.Argument(help="One to print.")] = None) -> None:
    """List the mappings that come with the program, or print one."""
    from models.errors import InvalidInputError
    from twin.observed import presets as shipped

    known = shipped()
    if name is None:
        for each in known:
            typer.echo(each)
        return
    if name not in known:
        raise InvalidInputError(
            "there is no such preset", value=name, remedy=f"Choose from {', '.join(known)}."
        )
    typer.echo(known[name].read_text("utf-8"), nl=False)
