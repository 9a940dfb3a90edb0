"""The command ``twin replay``."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from models.errors import InvalidInputError
from twin.language import choose_language, text

if TYPE_CHECKING:
    from scenarios import Scenario
    from twin.city.city import City
    from twin.results.open import Run

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command("replay")(replay)


def replay(
    scenario: Annotated[str, typer.Argument(help="Scenario file, or the name of a shipped one.")],
    *,
    observed: Annotated[
        list[Path],
        typer.Option("--observed", "-o", help="Mapping of a log; again for closures."),
    ],
    follow: Annotated[
        str, typer.Option(help="record (units as logged), policy, or both side by side.")
    ] = "both",
    fleet: Annotated[
        str, typer.Option(help="Under the policy: units of the record, or of the scenario.")
    ] = "record",
    take_over: Annotated[
        str | None,
        typer.Option(help="When the policy takes over: 2 h, or 2025-10-22T17:00+07:00."),
    ] = None,
    city: Annotated[
        Path | None, typer.Option("--city", help="Folder of the city; else as the scenario says.")
    ] = None,
    write: Annotated[
        Path | None, typer.Option(help="Write the scenarios into this folder; run nothing.")
    ] = None,
    store: Annotated[
        Path | None, typer.Option("--store", help="Folder of runs; else TWIN_STORE, else ./runs.")
    ] = None,
    threads: Annotated[int | None, typer.Option(help="Threads for the flood; else all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON object.")] = False,
    language: Annotated[
        str | None, typer.Option("--lang", help="vi or en; else as LANG says.")
    ] = None,
) -> None:
    """Let a log happen again in a scenario: as it went, under a policy, or both side by side."""
    import twin
    from twin.inputs import find_city
    from twin.replays.run import plans
    from twin.replays.show import show_plan

    spoken, console = choose_language(language), Console(highlight=False, stderr=as_json)
    document = twin.load_scenario(scenario)
    place = find_city(document, city)
    _one_of(follow, ("record", "policy", "both"), "--follow")
    _one_of(fleet, ("record", "scenario"), "--fleet")
    options: dict[str, Any] = {"follow": follow, "fleet": fleet}
    made = plans(document, place, observed, take_over_s=_moment_s(take_over, document), **options)
    for name, plan in made.items():
        for part in show_plan(plan, name, spoken):
            console.print(part)
    if write is not None:
        write.mkdir(parents=True, exist_ok=True)
        for plan in made.values():
            path = write / f"{plan.scenario.name}.yaml"
            path.write_text(plan.scenario.to_yaml(), "utf-8")
            console.print(text("replay.written", spoken, path=path))
        return
    runs = {
        name: _run(plan.scenario, place, store=store, threads=threads)
        for name, plan in made.items()
    }
    _tell(runs, console, spoken)
    if as_json:
        counts = {name: plan.counts for name, plan in made.items()}
        names = {name: run.id for name, run in runs.items()}
        left_out = [finding.as_dict() for finding in next(iter(made.values())).findings]
        _print({"runs": names, "counts": counts, "left_out": left_out})


def _moment_s(given: str | None, scenario: Scenario) -> float | None:
    from scenarios.schema.time import parse_moment

    if given is None:
        return None
    try:
        return parse_moment(given, scenario.period.clock)
    except ValueError as error:
        raise InvalidInputError(str(error), where="--take-over", value=given) from error


def _run(scenario: Scenario, city: City, *, store: Path | None, threads: int | None) -> Run:
    import twin
    from twin.cli.run import or_interrupted, watched

    with watched(scenario.name) as (tell, stop):
        return or_interrupted(
            lambda: twin.run(
                scenario, city, store=store, threads=threads, on_progress=tell, should_stop=stop
            ),
            store,
        )


def _tell(runs: dict[str, Run], console: Console, language: str) -> None:
    """Print what became of the runs, side by side where there are two."""
    from twin.replays.show import show_replayed
    from twin.results.compare import compare_notes, compare_table

    for name, run in runs.items():
        for line in show_replayed(run, name, language):
            console.print(line)
    if len(runs) == 2:
        pair = runs["record"], runs["policy"]
        console.print(compare_table(*pair, language))
        for note in compare_notes(*pair, language):
            console.print(note)


def _print(document: dict[str, Any]) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))


def _one_of(value: str, known: tuple[str, ...], where: str) -> None:
    if value not in known:
        raise InvalidInputError(
            "this is not known", where=where, value=value, remedy=f"Choose from {', '.join(known)}."
        )
