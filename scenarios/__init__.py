"""Scenario documents: typed, versioned, strict."""
