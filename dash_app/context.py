"""Who looks at what, in which language: everything that a page or a callback may depend on."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from models.errors import InternalError, InvalidInputError
from twin.language import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dash_app.services import Services

__all__ = ["ROLES", "Context", "ForbiddenError", "current", "enter", "leave"]

#: From the least to the most that one may do.
ROLES = ("viewer", "planner", "admin")


class ForbiddenError(InvalidInputError):
    """Someone asked for what their role does not allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """
    What is known of one request.

    Parameters
    ----------
    services
        The store, the jobs, and what people keep beside the runs.
    language
        ``vi`` or ``en``.
    user, role
        Who asks; ``local`` and ``admin`` where the app needs no sign-in.
    path, query
        The address that is shown, without and with what follows the question mark.
    """

    services: Services
    language: str = "en"
    user: str = "local"
    role: str = "viewer"
    path: str = "/"
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Path:
        """Folder of the store."""
        return self.services.store.root

    def may(self, role: str) -> bool:
        """Return whether the user has at least *role*."""
        return ROLES.index(self.role) >= ROLES.index(role)

    def require(self, role: str) -> None:
        """
        Refuse whoever has less than *role*.

        Raises
        ------
        ForbiddenError
            If the user's role is lower.
        """
        if not self.may(role):
            raise ForbiddenError(
                f"this needs the role {role}",
                where=self.user,
                value=self.role,
                remedy="Ask an administrator of this app for that role.",
            )

    def at(self, path: str, search: str) -> Context:
        """Return the context of an address, with the language that it names, if it does."""
        query = dict(parse_qsl(search.removeprefix("?")))
        wanted = query.get("lang", "")
        language = wanted if wanted in LANGUAGES else self.language
        return replace(self, path=path, query=query, language=language)

    def href(self, path: str, **query: str) -> str:
        """Return an address within the app that keeps the language."""
        return f"{path}?{urlencode({**query, 'lang': self.language})}"


_CURRENT: ContextVar[Context | None] = ContextVar("dash_app_context", default=None)


def current() -> Context:
    """
    Return the context of the request that is being answered.

    Raises
    ------
    InternalError
        If there is none: no request is being answered here.
    """
    found = _CURRENT.get()
    if found is None:
        raise InternalError("no request is being answered here")
    return found


def enter(context: Context) -> object:
    """Make *context* the current one, and return a token for :func:`leave`."""
    return _CURRENT.set(context)


def leave(token: object) -> None:
    """Put back what was current before :func:`enter`."""
    _CURRENT.reset(token)  # type: ignore[arg-type]  # what enter returned
