"""Scenario documents: typed, versioned, strict."""

from scenarios.catalogue import library
from scenarios.schema import Scenario, json_schema
from scenarios.schema.sweep import Sweep, sweep_json_schema

__all__ = ["Scenario", "Sweep", "json_schema", "library", "sweep_json_schema"]
