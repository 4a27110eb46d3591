"""What a spreadsheet user types is understood, and what is wrong is said at its cell with what mends it."""

from datetime import date, datetime
from typing import Any

import pytest

from app.services.publishing.profile_file import SentFile
from app.services.snapshot.offline import packaged_state
from app.services.snapshot.snapshot import Snapshot, build_snapshot
from app.services.workbook import read_rule_sheet, read_workbook, write_workbook
from tests.services.workbooks import HEAD, ICPC, Book, empty, faults_of, one_row, one_rule, rule_of

DAY = datetime(2027, 4, 1)  # noqa: DTZ001 - a cell has no zone


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return build_snapshot(packaged_state())


def test_the_rule_of_the_guide_is_one_row() -> None:
    assert rule_of() == {
        "id": "icpc-held",
        "duty": "hold_icpc",
        "title": "Hold the initial conference",
        "event": "strategy_discussion_held",
        "when": {"section_47_initiated": True},
        "timing": {"within": {"working_days": 15}},
        "strength": "must",
        "source": [{"section": "5.1"}],
        "discharged_by": ["icpc_held"],
    }


@pytest.mark.parametrize(
    ("cells", "key", "value"),
    [
        ({"Number": "15 "}, "timing", {"within": {"working_days": 15}}),
        ({"Number": 15.0, "Unit": "Working Days"}, "timing", {"within": {"working_days": 15}}),
        ({"Number": "15 working days", "Unit": None}, "timing", {"within": {"working_days": 15}}),
        (
            {"Timing": "within 15 working days", "Number": None, "Unit": None},
            "timing",
            {"within": {"working_days": 15}},
        ),
        ({"Unit": "calendar days"}, "timing", {"within": {"days": 15}}),
        ({"Unit": "days (kind not printed)"}, "timing", {"within": {"days_unstated": 15}}),
        ({"Timing": "Every", "Number": 1, "Unit": "month"}, "timing", {"every": {"months": 1}}),
        ({"Timing": "same day", "Number": None, "Unit": None}, "timing", {"same_day": True}),
        (
            {"Timing": "by age", "Number": "16 years 3 months", "Unit": None},
            "timing",
            {"by_age": {"years": 16, "months": 3}},
        ),
        ({"Timing": "by age", "Number": 18, "Unit": "years"}, "timing", {"by_age": {"years": 18}}),
        (
            {"Timing": "between", "Number": "0 to 10"},
            "timing",
            {"window": {"opens": {"working_days": 0}, "closes": {"working_days": 10}}},
        ),
        (
            {"Timing": "every", "Number": 4, "Unit": "weeks", "First_time": "within 1 week"},
            "timing",
            {"every": {"weeks": 4}, "first": {"within": {"weeks": 1}}},
        ),
        ({"First_day_counts": True}, "timing", {"within": {"working_days": 15}, "event_day": 1}),
        ({"Only_if": "section_47_initiated = TRUE"}, "when", {"section_47_initiated": True}),
        ({"Only_if": "Section 47 initiated is no"}, "when", {"section_47_initiated": False}),
        ({"Only_if": "section_47_initiated"}, "when", {"section_47_initiated": True}),
        (
            {"Only_if": "section_47_initiated = yes; age under 1 year"},
            "when",
            {"section_47_initiated": True, "age": {"under": {"years": 1}}},
        ),
        ({"Only_if": "review_number >= 2"}, "when", {"review_number": {"at_least": 2}}),
        (
            {"Only_if": "first_review_held_on has not happened and placement_started_on at least 1 year ago"},
            "when",
            {"first_review_held_on": {"happened": False}, "placement_started_on": {"at_least_ago": {"years": 1}}},
        ),
        ({"Starts_from": "\u201cStrategy discussion held\u201d"}, "event", "strategy_discussion_held"),
        (
            {"Starts_from": "strategy_discussion_held;\u00a0referral_received"},
            "event",
            ["strategy_discussion_held", "referral_received"],
        ),
        ({"Title": "\u00a0Hold the\u00a0conference "}, "title", "Hold the conference"),
        ({"Who": "Manager; Chair"}, "responsible", ["Manager", "Chair"]),
        ({"Strength": "Must"}, "strength", "must"),
        ({"Section": "'-3"}, "source", [{"section": "-3"}]),
        ({"Section": 5}, "source", [{"section": "5"}]),
        (
            {"Section": "5.1; 6.2", "Document": "main"},
            "source",
            [{"section": "5.1", "document": "main"}, {"section": "6.2", "document": "main"}],
        ),
        ({"Once_each": "Y"}, "occasion", True),
        ({"In_force_from": DAY}, "in_force", {"from": "2027-04-01"}),
        (
            {"In_force_from": "1/4/2027", "In_force_to": "31 March 2028"},
            "in_force",
            {"from": "2027-04-01", "to": "2028-03-31"},
        ),
        ({"Met_by": "nothing"}, "discharged_by", []),
        (
            {"Other_timing": "within 63 calendar days", "Other_reading": "printed too", "Other_unit_printed": "no"},
            "alternatives",
            [{"timing": {"within": {"days": 63}}, "reading": "printed too", "unit_stated": False}],
        ),
    ],
)
def test_a_cell_is_read_as_it_is_meant(cells: dict[str, object], key: str, value: object) -> None:
    assert rule_of(**cells)[key] == value


@pytest.mark.parametrize(
    ("cells", "cell", "message", "remedy"),
    [
        ({"Unit": "days"}, "H2", "not said which days", "choose working days, calendar days or"),
        ({"Unit": "moons"}, "H2", "'moons' is not a unit", "choose one of working days"),
        ({"Unit": None}, "H2", "the unit is missing", "choose one of"),
        ({"Number": None}, "G2", "the number is missing", "whole number"),
        ({"Number": "ten"}, "G2", "'ten' is not a whole number", "in digits"),
        ({"Number": 1.5}, "G2", "'1.5' is not a whole number", "in digits"),
        ({"Number": 0}, "G2", "no length of time", "same day"),
        ({"Timing": None}, "F2", "does not say when", "choose one of"),
        ({"Timing": "promptly", "Number": None, "Unit": None}, "F2", "'promptly' is not a kind", "choose one of"),
        (
            {"Timing": "see Phases", "Number": None, "Unit": None},
            "F2",
            "the sheet Phases has no timing",
            "add it there",
        ),
        ({"Id": None}, "A2", "\u201cId\u201d is empty", "small letters"),
        ({"Section": None}, "P2", "\u201cSection\u201d is empty", "as printed"),
        ({"Section": DAY}, "P2", "made the date 2027-04-01", "apostrophe"),
        ({"Section": "1; 2; 3", "Document": "main; other"}, "P2", "3 sections and 2 documents", "one for each"),
        ({"Strength": "will"}, "O2", "'will' is not one of the choices", "must, should, suggested"),
        ({"Only_if": "section_47_initated = yes"}, "E2", "is no fact", "sheet Words"),
        ({"Only_if": "section_47_initiated = maybe"}, "E2", "cannot be 'maybe'", "yes or no"),
        ({"Only_if": "section_47_initiated = yes; section_47_initiated = no"}, "E2", "occurs twice", "one or other"),
        ({"Only_if": "placement_type"}, "E2", "what placement_type must be", "= value"),
        ({"In_force_from": "soon"}, "AI2", "'soon' is not a date", "2027-04-01"),
        ({"Once_each": "perhaps"}, "AR2", "neither yes nor no", "yes or no"),
        ({"Other_timing": "within 63 days"}, "V2", "which days", "calendar days"),
    ],
)
def test_what_is_wrong_is_said_at_its_cell(cells: dict[str, object], cell: str, message: str, remedy: str) -> None:
    found = [fault for fault in faults_of(**cells) if message in fault[1]]
    assert found, faults_of(**cells)
    assert found[0][0] == f"Rules!{cell}"
    assert remedy in found[0][2]


def test_a_formula_is_no_value() -> None:
    (found,) = one_rule(Title="=CONCATENATE(A1,B1)").read().faults
    assert found.location is not None
    assert (found.location.cell, found.message) == ("C2", "this cell holds a formula")
    assert "paste it as a value" in found.remedy


def test_everything_is_said_at_once_and_nothing_twice(snapshot: Snapshot) -> None:
    book = one_rule(Unit="days", What="hold_icpcs", Strength=None)
    book.put("Rules", 3, **{**ICPC, "Id": "Second Rule", "Starts_from": "strategy_meeting", "Timing": "after"})
    book.put("Undated", 2, Id="x", Title="Something", Reason="dont know", Section="1")
    found = SentFile(book.data(), "xlsx").read({}).validate(snapshot)
    cells = sorted(f"{fault.location.sheet}!{fault.location.cell}" for fault in found.errors if fault.location)
    assert cells == ["Rules!A3", "Rules!B2", "Rules!D3", "Rules!F3", "Rules!H2", "Rules!O2", "Undated!C2"]
    assert all(fault.remedy for fault in found.errors)


def test_a_section_that_excel_made_a_number_of_is_warned_of() -> None:
    found = one_row(Section=13.1)
    assert found.document["rules"][0]["source"] == [{"section": "13.1"}]
    assert [warning.location.cell for warning in found.warnings if warning.location] == ["P2"]


def test_columns_may_be_moved_left_out_and_called_by_their_keys() -> None:
    book = one_rule()
    sheet = book.book["Rules"]
    sheet.move_range("B1:B2", cols=60)
    sheet["BJ1"] = "duty"
    sheet.delete_cols(20, 3)
    assert book.read().document["rules"] == [rule_of()]


@pytest.mark.parametrize(
    ("change", "cell", "message"),
    [
        (("Rules", "BA1", "Colour"), "BA1", "'Colour' is no column"),
        (("Rules", "BA2", "red"), "BA2", "has no heading"),
        (("Rules", "B1", "Id"), "B1", "the column Id occurs twice"),
        (("Rules", "B1", None), "A1", "the column What is missing"),
        (("Profile", "A20", "Colour"), "A20", "nothing that this sheet says"),
        (("Phases", "A2", "Somewhere"), "A2", "is no sheet with rows"),
    ],
)
def test_a_sheet_that_was_rebuilt_is_reported_where(change: tuple[str, str, Any], cell: str, message: str) -> None:
    book = one_rule()
    book.book[change[0]][change[1]] = change[2]
    if change[0] == "Phases":
        book.book["Phases"]["C2"] = "x = 1"
    found = book.read().faults
    assert any(message in fault.message and fault.location.cell == cell for fault in found if fault.location), found


def test_a_series_in_phases_is_written_as_the_guide_shows_it() -> None:
    book = one_rule(Timing="see Phases", Number=None, Unit=None, Starts_again_from="cp_visit_made")
    phases = book.book["Phases"]
    toml = "[[rules.timing.phases]]\nevery = { weeks = 1 }\nuntil = { age = { years = 1 } }\n\n"
    toml += "[[rules.timing.phases]]\nevery = { weeks = 4 }\n"
    phases["A2"], phases["B2"], phases["C2"] = "Rules", "icpc-held", toml
    found = book.read()
    assert not found.faults
    first = {"every": {"weeks": 1}, "until": {"age": {"years": 1}}}
    assert found.document["rules"][0]["timing"] == {"phases": [first, {"every": {"weeks": 4}}]}
    assert found.places["rules[0].timing"] == "Phases!C2"


@pytest.mark.parametrize(
    ("toml", "message", "remedy"),
    [
        ("timing = {", "this is not TOML", "docs/profile-format.md"),
        ("note = \u201chere\u201d", "this is not TOML", "curly"),
        ('title = "Another"', "title is here, and at Rules!C2 too", "empty one of the two"),
    ],
)
def test_a_fault_of_the_sheet_phases_is_at_its_cell(toml: str, message: str, remedy: str) -> None:
    book = one_rule()
    phases = book.book["Phases"]
    phases["A2"], phases["B2"], phases["C2"] = "Rules", "icpc-held", toml
    (found,) = book.read().faults
    assert message in found.message
    assert remedy in found.remedy
    assert found.location is not None
    assert found.location.cell == "C2"


def test_a_row_of_phases_that_belongs_to_no_rule_is_reported() -> None:
    book = one_rule()
    phases = book.book["Phases"]
    phases["B2"], phases["C2"] = "icpc-hold", "occasion = true"
    (found,) = book.read().faults
    assert "has no row 'icpc-hold'" in found.message


def test_what_the_council_calls_its_own_is_known_to_the_conditions() -> None:
    book = one_rule(Only_if="local_out_of_hours = yes", What="local_offer_advocate")
    book.put(
        "Own words",
        2,
        Kind="fact",
        Word="local_out_of_hours",
        Definition="It came at night.",
        Type="bool",
        Presumed="No",
        Scope="referral",
    )
    book.put(
        "Own words",
        3,
        Kind="duty",
        Word="local_offer_advocate",
        Definition="Offer one.",
        Family="local_offer_advocate",
        After_the_end="ends",
    )
    book.put("Own words", 4, Kind="name", Word="icpc_held", Noun="the planning meeting")
    found = book.read()
    assert not found.faults
    assert found.document["vocabulary"] == {
        "facts": {
            "local_out_of_hours": {
                "definition": "It came at night.",
                "type": "bool",
                "presumed": False,
                "scope": "referral",
            }
        },
        "duties": {
            "local_offer_advocate": {"definition": "Offer one.", "family": "local_offer_advocate", "after_end": "ends"}
        },
        "nouns": {"icpc_held": "the planning meeting"},
    }
    assert found.document["rules"][0]["when"] == {"local_out_of_hours": True}


def test_a_text_that_begins_like_a_formula_stays_a_text() -> None:
    texts = {"title": "=1+1", "note": "+44 1793", "reading": "-", "authority": "@swindon"}
    rule = {"id": "a", "title": "=cmd|x", "note": "@x", "reading": "+1"}
    book = Book(write_workbook({**HEAD, **texts, "rules": [rule]}))
    cells = [cell for sheet in book.book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert all(cell.quotePrefix for cell in cells if str(cell.value).startswith(("=", "+", "@")))


def test_a_profile_says_its_dates_as_dates() -> None:
    book = Book(write_workbook({**HEAD, "in_force_from": "2027-04-01", "rules": []}))
    cells = {row[0].value: row[1] for row in book.book["Profile"].iter_rows()}
    assert cells["In force from"].value.date() == date(2027, 4, 1)
    assert cells["In force from"].number_format == "yyyy-mm-dd"


def test_the_lists_to_choose_from_are_in_the_file() -> None:
    book = Book(empty()).book
    sheet = book["Rules"]
    headings = {cell.column_letter: cell.value for cell in sheet[1]}
    offered = {
        headings[str(one.sqref).split(":")[0].rstrip("0123456789")]: one.formula1
        for one in sheet.data_validations.dataValidation
        if one.formula1
    }
    expected = {
        "What": "Duties",
        "Starts from": "Events",
        "Only if": "Conditions",
        "Unit": "Units",
        "Strength": "Strengths",
    }
    assert expected.items() <= offered.items()
    for name in set(offered.values()):
        assert name in book.defined_names
    assert book["Lists"].sheet_state == "hidden"
    lists = {column[0].value: [cell.value for cell in column[1:] if cell.value] for column in book["Lists"].iter_cols()}
    assert "strategy_discussion_held" in lists["Events"]
    assert {"section_47_initiated = yes", "section_47_initiated = no"} <= set(lists["Conditions"])


def test_words_are_searched_by_what_people_call_them() -> None:
    sheet = Book(empty()).book["Words"]
    assert sheet.auto_filter.ref
    called = {row[1]: row[5] or "" for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert "icpc" in called["hold_icpc"].split("; ")
    assert any("lac review" in names for key, names in called.items() if "cla_review" in key)


CSV = "Id,What,Title,Starts from,Timing,Number,Unit,Strength,Section\n"
ROW = "icpc-held,hold_icpc,Hold it,strategy_discussion_held,within,15,working days,must,5.1\n"


@pytest.mark.parametrize(
    "text", [CSV + ROW, "\ufeff" + CSV + ROW, (CSV + ROW).replace(",", ";"), "sep=,\n" + CSV + ROW]
)
def test_the_sheet_of_rules_alone_is_read_from_csv(text: str) -> None:
    found = read_rule_sheet(text, HEAD)
    assert not found.faults
    assert found.document["title"] == HEAD["title"]
    assert found.document["rules"][0]["timing"] == {"within": {"working_days": 15}}


def test_a_fault_of_a_csv_is_at_the_cell_that_a_spreadsheet_shows() -> None:
    (found,) = read_rule_sheet(CSV + "\n" + ROW.replace("working days", "days"), HEAD).faults
    assert found.location is not None
    assert (found.location.sheet, found.location.cell) == ("Rules", "G3")
    assert found.rule == "icpc-held"


def test_a_csv_keeps_what_its_cells_only_point_at_and_takes_what_they_say() -> None:
    series = {"phases": [{"every": {"weeks": 1}, "until": {"age": {"years": 1}}}, {"every": {"weeks": 4}}]}
    head = {**HEAD, "rules": [{**rule_of(), "timing": series, "key_of_tomorrow": 1}]}
    pointing = ROW.replace("within,15,working days", "see Phases,,")
    assert read_rule_sheet(CSV + pointing, head).document["rules"][0]["timing"] == series
    changed = read_rule_sheet(CSV + ROW, head).document["rules"][0]
    assert changed["timing"] == {"within": {"working_days": 15}}
    assert changed["key_of_tomorrow"] == 1
    assert "when" not in changed


def test_the_validator_speaks_of_columns_and_not_of_lines(snapshot: Snapshot) -> None:
    book = one_rule()
    book.put("Own words", 2, Kind="fact", Word="local_at_night", Definition="At night.", Type="bool")
    found = SentFile(book.data(), "xlsx").read({}).validate(snapshot)
    assert [(fault.message, fault.remedy.partition(",")[0]) for fault in found.errors] == [
        ("\u201cScope\u201d is empty", "write child (it always holds)")
    ]
    (warning,) = SentFile(one_rule(Met_by=None).data(), "xlsx").read({}).validate(snapshot).warnings
    assert "under Met by" in warning.remedy
    assert "the word nothing under Met by" in warning.remedy
    assert "discharged_by" not in warning.remedy


def test_another_reading_may_be_printed_in_another_document() -> None:
    rule = rule_of(
        Other_timing="within 10 working days",
        Other_reading="the manual",
        Other_section="4",
        Other_document="manual",
        Reading="the stricter",
    )
    assert rule["alternatives"] == [
        {"timing": {"within": {"working_days": 10}}, "reading": "the manual", "section": "4", "document": "manual"}
    ]
    book = read_workbook(write_workbook({**HEAD, "rules": [rule]}))
    assert book.document["rules"] == [rule]


def test_none_under_met_by_is_answered_with_what_to_write(snapshot: Snapshot) -> None:
    found = SentFile(one_rule(Met_by="none").data(), "xlsx").read({}).validate(snapshot)
    assert [(fault.message, "the word nothing under Met by" in fault.remedy) for fault in found.errors] == [
        ("'none' is no event", True)
    ]


def test_an_own_duty_without_a_family_is_offered_its_own_name(snapshot: Snapshot) -> None:
    book = one_rule()
    book.put("Own words", 2, Kind="duty", Word="local_call_back", Definition="Call.", After_the_end="ends")
    (fault,) = SentFile(book.data(), "xlsx").read({}).validate(snapshot).errors
    assert "local_call_back" in fault.remedy
    assert "advocate" not in fault.remedy
