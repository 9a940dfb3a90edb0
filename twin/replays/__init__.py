"""Replays: what was logged happens again in a scenario, as it went or under a policy."""

from __future__ import annotations

from twin.replays.plan import ReplayPlan, plan_replay
from twin.replays.run import Replay, replay

__all__ = ["Replay", "ReplayPlan", "plan_replay", "replay"]
