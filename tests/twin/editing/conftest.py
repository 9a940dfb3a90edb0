from __future__ import annotations

import pytest

from twin.editing.draft import Base, Draft

STORM = """\
# A storm on a high tide.
schema: 1
name: storm  # short
title: {vi: Mưa, en: Storm}
period:
  start: 2025-10-22T00:00+07:00
  duration: 6 h

# Levels above the datum of the city.
tide:
  extremes:
    times: ["-2 h", 03:30, 10:00]
    levels_m: [-0.6, 1.65, 0.1]
rain:
  design_storm: {pattern: chicago, depth_mm: 100, duration: 90 min}

structures:
  # The main gate.
  - id: gate_1
    kind: gate
    line: {across: {lon: 106.7, lat: 10.7}}
    top_m: 2.3  # by the plan
  - id: wall_1
    kind: wall
    line:
      lonlat: [[106.70, 10.70], [106.71, 10.71]]
    crest_m: 2.0

timeline:
  - at: 02:15
    do: close_bridge
    bridge: bridge-1
  - at: 04:30
    do: open_bridge
    bridge: bridge-1
"""


@pytest.fixture
def draft() -> Draft:
    """Return a draft without changes."""
    return Draft(base=Base(name="storm", text=STORM))
