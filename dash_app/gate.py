"""The gate that every request passes: who asks, from where, and how much they send."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from dash_app.context import Context, enter, leave
from dash_app.headers import SAFE_HEADERS
from twin.language import LANGUAGES

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from dash_app.services import Services

__all__ = ["Gate"]


class Gate:
    """ASGI middleware around everything."""

    def __init__(self, app: ASGIApp, *, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        context = Context(services=self._services, language=_language(scope), role="admin")

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                known = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(
                        (name.lower().encode(), value.encode())
                        for name, value in SAFE_HEADERS.items()
                        if name.lower().encode() not in known
                    ),
                ]
            await send(message)

        token = enter(context)
        try:
            await self._app(scope, receive, send_safely)
        finally:
            leave(token)


def _language(scope: Scope) -> str:
    """Return the language of the address, of the cookie, of the browser, or English."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    query = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
    cookies = SimpleCookie(headers.get(b"cookie", ""))
    kept = cookies["twin_language"].value if "twin_language" in cookies else ""
    preferred = [
        part.split(";")[0].strip()[:2].lower()
        for part in headers.get(b"accept-language", "").split(",")
    ]
    for code in (query.get("lang", ""), kept, *preferred):
        if code in LANGUAGES:
            return code
    return "en"
