"""The published measures, counted by hand and apart in SQL."""

from datetime import date, timedelta
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.measures import YearFigures
from app.services.measures.request import YearRequest, collection_year
from app.services.snapshot.offline import packaged_snapshot
from tests.returns.reading import read_text

Event = tuple[str, date]
CALENDAR = packaged_snapshot().calendars["england-and-wales"][-1].calendar
ICPC, ASSESSMENT, OF_REFERRAL, PLANS, CARE = (
    "icpc-within-15-working-days",
    "assessments-within-45-working-days",
    "assessments-within-45-working-days-of-referral",
    "protection-plans-reviewed-on-time",
    "looked-after-children-reviewed-on-time",
)


def case(reference: str, *events: tuple[str, str] | tuple[str, str, str]) -> dict[str, Any]:
    return {
        "reference": reference,
        "events": [
            {"type": type_, "occurred_at": day, **({"episode": rest[0]} if rest else {})}
            for type_, day, *rest in events
        ],
    }


def figures_of(*cases: dict[str, Any], year: str = "2025-26", **said: Any) -> dict[str, Any]:
    request = YearRequest.model_validate({"profile": "statutory-england", "year": year, **said})
    figures = YearFigures(packaged_snapshot(), request)
    for place, each in enumerate(cases):
        figures.take(f"line {place + 1}", each)
    answer: Any = figures.as_json()
    return {measure["key"]: measure for measure in answer["measures"]} | {"answer": answer}


def counted(measure: dict[str, Any]) -> tuple[int, int, dict[str, int]]:
    reasons = {each["reason"]: each["count"] for each in measure["left_out"]}
    return measure["numerator"], measure["denominator"], reasons


def test_a_conference_on_the_fifteenth_working_day_is_in_time_and_on_the_sixteenth_is_not() -> None:
    found = figures_of(
        case("a", ("section_47_started", "2025-12-18"), ("icpc_held", "2026-01-13")),
        case("b", ("section_47_started", "2025-12-18"), ("icpc_held", "2026-01-14")),
    )[ICPC]
    assert counted(found) == (1, 2, {})
    assert {band["working_days"]: band["count"] for band in found["bands"]} == {
        "0 to 10": 0,
        "11 to 15": 1,
        "16 to 20": 1,
        "21 or more": 0,
    }


def test_a_conference_before_its_enquiry_is_in_the_total_and_in_no_band() -> None:
    found = figures_of(case("a", ("icpc_held", "2025-06-02"), ("section_47_started", "2025-06-04")))[ICPC]
    assert counted(found)[:2] == (0, 1)
    assert sum(band["count"] for band in found["bands"]) == 0
    assert found["days"]["histogram"] == {}


def test_each_of_two_enquiries_has_the_conference_that_its_source_ties_to_it() -> None:
    found = figures_of(
        case(
            "a",
            ("section_47_started", "2025-06-02", "enquiry-1"),
            ("section_47_started", "2025-06-16", "enquiry-2"),
            ("icpc_held", "2025-06-20", "enquiry-2"),
            ("icpc_held", "2025-07-30", "enquiry-1"),
        )
    )[ICPC]
    assert counted(found) == (1, 2, {})
    assert found["days"]["histogram"] == {"4": 1, "42": 1}


def test_a_conference_without_an_enquiry_is_left_out_and_said_so() -> None:
    found = figures_of(case("a", ("icpc_held", "2025-06-20")))[ICPC]
    assert counted(found) == (0, 0, {"its start is not in the data": 1})


def test_an_assessment_is_counted_from_its_start_and_apart_from_the_referral() -> None:
    found = figures_of(
        case(
            "a",
            ("referral_received", "2025-05-01"),
            ("assessment_started", "2025-05-06"),
            ("assessment_authorised", "2025-07-08"),
        )
    )
    assert found[ASSESSMENT]["days"]["median"] == 44
    assert counted(found[ASSESSMENT])[:2] == (1, 1)
    assert found[OF_REFERRAL]["days"]["median"] == 46
    assert counted(found[OF_REFERRAL])[:2] == (0, 1)
    assert (found[ASSESSMENT]["published"], found[OF_REFERRAL]["published"]) == (True, False)


def test_a_second_assessment_is_not_measured_from_the_referral() -> None:
    events = (
        ("referral_received", "2025-05-01"),
        ("assessment_started", "2025-05-01"),
        ("assessment_authorised", "2025-05-09"),
        ("assessment_started", "2025-10-01"),
        ("assessment_authorised", "2025-10-10"),
    )
    found = figures_of(case("a", *events))
    assert counted(found[ASSESSMENT])[:2] == (2, 2)
    assert counted(found[OF_REFERRAL]) == (1, 1, {"it is not the first since its start": 1})


def test_only_what_was_done_in_the_year_is_counted() -> None:
    days = [("2025-03-31", 0), ("2025-04-01", 1), ("2026-03-31", 1), ("2026-04-01", 0)]
    for day, total in days:
        found = figures_of(case("a", ("section_47_started", day), ("icpc_held", day)))[ICPC]
        assert found["denominator"] == total, day


def test_a_plan_reviewed_within_three_months_and_then_six_is_reviewed_on_time() -> None:
    on_time = case(
        "a", ("icpc_held", "2025-05-01"), ("cp_plan_started", "2025-05-01"), ("rcpc_held", "2025-08-01"),
        ("rcpc_held", "2026-02-01"),
    )  # fmt: skip
    late = case("b", ("icpc_held", "2025-05-01"), ("cp_plan_started", "2025-05-01"), ("rcpc_held", "2025-08-02"))
    young = case("c", ("icpc_held", "2026-02-01"), ("cp_plan_started", "2026-02-01"))
    over = case("d", ("cp_plan_started", "2025-05-01"), ("cp_plan_ended", "2025-12-01"))
    numerator, denominator, left_out = counted(figures_of(on_time, late, young, over)[PLANS])
    assert (numerator, denominator) == (1, 2)
    assert list(left_out.values()) == [1]


def test_a_review_overdue_since_before_the_year_makes_the_child_late() -> None:
    found = figures_of(case("a", ("cp_plan_started", "2024-11-01"), ("icpc_held", "2024-11-01")))[PLANS]
    assert counted(found)[:2] == (0, 1)


def test_a_plan_that_began_before_a_return_of_one_year_is_not_late_for_the_reviews_of_earlier_years() -> None:
    began = ("cp_plan_started", "2023-06-01")
    unknown = case("a", began, ("rcpc_held", "2025-05-01"), ("rcpc_held", "2025-10-20"))
    never = case("b", began)
    late_in_it = case("c", began, ("rcpc_held", "2025-05-01"), ("rcpc_held", "2025-11-02"))
    reason = "no review before the year is in the data, so that it is not known when the next was due"
    assert counted(figures_of(unknown, never, late_in_it)[PLANS]) == (0, 2, {reason: 1})
    assert counted(figures_of(unknown, observed_from="2023-04-01")[PLANS]) == (0, 1, {})


def test_a_plan_renewed_on_the_day_that_another_ended_runs_on() -> None:
    renewed = case(
        "a",
        ("icpc_held", "2024-01-25"), ("cp_plan_started", "2024-01-25"), ("cp_plan_ended", "2025-07-01"),
        ("cp_plan_started", "2025-07-01"), ("rcpc_held", "2025-09-30"), ("rcpc_held", "2026-03-20"),
    )  # fmt: skip
    one_day = case("b", ("cp_plan_started", "2025-07-01"), ("cp_plan_ended", "2025-07-01"))
    assert counted(figures_of(renewed, one_day)[PLANS]) == (1, 1, {})


def test_a_second_plan_is_not_counted_from_the_conference_of_the_first() -> None:
    again = case(
        "a",
        ("icpc_held", "2023-01-25"), ("cp_plan_started", "2023-01-25"), ("cp_plan_ended", "2023-09-01"),
        ("cp_plan_started", "2025-07-01"), ("rcpc_held", "2025-09-30"), ("rcpc_held", "2026-03-20"),
    )  # fmt: skip
    assert counted(figures_of(again)[PLANS]) == (1, 1, {})


def test_a_conference_without_an_enquiry_takes_no_enquiry_of_another() -> None:
    found = figures_of(
        case("a", ("icpc_held", "2025-05-01"), ("section_47_started", "2025-06-03"), ("icpc_held", "2025-06-20"))
    )[ICPC]
    assert counted(found) == (1, 1, {"its start is not in the data": 1})
    assert found["days"]["histogram"] == {"13": 1}


def test_two_assessments_that_overlap_are_each_counted_from_their_own_start() -> None:
    events = [
        {"id": f"{type_}-{row}", "type": type_, "occurred_at": day}
        for type_, row, day in (
            ("assessment_started", 1, "2025-05-02"), ("assessment_started", 2, "2025-06-02"),
            ("assessment_authorised", 1, "2025-06-10"), ("assessment_authorised", 2, "2025-08-10"),
        )
    ]  # fmt: skip
    found = figures_of({"reference": "a", "events": events})[ASSESSMENT]
    assert found["days"]["histogram"] == {"25": 1, "49": 1}


def test_a_census_tells_two_assessments_of_a_referral_apart() -> None:
    rows = "".join(
        f"<Assessments><AssessmentActualStartDate>{start}</AssessmentActualStartDate>"
        f"<AssessmentAuthorisationDate>{done}</AssessmentAuthorisationDate></Assessments>"
        for start, done in (("2025-05-02", "2025-06-10"), ("2025-06-02", "2025-08-10"))
    )
    census = read_text(
        "cin-census",
        census_xml="<Message><Header><ReferenceDate>2026-03-31</ReferenceDate></Header><Children><Child><ChildIdentifiers>"
        "<LAchildID>a</LAchildID></ChildIdentifiers><CINdetails><CINreferralDate>2025-05-01</CINreferralDate>"
        f"{rows}</CINdetails></Child></Children></Message>",
    )
    found = figures_of(*(each.as_json() for each in census.cases))
    assert found[ASSESSMENT]["days"]["histogram"] == {"25": 1, "49": 1}
    assert counted(found[OF_REFERRAL])[:2] == (1, 1)


def test_a_conference_of_a_census_before_its_enquiry_is_reported_and_in_the_total() -> None:
    census = read_text(
        "cin-census",
        census_xml="<Message><Header><ReferenceDate>2026-03-31</ReferenceDate></Header><Children><Child><ChildIdentifiers>"
        "<LAchildID>a</LAchildID><PersonBirthDate>2027-05-01</PersonBirthDate></ChildIdentifiers><CINdetails>"
        "<CINreferralDate>2025-05-01</CINreferralDate><Section47><S47ActualStartDate>2025-06-20</S47ActualStartDate>"
        "<DateOfInitialCPC>2025-06-10</DateOfInitialCPC></Section47></CINdetails></Child></Children></Message>",
    )
    assert counted(figures_of(*(each.as_json() for each in census.cases))[ICPC])[:2] == (0, 1)
    assert [(fault.column, fault.found) for fault in census.faults] == [
        ("PersonBirthDate", None),
        ("DateOfInitialCPC", "2025-06-10, before 2025-06-20"),
    ]
    assert census.cases[0].facts == {}


def test_a_child_whose_start_of_care_is_not_in_the_data_is_left_out() -> None:
    found = figures_of(case("a", ("cla_review_held", "2025-06-02")))[CARE]
    assert found["denominator"] == 0
    assert [each["count"] for each in found["left_out"]] == [1]


def test_the_profiles_own_standard_stands_next_to_the_measure() -> None:
    found = figures_of(case("a", ("referral_received", "2025-05-01"), ("assessment_authorised", "2025-07-08")))
    assert [(row["duty"], row["met"], row["judged"]) for row in found[ASSESSMENT]["standards"]] == [
        ("complete_assessment", 0, 1)
    ]


def test_a_case_that_cannot_be_read_is_refused_in_its_place_and_fails_no_other() -> None:
    sound = case("a", ("section_47_started", "2025-12-18"), ("icpc_held", "2026-01-13"))
    answer = figures_of({"reference": "x", "events": [{"type": "nope", "occurred_at": "2025-02-30"}]}, sound)["answer"]
    assert [(each["place"], each["reference"]) for each in answer["refused"]] == [("line 1", "x")]
    assert answer["measures"][0]["denominator"] == 1


def test_a_collection_year_runs_from_april_to_march() -> None:
    year = collection_year("2025-26")
    assert year is not None
    assert (year.first, year.last) == (date(2025, 4, 1), date(2026, 3, 31))
    assert [collection_year(text) for text in ("2025-27", "2025", "25-26", "2025/26")] == [None] * 4


# --- counted apart -------------------------------------------------------------------------------------------------

DATABASE = duckdb.connect()
DATABASE.execute("create table closed as select unnest(?::date[]) as day", [[item.date for item in CALENDAR.days]])
DAYS = st.integers(0, 500).map(lambda number: date(2025, 1, 1) + timedelta(days=number))
LENGTHS = st.integers(-10, 130)
ENQUIRIES = st.lists(st.tuples(DAYS, st.none() | LENGTHS), max_size=3)


@settings(max_examples=60, deadline=None)
@given(cases=st.lists(st.tuples(ENQUIRIES, DAYS, LENGTHS), min_size=1, max_size=6))
def test_the_measures_are_those_of_an_independent_count_in_sql(
    cases: list[tuple[list[tuple[date, int | None]], date, int]],
) -> None:
    sent, enquiries, assessments = [], [], []
    for number, (found, started, length) in enumerate(cases):
        events: list[tuple[str, str] | tuple[str, str, str]] = []
        for place, (day, took) in enumerate(found):
            name = f"enquiry-{place}"
            events.append(("section_47_started", day.isoformat(), name))
            if took is not None:
                done_on = day + timedelta(days=took)
                events.append(("icpc_held", done_on.isoformat(), name))
                enquiries.append((f"c{number}", day, done_on))
        done = started + timedelta(days=abs(length))
        events += [("assessment_started", started.isoformat()), ("assessment_authorised", done.isoformat())]
        assessments.append((f"c{number}", started, done))
        sent.append(case(f"c{number}", *events))
    found_here = figures_of(*sent)
    with DATABASE.cursor() as database:
        assert counted(found_here[ICPC])[:2] == _by_sql(database, enquiries, 15)
        assert counted(found_here[ASSESSMENT])[:2] == _by_sql(database, assessments, 45)


def _by_sql(database: duckdb.DuckDBPyConnection, pairs: list[tuple[str, date, date]], limit: int) -> tuple[int, int]:
    """Count the acts of the year, and those within so many working days of their start, by counting days in SQL."""
    row = database.execute(
        """
        with pair as (select unnest(?::date[]) as start, unnest(?::date[]) as act), lengths as (
            select p.*, (
                select count(*) from generate_series(p.start + 1, p.act, interval 1 day) as s(day)
                where isodow(s.day) < 6 and s.day::date not in (select day from closed)
            ) as days
            from pair p where p.act between date '2025-04-01' and date '2026-03-31'
        )
        select count(*) filter (where act >= start and days <= ?), count(*) from lengths
        """,
        [[start for _, start, _ in pairs], [act for _, _, act in pairs], limit],
    ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])
