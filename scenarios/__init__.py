"""Scenario documents: typed, versioned, strict."""

from scenarios.catalogue import library
from scenarios.schema import Scenario, json_schema

__all__ = ["Scenario", "json_schema", "library"]
