"""What endpoints ask for: the services, who asks, and pages of long lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict

from dash_app.context import Context, current
from dash_app.services import Services

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Admin", "Body", "Limit", "Offset", "Planner", "Provided", "Viewer", "page_of"]


class Body(BaseModel):
    """A request's body: nothing that is not asked for."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


def _who(role: str) -> Callable[[], Context]:
    def needed() -> Context:
        context = current()
        context.require(role)
        return context

    needed.role = role  # type: ignore[attr-defined]  # for tests, which list what each route needs
    return needed


Provided = Annotated[Services, Depends(_services)]
#: Each endpoint takes one of these: the context of who asks, with at least this role.
Viewer = Annotated[Context, Depends(_who("viewer"))]
Planner = Annotated[Context, Depends(_who("planner"))]
Admin = Annotated[Context, Depends(_who("admin"))]
Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="How many to skip.")]


def page_of(items: Sequence[Any], limit: int, offset: int) -> dict[str, Any]:
    """Return a part of a long list, with the length of the whole."""
    part = list(items[offset : offset + limit])
    return {"items": part, "total": len(items), "limit": limit, "offset": offset}
