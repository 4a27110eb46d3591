"""A profile goes out as a workbook and comes back as a draft."""

import io

import openpyxl
import pytest

from app.services.workbook import read_workbook
from tests.api.application import RunningApplication

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SWINDON = "/v1/profiles/swindon/versions/1"


def test_a_published_version_comes_as_a_workbook_and_goes_back_unchanged(here: RunningApplication) -> None:
    answer = here.client.get(f"{SWINDON}/workbook")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == XLSX
    assert answer.headers["content-disposition"] == 'attachment; filename="swindon-1.xlsx"'
    document = here.client.get(SWINDON).json()["document"]
    assert read_workbook(answer.content).document == document
    path = "/v1/profiles/validations"
    found = here.client.post(path, content=answer.content, headers={"Content-Type": XLSX}).json()
    assert found["valid"] is True
    assert found["checksum"] == here.client.post(path, json={"document": document}).json()["checksum"]


def test_the_same_version_is_the_same_file(here: RunningApplication) -> None:
    first = here.client.get(f"{SWINDON}/workbook")
    again = here.client.get(f"{SWINDON}/workbook", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_a_new_workbook_says_what_is_known_of_the_profile(here: RunningApplication) -> None:
    answer = here.client.get("/v1/workbook", params={"key": "my-council", "title": "My Council: standards"})
    assert answer.headers["content-disposition"] == 'attachment; filename="my-council.xlsx"'
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["Profile"]
    written = {row[0].value: row[1].value for row in sheet.iter_rows(min_row=2)}
    assert (written["Key"], written["Title"]) == ("my-council", "My Council: standards")


@pytest.mark.parametrize(("query", "path"), [({"key": "My Council"}, "key"), ({"key": "a", "title": "a\nb"}, "title")])
def test_a_key_or_title_that_no_profile_has_is_refused(
    here: RunningApplication, query: dict[str, str], path: str
) -> None:
    answer = here.client.get("/v1/workbook", params=query)
    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json()["errors"]] == [path]


def test_a_workbook_of_a_version_that_does_not_exist_is_not_found(here: RunningApplication) -> None:
    assert here.client.get("/v1/profiles/swindon/versions/9/workbook").status_code == 404
    assert here.client.get("/v1/profiles/nowhere/versions/1/workbook").status_code == 404


def test_a_fault_of_a_workbook_is_at_its_cell(here: RunningApplication) -> None:
    book = openpyxl.load_workbook(io.BytesIO(here.client.get(f"{SWINDON}/workbook").content))
    headings = {cell.value: cell.column for cell in book["Rules"][1]}
    book["Rules"].cell(3, headings["What"]).value = "hold_icpcs"
    book["Rules"].cell(4, headings["Number"]).value = "soon"
    out = io.BytesIO()
    book.save(out)
    found = here.client.post("/v1/profiles/validations", content=out.getvalue(), headers={"Content-Type": XLSX}).json()
    assert [(fault["sheet"], fault["cell"]) for fault in found["errors"]] == [("Rules", "G4"), ("Rules", "B3")]
