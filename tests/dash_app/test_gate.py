"""What is promised of security (S1 to S6, S9, S10), asked of a real server."""

from __future__ import annotations

import http.client
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.routing import Mount

from dash_app.app import create_app
from dash_app.context import ROLES
from dash_app.gate import MOST_BYTES, PUBLIC
from dash_app.security import Accounts, Audit, Sessions
from dash_app.security.accounts import TooManyError
from dash_app.security.database import Database
from dash_app.security.sessions import ABSOLUTE_S, IDLE_S
from dash_app.security.sign_in import safe_target
from models.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PASSWORD = "a sentence of words"  # noqa: S105 - of users that are made for a test


class Caller:
    """A program that calls a server, and keeps its cookies as a browser would."""

    def __init__(self, url: str) -> None:
        self.host = urlsplit(url).netloc
        self.cookie = ""

    def __call__(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        sent = {"Cookie": self.cookie} if self.cookie else {}
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body)
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection(self.host, timeout=30)) as connection:
            connection.request(method, path, data, sent)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            if "set-cookie" in found:
                self.cookie = found["set-cookie"].split(";")[0]
            return answer.status, found, answer.read()

    def sign_in(self, name: str, password: str = PASSWORD) -> tuple[int, dict[str, str], bytes]:
        form = urlencode({"name": name, "password": password, "next": "/runs"}).encode()
        return self("POST", "/sign-in", form, Content_Type="application/x-www-form-urlencoded")


@pytest.fixture(scope="module")
def guarded(serve: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a server with one user of each role."""
    store = tmp_path_factory.mktemp("guarded") / "store"
    accounts = Accounts(Database(store), hasher=PasswordHasher(time_cost=1, memory_cost=64))
    for role in ROLES:
        accounts.add(f"the-{role}", PASSWORD, role, now_s=0.0)
    return serve(store)


@pytest.fixture
def caller(guarded: Any) -> Caller:
    """Return somebody who has not signed in."""
    return Caller(guarded.url)


@pytest.fixture
def opened(serve: Callable[..., Any], tmp_path: Path) -> Caller:
    """Return a caller of a server without accounts."""
    return Caller(serve(tmp_path / "store").url)


def routes_of(app: Any, prefix: str = "") -> list[tuple[str, str, Any]]:
    """Return method, path and route of everything that *app* answers."""
    found = []
    for route in app.routes:
        if isinstance(route, Mount):
            found.append(("GET", f"{prefix}{route.path}/10-shell.css", route))
        elif hasattr(route, "path"):
            path = prefix + route.path.replace("{path:path}", "x")
            found += [(method, path, route) for method in sorted(route.methods or ())]
    found += [
        (method.upper(), path, None)
        for path, item in app.openapi()["paths"].items()
        for method in item
    ]
    return found


def test_every_route_is_refused_without_a_session(guarded: Any, caller: Caller) -> None:
    asked = 0
    for method, path, _ in routes_of(guarded.app):
        if path in PUBLIC:
            continue
        status, headers, body = caller(method, path, {} if method != "GET" else None)
        assert status == 401, (method, path, status)
        assert "set-cookie" not in headers
        if method != "HEAD":
            assert json.loads(body)["what"] == "nobody is signed in"
        asked += 1
    assert asked > 30


def test_a_page_without_a_session_leads_to_the_sign_in_and_back(caller: Caller) -> None:
    status, headers, _ = caller("GET", "/runs?lang=vi", Accept="text/html")
    assert status == 303
    assert headers["location"] == "/sign-in?next=%2Fruns%3Flang%3Dvi&lang=vi"
    status, headers, body = caller("GET", headers["location"])
    assert status == 200
    assert "Đăng nhập" in body.decode()
    assert "script-src 'self'" in headers["content-security-policy"]
    status, headers, _ = caller.sign_in("the-viewer")
    assert (status, headers["location"]) == (303, "/runs")
    assert caller("GET", "/runs", Accept="text/html")[0] == 200


def test_cookie_is_out_of_reach_of_scripts_and_other_sites(caller: Caller) -> None:
    _, headers, _ = caller.sign_in("the-viewer")
    cookie = headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie


def test_cookie_is_bound_to_host_and_tls_behind_tls(caller: Caller) -> None:
    form = urlencode({"name": "the-viewer", "password": PASSWORD}).encode()
    kind = "application/x-www-form-urlencoded"
    _, headers, _ = caller("POST", "/sign-in", form, Content_Type=kind, X_Forwarded_Proto="https")
    assert headers["set-cookie"].startswith("__Host-twin_session=")
    assert "secure" in headers["set-cookie"].lower()
    assert caller("GET", "/api/v1/runs", X_Forwarded_Proto="https")[0] == 200
    assert caller("GET", "/api/v1/runs")[0] == 401  # not over plain http


def test_signing_out_ends_the_session_on_the_server(caller: Caller) -> None:
    caller.sign_in("the-viewer")
    kept = caller.cookie
    assert caller("GET", "/api/v1/runs")[0] == 200
    assert caller("POST", "/sign-out")[0] == 303
    caller.cookie = kept
    assert caller("GET", "/api/v1/runs")[0] == 401


def test_removed_user_is_out_at_once(guarded: Any, caller: Caller) -> None:
    accounts = guarded.app.state.services.accounts
    accounts.add("soon-gone", PASSWORD, "planner", now_s=0.0)
    caller.sign_in("soon-gone")
    assert caller("GET", "/api/v1/runs")[0] == 200
    accounts.remove("soon-gone")
    assert caller("GET", "/api/v1/runs")[0] == 401


def test_every_changing_endpoint_says_who_may_use_it(guarded: Any) -> None:
    for method, path, route in routes_of(guarded.app):
        dependant = getattr(route, "dependant", None)
        if method in {"GET", "HEAD"} or dependant is None or not path.startswith("/api/"):
            continue
        roles = [getattr(d.call, "role", None) for d in dependant.dependencies]
        assert any(role in ROLES for role in roles), (method, path)


def test_viewer_changes_nothing_and_planner_may(guarded: Any, caller: Caller) -> None:
    caller.sign_in("the-viewer")
    changing = [
        ("PUT", "/api/v1/scenarios/mine", {"yaml": "schema: 1"}),
        ("DELETE", "/api/v1/scenarios/mine", None),
        ("POST", "/api/v1/jobs", {"scenario": "dry_reference_day"}),
        ("PATCH", "/api/v1/runs/some", {"title": "x"}),
        ("DELETE", "/api/v1/runs/some", None),
        ("POST", "/api/v1/runs/some/restore", None),
        ("POST", "/api/v1/jobs/some/cancel", None),
        ("DELETE", "/api/v1/jobs/some", None),
    ]
    for method, path, body in changing:
        assert caller(method, path, body)[0] == 403, (method, path)
    caller.sign_in("the-planner")
    assert caller("PUT", "/api/v1/scenarios/mine", {"yaml": "schema: 1"})[0] == 200
    assert caller("DELETE", "/api/v1/scenarios/mine")[0] == 204
    whats = {line.what for line in guarded.app.state.services.audit.lines()}
    assert "PUT /api/v1/scenarios/mine" in whats


def test_every_callback_declares_its_role(guarded: Any) -> None:
    dash = guarded.app.state.dash
    served = {name for name, one in dash.callback_map.items() if one.get("callback") is not None}
    assert served
    assert served <= set(dash.roles)
    assert set(dash.roles.values()) <= set(ROLES)


def test_viewer_may_not_call_a_planners_callback(guarded: Any, caller: Caller) -> None:
    dash = guarded.app.state.dash
    output = next(name for name, role in dash.roles.items() if role == "planner")
    caller.sign_in("the-viewer")
    body = {"output": output, "outputs": [], "inputs": [], "state": [], "changedPropIds": []}
    status, _, _ = caller("POST", "/_dash-update-component", body)
    assert status >= 400


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content_Length": str(MOST_BYTES + 1)}, 413),
        ({"Content_Length": "-1"}, 413),
    ],
)
def test_what_other_sites_can_make_a_browser_send_is_refused(
    opened: Caller, headers: dict[str, str], expected: int
) -> None:
    body = b'{"yaml": "schema: 1"}'
    if "Content_Length" in headers and int(headers["Content_Length"]) > len(body):
        body = b" " * int(headers["Content_Length"])
    try:
        status, _, answer = opened("POST", "/api/v1/scenarios/validate", body, **headers)
    except (ConnectionError, http.client.HTTPException):
        return  # cut off while it was still sending
    assert status in {expected, 400}
    assert status == 400 or json.loads(answer)["what"]


def test_body_of_unknown_length_is_refused(opened: Caller) -> None:
    with closing(http.client.HTTPConnection(opened.host, timeout=30)) as connection:
        headers = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
        connection.request(
            "POST", "/api/v1/scenarios/validate", iter([b"{}"]), headers, encode_chunked=True
        )
        assert connection.getresponse().status == 411


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
def test_other_methods_are_refused(opened: Caller, method: str) -> None:
    assert opened(method, "/")[0] in {400, 405}


def test_server_of_this_machine_answers_to_no_other_name(opened: Caller) -> None:
    assert opened("GET", "/api/v1/runs", Host="attacker.example")[0] == 421
    assert opened("GET", "/api/v1/runs", Host="localhost:1")[0] == 200


def test_nothing_is_changed_by_reading(opened: Caller) -> None:
    for path in ("/api/v1/jobs/x/cancel", "/api/v1/runs/x/restore", "/api/v1/scenarios/validate"):
        assert opened("GET", path)[0] in {404, 405}
    assert opened("GET", "/sign-out")[0] == 303


def test_every_answer_forbids_frames_and_guessing(caller: Caller) -> None:
    for path in ("/sign-in", "/health", "/api/v1/runs", "/assets/10-shell.css"):
        _, headers, _ = caller("GET", path)
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
    caller.sign_in("the-viewer")
    policy = caller("GET", "/")[1]["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert "unsafe-eval" not in policy


def test_server_for_other_machines_lets_nobody_in_without_accounts(
    serve: Callable[..., Any], tmp_path: Path
) -> None:
    caller = Caller(serve(tmp_path / "store", local=False).url)
    assert caller("GET", "/api/v1/runs")[0] == 401


def test_guessing_is_stopped_and_known_names_are_not_told(guarded: Any, caller: Caller) -> None:
    guarded.app.state.services.accounts.add("guessed", PASSWORD, "viewer", now_s=0.0)
    answers = [caller.sign_in("guessed", f"wrong password {n}") for n in range(5)]
    assert [status for status, _, _ in answers] == [401] * 5
    unknown = caller.sign_in("nobody-at-all", "wrong password 0")
    assert unknown[0] == 401
    assert unknown[2] == answers[0][2]
    assert caller.sign_in("guessed")[0] == 429


def test_sessions_end_after_idleness_and_after_a_day_at_work(tmp_path: Path) -> None:
    database = Database(tmp_path)
    Accounts(database, hasher=PasswordHasher(time_cost=1, memory_cost=64)).add(
        "an", PASSWORD, "viewer", now_s=0.0
    )
    sessions = Sessions(database)
    token = sessions.begin("an", now_s=0.0)
    assert sessions.find(token, now_s=IDLE_S - 1) is not None
    assert sessions.find(token, now_s=2 * IDLE_S) is None
    token, now_s = sessions.begin("an", now_s=0.0), 0.0
    while now_s <= ABSOLUTE_S:
        assert sessions.find(token, now_s=now_s) is not None
        now_s += IDLE_S / 2
    assert sessions.find(token, now_s=now_s) is None
    assert token not in (tmp_path / "users.sqlite").read_bytes().decode("latin-1")


def test_limits_end_and_passwords_are_checked(tmp_path: Path) -> None:
    accounts = Accounts(Database(tmp_path), hasher=PasswordHasher(time_cost=1, memory_cost=64))
    accounts.add("an", PASSWORD, "admin", now_s=0.0)
    for second in range(5):
        assert not accounts.check("an", "wrong", "1.2.3.4", now_s=float(second))
    with pytest.raises(TooManyError):
        accounts.check("an", PASSWORD, "1.2.3.4", now_s=10.0)
    assert accounts.check("an", PASSWORD, "1.2.3.4", now_s=1000.0)
    for password in ("short", "aaaaaaaaaaaaaaaa", "an-is-the-name-of-it"):
        with pytest.raises(InvalidInputError):
            accounts.set_password("an", password)
    with pytest.raises(InvalidInputError, match="no such role"):
        accounts.add("binh", PASSWORD, "king", now_s=0.0)
    with pytest.raises(InvalidInputError, match="already"):
        accounts.add("an", PASSWORD, "viewer", now_s=0.0)


@settings(max_examples=25, deadline=None)
@given(
    number=st.integers(1, 5),
    column=st.sampled_from(["at", "who", "what", "detail", "digest"]),
    at=st.integers(0, 500),
)
def test_any_altered_byte_of_the_log_is_found(
    tmp_path_factory: pytest.TempPathFactory, number: int, column: str, at: int
) -> None:
    from datetime import UTC, datetime  # noqa: PLC0415 - this test alone

    database = Database(tmp_path_factory.mktemp("log"))
    audit = Audit(database)
    for n in range(5):
        audit.add("an", "did", {"n": n}, now=datetime(2026, 1, 1, 0, n, tzinfo=UTC))
    assert audit.first_broken() is None
    with closing(sqlite3.connect(database.path)) as connection, connection:
        query = f"SELECT {column} FROM audit WHERE number = ?"  # noqa: S608 - of a fixed list
        old = connection.execute(query, (number,)).fetchone()[0]
        spot = at % len(old)
        new = old[:spot] + ("x" if old[spot] != "x" else "y") + old[spot + 1 :]
        query = f"UPDATE audit SET {column} = ? WHERE number = ?"  # noqa: S608 - as above
        connection.execute(query, (new, number))
    assert audit.first_broken() == number


@pytest.mark.parametrize(
    "target",
    [
        *("//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"),
        *("", "runs", "/\nSet-Cookie: a=b", "/" + "x" * 3000),
    ],
)
def test_sign_in_leads_nowhere_else(target: str) -> None:
    assert safe_target(target) == "/"
    assert safe_target("/runs?a=1") == "/runs?a=1"


def test_no_module_of_the_app_unpickles_or_evaluates() -> None:
    import dash_app  # noqa: PLC0415 - this test alone

    folder = next(iter(dash_app.__path__))
    from pathlib import Path  # noqa: PLC0415 - as above

    for path in Path(folder).rglob("*.py"):
        if "node_modules" in path.parts:
            continue
        text = path.read_text("utf-8")
        for word in ("pickle", "diskcache", "dash_auth", "background=True", "eval(", "exec("):
            assert word not in text, (path, word)


def test_app_is_made_over_a_new_store(tmp_path: Path) -> None:
    app = create_app(tmp_path / "new")
    assert app.openapi()["info"]["title"] == "city-twin"
    assert (tmp_path / "new" / "users.sqlite").stat().st_mode & 0o077 == 0
