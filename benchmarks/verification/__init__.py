"""Verification of the flood engine against known answers: ``python -m benchmarks verification``."""

from __future__ import annotations

from benchmarks.verification.command import main

__all__ = ["main"]
