"""Intensity-duration-frequency curves by their coefficients, and the storms that follow."""

from __future__ import annotations

import math
from dataclasses import dataclass

from models.errors import InvalidQuantityError

__all__ = ["UNITS_M_S", "IntensityCurve"]

#: Units of intensity in which curves are published, m/s each. 1 l/s on a hectare is 0.36 mm/h.
UNITS_M_S: dict[str, float] = {
    "mm_h": 1e-3 / 3600.0,
    "mm_min": 1e-3 / 60.0,
    "l_s_ha": 1e-3 / 1e4,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IntensityCurve:
    """
    The mean intensity of the heaviest rain of a duration: ``i = a / (t + b)^n`` in SI units.

    Parameters
    ----------
    a
        Coefficient, m/s · s^n; see :meth:`of_minutes` for the units in which it is published.
    b_s
        Offset of the duration, s.
    n
        Exponent.

    Raises
    ------
    InvalidQuantityError
        If a coefficient is not positive (*b_s* may be 0).
    """

    a: float
    b_s: float
    n: float

    def __post_init__(self) -> None:
        for name, value, low in (
            ("a", self.a, 0.0),
            ("b_s", self.b_s, -1e-300),
            ("n", self.n, 0.0),
        ):
            if not low < value < math.inf:
                raise InvalidQuantityError(
                    "must be positive", where=f"intensity curve, {name}", value=value
                )

    @classmethod
    def of_minutes(
        cls,
        *,
        a: float,
        b_min: float,
        n: float,
        unit: str,
        c: float = 0.0,
        return_period_years: float | None = None,
    ) -> IntensityCurve:
        """
        Build from coefficients of the duration in minutes.

        Parameters
        ----------
        a, b_min, n
            Of ``q = a (1 + c lg P) / (t + b)^n``, *t* in minutes.
        unit
            Of *q*, a key of ``UNITS_M_S``.
        c
            Growth with the return period; 0 for a curve that holds for one.
        return_period_years
            *P*, years.

        Raises
        ------
        InvalidQuantityError
            If the unit is not known, or *c* comes without a return period.

        Notes
        -----
        With *unit* ``l_s_ha`` this is the form of TCVN 7957 (Vietnam, drainage networks, rain
        intensity by the method of limiting intensity), whose A, C, b and n stand there by city.
        """
        if unit not in UNITS_M_S:
            raise InvalidQuantityError(
                "no unit of intensity", where="intensity curve", value=unit,
                remedy=f"Known are {', '.join(UNITS_M_S)}.",
            )  # fmt: skip
        growth = 1.0
        if c != 0.0:
            if return_period_years is None or not 0.0 < return_period_years < math.inf:
                raise InvalidQuantityError(
                    "a curve with c needs a return period in years",
                    where="intensity curve", value=return_period_years,
                )  # fmt: skip
            growth = 1.0 + c * math.log10(return_period_years)
        return cls(a=UNITS_M_S[unit] * a * growth * 60.0**n, b_s=60.0 * b_min, n=n)

    def intensity_m_s(self, duration_s: float) -> float:
        """Return the mean intensity over *duration_s*, m/s."""
        return self.a / float((duration_s + self.b_s) ** self.n)

    def depth_m(self, duration_s: float) -> float:
        """
        Return the depth of *duration_s*, m.

        Raises
        ------
        InvalidQuantityError
            If the curve says that a longer rain brings less.
        """
        if duration_s * (self.n - 1.0) > self.b_s * (1.0 + 1e-9):
            raise InvalidQuantityError(
                "by this curve a longer rain brings less depth",
                where="intensity curve, duration",
                value=duration_s,
                remedy=f"Choose at most {self.b_s / (self.n - 1.0):.0f} s, or other coefficients.",
            )
        return self.intensity_m_s(duration_s) * duration_s
