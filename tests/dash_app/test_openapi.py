"""The interface keeps to what its own description says, whatever it is sent."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.mark.slow
def test_every_answer_is_as_described(
    serve: Callable[..., Any], stored_run: Path, tmp_path: Path
) -> None:
    shutil.copytree(stored_run, tmp_path / "store")
    url = serve(tmp_path / "store").url
    schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json")
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 20
    faults = []
    for operation in operations:
        try:
            _ask(operation)
        except* AssertionError as group:
            faults += [f"{operation.label}: {error}" for error in group.exceptions]
        except* Exception as group:  # noqa: BLE001 - schemathesis raises groups of its failures
            faults += [f"{operation.label}: {error!r}" for error in group.exceptions]
    assert not faults, "\n\n".join(faults)


def _ask(operation: Any) -> None:
    """Send what fits the description of one operation, and what does not quite."""

    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def asked(case: Any) -> None:
        case.validate_response(case.call(timeout=30), checks=CHECKS)

    asked()
