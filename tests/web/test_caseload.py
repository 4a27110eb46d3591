"""The caseload page as a caller without scripts gets it, and the files that it gives."""

import csv
import io
import json
import zipfile
from datetime import date, datetime, time

import httpx
import pytest

from app.services.problems import Problem
from app.web.workbook import MAX_UNPACKED_BYTES, workbook_csv

TABLE = """reference,event,at,team,worker,section_47_initiated
A1,referral_received,15/12/2025,North,Ann,
A1,Strategy discussion,18/12/2025 14:30,North,Ann,yes
B2,referral_received,2026-01-12,South,Bob,
"""
CASELOAD = {"table": TABLE, "profile": "swindon", "as_of": "2026-01-14"}


def rows(client: httpx.Client, **change: str) -> list[dict[str, str]]:
    """Give the rows of the CSV file."""
    answer = client.post("/caseload", data=CASELOAD | change | {"as": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_rows_of_one_reference_are_one_case_and_only_what_is_owed_is_listed(client: httpx.Client) -> None:
    found = rows(client)
    owed = [(row["status"], row["reference"], row["due_date"]) for row in found if row["due_date"]]
    # A1's strategy discussion was held, so only its conference is overdue; B2's is due within 48 hours.
    assert owed == [("overdue", "A1", "2026-01-13"), ("week", "B2", "2026-01-14")]
    assert [row["days_overdue"] for row in found if row["status"] == "overdue"] == ["1"]
    assert {row["status"] for row in found} == {"overdue", "week", "waiting"}


def test_tabs_semicolons_and_byte_order_marks_are_read(client: httpx.Client) -> None:
    wanted = rows(client)
    for table in (TABLE.replace(",", "\t"), TABLE.replace(",", ";"), "\ufeff" + TABLE.replace("\n", "\r\n")):
        assert rows(client, table=table) == wanted


def test_rows_are_filtered_and_sorted(client: httpx.Client) -> None:
    assert {row["worker"] for row in rows(client, worker="Bob")} == {"Bob"}
    assert {row["team"] for row in rows(client, team="North")} == {"North"}
    assert {row["status"] for row in rows(client, shown="waiting")} == {"waiting"}
    by_title = [row["title"].lower() for row in rows(client, order="title")]
    assert by_title == sorted(by_title)
    by_worker = [row["worker"] for row in rows(client, order="worker")]
    assert by_worker == sorted(by_worker)


def test_the_page_counts_by_team_and_worker(client: httpx.Client) -> None:
    answer = client.post("/caseload", data=CASELOAD)
    assert answer.headers["cache-control"] == "no-store"
    assert "By team and worker" in answer.text
    assert "in 2 cases on Wednesday 14 January 2026" in answer.text
    assert "This week ends on Sunday 18 January 2026" in answer.text


def test_the_calendar_file_names_the_case(client: httpx.Client) -> None:
    answer = client.post("/caseload", data=CASELOAD | {"as": "calendar"})
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.text.count("BEGIN:VEVENT") == 2
    assert answer.text.count("BEGIN:VCALENDAR") == 1
    assert "Hold the initial child protection conference [A1]" in answer.text.replace("\r\n ", "")


def test_long_work_says_how_far_it_is(client: httpx.Client) -> None:
    table = "reference,event,at\n" + "".join(f"C{number},referral_received,2026-01-12\n" for number in range(25))
    answer = client.post("/caseload", data=CASELOAD | {"table": table}, headers={"Accept": "application/x-ndjson"})
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["of"] for line in lines[:-1]] == [25] * (len(lines) - 1)
    done = [line["done"] for line in lines[:-1]]
    assert done == sorted(done)
    assert len(done) > 2
    assert done[-1] == 25
    assert "in 25 cases" in lines[-1]["html"]


def test_a_faulty_row_fails_its_own_case_alone_and_is_not_repeated(client: httpx.Client) -> None:
    text = client.post("/caseload", data=CASELOAD | {"table": TABLE + "D,planted-0817,2026-01-05,,,\n"}).text
    assert "Row 5, event: unknown event" in text
    assert text.count("planted-0817") == 1, "in the table that is still in the form, and nowhere else"
    assert "Hold the initial child protection conference" in text


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "the table has no rows"),
        ("reference,event,at", "the table has no rows"),
        ("reference,event\nA,referral_received", "the column at is missing"),
        ("event,at,planted-0817\nreferral_received,2026-01-05,x", "column 3 is no column of this table"),
        ("event,at,tem\nreferral_received,2026-01-05,x", "call it team"),
        ("event,at,at\nreferral_received,2026-01-05,x", "column 3 repeats another"),
        ("event,at\n" + "referral_received,2026-01-05\n" * 5_001, "more than 5,000 rows"),
        ('event,at\n"' + "x" * 200_000 + '",2026-01-05', "it is not a table"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_in_words(client: httpx.Client, table: str, words: str) -> None:
    for accept in ("text/html", "application/x-ndjson"):
        answer = client.post("/caseload", data=CASELOAD | {"table": table}, headers={"Accept": accept})
        assert answer.status_code == 200
        assert words in answer.text
        assert 'href=\\"#table' in answer.text or 'href="#table' in answer.text


def test_a_formula_in_the_table_is_none_in_the_file(client: httpx.Client) -> None:
    found = rows(client, table="reference,event,at\n=1+1,referral_received,2026-01-12\n")
    assert {row["reference"] for row in found} == {"'=1+1"}


def workbook(*table: list[object]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for row in table:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_as_csv(client: httpx.Client) -> None:
    data = workbook(
        ["reference", "event", "at", "section_47_initiated"],
        [17, "strategy_discussion_held", datetime.combine(date(2025, 12, 18), time(14, 30)), True],
        [18.0, "referral_received", date(2025, 12, 15), None],
    )
    answer = client.post("/caseload/workbook", content=data)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.splitlines()[1:] == [
        "17,strategy_discussion_held,2025-12-18T14:30,true",
        "18,referral_received,2025-12-15,",
    ]


def test_what_is_no_workbook_is_refused_on_a_page(client: httpx.Client) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("hello", "there")
    for data in (b"", b"reference,event", packed.getvalue()):
        answer = client.post("/caseload/workbook", content=data)
        assert answer.status_code == 422
        assert "It is not a workbook" in answer.text


def test_a_workbook_that_unpacks_without_end_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b" " * (MAX_UNPACKED_BYTES + 1))
    with pytest.raises(Problem):
        workbook_csv(packed.getvalue())


EPISODE = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC\r\n510000,05/01/2026,S,V2,N1,U6,PR1,,\r\n"


def imported(client: httpx.Client, **headers: str) -> str:
    """Give what an import of a return answers."""
    files = {"file": ("episodes.csv", EPISODE)}
    answer = client.post(
        "/v1/imports/ssda903", files=files, data={"request": '{"as_of": "2026-02-10"}'}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_cases_of_an_import_are_worked_out_as_they_are(client: httpx.Client) -> None:
    change = {"profile": "statutory-england", "as_of": "2026-02-10"}
    whole = rows(client, table=imported(client), **change)
    lines = rows(client, table=imported(client, Accept="application/x-ndjson"), **change)
    assert whole == lines
    assert {row["reference"] for row in whole} == {case["reference"] for case in json.loads(imported(client))["cases"]}
    assert any(row["due_date"] for row in whole)


@pytest.mark.parametrize(
    "text", ["{", '{"cases": []}', '{"reference": "a"}\n[1]', '{"a": ' + "[" * 600 + "]" * 600 + "}"]
)
def test_what_is_no_import_is_refused_in_words(client: httpx.Client, text: str) -> None:
    answer = client.post("/caseload", data=CASELOAD | {"table": text})
    assert answer.status_code == 200
    assert "it is not an import" in answer.text.lower() or "the import has no cases" in answer.text.lower()


def test_a_faulty_case_of_an_import_fails_by_itself(client: httpx.Client) -> None:
    case = json.loads(imported(client))["cases"][0]
    broken = {"reference": "planted-0817", "events": [{"type": "nonsense", "occurred_at": "2026-01-05"}]}
    table = json.dumps(case) + "\n" + json.dumps(broken)
    text = client.post("/caseload", data=CASELOAD | {"table": table, "profile": "statutory-england"}).text
    assert "Case 2, event: unknown event" in text
