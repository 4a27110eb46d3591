"""The measures of timeliness that are published or counted nationally, for a collection year of cases."""

from __future__ import annotations

from app.services.measures.definitions import load_measures
from app.services.measures.year import CollectionYear, YearFigures

__all__ = ["CollectionYear", "YearFigures", "load_measures"]
