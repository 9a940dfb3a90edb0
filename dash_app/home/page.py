"""The start page: what to do first, what is being computed, recent runs, cities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ALL, Input, Output, State, ctx, dcc, html, no_update

from dash_app import library
from dash_app.cities import list_cities
from dash_app.context import current
from dash_app.home.parts import city_cards, doors, job_cards, run_cards
from dash_app.home.texts import say
from dash_app.icons import icon
from dash_app.pages import Page, address_of
from dash_app.running import start_run
from dash_app.shell import NOTICES, URL, notice
from models.errors import TwinError

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from dash_app.backend import TwinDash
    from dash_app.context import Context
    from dash_app.library import RunEntry
    from twin.jobs import Job

__all__ = ["PAGE", "layout", "register"]

PAGE = Page(key="home", path="/", title=("Trang chủ", "Start"), icon="home", in_navigation=True)

#: The scenario that the first button runs where there is no run to look at yet.
FIRST = "cloudburst_high_tide"
_RECENT, _STOPPED = 6, 3


def layout(context: Context) -> Component:
    """Return the start page."""
    language = context.language
    finished = library.list_runs(context.services, state="finished")
    newest = next((run for run in finished if run.has_flood), None)
    jobs = _shown_jobs(context)
    return html.Div(
        className="home",
        children=[
            dcc.Store(id="home-job"),
            dcc.Interval(id="home-tick", interval=1500, disabled=not _any_active(jobs)),
            html.Section(
                className="hero",
                children=[
                    html.Div(
                        [
                            html.H1(say("headline", language)),
                            html.P(say("lead", language), className="lead"),
                            _first_button(context, newest),
                        ],
                        className="hero-text",
                    ),
                    _hero_picture(newest),
                ],
            ),
            doors(context, newest),
            html.Div(_jobs_section(context, jobs), id="home-jobs"),
            html.Section(
                [
                    html.Div(
                        [
                            html.H2(say("recent", language)),
                            html.A(
                                say("all_runs", language),
                                href=context.href(address_of("runs") or "/"),
                            ),
                        ],
                        className="section-head",
                    ),
                    run_cards(context, finished[:_RECENT]),
                ]
            ),
            html.Section(
                [
                    html.Div(html.H2(say("cities", language)), className="section-head"),
                    city_cards(context, list_cities(context.services.store)),
                ]
            ),
        ],
    )


def register(dash: TwinDash) -> None:
    """Start, follow, stop and dismiss jobs."""
    _register_start(dash)
    _register_actions(dash)
    _register_follow(dash)


def _register_start(dash: TwinDash) -> None:
    @dash.callback(
        Output("home-job", "data"),
        Output("home-tick", "disabled"),
        Output("home-jobs", "children"),
        Output(NOTICES, "sendNotifications", allow_duplicate=True),
        Input("home-start", "n_clicks"),
        State(URL, "pathname"),
        State(URL, "search"),
        prevent_initial_call=True,
        role="planner",
    )
    def start(clicks: int | None, path: str, search: str) -> Any:  # noqa: ANN401 - data and components
        if not clicks:
            return no_update, no_update, no_update, no_update
        context = current().at(path, search or "")
        try:
            job = start_run(context.services, FIRST, by=context.user)
        except TwinError as error:
            return no_update, no_update, no_update, [_refusal(context, error)]
        told = notice(say("starting", context.language))
        return job.job_id, False, _jobs_section(context, _shown_jobs(context)), [told]


def _register_actions(dash: TwinDash) -> None:
    @dash.callback(
        Output("home-jobs", "children", allow_duplicate=True),
        Output("home-tick", "disabled", allow_duplicate=True),
        Output(NOTICES, "sendNotifications", allow_duplicate=True),
        Input({"type": "home-job", "act": ALL, "job": ALL}, "n_clicks"),
        State(URL, "pathname"),
        State(URL, "search"),
        prevent_initial_call=True,
        role="planner",
    )
    def act(clicks: list[int | None], path: str, search: str) -> Any:  # noqa: ANN401 - as above
        asked = ctx.triggered_id
        if not any(clicks) or not asked:
            return no_update, no_update, no_update
        context = current().at(path, search or "")
        jobs = context.services.jobs
        try:
            if asked["act"] == "cancel":
                jobs.cancel(asked["job"])
            elif asked["act"] == "resume":
                jobs.resume(asked["job"], by=context.user)
                jobs.remove(asked["job"])
            else:
                jobs.remove(asked["job"])
        except TwinError as error:
            return no_update, no_update, [_refusal(context, error)]
        shown = _shown_jobs(context)
        return _jobs_section(context, shown), not _any_active(shown), no_update


def _register_follow(dash: TwinDash) -> None:
    @dash.callback(
        Output("home-jobs", "children", allow_duplicate=True),
        Output("home-tick", "disabled", allow_duplicate=True),
        Output(URL, "href", allow_duplicate=True),
        Input("home-tick", "n_intervals"),
        State("home-job", "data"),
        State(URL, "pathname"),
        State(URL, "search"),
        prevent_initial_call=True,
    )
    def follow(_ticks: int, started: str | None, path: str, search: str) -> Any:  # noqa: ANN401 - as above
        context = current().at(path, search or "")
        shown = _shown_jobs(context)
        job = next((j for j in context.services.jobs.list() if j.job_id == started), None)
        target = None
        if job is not None and job.state == "finished":
            target = address_of("viewer", run_id=job.run_id)
        href = no_update if target is None else context.href(target)
        return _jobs_section(context, shown), not _any_active(shown), href


def _first_button(context: Context, newest: RunEntry | None) -> Component:
    language = context.language
    viewer = None if newest is None else address_of("viewer", run_id=newest.run_id)
    if newest is not None and viewer is not None:
        button = html.A(
            [icon("play"), say("watch", language)],
            href=context.href(viewer),
            className="first-button",
            id="home-watch",
        )
        hint = say("watch_run", language, title=newest.title_in(language))
    elif context.may("planner"):
        button = html.Button(
            [icon("play"), say("watch", language)], className="first-button", id="home-start"
        )
        hint = say("watch_job", language)
    else:
        return html.Div()
    return html.Div([button, html.Span(hint, className="first-hint")], className="first")


def _hero_picture(newest: RunEntry | None) -> Component:
    if newest is None:
        return html.Div(icon("wave", size=160), className="hero-picture empty")
    picture = html.Img(src=f"/api/v1/runs/{newest.run_id}/thumbnail", alt="")
    return html.Div(picture, className="hero-picture")


def _shown_jobs(context: Context) -> list[Job]:
    """Return the jobs that compute, and the newest of those that stopped."""
    jobs = context.services.jobs.list()
    active = [job for job in jobs if not job.ended]
    stopped = [job for job in jobs if job.ended and job.state != "finished"]
    return active + stopped[:_STOPPED]


def _any_active(jobs: list[Job]) -> bool:
    return any(not job.ended for job in jobs)


def _jobs_section(context: Context, jobs: list[Job]) -> list[Component]:
    if not jobs:
        return []
    head = html.Div(html.H2(say("jobs", context.language)), className="section-head")
    return [html.Section([head, html.Div(job_cards(context, jobs), className="home-jobs")])]


def _refusal(context: Context, error: TwinError) -> dict[str, Any]:
    return notice(say("error", context.language), str(error), kind="bad")
