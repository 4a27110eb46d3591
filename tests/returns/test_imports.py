"""`POST /v1/imports/…`: files of a form in, cases and faults out, nothing stored."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from app.api.schemas.imports import ImportReturnAnswer
from app.services.returns.mapping import SOURCES
from tests.api.application import RunningApplication, fill, running_application
from tests.contract.documented import undocumented
from tests.returns.reading import ANNEX, CIN, FILES, S903, SSD, read

LINES = "application/x-ndjson"
EVERY = {"cin-census": CIN, "ssda903": S903, "standard-safeguarding-dataset": SSD, "annex-a": ANNEX}
ROW = "CHILD,DECOM,RNE,LS,PLACE,DEC,REC\n"


def send(here: RunningApplication, source: str, paths: Iterable[Path], accept: str = "", **request: Any) -> Any:
    files = [("file", (path.name, path.read_bytes())) for path in paths]
    data = {"request": json.dumps(request)} if request else {}
    headers = {"Accept": accept} if accept else {}
    return here.client.post(f"/v1/imports/{source}", files=files, data=data, headers=headers)


@pytest.mark.parametrize("source", SOURCES)
def test_an_import_answers_what_the_document_says_and_what_the_reader_reads(
    here: RunningApplication, source: str
) -> None:
    answer = send(here, source, EVERY[source])
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert undocumented(ImportReturnAnswer, body) == []
    expected = read(source, EVERY[source])
    assert body["cases"] == [case.as_json() for case in expected.cases]
    assert body["source"] == source
    assert body["counts"]["cases"] == len(body["cases"])
    assert body["counts"]["events"] == sum(len(case["events"]) for case in body["cases"])
    assert body["counts"]["faults"] == sum(fault["count"] for fault in body["faults"])


@pytest.mark.parametrize("source", SOURCES)
def test_lines_have_a_case_each_and_the_rest_in_the_last(here: RunningApplication, source: str) -> None:
    whole = send(here, source, EVERY[source]).json()
    answer = send(here, source, EVERY[source], LINES)
    assert answer.headers["content-type"].startswith(LINES)
    *cases, rest = map(json.loads, answer.text.splitlines())
    assert cases == whole.pop("cases")
    assert rest == whole


@pytest.mark.parametrize("source", SOURCES)
def test_the_cases_go_into_timeliness_as_they_are(here: RunningApplication, source: str) -> None:
    body = send(here, source, EVERY[source]).json()
    asked = {"profile": "statutory-england", "as_of": "2026-03-31", "source": body["source"]}
    answer = here.client.post("/v1/timelines/timeliness", json={**asked, "timelines": body["cases"]})
    assert answer.status_code == 200, answer.text
    assert answer.json()["refused"] == []
    assert answer.json()["duties"]


CHILD_OF = {"ssda903": "CHILD", "cin-census": "LAchildID", "standard-safeguarding-dataset": "cppv_person_id"}


def with_ids(source: str, child: str, row: str = "r1") -> bytes:
    """Give a return of one child under an id, whose row has an id in the one return that has such."""
    if source == "cin-census":
        return (
            "<Message><Header><Collection>CIN</Collection><ReferenceDate>2026-03-31</ReferenceDate></Header><Children>"
            f"<Child><ChildIdentifiers><LAchildID>{child}</LAchildID></ChildIdentifiers><CINdetails>"
            "<CINreferralDate>2025-05-01</CINreferralDate></CINdetails></Child></Children></Message>"
        ).encode()
    if source == "ssda903":
        return f"{ROW}{child},01/05/2025,S,V2,U6,,\n".encode()
    return ("cppv_cp_visit_id,cppv_person_id,cppv_cp_visit_date\n" + f"{row},{child},2025-05-01\n").encode()


def imported(here: RunningApplication, source: str, content: bytes) -> Any:
    return here.client.post(f"/v1/imports/{source}", files={"file": ("a", content)}).json()


@pytest.mark.parametrize("child", ["a\x00b", "a\tb", "a\u202eb", "a" * 101])
@pytest.mark.parametrize("source", CHILD_OF)
def test_an_id_that_no_case_can_have_is_a_fault_of_its_cell(here: RunningApplication, source: str, child: str) -> None:
    if source == "cin-census" and "\x00" in child:
        child = "a\u0085b"  # the other is no XML
    body = imported(here, source, with_ids(source, child))
    assert body["cases"] == []
    (fault,) = [each for each in body["faults"] if each["kind"] == "unreadable"]
    assert (fault["column"], "printable" in fault["remedy"]) == (CHILD_OF[source], True)


def test_an_id_of_a_row_that_no_event_can_have_is_left_out_and_said(here: RunningApplication) -> None:
    source = "standard-safeguarding-dataset"
    body = imported(here, source, with_ids(source, "c1", "r\u202e"))
    assert [event["id"] for event in body["cases"][0]["events"]] == ["cp_visit_made-2025-05-01"]
    assert [fault["column"] for fault in body["faults"]] == ["cppv_cp_visit_id"]


@pytest.mark.parametrize("source", CHILD_OF)
def test_the_longest_id_makes_a_case_that_timeliness_takes(here: RunningApplication, source: str) -> None:
    body = imported(here, source, with_ids(source, "c" * 100, "r" * 100))
    assert body["cases"]
    asked = {"profile": "statutory-england", "as_of": "2026-03-31", "timelines": body["cases"]}
    assert here.client.post("/v1/timelines/timeliness", json=asked).json()["refused"] == []


def test_what_a_return_cannot_show_is_never_overdue(here: RunningApplication) -> None:
    body = send(here, "ssda903", S903).json()
    asked = {"profile": "statutory-england", "as_of": "2026-03-31", "timelines": body["cases"]}
    named = {"observed_events": body["observed_events"]}
    duties = {
        each["duty"]: each
        for each in here.client.post("/v1/timelines/timeliness", json={**asked, **named}).json()["duties"]
    }
    assert duties["hold_cla_review"]["judged"]
    assert duties["appoint_iro"]["overdue"] == 0
    assert duties["appoint_iro"]["unobservable"]


def test_the_jubilee_is_what_explains_a_target_that_is_a_day_early(here: RunningApplication) -> None:
    census = (FILES / "cin" / "census-2026.xml").read_text(encoding="utf-8")
    census = census.replace(
        "<S47ActualStartDate>2025-06-10",
        "<InitialCPCtarget>2022-06-23</InitialCPCtarget><S47ActualStartDate>2022-06-02",
    )
    answer = here.client.post("/v1/imports/cin-census", files={"file": ("census.xml", census.encode())}).json()
    (row,) = answer["checked_dates"]
    assert (row["verdict"], row["days"], row["due_date"]) == ("early", -1, "2022-06-24")
    assert [cause["codes"] for cause in row["explained_by"]] == [["bank_holidays_missed"]]
    assert (row["column"], row["line"], row["reference"]) == ("InitialCPCtarget", 20, "D1/2025-06-02")


def test_a_stored_review_date_is_explained_by_91_and_183_days(here: RunningApplication) -> None:
    rows = send(here, "standard-safeguarding-dataset", SSD).json()["checked_dates"]
    causes = {row["date"]: [code for cause in row["explained_by"] for code in cause["codes"]] for row in rows}
    assert "months_as_average_days" in causes["2025-09-23"]
    assert "months_as_average_days" in causes["2026-03-22"]
    assert {row["verdict"] for row in rows} == {"right", "early", "late"}


def test_dates_are_checked_by_the_profile_that_is_named(here: RunningApplication) -> None:
    rows = send(here, "standard-safeguarding-dataset", SSD, profile="york").json()["checked_dates"]
    assert {row["verdict"] for row in rows if row["duty"] == "hold_icpc"} == {"right"}


def test_the_last_day_covered_may_be_said(here: RunningApplication) -> None:
    body = send(here, "ssda903", S903, as_of="2025-12-31").json()
    assert body["observed_until"] == "2025-12-31"
    assert max(event["occurred_at"] for case in body["cases"] for event in case["events"]) <= "2025-12-31"
    assert any("after the last day" in fault["message"] for fault in body["faults"])


@pytest.mark.parametrize(
    ("form", "status", "path"),
    [
        ({"files": {"other": b"x"}}, 422, "other"),
        ({"data": {"request": "{}"}, "files": {"file": ("a.csv", b"x,y\n")}}, 422, "a.csv"),
        ({"data": {"request": '{"as_off": 1}'}, "files": {"file": ("a.csv", b"x")}}, 422, "request.as_off"),
        ({"data": {"request": '{"profile": "yorkk"}'}, "files": {"file": ("a.csv", b"x")}}, 422, "request.profile"),
        ({"data": {"request": "{"}, "files": {"file": ("a.csv", b"x")}}, 422, "request"),
        ({"json": {}}, 415, "Content-Type"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 422, "(body)"),
        ({"files": {"file": ("a.csv", b"x")}, "headers": {"Content-Encoding": "gzip"}}, 415, "Content-Encoding"),
        ({"files": {"file": ("a.csv", b"x")}, "headers": {"Accept": "text/csv"}}, 406, "Accept"),
    ],
)  # fmt: skip
def test_what_is_no_import_is_refused_with_the_part_and_the_remedy(
    here: RunningApplication, form: dict[str, Any], status: int, path: str | None
) -> None:
    answer = here.client.post("/v1/imports/ssda903", **form)
    assert answer.status_code == status, answer.text
    if path is not None:
        assert path in {fault["path"] for fault in answer.json()["errors"]}
        assert all(fault["remedy"] for fault in answer.json()["errors"])


def test_every_fault_of_a_form_comes_at_once_and_nothing_of_a_file_is_repeated(here: RunningApplication) -> None:
    sent: list[tuple[str, tuple[str | None, bytes]]] = [
        ("file", (None, b"CHILD,DOB\n1,planted-2013-07-09")),
        ("files", ("b.csv", b"CHILD")),
        ("request", (None, b'{"profile": "yrok", "as_off": "2026-03-31", "profile_version": "one"}')),
    ]
    answer = here.client.post("/v1/imports/ssda903", files=sent)
    faults = {fault["path"]: fault for fault in answer.json()["errors"]}
    assert answer.status_code == 422
    assert faults.keys() == {"file[0]", "files", "request.profile", "request.as_off", "request.profile_version"}
    assert faults["files"]["nearest"] == ["file"]
    assert faults["request.profile"]["nearest"] == ["york"]
    assert "planted" not in answer.text


@pytest.mark.parametrize("text", ["{", '{"year": "2025-26", "year": "2024-25"}', '{"rows": NaN}'])
def test_a_part_that_is_no_json_is_refused_with_the_other_faults_of_its_form(
    here: RunningApplication, text: str
) -> None:
    answer = here.client.post("/v1/imports/ssda903/timeliness", files={"request": (None, text)})
    faults = {fault["path"]: fault for fault in answer.json()["errors"]}
    assert faults.keys() == {"file", "request"}
    assert "value" not in faults["request"]


@pytest.mark.parametrize("text", ["", "  ", "null", '""'])
def test_a_part_in_which_nothing_was_filled_in_is_absent(here: RunningApplication, text: str) -> None:
    sent: list[tuple[str, tuple[str | None, bytes]]] = [
        ("file", ("e.csv", ROW.encode())),
        ("request", (None, text.encode())),
    ]
    assert here.client.post("/v1/imports/ssda903", files=sent).status_code == 200
    needed = here.client.post("/v1/imports/ssda903/timeliness", files=sent).json()["errors"]
    assert [(fault["path"], fault["message"]) for fault in needed] == [("request", "this field is missing")]


def test_a_return_that_is_not_read_is_not_found(here: RunningApplication) -> None:
    assert here.client.post("/v1/imports/school-census", files={"file": b"x"}).status_code == 404


def test_a_large_file_leaves_nothing_in_the_temporary_folder(here: RunningApplication, temporary: Path) -> None:
    rows = (
        ROW.strip() + ",HOME_POST\n" + "".join(f"{child},01/05/2025,S,V2,U6,,,{'x' * 300}\n" for child in range(5_000))
    )
    assert len(rows) > 1024 * 1024
    sent = {"file": ("e.csv", rows.encode())}
    answer = here.client.post("/v1/imports/ssda903", files=sent, headers={"Accept": LINES})
    assert answer.status_code == 200
    assert answer.text.count("\n") == 5_001
    assert list(temporary.iterdir()) == []


def test_an_answer_that_is_too_long_for_one_object_says_to_take_lines(
    here: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.api.routers.imports.MAX_IMPORT_ANSWER_BYTES", 100_000)
    rows = ROW + "".join(f"{child},01/05/2025,S,V2,U6,,\n" for child in range(1_000))
    answer = here.client.post("/v1/imports/ssda903", files={"file": ("e.csv", rows.encode())})
    assert answer.status_code == 422
    assert LINES in answer.json()["errors"][0]["remedy"]


def test_more_than_the_operator_allows_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/filled.db"
    fill(url)
    with running_application(url, import_mib=1) as small:
        sent = {"file": ("e.csv", ROW.encode() + b"x" * 1024 * 1024)}
        assert small.client.post("/v1/imports/ssda903", files=sent).status_code == 413


def test_a_key_is_needed_where_keys_are_required(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/filled.db"
    fill(url)
    with running_application(url, require_key=True) as guarded:
        sent = {"file": ("e.csv", (ROW + "1,01/05/2025,S,V2,U6,,\n").encode())}
        assert guarded.client.post("/v1/imports/ssda903", files=sent).status_code == 401
        key = guarded.key("calculate")
        assert guarded.client.post("/v1/imports/ssda903", files=sent, headers=key).status_code == 200


def test_without_the_extra_an_import_says_what_to_install(
    here: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.api.uploads.missing_packages", lambda: ("polars",))
    answer = here.client.post("/v1/imports/ssda903", files={"file": ("e.csv", ROW.encode())})
    assert answer.status_code == 503
    assert "practice-deadlines[returns]" in answer.json()["detail"]
