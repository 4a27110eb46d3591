"""What becomes of a return: its cases, and what is said of every line that could not be used."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import polars as pl
import pytest
from openpyxl import Workbook

from app.profiles.vocabulary import shared_vocabulary
from app.services.returns.dates import UnreadableDay, read_day
from app.services.returns.files import ReturnFile
from app.services.returns.mapping import SOURCES, load_mapping
from app.services.snapshot.offline import packaged_snapshot
from app.services.timelines import timeline
from tests.returns.reading import ANNEX, CIN, FILES, S903, SSD, Read, read, read_text

EVERY = {"cin-census": CIN, "ssda903": S903, "standard-safeguarding-dataset": SSD, "annex-a": ANNEX}
HEADER = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC\n"


def episodes(*rows: str, **options: Any) -> Read:
    return read_text("ssda903", **options, episodes_csv=HEADER + "\n".join(rows) + "\n")


# --- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
def test_every_row_of_a_mapping_is_in_the_words_of_the_vocabulary_and_has_its_source(source: str) -> None:
    mapped, words = load_mapping(source), shared_vocabulary()
    for table in mapped.tables.values():
        for column in table.listed:
            assert column.source.document in mapped.documents, column.name
            assert column.source.section, column.name
            said = [*column.events, *column.facts_of, *column.of, *column.counted_from]
            said += [kind for each in column.switch.values() for pair in each.items() for kind in pair]
            said += [column.not_before] if column.not_before else []
            assert {*said} <= words.events.keys(), column.name
            assert {*column.facts, *(name for each in column.codes.values() for name in each)} <= words.facts.keys()
            assert column.duty is None or column.duty in words.duties
            assert column.link is None or column.link in mapped.tables
    for row in mapped.placements:
        assert row.facts.get("placement_type", "foster") in (words.facts["placement_type"].values or ())
    for status in mapped.statuses:
        assert {*filter(None, (status.event, status.ended_by))} <= words.events.keys()
        assert status.legal_status is None or status.legal_status in (words.facts["legal_status"].values or ())


@pytest.mark.parametrize("source", SOURCES)
def test_a_timeline_takes_every_case_as_it_is(source: str) -> None:
    snapshot = packaged_snapshot()
    cases = read(source, EVERY[source]).cases
    assert cases
    for case in cases:
        answer = timeline(snapshot, {"profile": "statutory-england", "as_of": "2026-03-31", **case.as_json()})
        assert answer["reference"] == case.reference


@pytest.mark.parametrize("source", SOURCES)
def test_references_and_ids_of_events_are_unique(source: str) -> None:
    cases = read(source, EVERY[source]).cases
    assert len({case.reference for case in cases}) == len(cases)
    for case in cases:
        assert len({event.id for event in case.events}) == len(case.events)


@pytest.mark.parametrize(
    ("text", "day"),
    [("03/04/2026", date(2026, 4, 3)), ("2026-04-03", date(2026, 4, 3)), ("3/4/2026", date(2026, 4, 3)),
     ("2026-04-03 14:30:00", date(2026, 4, 3)), ("2026-04-03T00:00:00.000Z", date(2026, 4, 3))],
)  # fmt: skip
def test_a_date_is_read_with_the_day_first_or_as_iso_writes_it(text: str, day: date) -> None:
    assert read_day(text) == day


@pytest.mark.parametrize("text", ["31/02/2026", "04/13/2026", "03/04/26", "1066-04-13", "today", "", "46023"])
def test_what_is_no_date_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(UnreadableDay) as refused:
        read_day(text)
    assert not text or text not in str(refused.value)


# --- the census ----------------------------------------------------------------------------------------------------


def test_an_enquiry_begins_with_its_strategy_discussion_and_keeps_its_own_conference() -> None:
    census = read("cin-census", [FILES / "cin" / "census-2024.xml"])
    assert census.case("C1/2023-05-09") == [
        "referral_received 2023-05-09",
        "assessment_started 2023-05-10",
        "strategy_discussion_held 2023-05-12",
        "section_47_started 2023-05-12",
        "icpc_held 2023-06-02",
        "cp_plan_started 2023-06-02",
        "assessment_authorised 2023-07-05",
        "rcpc_held 2023-08-30",
        "strategy_discussion_held 2023-11-06",
        "section_47_started 2023-11-06",
        "rcpc_held 2024-02-20",
    ]
    first = census.facts("C1/2023-05-09", "strategy_discussion_held")
    second = census.facts("C1/2023-05-09", "strategy_discussion_held", 1)
    assert (first["icpc_required"], second["icpc_required"]) == (True, False)
    names = {event.type: event.episode for event in census.cases[0].events if event.day == date(2023, 5, 12)}
    assert names == {"strategy_discussion_held": "enquiry-1", "section_47_started": "enquiry-1"}
    assert [(line, column) for line, column, _ in census.said()] == [(63, "ReferralNFA")]


def test_one_enquiry_of_the_census_owes_one_conference_and_the_flag_takes_the_other_back() -> None:
    case = read("cin-census", [FILES / "cin" / "census-2024.xml"]).cases[0]
    request = {"profile": "statutory-england", "as_of": "2024-03-31", "until": "2024-03-31", "source": "cin-census"}
    answer: Any = timeline(packaged_snapshot(), {**request, **case.as_json()})
    conferences = [(each["status"], each["due_date"]) for each in answer["obligations"] if each["duty"] == "hold_icpc"]
    assert conferences == [("met", "2023-06-05")]


def test_the_conference_directly_under_a_referral_is_a_transfer_in() -> None:
    census = read("cin-census", [FILES / "cin" / "census-2024.xml"])
    assert "transfer_in_conference_held 2024-02-14" in census.case("C2/2024-02-01")
    assert census.cases[1].facts == {"expected_delivery_date": "2024-06-01"}


def test_a_referral_without_further_action_starts_nothing_and_is_counted() -> None:
    census = read("cin-census", [FILES / "cin" / "census-2024.xml"])
    assert census.case("C3/2023-06-01") == ["case_closed 2023-06-02"]
    assert len(census.case("C3/2023-09-04")) == 6
    assert census.imported.counts.cases == 4


def test_the_census_says_which_days_it_covers_and_which_events_its_year_shows() -> None:
    earlier = read("cin-census", [FILES / "cin" / "census-2024.xml"]).imported.observed
    later = read("cin-census", [FILES / "cin" / "census-2026.xml"]).imported.observed
    assert (earlier.first, earlier.last) == (date(2023, 4, 1), date(2024, 3, 31))
    assert later.events - earlier.events == {
        "pre_proceedings_started", "pre_proceedings_meeting_held", "care_proceedings_issued"
    }  # fmt: skip


def test_every_fault_of_a_census_has_its_line_and_element_and_what_was_done() -> None:
    census = read("cin-census", [FILES / "cin" / "census-2026.xml"])
    said = {(line, column): message for line, column, message in census.said()}
    assert said[12, "CINclosureDate"] == "there is no such day"
    assert "the end was left out" in said[15, "AssessmentAuthorisationDate"]
    assert said[17, None] == "nothing in it has a date; it was left out"
    assert "it was left out" in said[18, "CINPlanStartDate"]
    assert said[22, "ICPCnotRequired"].startswith("this code is not in the code set")
    assert said[30, "SomethingNew"].startswith("the census has no such element here")
    assert said[35, "PersonBirthDate"] == "there is no such day"
    assert said[39, "ReferralNFA"].startswith("the referral led to no further action and yet")
    assert said[35, "UPN"].startswith("another id has the same pupil number")
    assert any("begins before the referral before it has ended" in message for message in said.values())
    assert said[45, "LAchildID"].startswith("the child has no LAchildID")


def test_a_date_of_birth_is_in_no_fault() -> None:
    census = read("cin-census", [FILES / "cin" / "census-2026.xml"])
    assert "31/02/2018" not in repr(census.faults)


# --- episodes of care ----------------------------------------------------------------------------------------------


def test_only_a_start_of_care_begins_a_period_and_only_an_end_other_than_x1_ends_it() -> None:
    care = read("ssda903", S903)
    assert care.case("100/2026-01-05") == [
        "became_looked_after 2026-01-05",
        "placement_started 2026-01-05",
        "cla_review_held 2026-01-30",
        "placement_ended 2026-02-02",
        "placement_started 2026-02-02",
        "interim_care_order_made 2026-02-09",
        "went_missing 2026-02-10",
        "returned_from_missing 2026-02-11",
    ]
    assert care.facts("100/2026-01-05", "placement_started") == {
        "placement_type": "foster", "long_term_placement_agreed": False, "legal_status": "section_20"
    }  # fmt: skip


def test_leaving_an_order_ends_it_and_an_adoption_ends_care() -> None:
    care = read("ssda903", S903)
    assert care.case("101/2025-06-10")[-2:] == ["placement_ended 2026-03-15", "ceased_to_be_looked_after 2026-03-15"]
    assert care.facts("101/2025-06-10", "ceased_to_be_looked_after") == {"adoption_order_made_on": "2026-03-15"}
    assert "police_protection_ended 2025-06-12" in care.case("101/2025-06-10")
    assert "interim_order_ended 2025-11-20" in care.case("101/2025-06-10")


def test_a_temporary_move_and_the_way_back_leave_the_placement_as_it_was() -> None:
    care = read("ssda903", S903)
    assert care.case("102/2019-05-01") == ["cla_review_held 2025-06-01", "went_missing 2026-03-03"]


def test_a_move_with_the_same_carers_starts_a_placement_where_it_is_said_so() -> None:
    moved = read("ssda903", S903, same_carer_moves=True)
    assert moved.case("101/2025-06-10").count("placement_started 2025-11-20") == 1


def test_a_short_break_is_no_entry_into_care_unless_it_is_an_agreement() -> None:
    care = read("ssda903", S903)
    assert care.case("106/2025-03-01") == [
        "placement_started 2025-03-01",
        "placement_ended 2025-03-03",
        "placement_started 2025-04-05",
        "placement_ended 2025-04-07",
    ]
    assert care.case("103/2025-04-03")[0] == "became_looked_after 2025-04-03"
    assert care.facts("103/2025-04-03", "placement_started")["placement_type"] == "short_break"


def test_a_parent_s_placement_depends_on_the_order() -> None:
    care = episodes("1,01/05/2025,S,C1,N1,P1,PR0,,", "2,01/05/2025,S,C2,N1,P1,PR0,,", "3,01/05/2025,S,V2,N1,P1,PR0,,")
    kinds = [care.facts(f"{number}/2025-05-01", "placement_started").get("placement_type") for number in (1, 2, 3)]
    assert kinds == ["parent_interim_care_order", "parent_care_order", None]


@pytest.mark.parametrize(
    ("child", "line", "column", "words"),
    [
        ("100/2026-01-05", 3, "REVIEW", "the same event comes twice"),
        ("103", 5, "UPN", "one child under two ids"),
        ("104", 12, "DEC", "the end lies before the start"),
        ("104", 13, "DECOM", "the same episode comes twice"),
        ("105", 7, "DOB", "there is no such day"),
        ("105", 14, "PLACE", "this code is not in the code set"),
        ("105", 14, "DEC", "the end has no reason"),
        ("107", 7, "REVIEW", "the child was not in care on this day"),
        ("108", 19, "DECOM", "there is no such day"),
        ("109", 21, "RNE", "no reason for a new episode"),
    ],
)  # fmt: skip
def test_each_oddity_of_the_episodes_is_said_of_its_child(child: str, line: int, column: str, words: str) -> None:
    said = read("ssda903", S903).said(child)
    assert any((line, column) == (at, where) and words in message for at, where, message in said), said


def test_an_overlap_an_open_episode_and_a_birth_too_late_are_said() -> None:
    care = read_text(
        "ssda903",
        header_csv="CHILD,SEX,DOB,ETHNIC\n1,1,01/06/2025,WBRI\n",
        episodes_csv=HEADER
        + "1,01/05/2025,S,V2,N1,U6,PR1,01/07/2025,X1\n"
        + "1,20/06/2025,P,V2,N1,K2,PR1,,\n"
        + "1,01/08/2025,P,V2,N1,U6,PR1,,\n",
    )
    said = " / ".join(message for _, _, message in care.said())
    assert "begins before the one before it has ended" in said
    assert "the episode has no end and another begins later" in said
    assert "the child was born after this event; both were used" in said


def test_a_day_after_the_last_one_covered_is_left_out() -> None:
    care = episodes(
        "1,01/05/2026,S,V2,N1,U6,PR1,,", "2,01/05/2025,S,V2,N1,U6,PR1,01/05/2026,E4A", as_of=date(2026, 3, 31)
    )
    assert [case.child for case in care.cases] == ["2"]
    assert care.case("2/2025-05-01") == ["became_looked_after 2025-05-01", "placement_started 2025-05-01"]
    assert [(line, column) for line, column, _ in care.said()] == [(2, "DECOM"), (3, "DEC")]


def test_a_line_with_too_many_cells_or_no_child_is_left_out_and_said() -> None:
    care = episodes("1,01/05/2025,S,V2,N1,U6,PR1,,,extra", ",01/05/2025,S,V2,N1,U6,PR1,,")
    assert care.cases == []
    assert [line for line, _, _ in care.said()] == [2, 3]


def test_the_line_counts_line_breaks_inside_cells_and_blank_lines() -> None:
    care = episodes('1,01/05/2025,S,V2,"N\n1",U6,PR1,,', "", "2,31/02/2025,S,V2,N1,U6,PR1,,")
    assert [(line, column) for line, column, _ in care.said()] == [(5, "DECOM")]


def test_what_was_not_sent_was_not_observed() -> None:
    assert "cla_review_held" not in episodes("1,01/05/2025,S,V2,N1,U6,PR1,,").imported.observed.events
    assert "cla_review_held" in read("ssda903", S903).imported.observed.events


# --- the dataset and the lists -------------------------------------------------------------------------------------


def test_rows_of_the_dataset_go_into_the_case_that_their_ids_name() -> None:
    dataset = read("standard-safeguarding-dataset", SSD)
    assert {case.reference for case in dataset.cases} == {
        "P1/2025-06-02", "P2/2026-01-12", "P3/2025-04-07", "P3/2025-05-01"
    }  # fmt: skip
    assert dataset.facts("P1/2025-06-02", "section_47_completed") == {"icpc_required": True}
    assert dataset.facts("P1/2025-06-02", "section_47_completed", 1) == {"icpc_required": False}
    assert "transfer_in_conference_held 2026-02-02" in dataset.case("P2/2026-01-12")
    assert dataset.facts("P3/2025-05-01", "placement_started", 1)["placement_type"] == "parent_interim_care_order"


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("cppv_cp_visit_seen", "the child was not seen"),
        ("cppl_cp_plan_ola", "another authority"),
        ("clar_cla_review_cancelled", "was cancelled"),
        ("clar_cla_id", "no episode that was sent names this period"),
        ("clav_cla_visit_date", "was not in care on this day"),
        ("clah_health_check_status", "only planned"),
        ("cina_referral_id", "no row of ssd_cin_episodes that was sent has this id"),
    ],
)
def test_each_row_of_the_dataset_that_adds_nothing_is_said(column: str, words: str) -> None:
    said = read("standard-safeguarding-dataset", SSD).said()
    assert any(where == column and words in message for _, where, message in said)


def test_tables_are_read_from_parquet_too() -> None:
    buffers = []
    for path in SSD:
        buffer = io.BytesIO()
        frame = pl.read_csv(path, infer_schema=False)
        dates = [name for name in frame.columns if name.endswith("_date") and "referral" not in name]
        frame.with_columns(pl.col(name).str.to_date("%Y-%m-%d") for name in dates).write_parquet(buffer)
        buffer.seek(0)
        buffers.append(ReturnFile(path.name.replace("csv", "parquet"), buffer))
    parquet = Read("standard-safeguarding-dataset", buffers)
    assert parquet.counted() == read("standard-safeguarding-dataset", SSD).counted()


def test_the_lists_are_read_from_a_workbook_with_a_sheet_each() -> None:
    book = Workbook()
    for path in ANNEX:
        sheet = book.create_sheet(path.stem.replace("-", " ").title())
        sheet.append(["A list of the inspection"])
        for cells in pl.read_csv(path, infer_schema=False, has_header=False).iter_rows():
            sheet.append([_dated(cell) for cell in cells])
    buffer = io.BytesIO()
    book.save(buffer)
    buffer.seek(0)
    lists = Read("annex-a", [ReturnFile("annex-a.xlsx", buffer)])
    assert lists.counted() == read("annex-a", ANNEX).counted()
    assert any("names no child" in message for _, _, message in lists.said())


def _dated(cell: str | None) -> object:
    try:
        return None if cell is None else read_day(cell)
    except UnreadableDay:
        return cell


def test_the_lists_give_the_latest_alone_of_reviews_and_visits() -> None:
    observed = read("annex-a", ANNEX).imported.observed.events
    assert observed.isdisjoint({"cla_review_held", "cla_visit_made", "cp_visit_made", "rcpc_held"})
    assert {"became_looked_after", "icpc_held", "assessment_authorised"} <= observed
