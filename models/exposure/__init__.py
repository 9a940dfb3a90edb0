"""What stands in the water, and what share of its value the water takes."""

from models.exposure.damage import STILL_WATER_LIMITS_M, DamageCurve, still_water_class

__all__ = ["STILL_WATER_LIMITS_M", "DamageCurve", "still_water_class"]
