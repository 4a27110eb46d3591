"""A profile is sent as the file it is written in, and comes back with each fault at its line."""

import tomllib
from typing import Any

import pytest

from app.api.schemas.authoring_examples import TOML
from tests.api.application import RunningApplication

TYPE = {"Content-Type": "application/toml"}
FAULTY = TOML.replace('hold_icpc"', 'hold_icpcs"').replace("{ working_days = 15 }", "15")
WHERE = [("rules[0].duty", 11, 8), ("rules[0].timing.within", 15, 21)]
VALIDATIONS = "/v1/profiles/validations"
DRAFTS = "/v1/profiles/my-council/drafts"


def places(faults: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    return sorted((fault["path"], fault["line"], fault["column"]) for fault in faults)


@pytest.mark.parametrize("path", [VALIDATIONS, f"{VALIDATIONS}.toml"])
def test_a_toml_file_is_validated_with_line_and_column(here: RunningApplication, path: str) -> None:
    found = here.client.post(path, content=FAULTY, headers=TYPE)
    assert found.status_code == 200
    assert found.json()["valid"] is False
    assert places(found.json()["errors"]) == WHERE
    sound = here.client.post(path, content=TOML, headers=TYPE).json()
    assert (sound["valid"], sound["errors"], sound["rules"]) == (True, [], 1)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (b"format = 1\nkey = 01/04/2027\n", 2, "not how a date is written"),
        ('format = 1\ntitle = "Caf\u00e9"\n'.encode("cp1252"), 2, "this is not UTF-8 text"),
        (b"PK\x03\x04 and so on", 1, "a word processor or spreadsheet"),
        (b"", 1, "the file is empty"),
        (b"x = " + b"[" * 5_000, 1, "this is not TOML"),
        (b"x = " + b"9" * 5_000, 1, "this is not TOML"),
        (b"x = inf", 1, "cannot be stored"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_is_not_stored(
    here: RunningApplication, text: bytes, line: int, message: str
) -> None:
    found = here.client.post(VALIDATIONS, content=text, headers=TYPE)
    (fault,) = found.json()["errors"]
    assert (found.status_code, found.json()["valid"], fault["line"]) == (200, False, line)
    assert message in fault["message"]
    author = here.key("author")
    refused = here.client.post(DRAFTS, content=text, headers={**author, **TYPE})
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{name: part for name, part in fault.items() if part not in (None, [])}]
    assert here.client.get(DRAFTS, headers=author).json()["drafts"] == []


@pytest.mark.parametrize("suffix", ["", ".toml"])
def test_a_draft_is_begun_and_replaced_by_a_toml_file(here: RunningApplication, suffix: str) -> None:
    author = here.key("author")
    begun = here.client.post(f"{DRAFTS}{suffix}", content=FAULTY, headers={**author, **TYPE})
    assert begun.status_code == 201
    assert places(begun.json()["validation"]["errors"]) == WHERE
    where = begun.headers["location"]
    mended = here.client.put(f"{where}{suffix}", content=TOML, headers={**author, **TYPE, "If-Match": '"1"'})
    assert mended.status_code == 200
    assert (mended.json()["revision"], mended.json()["validation"]["valid"]) == (2, True)
    assert mended.json()["document"]["rules"][0]["timing"] == {"within": {"working_days": 15}}
    late = here.client.put(f"{where}{suffix}", content=TOML, headers={**author, **TYPE, "If-Match": '"1"'})
    assert late.status_code == 412
    assert late.json()["detail"].endswith(" is at revision 2, not at revision 1.")


def test_another_form_is_refused_with_those_that_are_read(here: RunningApplication) -> None:
    refused = here.client.post(VALIDATIONS, content=TOML, headers={"Content-Type": "text/html"})
    assert refused.status_code == 415
    assert "application/toml" in refused.json()["errors"][0]["remedy"]
    refused = here.client.post(f"{VALIDATIONS}.toml", content="{}", headers={"Content-Type": "application/json"})
    assert refused.json()["errors"][0]["remedy"] == "send application/toml"
    packed = {**TYPE, "Content-Encoding": "gzip"}
    assert here.client.post(VALIDATIONS, content=TOML, headers=packed).status_code == 415
    assert here.client.post(VALIDATIONS, content=b"#" * (1024 * 1024 + 1), headers=TYPE).status_code == 413
    assert here.client.post(VALIDATIONS, content="x = [" + "1," * 70_000 + "]", headers=TYPE).status_code == 413


def test_a_file_is_not_read_from_whoever_may_not_write(here: RunningApplication) -> None:
    assert here.client.post(DRAFTS, content="[", headers=TYPE).status_code == 401
    reader = here.key("review")
    assert here.client.post(DRAFTS, content="[", headers={**reader, **TYPE}).status_code == 403


def test_a_draft_is_sent_back_and_waits_for_its_author(anywhere: RunningApplication) -> None:
    here = anywhere
    author, publisher = here.key("author", name="Ann"), here.key("publish", name="Bea")
    draft = here.client.post(DRAFTS, content=TOML, headers={**author, **TYPE}).json()
    assert draft["sent_back"] is None
    where = f"{DRAFTS}/{draft['id']}"
    seen = {"If-Match": '"1"'}
    back = f"{where}/send-back"
    assert here.client.post(back, json={"comment": "no"}, headers={**author, **seen}).status_code == 403
    assert here.client.post(back, json={}, headers={**publisher, **seen}).status_code == 422
    assert here.client.post(back, json={"comment": "no"}, headers={**publisher, "If-Match": '"7"'}).status_code == 412
    sent = here.client.post(back, json={"comment": "Section 5.1 says 10."}, headers={**publisher, **seen})
    assert sent.status_code == 200
    said = here.client.get(where, headers=author).json()["sent_back"]
    assert (said["by"], said["comment"]) == ("key:Bea", "Section 5.1 says 10.")
    assert here.client.get(DRAFTS, headers=author).json()["drafts"][0]["sent_back"] == said
    refused = here.publish(publisher, draft, in_force_from="2099-01-01")
    assert refused.status_code == 409
    assert "sent back" in refused.json()["detail"]
    mended = TOML.replace("working_days = 15", "working_days = 10")
    again = here.client.put(where, content=mended, headers={**author, **TYPE, **seen}).json()
    assert again["sent_back"] is None
    assert here.publish(publisher, again, in_force_from="2099-01-01").status_code == 201
    assert here.client.post(back, json={"comment": "no"}, headers={**publisher, "If-Match": '"2"'}).status_code == 409
    records = here.client.get(f"/v1/audit?subject={draft['id']}", headers=here.key("admin")).json()["records"]
    assert "draft.sent_back" in [record["action"] for record in records]


def test_a_first_day_is_corrected_by_a_document_that_says_it(here: RunningApplication) -> None:
    both = here.key("author", "publish")

    def publish(text: str, **body: Any) -> Any:
        draft = here.client.post(DRAFTS, content=text, headers={**both, **TYPE}).json()
        return here.publish(both, draft, **body)

    assert publish(TOML, in_force_from="2099-04-01").json()["version"] == 1
    refused = publish(TOML, in_force_from="2099-01-01")
    assert refused.status_code == 422
    (fault,) = refused.json()["errors"]
    assert fault["path"] == "in_force_from"
    assert "version 1 is this same document, in force from 2099-04-01" in fault["message"]
    assert "in_force_from = 2099-01-01" in fault["remedy"]
    dated = TOML.replace("\n\n", "\nin_force_from = 2099-01-01\n\n", 1)
    assert publish(dated).json()["version"] == 2
    versions = here.client.get("/v1/profiles/my-council").json()["versions"]
    assert [(each["version"], each["has_force"]) for each in versions] == [(1, False), (2, True)]


def test_a_workbook_is_drafted_and_its_faults_are_at_cells(here: RunningApplication) -> None:
    from app.services.workbook import write_workbook

    document = tomllib.loads(TOML)
    sheet = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    author = here.key("author")
    for suffix in ("", ".xlsx"):
        begun = here.client.post(f"{DRAFTS}{suffix}", content=write_workbook(document), headers={**author, **sheet})
        assert begun.status_code == 201, begun.text
        assert begun.json()["validation"]["valid"] is True
        assert begun.json()["document"]["rules"] == document["rules"]
    document["rules"][0]["duty"] = "hold_icpcs"
    found = here.client.post(VALIDATIONS, content=write_workbook(document), headers=sheet).json()
    assert [(fault["sheet"], fault["cell"][1:]) for fault in found["errors"]] == [("Rules", "2")]
    refused = here.client.post(DRAFTS, content=b"PK no workbook", headers={**author, **sheet})
    assert refused.status_code == 422


def test_a_sheet_of_rules_alone_belongs_to_a_profile(here: RunningApplication) -> None:
    rows = "What (duty),Rule,Starts from\nhold_icpc,icpc-held,strategy_discussion_held\n"
    table = {"Content-Type": "text/csv"}
    found = here.client.post(f"{VALIDATIONS}?profile=swindon", content=rows, headers=table)
    assert found.status_code == 200
    assert {fault["sheet"] for fault in found.json()["errors"]} == {"Rules"}
    alone = here.client.post(VALIDATIONS, content=rows, headers=table).json()
    assert {"documents", "title"} <= {fault["path"] for fault in alone["errors"]}
