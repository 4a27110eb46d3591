"""Small numbers are not given away, neither by themselves nor by subtraction."""

from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.measures.outcomes import IN_NO_BAND
from app.services.measures.suppression import SUPPRESSED, for_sharing, small, suppress_parts, suppress_share

COUNTS = st.integers(0, 60)


@given(total=COUNTS, data=st.data())
def test_no_share_gives_away_a_small_number(total: int, data: st.DataObject) -> None:
    in_time = data.draw(st.integers(0, total))
    numerator, denominator, share = suppress_share(in_time, total)
    shown = [number for number in (numerator, denominator) if isinstance(number, int)]
    assert not any(small(number) for number in shown)
    if isinstance(numerator, int) and isinstance(denominator, int):
        assert not small(denominator - numerator)
    assert (share == SUPPRESSED) == (SUPPRESSED in (numerator, denominator))


@given(parts=st.lists(COUNTS, max_size=8))
def test_no_part_can_be_found_from_the_total_and_the_others(parts: list[int]) -> None:
    shown = suppress_parts(parts)
    hidden = [number for number, what in zip(parts, shown, strict=True) if what == SUPPRESSED]
    assert not any(isinstance(what, int) and small(what) for what in shown)
    # One hidden part stands alone only where all others are nought: then the total is as small as the part.
    assert len(hidden) != 1 or sum(parts) == hidden[0]


def test_what_is_not_small_stands() -> None:
    assert suppress_share(40, 50) == (40, 50, 0.8)
    assert suppress_parts([0, 10, 20]) == [0, 10, 20]
    assert suppress_parts([3, 10, 20]) == [SUPPRESSED, SUPPRESSED, 20]


def measure(months: list[tuple[int, int]], standards: list[tuple[int, int, int]] | None = None) -> dict[str, Any]:
    """Make a measure of months, each with what was in time and what was late, and of standards with what is disputed."""
    return {
        "numerator": sum(met for met, _ in months),
        "denominator": sum(map(sum, months)),
        "share": None,
        "bands": [],
        "days": None,
        "left_out": [],
        "months": [
            {"month": str(number), "numerator": met, "denominator": met + late, "share": 0, "median_days": 9}
            for number, (met, late) in enumerate(months)
        ],
        "standards": [
            {
                "met": met,
                "judged": met + late,
                "share_in_time_lowest": round(met / (met + late + disputed), 4),
                "share_in_time_highest": round((met + disputed) / (met + late + disputed), 4),
                "unobservable": 0,
                "undetermined": 0,
            }
            for met, late, disputed in standards or []
        ],
    }


def test_a_small_month_is_not_what_the_other_months_leave_of_the_year() -> None:
    months: Any = for_sharing(measure([(40, 20), (3, 0), (30, 20)]))["months"]
    assert [month["denominator"] for month in months] == [60, SUPPRESSED, SUPPRESSED]
    assert [month["median_days"] for month in months] == [9, SUPPRESSED, SUPPRESSED]


def test_the_late_of_one_month_are_not_what_the_other_months_leave_of_the_year() -> None:
    months: Any = for_sharing(measure([(40, 20), (40, 2), (30, 10)]))["months"]
    assert [(month["numerator"], month["denominator"]) for month in months] == [
        (40, 60),
        (SUPPRESSED, 42),
        (SUPPRESSED, 40),
    ]


@given(months=st.lists(st.tuples(COUNTS, COUNTS), max_size=12))
def test_no_month_can_be_found_from_the_year_and_the_others(months: list[tuple[int, int]]) -> None:
    figures: Any = for_sharing(measure(months))
    for name, parts in (
        ("denominator", [sum(month) for month in months]),
        ("numerator", [met for met, _ in months]),
        ("numerator", [late for _, late in months]),
    ):
        hidden = [
            part for part, month in zip(parts, figures["months"], strict=True) if month[name] == SUPPRESSED and part
        ]
        others = sum(parts) - sum(hidden)
        assert not any(
            small(part) for part, month in zip(parts, figures["months"], strict=True) if month[name] != SUPPRESSED
        )
        # Without others to hide behind the year itself is as small as what is hidden.
        assert not small(sum(hidden)) or not others or figures[name] == SUPPRESSED
        assert len(hidden) != 1 or not others or figures[name] == SUPPRESSED


def test_few_late_ones_are_not_the_sum_of_two_bands() -> None:
    assert suppress_parts([50, 45, 2, 1]) == [50, SUPPRESSED, SUPPRESSED, SUPPRESSED]
    assert suppress_parts([50, 45, 1, 1]) == [50, SUPPRESSED, SUPPRESSED, SUPPRESSED]


def test_few_conferences_before_their_enquiry_are_not_what_the_bands_leave_of_the_total() -> None:
    assert suppress_parts([50, 45, 20, 0], 118) == [50, 45, SUPPRESSED, 0]
    assert suppress_parts([50, 45, 20, 0], 135) == [50, 45, 20, 0]


def test_few_disputed_are_not_disclosed_by_the_range_of_shares() -> None:
    standards: Any = for_sharing(measure([], [(40, 20, 3), (40, 20, 30)]))["standards"]
    assert [row["share_in_time_lowest"] for row in standards] == [SUPPRESSED, 0.4444]
    assert [row["met"] for row in standards] == [40, 40]


def test_one_duty_is_not_what_the_others_leave_of_the_measure() -> None:
    standards: Any = for_sharing(measure([], [(40, 20, 0), (2, 1, 0), (30, 20, 0)]))["standards"]
    assert [row["judged"] for row in standards] == [60, SUPPRESSED, SUPPRESSED]


@settings(max_examples=60, deadline=None)
@given(
    bands=st.lists(st.sampled_from([0, 1, 2, 3, 5, 6, 8, 11]), min_size=4, max_size=4),
    before=st.sampled_from([0, 1, 3, 6]),
)
def test_no_band_and_no_number_of_late_ones_can_be_found_from_all_that_is_shown(bands: list[int], before: int) -> None:
    figures: Any = for_sharing(
        measure([])
        | {
            "numerator": bands[0] + bands[1],
            "denominator": sum(bands) + before,
            "bands": [{"count": number} for number in bands],
            "left_out": [{"reason": f"early: {IN_NO_BAND}", "count": before}] if before else [],
        }
    )
    shown = [each["count"] for each in (*figures["bands"], *figures["left_out"])]
    worlds = [
        world
        for world in product(*([number] if number != SUPPRESSED else range(1, 14) for number in shown))
        if figures["denominator"] in {SUPPRESSED, sum(world)} and figures["numerator"] in {SUPPRESSED, sum(world[:2])}
    ]
    real = (*bands, before) if before else tuple(bands)
    assert real in worlds
    parts: list[slice] = [slice(2, None), slice(2), *(slice(place, place + 1) for place in range(len(real)))]
    for part in parts:
        assert not small(sum(real[part])) or len({sum(world[part]) for world in worlds}) > 1
