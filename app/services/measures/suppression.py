"""Suppress small numbers in what is to be shared, as DfE does: 1 to 5 become `c`, and what would give them away too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from app.services.calculation.response import Json

SMALLEST, LARGEST = 1, 5
SUPPRESSED = "c"


def small(number: int) -> bool:
    """Return whether a number might tell of a single child."""
    return SMALLEST <= number <= LARGEST


def suppress_share(numerator: int, denominator: int) -> tuple[int | str, int | str, float | str | None]:
    """Return numerator, denominator and share, each suppressed where it, or the rest of the total, is small.

    Of 4 in 40 the numerator is small; of 36 in 40 the four others are, and 36 would give them away.
    """
    if small(denominator):
        return SUPPRESSED, SUPPRESSED, SUPPRESSED
    if small(numerator) or small(denominator - numerator):
        return SUPPRESSED, denominator, SUPPRESSED
    return numerator, denominator, round(numerator / denominator, 4) if denominator else None


def suppress_parts(parts: Sequence[int]) -> list[int | str]:
    """Return the parts of a total, suppressed so that none can be found by subtraction.

    Where one part alone is small, the smallest of the others that is not nought is suppressed with it.
    """
    hidden = {place for place, number in enumerate(parts) if small(number)}
    if len(hidden) == 1:
        others = [place for place, number in enumerate(parts) if place not in hidden and number]
        hidden |= {min(others, key=lambda place: parts[place])} if others else set()
    return [SUPPRESSED if place in hidden else number for place, number in enumerate(parts)]


def for_sharing(measure: Json) -> Json:
    """Return the figures of a measure with small numbers suppressed, in every part and month of them.

    A median of few acts is the length of one of them, so it goes with their number.
    """
    numerator, denominator, share = suppress_share(cast(int, measure["numerator"]), cast(int, measure["denominator"]))
    bands = cast(list[Json], measure["bands"])
    left_out = cast(list[Json], measure["left_out"])
    counts = suppress_parts([cast(int, band["count"]) for band in bands])
    reasons = suppress_parts([cast(int, reason["count"]) for reason in left_out])
    return {
        **measure,
        "numerator": numerator,
        "denominator": denominator,
        "share": share,
        "bands": [{**band, "count": count} for band, count in zip(bands, counts, strict=True)],
        "days": _few(measure["days"]),
        "left_out": [{**reason, "count": count} for reason, count in zip(left_out, reasons, strict=True)],
        "months": [_month(month) for month in cast(list[Json], measure["months"])],
        "standards": [_standard(row) for row in cast(list[Json], measure["standards"])],
    }


def _few(days: object) -> object:
    """Return the median and the 90th percentile without their histogram; neither where few acts were counted."""
    if not isinstance(days, dict):
        return None
    few = small(sum(days["histogram"].values()))
    return {**days, "histogram": {}, **({"median": SUPPRESSED, "p90": SUPPRESSED} if few else {})}


def _month(month: Json) -> Json:
    numerator, denominator, share = suppress_share(cast(int, month["numerator"]), cast(int, month["denominator"]))
    hidden = {"median_days": SUPPRESSED} if denominator == SUPPRESSED else {}
    return {**month, "numerator": numerator, "denominator": denominator, "share": share, **hidden}


def _standard(row: Json) -> Json:
    met, judged, share = suppress_share(cast(int, row["met"]), cast(int, row["judged"]))
    shares = {"share_in_time_lowest": share, "share_in_time_highest": share} if share == SUPPRESSED else {}
    hidden = {name: SUPPRESSED for name in ("unobservable", "undetermined") if small(cast(int, row[name]))}
    return {**row, "met": met, "judged": judged, **shares, **hidden}


def shared(figures: Json, *, exact: bool = False) -> Json:
    """Return the figures of a year as they may be shared; `exact` leaves them as they are."""
    if exact:
        return figures
    return {**figures, "measures": [for_sharing(measure) for measure in cast(list[Json], figures["measures"])]}
