from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.errors import ScenarioError
from scenarios import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = """\
schema: 1
name: case
period: {start: 2025-10-22T00:00+07:00, duration: 6 h}
"""


@pytest.fixture
def read() -> Callable[[str], Scenario]:
    """Read a scenario that begins in the usual way."""
    return lambda body="": Scenario.parse(HEAD + body, name="case.yaml")


@pytest.fixture
def fault(read: Callable[[str], Scenario]) -> Callable[[str], str]:
    """Return the message with which a scenario is refused."""

    def refused(body: str) -> str:
        with pytest.raises(ScenarioError) as caught:
            read(body)
        return str(caught.value)

    return refused
