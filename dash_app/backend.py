"""
Dash on FastAPI, as we need it: callbacks off the event loop, pages by address, roles.

Dash serves its index at any address, whatever it is, and runs plain callbacks on the event loop,
where a slow one would hold up everybody; and it finds its own app through a global. All three are
replaced here.
"""

from __future__ import annotations

import inspect
from contextvars import copy_context
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

import dash
from dash.backends._fastapi import (
    FastAPIDashServer,
    reset_current_request,
    set_current_request,
)
from dash.exceptions import PreventUpdate
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from dash_app.context import ROLES, current
from dash_app.headers import content_security_policy
from models.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Backend", "TwinDash"]

API = "/api/v1"


class Backend(FastAPIDashServer):  # type: ignore[misc]  # Dash is not fully typed
    """The FastAPI backend of Dash, with callbacks in a pool of threads."""

    #: Callbacks come by HTTP alone: one way in to guard.
    websocket_capability = False

    @staticmethod
    def create_app(name: str = "dash_app", config: dict[str, Any] | None = None) -> FastAPI:  # noqa: ARG004 - as the base class has it
        """Return the server: no pages of documentation, which would load scripts from elsewhere."""
        return FastAPI(
            title="city-twin",
            openapi_url=f"{API}/openapi.json",
            docs_url=None,
            redoc_url=None,
            swagger_ui_oauth2_redirect_url=None,
        )

    def setup_index(self, dash_app: Any) -> None:  # noqa: ANN401 - Dash's own class has no types
        """Leave the index to the routes of the pages."""

    def _setup_catchall(self) -> None:
        """Leave unknown addresses to the routes of the pages."""

    def serve_callback(self, dash_app: Any) -> Callable[..., Any]:  # noqa: ANN401 - as above
        """Return the endpoint of all callbacks."""

        async def dispatch(_request: Request) -> Any:  # noqa: ANN401 - as above
            body = self.request_adapter().get_json()
            context = dash_app._initialize_context(body)  # noqa: SLF001 - the hooks that Dash gives a backend
            function = dash_app._prepare_callback(context, body)  # noqa: SLF001 - as above
            values = dash_app._inputs_to_vals(context.inputs_list + context.states_list)  # noqa: SLF001 - as above
            call = dash_app._execute_callback(function, values, context.outputs_list, context)  # noqa: SLF001 - as above
            answer = await run_in_threadpool(copy_context().run, call)
            if inspect.iscoroutine(answer):
                answer = await answer
            return context.dash_response.set_response(data=answer)

        return dispatch


class TwinDash(dash.Dash):  # type: ignore[misc]  # Dash is not fully typed
    """Dash whose callbacks each have the least role that may call them."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - those of Dash
        self.roles: dict[str, str] = {}
        super().__init__(**options)

    def callback(self, *args: Any, role: str = "viewer", **options: Any) -> Callable[..., Any]:  # noqa: ANN401 - those of Dash
        """
        Add a callback that people with at least *role* may call.

        A callback that changes anything on the server says ``role="planner"`` or more.
        """
        if role not in ROLES:
            raise InternalError("there is no such role", where="callback", value=role)
        before = set(self.callback_map)
        add = super().callback(*args, **options)
        self.roles |= dict.fromkeys(set(self.callback_map) - before, role)

        def decorate(function: Callable[..., Any]) -> Any:  # noqa: ANN401 - what Dash returns
            @wraps(function)
            def checked(*values: Any, **named: Any) -> Any:  # noqa: ANN401 - those of the callback
                context = current()
                # A new button triggers its callback too, with nothing: that is nobody's doing.
                asked = any(one.get("value") for one in dash.ctx.triggered)
                if not asked and not context.may(role):
                    raise PreventUpdate
                context.require(role)
                if asked and role != "viewer":
                    done = f"{function.__module__}.{function.__name__}"
                    context.services.audit.add(context.user, done, {}, now=datetime.now(UTC))
                return function(*values, **named)

            return add(checked)

        return decorate

    def page(self, request: Request, *, status: int = 200) -> HTMLResponse:
        """Return the document that starts the app in a browser."""
        token = set_current_request(request)
        try:
            html = self.index()
        finally:
            reset_current_request(token)
        return HTMLResponse(
            html.replace("<html>", f'<html lang="{current().language}">', 1),
            status_code=status,
            headers={
                "Content-Security-Policy": content_security_policy(html),
                "Cache-Control": "no-store",
            },
        )
