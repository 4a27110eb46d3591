"""What needs two people, and what one of them may see; names, numbers and addresses that are not taken over."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from app.services.access.api_keys import InvalidKey, create_key
from app.services.ports import Conflict, WriteContext
from tests.api.application import EVENT, RunningApplication, running_application, small
from tests.operations.test_metrics import value

HOLIDAY = {"date": "2027-05-11", "name": "One-off", "source": "Parliament"}
CLOSURE = {
    "extends": "england-and-wales",
    "title": "Exampleton",
    "days": [{"date": "2026-12-29", "name": "Closed"}],
    "source": "The council",
}
REMOVAL = {"date": "2026-12-28", "kind": "bank_holiday", "reason": "it was moved"}

DAY = ("date", "name", "kind", "origin", "source")


@pytest.fixture
def careful(filled_url: str) -> Iterator[RunningApplication]:
    with running_application(filled_url, two_pairs_of_eyes=True) as running:
        yield running


def versions(running: RunningApplication, key: str) -> list[int]:
    return [item["version"] for item in running.client.get(f"/v1/calendars/{key}").json()["versions"]]


@pytest.mark.parametrize(
    ("key", "what", "body"),
    [
        ("england-and-wales", "bank-holidays", HOLIDAY),
        ("england-and-wales", "removals", REMOVAL),
        ("exampleton", "closure-days", CLOSURE),
    ],
)
def test_a_change_of_a_calendar_needs_two_people(
    careful: RunningApplication, key: str, what: str, body: dict[str, Any]
) -> None:
    ann, bea = careful.key("publish", name="Ann"), careful.key("publish", name="Bea")
    before = careful.client.get("/v1/calendars").content
    proposed = careful.client.post(f"/v1/calendars/{key}/{what}", json=body, headers=ann)
    assert proposed.status_code == 202
    assert careful.client.get("/v1/calendars").content == before
    where = proposed.headers["location"]
    assert proposed.json()["proposed_by"] == "key:Ann"
    assert careful.client.get(f"/v1/proposals/{key}", headers=bea).json()["proposals"] == [proposed.json()]

    shown = careful.client.get(where, headers=bea).json()
    assert shown["preview"]["preview"] is True
    assert shown["request"] == body
    refused = careful.client.post(f"{where}/approve", headers=ann)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden")
    assert careful.client.get("/v1/calendars").content == before

    done = careful.client.post(f"{where}/approve", headers=bea)
    assert done.status_code == 200
    assert (done.json()["proposed_by"], done.json()["approved_by"]) == ("key:Ann", "key:Bea")
    assert done.json()["outcome"]["changed"] is True
    assert careful.client.get("/v1/calendars").content != before
    assert careful.client.post(f"{where}/approve", headers=bea).status_code == 404
    assert careful.client.get(f"/v1/proposals/{key}", headers=bea).json() == {"proposals": []}
    records = careful.client.get("/v1/audit", headers=careful.key("admin")).json()["records"]
    mine = [(item["action"], item["actor"]) for item in records if not item["action"].startswith("key.")]
    assert mine[:3] == [
        ("proposal.approved", "key:Bea"),
        ("calendar.published", "key:Bea"),
        ("proposal.created", "key:Ann"),
    ]


def test_a_whole_calendar_and_following_another_need_two_people_too(careful: RunningApplication) -> None:
    ann, bea = careful.key("publish", name="Ann"), careful.key("publish", name="Bea")
    made = careful.client.post("/v1/calendars/exampleton/closure-days", json=CLOSURE, headers=ann).headers["location"]
    assert careful.client.post(f"{made}/approve", headers=bea).status_code == 200
    holiday = careful.client.post("/v1/calendars/england-and-wales/bank-holidays", json=HOLIDAY, headers=ann)
    assert careful.client.post(f"{holiday.headers['location']}/approve", headers=bea).status_code == 200
    followed = careful.client.post("/v1/calendars/exampleton/follow", json={}, headers=ann)
    assert (followed.status_code, followed.json()["extends_version"]) == (200, 2), "it followed what was approved"
    whole = careful.client.get("/v1/calendars/exampleton/versions/2").json()
    names = ("key", "title", "first", "last", "published_until", "extends", "extends_version")
    days = [{name: day[name] for name in DAY} for day in whole["days"] if day["name"] != "Closed"]
    document = {name: whole[name] for name in names if name in whole} | {"days": days}
    sent = careful.client.post(
        "/v1/calendars/exampleton/versions", json=document, headers={**ann, "If-Match": '"2"'}, params={"reason": "x"}
    )
    assert sent.status_code == 202, sent.text
    approved = careful.client.post(f"{sent.headers['location']}/approve", headers=bea)
    assert approved.json()["outcome"]["version"] == 3, approved.text
    again = careful.client.post("/v1/calendars/exampleton/follow", json={}, headers=ann)
    assert again.status_code in {200, 422}, "what would change nothing is not proposed"


def test_a_preview_needs_one_person_and_what_cannot_be_made_is_not_proposed(careful: RunningApplication) -> None:
    ann = careful.key("publish", name="Ann")
    where = "/v1/calendars/england-and-wales/bank-holidays"
    tried = careful.client.post(where, params={"preview": "true"}, json=HOLIDAY, headers=ann)
    assert (tried.status_code, tried.json()["preview"]) == (200, True)
    assert careful.client.post(where, json={**HOLIDAY, "date": "1850-01-01"}, headers=ann).status_code == 422
    assert careful.client.get("/v1/proposals/england-and-wales", headers=ann).json() == {"proposals": []}


def test_a_withdrawal_needs_two_people(careful: RunningApplication) -> None:
    ann, bea = careful.key("author", "publish", name="Ann"), careful.key("publish", name="Bea")
    draft = careful.draft(ann, small())
    assert careful.publish(bea, draft, in_force_from="2026-01-01", reason="x").status_code == 201
    where = "/v1/profiles/exampleton/versions/1/withdraw"
    proposed = careful.client.post(where, json={"reason": "wrong"}, headers=ann)
    assert proposed.status_code == 202
    assert careful.due(profile="exampleton", event=EVENT)
    place = proposed.headers["location"]
    assert careful.client.get(place, headers=bea).json()["preview"] is None
    assert careful.client.post(f"{place}/approve", headers=ann).status_code == 403
    done = careful.client.post(f"{place}/approve", headers=bea).json()
    assert (done["outcome"]["withdrawn_by"], done["outcome"]["withdrawn_reason"]) == ("key:Bea", "wrong")
    assert careful.client.post(where, json={"reason": "again"}, headers=ann).status_code == 409
    missing = careful.client.post("/v1/profiles/exampleton/versions/9/withdraw", json={"reason": "x"}, headers=ann)
    assert missing.status_code == 404


def test_a_proposal_is_discarded_by_either_and_seen_by_nobody_else(careful: RunningApplication) -> None:
    ann = careful.key("publish", name="Ann")
    place = careful.client.post("/v1/calendars/england-and-wales/bank-holidays", json=HOLIDAY, headers=ann).headers[
        "location"
    ]
    for other in (careful.key("author"), careful.key("publish", only=["swindon"])):
        for method, path in (("GET", place), ("POST", f"{place}/approve"), ("DELETE", place)):
            assert careful.client.request(method, path, headers=other).status_code == 403
    elsewhere = place.replace("england-and-wales", "scotland")
    assert careful.client.post(f"{elsewhere}/approve", headers=careful.key("publish")).status_code == 404
    assert careful.client.delete(place, headers=ann).status_code == 204
    gone = careful.client.get(place, headers=ann)
    assert gone.status_code == 404
    assert [(fault["path"], bool(fault["remedy"])) for fault in gone.json()["errors"]] == [("proposal", True)]


def test_without_the_setting_one_person_is_enough(here: RunningApplication) -> None:
    publish = here.key("publish")
    answer = here.client.post("/v1/calendars/england-and-wales/bank-holidays", json=HOLIDAY, headers=publish)
    assert answer.status_code == 201
    assert here.client.get("/v1/proposals/england-and-wales", headers=publish).json() == {"proposals": []}


def test_a_proposal_is_not_changed_while_it_waits(careful: RunningApplication) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import IntegrityError

    ann = careful.key("publish", name="Ann")
    careful.client.post("/v1/calendars/england-and-wales/bank-holidays", json=HOLIDAY, headers=ann)
    with pytest.raises(IntegrityError, match="not changed"), careful.store.engine.begin() as connection:
        connection.execute(text("UPDATE proposal SET proposed_by = 'key:Bea'"))


def test_a_publisher_sees_what_she_is_to_publish_and_writes_none_of_it(here: RunningApplication) -> None:
    draft = here.draft(here.key("author"), small())
    publisher = here.key("publish", only=["exampleton"])
    where = f"/v1/profiles/exampleton/drafts/{draft['id']}"
    for place in (where, f"{where}/diff", "/v1/profiles/exampleton/drafts"):
        assert here.client.get(place, headers=publisher).status_code == 200
    assert here.client.post(f"{where}/validate", headers=publisher).status_code == 200
    impact = here.client.post(f"{where}/impact", json={"events": [EVENT]}, headers=publisher)
    assert impact.json()["summary"]["added"] == 2
    tag = {**publisher, "If-Match": "*"}
    assert here.client.put(where, json={"document": small()}, headers=tag).status_code == 403
    assert here.client.delete(where, headers=tag).status_code == 403
    assert (
        here.client.post("/v1/profiles/exampleton/drafts", json={"document": small()}, headers=tag).status_code == 403
    )


@pytest.mark.parametrize(
    "other",
    ["Zoë", "zoë", "ZOE", "Z o e", "\uff3a\uff4f\uff45", "Zoe\u0308"],
    ids=["itself", "small", "capital", "spaced", "full width", "decomposed"],
)
def test_two_keys_never_have_names_that_look_alike(here: RunningApplication, other: str) -> None:
    context = WriteContext("key:op", datetime.now(UTC))
    first = create_key(here.store, name="Zoë", scopes=["publish"], context=context).record
    here.store.revoke_key(first.id, context=context)
    with pytest.raises(Conflict, match="is or was called Zoë"):
        create_key(here.store, name=other, scopes=["author"], context=context)


@pytest.mark.parametrize("name", ["sw-b\u043eth", "\u0391nn", "Ann\u200b", "Ann\u202e", "…", "\u5b89"])
def test_a_name_in_another_alphabet_or_with_hidden_characters_is_refused(here: RunningApplication, name: str) -> None:
    with pytest.raises(InvalidKey):
        create_key(here.store, name=name, scopes=["read"], context=WriteContext("key:op", datetime.now(UTC)))


LARGE = (2**63, -(2**63) - 1, 10**40)


@pytest.mark.parametrize("number", LARGE)
def test_a_number_beyond_64_bits_is_refused_and_nothing_is_stored(anywhere: RunningApplication, number: int) -> None:
    admin = anywhere.key("admin")
    drafts = "/v1/profiles/exampleton/drafts"
    draft = anywhere.draft(admin, small())
    for document in ({"format": 1, "x": number}, {"rules": [{"x": {"y": [1, number]}}]}):
        for answer in (
            anywhere.client.post(drafts, json={"document": document}, headers=admin),
            anywhere.client.put(
                f"{drafts}/{draft['id']}", json={"document": document}, headers={**admin, "If-Match": "*"}
            ),
            anywhere.client.post("/v1/profiles/validations", json={"document": document}),
        ):
            assert answer.status_code == 422, answer.text
    assert [item["id"] for item in anywhere.client.get(drafts, headers=admin).json()["drafts"]] == [draft["id"]]
    assert anywhere.client.get(f"{drafts}/{draft['id']}", headers=admin).json()["revision"] == 1
    events = {"before": {"profile": "swindon"}, "after": {"profile": "york"}, "events": [{**EVENT, "id": number}]}
    calculation = {"profile": "swindon", "event": EVENT}
    for where, body in (
        ("/v1/comparisons", events),
        ("/v1/calculations", {**calculation, "facts": {"review_number": number}}),
        ("/v1/calculations", {**calculation, "profile_version": number}),
        ("/v1/calculations", {**calculation, "reference": number}),
        ("/v1/calculations", {**calculation, "x": number}),
        ("/v1/timelines", {"profile": "swindon", "events": [{**EVENT, "id": number}], "as_of": "2026-03-03"}),
        ("/v1/due-dates", {"profile": "swindon", "event": "icpc_held", "at": number, "duty": "hold_icpc"}),
        ("/v1/checks", {**calculation, "duty": "hold_icpc", "date": number}),
    ):
        assert anywhere.client.post(where, json=body).status_code == 422, where
    for where in ("versions", "closure-days", "bank-holidays", "removals", "follow"):
        sent = anywhere.client.post(f"/v1/calendars/england-and-wales/{where}", json={"date": number}, headers=admin)
        assert sent.status_code == 422, where


@pytest.mark.parametrize(
    "key",
    ["<script>", "A", "%20", "\u200f", "a%0d%0aSet-Cookie:%20x", "a--b", "-a", "%00", "x" * 65, "x" * 3000, "..%2fa"],
)
def test_a_draft_is_begun_only_under_a_key_that_can_be_published(anywhere: RunningApplication, key: str) -> None:
    author = anywhere.key("author")
    begun = anywhere.client.post(f"/v1/profiles/{key}/drafts", json={"document": small()}, headers=author)
    assert begun.status_code in {404, 422}, begun.text
    if begun.status_code == 422:
        assert begun.json()["errors"][0]["path"] == "key"
    assert anywhere.client.get(f"/v1/profiles/{key}/drafts", headers=author).status_code in {200, 404}
    records = anywhere.client.get("/v1/audit", headers=anywhere.key("admin")).json()["records"]
    assert "draft" not in {record["subject_kind"] for record in records}


@pytest.mark.parametrize("key", ["A", "a--b", "x" * 65, "a b"])
def test_a_calendar_is_made_only_under_a_key_that_can_be_read(here: RunningApplication, key: str) -> None:
    publish = here.key("publish")
    answer = here.client.post(f"/v1/calendars/{key}/closure-days", json=CLOSURE, headers=publish)
    assert answer.status_code == 422
    assert here.live.refresh()


@pytest.mark.parametrize(
    "cursor",
    ["0001-01-01T00:00:00+14:00~x", "9999-12-31T23:59:59-14:00~x", "\x00", "2026-01-01T00:00:00+00:00~\x00", "~", "x~"],
)
def test_a_cursor_that_is_none_of_ours_is_a_fault_of_the_caller(anywhere: RunningApplication, cursor: str) -> None:
    admin = anywhere.key("admin")
    for where, name in (("/v1/profiles/swindon/drafts", "after"), ("/v1/audit", "before")):
        answer = anywhere.client.get(where, params={name: cursor}, headers=admin)
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, name)


def test_a_nul_is_a_fault_of_the_caller_wherever_it_is_sent(anywhere: RunningApplication) -> None:
    admin = anywhere.key("admin")
    for path in (
        "/v1/profiles/%00/drafts",
        "/v1/profiles/swindon/drafts/%00",
        "/v1/profiles/%00",
        "/v1/profiles/%00/versions/1/withdraw",
        "/v1/profiles/swindon/drafts/%00/publish",
        "/v1/calendars/%00/follow",
        "/v1/calendars/%00",
        "/v1/proposals/%00",
        "/v1/proposals/swindon/%00/approve",
        "/v1/audit?subject=%00",
        "/v1/working-days/check?calendar=%00&date=2026-01-01",
        "/problems/%00",
    ):
        for method in ("GET", "POST", "PUT", "DELETE"):
            headers = {**admin, "If-Match": "*"}
            body = {"reason": "x", "document": small()} if method in {"POST", "PUT"} else None
            status = anywhere.client.request(method, path, json=body, headers=headers).status_code
            assert 400 <= status < 500, f"{method} {path}: {status}"


HIDDEN = ["\x0b", "\x1f", "\x7f", "\u202e", "\u2066", "\u200f", "\u2028"]


@pytest.mark.parametrize("character", HIDDEN, ids=lambda text: f"U+{ord(text):04X}")
def test_a_title_with_a_character_that_nobody_sees_is_not_published(here: RunningApplication, character: str) -> None:
    both = here.key("author", "publish")
    for change in ("title", "rule"):
        document = small(title=f"Example{character}ton" if change == "title" else "Exampleton")
        if change == "rule":
            document["rules"][0]["title"] = f"Hold{character}"
        draft = here.draft(both, document)
        path = "title" if change == "title" else "rules[0].title"
        assert path in [fault["path"] for fault in draft["validation"]["errors"]]
        assert here.publish(both, draft, in_force_from="2026-01-01", reason="x").status_code == 422
    closure = {**CLOSURE, "days": [{"date": "2026-12-29", "name": f"Closed{character}"}]}
    assert here.client.post("/v1/calendars/exampleton/closure-days", json=closure, headers=both).status_code == 422
    titled = {**CLOSURE, "title": f"Ex{character}"}
    assert here.client.post("/v1/calendars/exampleton/closure-days", json=titled, headers=both).status_code == 422


class Lines:
    """The lines of a log."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def requests(self, events: Iterable[dict[str, Any]]) -> None:
        self.lines.extend(events)


def test_a_request_with_a_key_is_logged_and_counted_under_its_id_and_never_with_its_secret(
    here: RunningApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Lines()
    monkeypatch.setattr("app.services.observability.logging.access", log)
    context = WriteContext("key:op", datetime.now(UTC))
    issued = create_key(here.store, name="flow", scopes=["calculate"], context=context)
    here.live.refresh()
    headers = {"X-API-Key": issued.secret}
    body = {"profile": "swindon", "event": EVENT}
    assert here.client.post("/v1/calculations", json=body, headers=headers).status_code == 200
    assert here.client.get("/v1/audit", headers=headers).status_code == 403
    here.store.revoke_key(issued.record.id, context=context)
    here.live.refresh()
    assert here.client.post("/v1/calculations", json=body, headers=headers).status_code == 401
    wrong = {"X-API-Key": issued.secret[:-1] + ("A" if issued.secret[-1] != "A" else "B")}
    assert here.client.post("/v1/calculations", json=body, headers=wrong).status_code == 401
    assert here.client.post("/v1/calculations", json=body).status_code == 200
    text = here.client.get("/metrics").text
    name = issued.record.id
    assert value(text, "deadlines_key_requests_total", key=name, status="2xx") == 1
    assert value(text, "deadlines_key_requests_total", key=name, status="4xx") == 2
    assert [line.get("key") for line in log.lines if line["route"] != "/metrics"] == [name, name, name, None, None]
    for secret in (issued.secret, issued.secret.split("_", 2)[2]):
        assert secret not in str(log.lines) + text
