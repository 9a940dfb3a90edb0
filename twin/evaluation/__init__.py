"""Evaluation: how far a run is from what was observed, with sample sizes and intervals."""

from __future__ import annotations

from twin.evaluation.evaluate import Evaluation, evaluate
from twin.evaluation.score import Score

__all__ = ["Evaluation", "Score", "evaluate"]
