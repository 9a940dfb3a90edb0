"""The page on which people sign in; it needs nothing but its own document and one style sheet."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from dash_app.headers import content_security_policy
from dash_app.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PATH", "SIGN_OUT", "STYLE", "safe_target", "sign_in_headers", "sign_in_page"]

PATH, SIGN_OUT, STYLE = "/sign-in", "/sign-out", "/assets/10-shell.css"

say = Texts(
    {
        "title": ("Đăng nhập", "Sign in"),
        "name": ("Tên người dùng", "User name"),
        "password": ("Mật khẩu", "Password"),
        "go": ("Đăng nhập", "Sign in"),
        "app": ("Bản sao số đô thị", "City twin"),
        "other": ("English", "Tiếng Việt"),
        "wrong": ("Tên hoặc mật khẩu không đúng.", "The name or the password is wrong."),
        "many": (
            "Sai quá nhiều lần. Hãy thử lại sau 15 phút.",
            "Too many wrong passwords. Try again in 15 minutes.",
        ),
        "forgot": (
            "Quên mật khẩu? Người quản trị có thể đặt lại.",
            "Forgotten it? Whoever runs this app can set another.",
        ),
    }
)


def sign_in_page(language: str, *, target: str, fault: str = "") -> str:
    """
    Return the document.

    Parameters
    ----------
    language
        ``vi`` or ``en``.
    target
        The address to go on to.
    fault
        Why nobody was let in: ``wrong``, ``many``, or nothing.
    """
    other = "en" if language == "vi" else "vi"
    switch = f"{PATH}?{urlencode({'lang': other, 'next': target})}"
    told = f'<p class="sign-in-fault" role="alert">{say(fault, language)}</p>' if fault else ""
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{say("title", language)} · {say("app", language)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{STYLE}">
</head>
<body class="sign-in">
<main>
<form method="post" action="{PATH}?lang={language}">
<p class="sign-in-brand">{say("app", language)}</p>
<h1>{say("title", language)}</h1>
{told}
<input type="hidden" name="next" value="{escape(target, quote=True)}">
<label>{say("name", language)}
<input name="name" autocomplete="username" autocapitalize="none" required autofocus></label>
<label>{say("password", language)}
<input name="password" type="password" autocomplete="current-password" required></label>
<button>{say("go", language)}</button>
<p class="sign-in-hint">{say("forgot", language)}</p>
<a href="{escape(switch, quote=True)}" lang="{other}">{say("other", language)}</a>
</form>
</main>
</body>
</html>"""


def sign_in_headers() -> Mapping[str, str]:
    """Return the headers of the document."""
    return {"Content-Security-Policy": content_security_policy(), "Cache-Control": "no-store"}


def safe_target(given: str) -> str:
    """Return an address within the app, the start page where *given* leads elsewhere."""
    parts = urlsplit(given)
    inside = given.startswith("/") and not given.startswith(("//", "/\\"))
    clean = not parts.netloc and not parts.scheme and given.isprintable() and "\\" not in given
    return given if inside and clean and len(given) < 2000 else "/"
