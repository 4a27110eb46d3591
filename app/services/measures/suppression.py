"""Suppress small numbers in what is to be shared, as DfE does: 1 to 5 become `c`, and what would give them away too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from app.services.calculation.response import Json
from app.services.measures.outcomes import IN_NO_BAND

SMALLEST, LARGEST = 1, 5
SUPPRESSED = "c"
SHARES = ("share_in_time_lowest", "share_in_time_highest")


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


def suppress_parts(parts: Sequence[int], total: int | None = None) -> list[int | str]:
    """Return the parts of a total, suppressed so that none can be found by subtraction, alone or together.

    `total` counts what lies in no part too: a conference before its enquiry, which is in no band. Absent: the sum of
    the parts. Of the parts 50, 45, 2 and 1 the 45 is suppressed too, or 3 late ones could be found.
    """
    return _suppressed([*parts, 0 if total is None else total - sum(parts)])[:-1]


def _suppressed(parts: Sequence[int]) -> list[int | str]:
    hidden = _hidden(parts)
    return [SUPPRESSED if place in hidden else number for place, number in enumerate(parts)]


def _hidden(parts: Sequence[int], already: frozenset[int] = frozenset()) -> frozenset[int]:
    """Return the places of the parts to suppress: the small ones, and the smallest others until all together hide each.

    Those that are hidden may not sum up to a small number, nor to the only sum that so many small numbers can have.
    """
    hidden = already | {place for place, number in enumerate(parts) if small(number)}
    others = sorted((number, place) for place, number in enumerate(parts) if place not in hidden and number)
    for _, place in others:
        if not _can_be_found([parts[place] for place in hidden]):
            break
        hidden |= {place}
    return hidden


def _can_be_found(hidden: Sequence[int]) -> bool:
    few = [number for number in hidden if number]
    alike = set(few) in ({SMALLEST}, {LARGEST})
    return bool(few) and (len(few) == 1 or alike or small(sum(few)))


def for_sharing(measure: Json) -> Json:
    """Return the figures of a measure with small numbers suppressed, in every part and month of them.

    A median of few acts is the length of one of them, so it goes with their number.
    """
    counted = cast(int, measure["denominator"])
    numerator, denominator, share = suppress_share(cast(int, measure["numerator"]), counted)
    bands = cast(list[Json], measure["bands"])
    left_out = cast(list[Json], measure["left_out"])
    standards = cast(list[Json], measure["standards"])
    in_time = cast(int, measure["numerator"]) if numerator != SUPPRESSED else None
    *counts, rest = _bands([cast(int, band["count"]) for band in bands], in_time, counted)
    reasons = suppress_parts([cast(int, reason["count"]) for reason in left_out])
    # What is in no band hides the bands, so that it may not stand here either.
    reasons = [
        SUPPRESSED if rest == SUPPRESSED and str(reason["reason"]).endswith(IN_NO_BAND) else shown
        for reason, shown in zip(left_out, reasons, strict=True)
    ]
    return {
        **measure,
        "numerator": numerator,
        "denominator": denominator,
        "share": share,
        "bands": [{**band, "count": count} for band, count in zip(bands, counts, strict=True)],
        "days": _few(measure["days"]),
        "left_out": [{**reason, "count": count} for reason, count in zip(left_out, reasons, strict=True)],
        "months": _rows(cast(list[Json], measure["months"]), "numerator", "denominator", _month),
        "standards": _rows(standards, "met", "judged", _standard),
    }


def _bands(counts: list[int], in_time: int | None, total: int) -> list[int | str]:
    """Suppress the bands of a total, and what of it is in no band, the last; that is late.

    Where the number in time is shown, the bands up to the limit add up to it, and the others to the late ones.
    """
    parts = [*counts, total - sum(counts)]
    if in_time is None:
        return _suppressed(parts)
    limit = next((place for place in range(len(counts)) if sum(counts[:place]) == in_time), len(counts))
    return [*_suppressed(parts[:limit]), *_suppressed(parts[limit:])]


def _rows(rows: list[Json], in_time: str, total: str, written: Callable[[Json, bool, bool], Json]) -> list[Json]:
    """Suppress rows whose columns add up to numbers that are shown too: months of a year, duties of a measure.

    Where one month alone is small, the year without the others would give it away.
    """
    totals = [cast(int, row[total]) for row in rows]
    met = [cast(int, row[in_time]) for row in rows]
    late = [all_ - done for all_, done in zip(totals, met, strict=True)]
    hidden_totals = _hidden(totals)
    hidden = _hidden(met, hidden_totals) | _hidden(late, hidden_totals)
    hidden = _hidden(met, hidden) | _hidden(late, hidden)
    return [written(row, place in hidden, place in hidden_totals) for place, row in enumerate(rows)]


def _few(days: object) -> object:
    """Return the median and the 90th percentile without their histogram; neither where few acts were counted."""
    if not isinstance(days, dict):
        return None
    few = small(sum(days["histogram"].values()))
    return {**days, "histogram": {}, **({"median": SUPPRESSED, "p90": SUPPRESSED} if few else {})}


def _month(month: Json, share_hidden: bool, total_hidden: bool) -> Json:
    shares = {"numerator": SUPPRESSED, "share": SUPPRESSED} if share_hidden else {}
    totals = {"denominator": SUPPRESSED, "median_days": SUPPRESSED} if total_hidden else {}
    return {**month, **shares, **totals}


def _standard(row: Json, share_hidden: bool, total_hidden: bool) -> Json:
    shares = dict.fromkeys(SHARES, SUPPRESSED)
    if share_hidden:
        shares["met"] = SUPPRESSED
    elif not _few_disputed(row):
        shares = {}
    totals = {"judged": SUPPRESSED} if total_hidden else {}
    others = {name: SUPPRESSED for name in ("unobservable", "undetermined") if small(cast(int, row[name]))}
    return {**row, **shares, **totals, **others}


def _few_disputed(row: Json) -> bool:
    """Return whether the range of shares, with the numbers next to it, tells that 1 to 5 are disputed."""
    judged, lowest, highest = (cast(float, row[name] or 0) for name in ("judged", *SHARES))
    range_ = highest - lowest
    return range_ > 0 and (judged == 0 or small(round(judged * range_ / (1 - range_))))


def shared(figures: Json, *, exact: bool = False) -> Json:
    """Return the figures of a year as they may be shared; `exact` leaves them as they are."""
    if exact:
        return figures
    return {**figures, "measures": [for_sharing(measure) for measure in cast(list[Json], figures["measures"])]}
