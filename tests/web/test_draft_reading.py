"""What a second person reads of a draft is compared with one version throughout, and what was said of it stays."""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api.application import create_app
from app.api.budgets import budget_of
from app.api.schemas.authoring_examples import TOML
from app.api.security import guard
from app.services.access.api_keys import create_key
from app.services.ports import WriteContext
from app.services.snapshot.holder import SnapshotHolder
from app.services.workbook import write_workbook
from app.settings import Settings
from app.store import open_store
from app.web.pages import mount
from tests.services.workbooks import Book
from tests.web.service import NOON

BOTH = ["read", "author", "publish"]


class Reader:
    """A practice lead with a browser and a key to write and to publish."""

    def __init__(self, client: TestClient, secret: str) -> None:
        self._client, self._auth = client, ("any", secret)

    def get(self, path: str) -> str:
        return self._client.get(path, auth=self._auth).text

    def post(self, path: str, **fields: str) -> Any:
        return self._client.post(path, data=fields, auth=self._auth)

    def keep(self, text: str) -> str:
        return str(self.post("/drafts", text=text, act="store").headers["location"])

    def publish(self, where: str, **fields: str) -> Any:
        return self.post(f"{where}/publish", **{"revision": "1", "reason": "Agreed by the board", **fields})


@pytest.fixture
def lead(filled_url: str) -> Iterator[Reader]:
    """Give the pages over a database of their own."""
    with open_store(filled_url) as store:
        secret = create_key(store, name="Ann", scopes=BOTH, context=WriteContext("key:test", NOON)).secret
        live = SnapshotHolder(store, 60)
        live.refresh()
        app = create_app(live, Settings(database_url=filled_url))
        mount(app, live, guard, budget_of)
        with TestClient(app, follow_redirects=False) as client:
            yield Reader(client, secret)


def days(number: int, first_day: str | None = None) -> str:
    text = TOML.replace("working_days = 15", f"working_days = {number}")
    return text.replace("\n\n", f"\nin_force_from = {first_day}\n\n", 1) if first_day else text


def test_a_draft_for_a_day_in_the_future_is_compared_with_the_version_of_that_day(lead: Reader) -> None:
    assert lead.publish(lead.keep(days(15)), beginning="yes").status_code == 303
    assert lead.publish(lead.keep(days(12, "2050-04-01"))).status_code == 303
    shown = lead.get(lead.keep(days(10, "2050-04-01")))
    assert "Against version 2, which is in force on Friday 1 April 2050 without it: 0 rules added" in shown
    assert "against version 2, in the circumstances" in shown
    assert "instead of" in shown
    assert "2 days earlier" in shown or "4 days earlier" in shown
    earlier = lead.get(f"{lead.keep(days(10, '2050-04-01'))}?day=2040-04-02")
    assert "On that day the draft does not answer yet: it is in force from Friday 1 April 2050." in earlier
    assert "instead of" not in earlier


def test_a_published_draft_still_says_what_it_changed(lead: Reader) -> None:
    lead.publish(lead.keep(days(15)), beginning="yes")
    where = lead.keep(days(10, "2050-04-01"))
    assert "It can be published: 1 rule" in lead.get(where)
    lead.publish(where)
    shown = lead.get(where)
    assert "It was published as" in shown
    assert "It can be published" not in shown
    assert "Against version 1, which is in force on Friday 1 April 2050 without it" in shown


def test_the_reason_for_a_publication_is_shown_with_the_version_and_its_workbook(lead: Reader) -> None:
    lead.publish(lead.keep(days(15)), beginning="yes")
    shown = lead.get("/profiles/my-council")
    assert "<dd>Agreed by the board</dd>" in shown
    assert "/v1/profiles/my-council/versions/1/workbook" in shown
    lead.publish(lead.keep(days(10, "2050-04-01")), reason="Section 5.1 was amended")
    shown = lead.get("/profiles/my-council")
    assert "Agreed by the board" in shown
    assert "Section 5.1 was amended" in shown


def test_what_was_said_when_a_draft_was_sent_back_stays_after_its_replacement(lead: Reader) -> None:
    where = lead.keep(days(15))
    lead.post(f"{where}/send-back", revision="1", comment="Section 5.1 says 10.")
    sent_back = lead.get(where)
    assert "<strong>Sent back</strong>" in sent_back
    assert "It can be published:" not in sent_back
    draft = where.rpartition("/")[2]
    lead.post("/drafts", text=days(10), act="store", profile="my-council", draft=draft, revision="1")
    replaced = lead.get(where)
    assert "and replaced since:" in replaced
    assert "Section 5.1 says 10." in replaced
    assert "It can be published: 1 rule" in replaced


def test_a_first_day_that_the_file_states_is_changed_in_the_file(lead: Reader) -> None:
    where = lead.keep(days(15, "2020-04-01"))
    refused = lead.publish(where, reason="")
    assert refused.status_code == 422
    assert "a later day than 2020-04-01 in its line in_force_from" in refused.text
    assert "enter a later first day" not in refused.text


def test_a_section_is_named_with_its_paper_where_there_are_several(lead: Reader) -> None:
    two = '[documents.protocol]\ntitle = "Protocol for conferences"\n\n[[rules]]'
    several = TOML.replace("[[rules]]", two).replace(
        '{ section = "5.1" }', '{ document = "protocol", section = "5.1" }'
    )
    assert '5.1 <span class="quiet">of Protocol for conferences</span>' in lead.get(lead.keep(several))
    assert '<span class="quiet">of ' not in lead.get(lead.keep(TOML))


def test_a_key_that_has_versions_is_begun_from_the_latest(lead: Reader) -> None:
    assert "/v1/profiles/swindon/versions/1/workbook" in lead.get("/drafts/workbook?profile=swindon")
    assert "There is a profile <code>swindon</code> already" in lead.get("/drafts/workbook?profile=swindon")
    assert lead.get("/drafts/workbook?profile=swindon&empty=yes").startswith("PK")
    assert lead.get("/drafts/workbook?profile=northshire").startswith("PK")


def workbook(**cells: object) -> dict[str, str]:
    book = Book(write_workbook(tomllib.loads(TOML)))
    book.put("Rules", 2, **cells)
    return {"workbook": base64.b64encode(book.data()).decode(), "name": "standards.xlsx"}


def test_a_workbook_with_cells_that_cannot_be_read_is_not_stored_without_them(lead: Reader) -> None:
    refused = lead.post("/drafts", act="store", **workbook(Number="soon", Strength="perhaps"))
    assert refused.status_code == 422
    assert "Nothing was stored: a draft holds only what can be read" in refused.text
    assert refused.text.count("Sheet Rules, cell") >= 2
    assert "Correct it: choose one of" in refused.text
    assert "None." in lead.get("/drafts")
    unknown = lead.post("/drafts", act="store", **workbook(What="hold_icpcs"))
    assert unknown.status_code == 303, "what is read whole is kept, and its faults with it"
    assert "hold_icpcs" in lead.get(unknown.headers["location"])
