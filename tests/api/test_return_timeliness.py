"""A return is sent, and its figures come back: import and count in one call."""

import json
from typing import Any

import pytest

from tests.api.application import RunningApplication

PATH = "/v1/imports/ssda903/timeliness"
EPISODES = (
    "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC\r\n"
    "1,06/05/2025,S,V2,N1,U6,PR1,,\r\n"
    "2,06/05/2025,S,V2,N1,U6,PR1,,\r\n"
    "3,31/02/2025,S,V2,N1,U6,PR1,,\r\n"
)
REVIEWS = "CHILD,DOB,REVIEW,REVIEW_CODE\r\n1,02/04/2015,02/06/2025,PN1\r\n1,02/04/2015,01/09/2025,PN1\r\n2,02/04/2015,02/06/2025,PN1\r\n"
ASKED = {"profile": "statutory-england", "year": "2025-26"}


def sent(here: RunningApplication, said: dict[str, Any], path: str = PATH, reviews: str | None = REVIEWS) -> Any:
    files = [("file", ("episodes.csv", EPISODES.encode(), "text/csv"))]
    if reviews is not None:
        files.append(("file", ("reviews.csv", reviews.encode(), "text/csv")))
    return here.client.post(path, files=files, data={"request": json.dumps(said)})


def measure(answer: dict[str, Any], key: str) -> dict[str, Any]:
    return next(each for each in answer["measures"] if each["key"] == key)


def test_the_reviews_of_a_return_are_counted_and_what_it_cannot_show_is_not_overdue(here: RunningApplication) -> None:
    answer = sent(here, ASKED)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    reviews = measure(body, "looked-after-children-reviewed-on-time")
    assert (reviews["numerator"], reviews["denominator"]) == (0, 2)
    duties = {row["duty"]: row for row in body["duties"]}
    assert duties["hold_cla_review"]["met"] == 3
    unseen = duties["visit_looked_after_child"]
    assert (unseen["overdue"], unseen["unobservable"], unseen["judged"]) == (0, 2, 0)
    assert body["counts"]["children"] == 3
    assert [(fault["line"], fault["column"]) for fault in body["faults"] if fault["kind"] == "unreadable"] == [
        (4, "DECOM")
    ]


def test_without_the_table_of_reviews_no_review_is_overdue(here: RunningApplication) -> None:
    duties = {row["duty"]: row for row in sent(here, ASKED, reviews=None).json()["duties"]}
    assert (duties["hold_cla_review"]["overdue"], duties["hold_cla_review"]["judged"]) == (0, 0)


def test_the_fields_of_timeliness_are_taken(here: RunningApplication) -> None:
    said = {"profile": "statutory-england", "as_of": "2025-08-31", "duties": ["hold_cla_review"], "rows": True}
    body = sent(here, said).json()
    assert [row["duty"] for row in body["duties"]] == ["hold_cla_review"]
    assert {row["reference"] for row in body["rows"]} == {"1/2025-05-06", "2/2025-05-06"}
    assert body["period"]["to"] == "2025-08-31"


def test_the_report_suppresses_small_numbers(here: RunningApplication) -> None:
    answer = sent(here, ASKED, PATH + "/report")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "shown as c" in answer.text
    assert '<td class="number">c</td>' in answer.text


@pytest.mark.parametrize(
    ("said", "paths"),
    [
        ({}, ["request.profile", "request.year"]),
        ({**ASKED, "year": "2025", "duty": "x"}, ["request.duty", "request.year"]),
        ({**ASKED, "period": {"from": "2025-04-01", "to": "2025-05-01"}}, ["request.period"]),
        ({"profile": "nowhere", "year": "2025-26"}, ["request.profile"]),
        ({**ASKED, "duties": ["hold_reviews"]}, ["request.duties[0]"]),
    ],
)
def test_what_is_asked_wrongly_is_refused_by_its_field(
    here: RunningApplication, said: dict[str, Any], paths: list[str]
) -> None:
    answer = sent(here, said)
    assert answer.status_code == 422, answer.text
    assert sorted(fault["path"] for fault in answer.json()["errors"]) == paths


def test_the_request_may_be_a_file_of_its_own(here: RunningApplication) -> None:
    files = [
        ("file", ("episodes.csv", EPISODES.encode(), "text/csv")),
        ("request", ("request.json", json.dumps(ASKED).encode(), "application/json")),
    ]
    assert here.client.post(PATH, files=files).status_code == 200
