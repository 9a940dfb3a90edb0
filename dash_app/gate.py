"""
The gate that every request passes: from where, how large, and who asks.

It stands outside of everything else, so that no route is reachable past it: without a session only
what ``PUBLIC`` names is answered.
"""

from __future__ import annotations

import ipaddress
import time
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dash_app.api.errors import problem
from dash_app.context import Context, enter, leave
from dash_app.headers import SAFE_HEADERS
from dash_app.security.accounts import TooManyError
from dash_app.security.sessions import ABSOLUTE_S
from dash_app.security.sign_in import (
    PATH as SIGN_IN,
)
from dash_app.security.sign_in import (
    SIGN_OUT,
    STYLE,
    safe_target,
    sign_in_headers,
    sign_in_page,
)
from twin.language import LANGUAGES

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from dash_app.services import Services

__all__ = ["MOST_BYTES", "PUBLIC", "Gate"]

#: What is answered without a session.
PUBLIC = frozenset({SIGN_IN, SIGN_OUT, STYLE, "/health", "/_favicon.ico"})
#: The largest body of a request.
MOST_BYTES = 2 << 20
_SAFE = frozenset({"GET", "HEAD"})
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_FORMS = frozenset({SIGN_IN, SIGN_OUT})


class Gate:
    """
    ASGI middleware around everything.

    Parameters
    ----------
    app
        What is behind it.
    services
        With the accounts, the sessions and the log.
    local
        Whether the server listens to this machine alone: then nobody needs to sign in until there
        are accounts, and only names of this machine are answered to.
    """

    def __init__(self, app: ASGIApp, *, services: Services, local: bool) -> None:
        self._app = app
        self._services = services
        self._local = local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":  # none is served yet
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        request = Request(scope, receive)
        status = 500

        async def send_safely(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _with_safe_headers(message["headers"])
            await send(message)

        refusal = self._refusal(request)
        if refusal is not None:
            await refusal(scope, receive, send_safely)
            return
        context = await run_in_threadpool(self._context, request)
        if context is None:
            answer = await self._without_session(request)
            await answer(scope, receive, send_safely)
            return
        token = enter(context)
        try:
            if request.url.path in _FORMS:
                answer = await self._form(request)
                await answer(scope, receive, send_safely)
            else:
                await self._app(scope, receive, send_safely)
        finally:
            leave(token)
        if request.method in _CHANGING and request.url.path.startswith("/api/"):
            await run_in_threadpool(
                self._note,
                context.user,
                f"{request.method} {request.url.path}",
                {"status": status},
            )

    def _refusal(self, request: Request) -> Response | None:
        """Return why a request is not even looked at, None where it is."""
        method, headers = request.method, request.headers
        if method not in _SAFE | _CHANGING:
            return problem(405, "this method is not taken", value=method)
        host = headers.get("host", "")
        if self._local and not _is_this_machine(host):
            return problem(
                421, "this server answers to its own machine only", where="Host", value=host
            )
        if method in _SAFE:
            return None
        if not _same_origin(headers.get("origin"), headers.get("sec-fetch-site"), host):
            return problem(
                403,
                "the request comes from another site",
                where="Origin",
                value=headers.get("origin"),
            )
        return _refused_body(request)

    def _context(self, request: Request) -> Context | None:
        """Return who asks, None where that needs a session and there is none."""
        services = self._services
        language = _language(request)
        if self._local and not services.accounts.exist():
            return Context(services=services, language=language, user="local", role="admin")
        signed = services.sessions.find(_token(request), now_s=time.time())
        if signed is None:
            return None
        return Context(services=services, language=language, user=signed.name, role=signed.role)

    async def _without_session(self, request: Request) -> Response | ASGIApp:
        path = request.url.path
        if path in _FORMS:
            return await self._form(request)
        if path in PUBLIC:
            return self._app
        if request.method in _SAFE and "text/html" in request.headers.get("accept", ""):
            query = request.url.query
            target = f"{path}?{query}" if query else path
            asked = urlencode({"next": target, "lang": _language(request)})
            return RedirectResponse(f"{SIGN_IN}?{asked}", 303, {"Cache-Control": "no-store"})
        return problem(
            401,
            "nobody is signed in",
            remedy=f"Sign in at {SIGN_IN}.",
            headers={"Cache-Control": "no-store"},
        )

    async def _form(self, request: Request) -> Response:
        """Answer the two forms: sign in, and sign out."""
        language = _language(request)
        if request.url.path == SIGN_OUT:
            if request.method != "POST":
                return RedirectResponse("/", 303)
            return await run_in_threadpool(self._sign_out, request)
        if request.method != "POST":
            target = safe_target(request.query_params.get("next", "/"))
            return HTMLResponse(sign_in_page(language, target=target), headers=sign_in_headers())
        try:
            fields = parse_qs((await request.body()).decode("utf-8"), max_num_fields=8)
        except ValueError:
            return problem(400, "the form cannot be read")
        given = {key: values[0] for key, values in fields.items()}
        return await run_in_threadpool(self._sign_in, request, given, language)

    def _sign_in(self, request: Request, given: dict[str, str], language: str) -> Response:
        services, name = self._services, given.get("name", "").strip().lower()
        target = safe_target(given.get("next", "/"))
        address = request.client.host if request.client else ""
        fault, status = "wrong", 401
        try:
            right = services.accounts.check(
                name, given.get("password", ""), address, now_s=time.time()
            )
        except TooManyError:
            right, fault, status = False, "many", 429
        if not right:
            self._note(name[:40], "sign-in refused", {"from": address, "why": fault})
            page = sign_in_page(language, target=target, fault=fault)
            return HTMLResponse(page, status, headers=sign_in_headers())
        services.sessions.end(_token(request))
        token = services.sessions.begin(name, now_s=time.time())
        self._note(name, "sign-in", {"from": address})
        answer = RedirectResponse(target, 303, {"Cache-Control": "no-store"})
        secure = request.url.scheme == "https"
        answer.set_cookie(
            _cookie(secure=secure),
            token,
            max_age=int(ABSOLUTE_S),
            path="/",
            secure=secure,
            httponly=True,
            samesite="strict",
        )
        return answer

    def _sign_out(self, request: Request) -> Response:
        token, secure = _token(request), request.url.scheme == "https"
        signed = self._services.sessions.find(token, now_s=time.time())
        if signed is not None:
            self._services.sessions.end(token)
            self._note(signed.name, "sign-out", {})
        answer = RedirectResponse(SIGN_IN, 303, {"Clear-Site-Data": '"cache"'})
        answer.delete_cookie(
            _cookie(secure=secure), path="/", secure=secure, httponly=True, samesite="strict"
        )
        return answer

    def _note(self, who: str, what: str, detail: dict[str, object]) -> None:
        self._services.audit.add(who, what, detail, now=datetime.now(UTC))


def _refused_body(request: Request) -> Response | None:
    """Return why the body of a request is not read, None where it is."""
    headers = request.headers
    if "transfer-encoding" in headers:
        return problem(411, "the request must say how long it is", where="Content-Length")
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdecimal() or int(length) > MOST_BYTES:
        return problem(
            413,
            f"a request has at most {MOST_BYTES} bytes",
            where="Content-Length",
            value=length,
        )
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    wanted = (
        "application/x-www-form-urlencoded" if request.url.path in _FORMS else "application/json"
    )
    if int(length) > 0 and kind != wanted:
        return problem(415, f"the request must be {wanted}", where="Content-Type", value=kind)
    return None


def _cookie(*, secure: bool) -> str:
    return "__Host-twin_session" if secure else "twin_session"


def _token(request: Request) -> str:
    return _cookies(request).get(_cookie(secure=request.url.scheme == "https"), "")


def _cookies(request: Request) -> dict[str, str]:
    try:
        return {k: v.value for k, v in SimpleCookie(request.headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def _with_safe_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    known = {name.lower() for name, _ in headers}
    further = ((n.lower().encode(), v.encode()) for n, v in SAFE_HEADERS.items())
    return [*headers, *((name, value) for name, value in further if name not in known)]


def _is_this_machine(host: str) -> bool:
    """Return whether a Host header names this machine: else a foreign page could rename itself."""
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _same_origin(origin: str | None, site: str | None, host: str) -> bool:
    """Return whether a browser sent this from a page of ours; programs send neither header."""
    if site is not None and site not in {"same-origin", "none"}:
        return False
    return origin is None or (origin != "null" and urlsplit(origin).netloc == host)


def _language(request: Request) -> str:
    """Return the language of the address, of the cookie, of the browser, or English."""
    asked = dict(parse_qsl(request.url.query)).get("lang", "")
    kept = _cookies(request).get("twin_language", "")
    accepted = request.headers.get("accept-language", "").split(",")
    for code in (asked, kept, *(part.split(";")[0].strip()[:2].lower() for part in accepted)):
        if code in LANGUAGES:
            return code
    return "en"
