"""The command ``twin calibrate``."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer
from rich.console import Console

from twin.language import choose_language, number, text

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command("calibrate")(calibrate)


def calibrate(
    document: Annotated[
        Path, typer.Argument(help="What is fitted to what, YAML; see docs/replay.md.")
    ],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the fitted scenario here.")
    ] = None,
    city: Annotated[
        Path | None, typer.Option("--city", help="Folder of the city; else as the file says.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    language: Annotated[
        str | None, typer.Option("--lang", help="vi or en; else as LANG says.")
    ] = None,
) -> None:
    """Fit fields of a scenario to observations, within bounds, and say how sure the fit is."""
    from twin.calibration import calibrate as fit
    from twin.calibration.document import load_calibration
    from twin.calibration.show import calibration_document, show_calibration

    spoken, wanted, home = choose_language(language), load_calibration(document), document.parent
    named = home / wanted.scenario
    place = city or (None if wanted.city is None else home / wanted.city)

    def tell(count: int, values: dict[str, float], error: float) -> None:
        shown = ", ".join(f"{k} = {number(v, spoken, 3)}" for k, v in values.items())
        size = number(error, spoken, 3)
        line = text("calibrate.run", spoken, number=count, values=shown, error=size)
        typer.echo(line, err=True)

    found = fit(
        named if named.is_file() else wanted.scenario,
        place,
        [home / name for name in wanted.observed],
        wanted.parameters,
        scales=wanted.scales,
        method=wanted.method,
        most_runs=wanted.most_runs,
        seed=wanted.seed,
        on_run=tell,
    )
    if output is not None:
        output.write_text(found.scenario.to_yaml(), "utf-8")
    if as_json:
        answer = calibration_document(found)
        typer.echo(json.dumps(answer, ensure_ascii=False, allow_nan=False))
        return
    console = Console(highlight=False)
    for part in show_calibration(found, spoken):
        console.print(part)
    if output is not None:
        console.print(text("calibrate.written", spoken, path=output))
