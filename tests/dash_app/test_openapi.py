"""The interface keeps to what its own description says, whatever it is sent."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def described(
    serve: Callable[..., Any], stored_run: Path, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """Return the description that a server gives of itself."""
    store = tmp_path_factory.mktemp("described") / "store"
    shutil.copytree(stored_run, store)
    return schemathesis.openapi.from_url(f"{serve(store).url}/api/v1/openapi.json")


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_described(case: Any) -> None:
    answer = case.call(timeout=30)
    case.validate_response(
        answer,
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ],
    )
