"""
Checks of a city: what is likely to be wrong with it, and where.

Nothing is changed. Every finding says how bad it is, how often it occurs, what it means (in
Vietnamese and English), and gives the places for a map.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyogrio

from models.errors import CityError
from twin.city.checks_names import check_names
from twin.city.checks_network import check_network
from twin.city.checks_place import check_place
from twin.city.checks_terrain import check_terrain
from twin.city.checks_water import check_water
from twin.city.finding import SEVERITIES, CheckLimits, Finding

if TYPE_CHECKING:
    from twin.city.city import City

__all__ = ["CheckLimits", "CheckReport", "Finding", "check_city"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """
    What the checks of one city found, the worst first.

    Parameters
    ----------
    city
        Name of the city.
    findings
        What was found.
    left_out
        Checks that could not be made, and why.
    """

    city: str
    findings: tuple[Finding, ...]
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Whether nothing was found that makes results wrong (severity ``error``)."""
        return all(finding.severity != "error" for finding in self.findings)

    def table(self, language: str = "en") -> pd.DataFrame:
        """Return one row per finding: severity, kind, count, message."""
        rows = [
            {
                "severity": finding.severity,
                "kind": finding.kind,
                "count": finding.count,
                "message": finding.message[language],
            }
            for finding in self.findings
        ]
        return pd.DataFrame(rows, columns=["severity", "kind", "count", "message"])

    def to_json(self) -> str:
        """Return the report without the places, as JSON."""
        document = {
            "city": self.city,
            "sound": self.sound,
            "findings": [
                {
                    "kind": finding.kind,
                    "severity": finding.severity,
                    "count": finding.count,
                    "value": finding.value,
                    "message": dict(finding.message),
                    "places": len(finding.places),
                }
                for finding in self.findings
            ],
            "left_out": dict(self.left_out),
        }
        return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)

    def to_geopackage(self, path: str | Path) -> Path:
        """
        Write the places of each finding as one layer, whole or not at all.

        Raises
        ------
        CityError
            If the file cannot be written.
        """
        target = Path(path)
        partial = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.partial.gpkg")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            for finding in self.findings:
                if len(finding.places):
                    frame = finding.places.assign(severity=finding.severity)
                    pyogrio.write_dataframe(frame, partial, layer=finding.kind, driver="GPKG")
            if not partial.exists():
                raise CityError(
                    "no finding has a place to write",
                    where=str(target),
                    remedy="Read the report as a table or as JSON.",
                )
            partial.replace(target)
        except (OSError, pyogrio.errors.DataSourceError) as error:
            raise CityError(
                f"the report cannot be written ({error})",
                where=str(target),
                remedy="Check the free space and the rights on the folder.",
            ) from error
        finally:
            partial.unlink(missing_ok=True)
        return target


def check_city(city: City, *, limits: CheckLimits | None = None) -> CheckReport:
    """
    Check *city* with whatever layers it has.

    Parameters
    ----------
    city
        The city; any part may be missing, and what then cannot be checked is told.
    limits
        From when on something counts.
    """
    limits = limits if limits is not None else CheckLimits()
    findings: list[Finding] = []
    left_out: dict[str, str] = {}
    for check in (check_place, check_network, check_water, check_terrain, check_names):
        found, skipped = check(city, limits)
        findings.extend(found)
        left_out.update(skipped)
    findings.sort(key=lambda finding: (SEVERITIES.index(finding.severity), finding.kind))
    return CheckReport(city=city.name, findings=tuple(findings), left_out=left_out)
