"""The pieces of the start page: doors, jobs, runs, cities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import html

from dash_app.home.texts import say
from dash_app.icons import icon
from dash_app.pages import address_of
from dash_app.wording import moment
from twin.language import clock, number, short_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from dash_app.cities import CityEntry
    from dash_app.context import Context
    from dash_app.library import RunEntry
    from twin.jobs import Job

__all__ = ["city_cards", "doors", "job_cards", "run_cards"]

_DOORS = (("editor", "edit"), ("viewer", "replay"), ("compare", "compare"), ("runs", "runs"))


def doors(context: Context, newest: RunEntry | None) -> Component:
    """Return the ways into the app, those that lead somewhere."""
    cards: list[Component] = []
    for key, picture in _DOORS:
        run_id = newest.run_id if newest is not None else ""
        address = address_of(key, run_id=run_id)
        if address is None or (key == "viewer" and newest is None):
            continue
        if key == "runs" and len(cards) >= 3:
            continue
        cards.append(
            html.A(
                [
                    html.Span(icon(picture, size=26), className="door-icon"),
                    html.Strong(say(f"door.{key}", context.language)),
                    html.Span(say(f"door.{key}_text", context.language), className="door-text"),
                ],
                href=context.href(address),
                className="door",
                id=f"door-{key}",
            )
        )
    return html.Div(cards, className="doors")


def job_cards(context: Context, jobs: Sequence[Job]) -> list[Component]:
    """Return what is being computed, or stopped lately, with what can be done about it."""
    return [_job_card(context, job) for job in jobs]


def _job_card(context: Context, job: Job) -> Component:
    language = context.language
    told = [say(f"state.{job.state}", language)]
    if job.remaining_s >= 0.0:
        told.append(say("remaining", language, time=clock(job.remaining_s, language)))
    if job.wet_cells and not job.ended:
        told.append(say("wet", language, cells=number(job.wet_cells, language)))
    children: list[Any] = [
        html.Div(
            [
                html.Strong(job.name.replace("_", " ")),
                html.Span(" · ".join(told), className="home-job-state"),
            ],
            className="home-job-head",
        ),
        dmc.Progress(
            value=round(100.0 * job.fraction, 1),
            color="red" if job.state == "failed" else "cyan",
            animated=not job.ended,
            striped=not job.ended,
            **{"aria-label": job.name},
        ),
    ]
    if job.error:
        where = f" ({job.error['where']})" if job.error.get("where") else ""
        children.append(
            html.P(f"{job.error.get('what', '')}{where}", className="home-job-error", lang="en")
        )
        if job.error.get("remedy"):
            children.append(html.P(job.error["remedy"], className="home-job-remedy", lang="en"))
    if context.may("planner"):
        children.append(html.Div(_job_buttons(language, job), className="home-job-buttons"))
    picture = html.Img(
        src=f"/api/v1/jobs/{job.job_id}/preview?at={int(job.simulated_s)}",
        alt="",
        className="home-job-picture",
    )
    has_picture = job.run_id and job.simulated_s > 0.0
    return html.Article(
        [picture if has_picture else None, html.Div(children, className="home-job-body")],
        className="home-job",
        id=f"job-{job.job_id}",
    )


def _job_buttons(language: str, job: Job) -> list[Component]:
    if not job.ended:
        return [_job_button("cancel", say("cancel", language), job)]
    again = "resume" if job.resumable else "again"
    return [
        _job_button("resume", say(again, language), job),
        _job_button("dismiss", say("dismiss", language), job),
    ]


def _job_button(act: str, text: str, job: Job) -> Component:
    return dmc.Button(
        text,
        id={"type": "home-job", "act": act, "job": job.job_id},
        size="compact-sm",
        variant="default" if act != "resume" else "light",
    )


def run_cards(context: Context, runs: Sequence[RunEntry]) -> Component:
    """Return the newest runs as cards with pictures."""
    if not runs:
        return html.P(say("no_runs", context.language), className="nothing")
    return html.Div([_run_card(context, run) for run in runs], className="run-cards")


def _run_card(context: Context, run: RunEntry) -> Component:
    language, figures = context.language, run.figures
    flooded = run.flooded_area_m2
    facts: list[Component] = []
    if flooded is not None:
        area = short_number(float(flooded) / 1e6, language)
        facts.append(_fact(f"{area} km²", say("flooded", language)))
    unserved = figures.get("unserved")
    if unserved is not None and figures.get("incidents"):
        facts.append(_fact(number(float(unserved), language), say("unserved", language)))
    address = address_of("viewer", run_id=run.run_id)
    picture = (
        html.Img(src=f"/api/v1/runs/{run.run_id}/thumbnail", alt="")
        if run.has_flood
        else html.Span(say("dry", language), className="no-picture")
    )
    return html.A(
        [
            html.Div(picture, className="run-picture"),
            html.Div(
                [
                    html.Strong(run.title_in(language), className="run-title"),
                    html.Span(
                        f"{run.city_in(language)} · {moment(run.created, language)}",
                        className="run-place",
                    ),
                    html.Div(facts, className="facts"),
                ],
                className="run-body",
            ),
        ],
        href=None if address is None else context.href(address),
        className="run-card",
    )


def _fact(value: str, what: str) -> Component:
    return html.Span([html.B(value), html.Span(what)], className="fact")


def city_cards(context: Context, cities: Sequence[CityEntry]) -> Component:
    """Return the cities that scenarios can be written for."""
    language = context.language
    if not cities:
        return html.P(say("no_cities", language), className="nothing")
    editor = address_of("editor")
    cards = []
    for city in cities:
        facts = []
        if city.cell_size_m is not None:
            size = short_number(city.cell_size_m, language)
            facts.append(say("cells", language, size=size))
        if city.area_m2 is not None:
            facts.append(f"{short_number(city.area_m2 / 1e6, language, 0)} km²")
        ground = city.provenance.get("terrain/ground_level", {})
        if ground.get("basis") == "assumed":
            facts.append(say("assumed", language))
        href = None if editor is None else context.href(editor, city=city.digest)
        cards.append(
            html.A(
                [
                    icon("city", size=22),
                    html.Span(
                        [
                            html.Strong(city.title_in(language)),
                            html.Span(" · ".join(f for f in facts if f), className="run-place"),
                        ],
                        className="city-body",
                    ),
                ],
                href=href,
                className="city-card",
                title=say("use_city", language) if href else city.digest,
            )
        )
    return html.Div(cards, className="city-cards")
