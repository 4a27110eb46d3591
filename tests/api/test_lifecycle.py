"""A profile from its first draft to its withdrawal, over HTTP."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.api.application import EVENT, RunningApplication, small

STRATEGY = {"profile": "exampleton", "event": EVENT}
TODAY = date.today()  # noqa: DTZ011 force is judged by the running service's own day
AHEAD = (TODAY + timedelta(days=400)).isoformat()


def test_a_new_profile_is_drafted_mended_published_and_answers_at_once(anywhere: RunningApplication) -> None:
    author, publisher = anywhere.key("author", name="Ann"), anywhere.key("publish", name="Bea")
    broken = small()
    broken["rules"][0]["timing"] = {"within": 15}
    draft = anywhere.draft(author, broken)
    assert draft["revision"] == 1
    assert draft["base_version"] is None
    assert draft["validation"]["valid"] is False
    assert draft["validation"]["errors"][0]["path"].startswith("rules[0].timing")
    assert draft["validation"]["errors"][0]["remedy"]

    refused = anywhere.publish(publisher, draft, in_force_from="2026-01-01", reason="late")
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/not-publishable"
    assert refused.json()["errors"][0]["path"].startswith("document.rules[0].timing")

    where = f"/v1/profiles/exampleton/drafts/{draft['id']}"
    mended = anywhere.client.put(where, json={"document": small(15)}, headers={**author, "If-Match": '"1"'})
    assert mended.status_code == 200
    assert mended.headers["etag"] == '"2"'
    warned = mended.json()["validation"]["warnings"]
    assert [warning["path"] for warning in warned] == ["rules[0].duty", "rules[1].duty"]
    assert all("no event shows that this was done" in warning["message"] for warning in warned)
    assert mended.json()["validation"] | {"checksum": None, "warnings": None} == {
        "valid": True,
        "omitted": 0,
        "errors": [],
        "warnings": None,
        "checksum": None,
        "based_on": None,
        "rules": 2,
    }

    published = anywhere.publish(publisher, mended.json(), in_force_from="2026-01-01", reason="agreed late")
    assert published.status_code == 201
    body = published.json()
    assert (body["version"], body["backdated"], body["reason"]) == (1, True, "agreed late")
    assert published.headers["location"] == "/v1/profiles/exampleton/versions/1"
    assert anywhere.due(**STRATEGY) == ["2026-03-03", "2026-03-23"]

    shown = anywhere.client.get("/v1/profiles/exampleton").json()["versions"][0]
    assert (shown["published_by"], shown["reason"], shown["has_force"]) == ("key:Bea", "agreed late", True)
    assert shown["checksum"] == body["checksum"] == mended.json()["validation"]["checksum"]


def test_a_published_draft_is_frozen_and_publishing_again_says_what_it_became(here: RunningApplication) -> None:
    both = here.key("author", "publish")
    draft = here.draft(both, small())
    assert here.publish(both, draft, in_force_from=AHEAD).status_code == 201
    again = here.publish(both, draft, in_force_from=AHEAD)
    assert again.status_code == 409
    assert again.json()["version"] == 1
    where = f"/v1/profiles/exampleton/drafts/{draft['id']}"
    headers = {**both, "If-Match": '"1"'}
    assert here.client.put(where, json={"document": small(3)}, headers=headers).status_code == 409
    assert here.client.delete(where, headers=headers).status_code == 409
    assert here.client.get("/v1/profiles/exampleton/drafts", headers=both).json()["drafts"] == []
    assert here.client.get(where, headers=both).json()["published_version"] == 1


@pytest.mark.parametrize("body", [{"in_force_from": "2026-01-01"}, {"in_force_from": None}])
def test_backdating_needs_a_reason(here: RunningApplication, body: dict[str, Any]) -> None:
    both = here.key("author", "publish")
    refused = here.publish(both, here.draft(both, small()), **body)
    assert refused.status_code == 422
    assert [fault["path"] for fault in refused.json()["errors"]] == ["reason"]


def test_a_day_to_come_needs_no_reason_and_does_not_answer_yet(here: RunningApplication) -> None:
    both = here.key("author", "publish")
    here.published(both, small(15), in_force_from="2026-01-01", reason="first")
    body = here.published(both, small(10), in_force_from=AHEAD)
    assert (body["version"], body["backdated"]) == (2, False)
    assert here.due(**STRATEGY)[-1] == "2026-03-23"
    later = {"type": EVENT["type"], "occurred_at": AHEAD}
    stamp = here.client.post("/v1/calculations", json={"profile": "exampleton", "event": later}).json()["profile"]
    assert stamp["version"] == 2
    versions = here.client.get("/v1/profiles/exampleton").json()["versions"]
    assert versions[0]["in_force_to"] == (date.fromisoformat(AHEAD) - timedelta(days=1)).isoformat()


def test_the_day_may_stand_in_the_document_but_not_say_otherwise_there(here: RunningApplication) -> None:
    both = here.key("author", "publish")
    stated = here.draft(both, small(in_force_from="2026-02-01"))
    refused = here.publish(both, stated, in_force_from="2026-03-01", reason="x")
    assert [fault["path"] for fault in refused.json()["errors"]] == ["in_force_from"]
    assert here.publish(both, stated, reason="x").json()["in_force_from"] == "2026-02-01"
    silent = here.draft(both, small())
    assert [fault["path"] for fault in here.publish(both, silent).json()["errors"]] == ["in_force_from"]
    # A form sends an empty text where nothing was filled in.
    assert here.publish(both, silent, in_force_from="").status_code == 422


def test_withdrawing_gives_the_version_before_its_force_back_and_warns_who_reads_or_pins_it(
    here: RunningApplication,
) -> None:
    both = here.key("author", "publish")
    here.published(both, small(15), in_force_from="2026-01-01", reason="first")
    here.published(both, small(10), in_force_from="2026-01-01", reason="second")
    assert here.due(**STRATEGY)[-1] == "2026-03-16"

    where = "/v1/profiles/exampleton/versions/2/withdraw"
    assert here.client.post(where, json={}, headers=both).status_code == 422
    done = here.client.post(where, json={"reason": "counted wrongly"}, headers=both)
    assert done.status_code == 200
    assert (done.json()["withdrawn_reason"], done.json()["answering_today"]) == ("counted wrongly", 1)
    assert done.json()["title"] == "Exampleton: practice standards"
    assert here.due(**STRATEGY)[-1] == "2026-03-23"
    assert here.client.post(where, json={"reason": "again"}, headers=both).status_code == 409
    missing = here.client.post("/v1/profiles/exampleton/versions/9/withdraw", json={"reason": "x"}, headers=both)
    assert missing.status_code == 404

    pinned = here.client.post("/v1/calculations", json={**STRATEGY, "profile_version": 2})
    assert pinned.json()["obligations"][-1]["due_date"] == "2026-03-16"
    assert any("withdrawn" in warning for warning in pinned.json()["warnings"])
    for answer in (pinned, here.client.get("/v1/profiles/exampleton/versions/2")):
        assert answer.headers["deprecation"].startswith("@")
        assert answer.headers["sunset"].endswith("GMT")
        assert answer.headers["link"] == '</v1/profiles/exampleton/versions/1>; rel="successor-version"'
    assert "deprecation" not in here.client.get("/v1/profiles/exampleton/versions/1").headers


def test_known_on_a_day_is_what_was_published_by_then(here: RunningApplication) -> None:
    both = here.key("author", "publish")
    here.published(both, small(15), in_force_from="2026-01-01", reason="first")
    known = {**STRATEGY, "as_known_on": TODAY.isoformat()}
    assert here.due(**known)[-1] == "2026-03-23"
    before = (TODAY - timedelta(days=1)).isoformat()
    refused = here.client.post("/v1/calculations", json={**STRATEGY, "as_known_on": before})
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/no-version-in-force"


def test_a_pinned_answer_is_the_same_bytes_whatever_is_published_after_it(here: RunningApplication) -> None:
    both = here.key("author", "publish")
    here.published(both, small(15), in_force_from="2026-01-01", reason="first")
    pinned = {**STRATEGY, "profile_version": 1, "calendar_version": 1, "explain": True}
    before = here.client.post("/v1/calculations", json=pinned).content
    here.published(both, small(10), in_force_from=AHEAD)
    holiday = {"date": "2026-03-10", "name": "One-off", "source": "Parliament"}
    assert here.client.post("/v1/calendars/england-and-wales/bank-holidays", json=holiday, headers=both).is_success
    assert here.client.post("/v1/calculations", json=pinned).content == before
    assert here.due(**STRATEGY)[-1] == "2026-03-24"


def test_a_draft_may_begin_as_a_copy_of_a_version(here: RunningApplication) -> None:
    both = here.key("author", "publish")
    draft = here.client.post("/v1/profiles/swindon/drafts", json={}, headers=both).json()
    version = here.client.get("/v1/profiles/swindon/versions/1").json()
    assert draft["document"] == version["document"]
    assert draft["base_version"] == 1
    assert draft["validation"]["valid"] is True
    diff = here.client.get(f"/v1/profiles/swindon/drafts/{draft['id']}/diff", headers=both).json()
    assert (diff["added"], diff["removed"], diff["changed"], diff["document"]) == ([], [], [], [])
    none = here.client.post("/v1/profiles/nowhere/drafts", json={}, headers=both)
    assert [fault["path"] for fault in none.json()["errors"]] == ["document"]
    absent = here.client.post("/v1/profiles/swindon/drafts", json={"base_version": 9}, headers=both)
    assert [fault["path"] for fault in absent.json()["errors"]] == ["base_version"]


def test_lost_updates_are_refused(here: RunningApplication) -> None:
    author = here.key("author")
    draft = here.draft(author, small())
    where = f"/v1/profiles/exampleton/drafts/{draft['id']}"
    assert here.client.put(where, json={"document": small(3)}, headers=author).status_code == 428
    assert here.client.put(where, json={"document": small(3)}, headers={**author, "If-Match": '"1"'}).is_success
    late = here.client.put(where, json={"document": small(4)}, headers={**author, "If-Match": '"1"'})
    assert late.status_code == 412
    assert late.headers["etag"] == '"2"'
    odd = here.client.put(where, json={"document": small(4)}, headers={**author, "If-Match": '"abc"'})
    assert odd.status_code == 412
    assert here.client.get(where, headers=author).json()["document"] == small(3)
    assert here.client.put(where, json={"document": small(5)}, headers={**author, "If-Match": "*"}).is_success
    assert here.client.delete(where, headers={**author, "If-Match": '"1"'}).status_code == 412
    assert here.client.delete(where, headers=author).status_code == 428
    assert here.client.delete(where, headers={**author, "If-Match": 'W/"3"'}).status_code == 204
    assert here.client.get(where, headers=author).status_code == 404


def test_drafts_are_listed_by_page_and_a_deleted_one_hides_no_other(here: RunningApplication) -> None:
    author = here.key("author")
    made = [here.draft(author, small(days))["id"] for days in range(1, 6)]
    where = "/v1/profiles/exampleton/drafts"
    first = here.client.get(where, params={"limit": 2}, headers=author).json()
    assert [item["id"] for item in first["drafts"]] == made[:2]
    assert "document" not in first["drafts"][0]
    here.client.delete(f"{where}/{made[1]}", headers={**author, "If-Match": "*"})
    rest = here.client.get(where, params={"limit": 50, "after": first["next"]}, headers=author).json()
    assert [item["id"] for item in rest["drafts"]] == made[2:]
    assert rest["next"] is None
    assert here.client.get(where, params={"after": "nowhere"}, headers=author).status_code == 422
    assert here.client.get(where, params={"limit": "0"}, headers=author).status_code == 422
    assert here.client.get("/v1/profiles/swindon/drafts", headers=author).json() == {"drafts": [], "next": None}


def test_a_draft_is_found_under_its_own_key_only(here: RunningApplication) -> None:
    author = here.key("author")
    draft = here.draft(author, small())
    assert here.client.get(f"/v1/profiles/swindon/drafts/{draft['id']}", headers=author).status_code == 404
    missing = here.client.get("/v1/profiles/exampleton/drafts/none", headers=author)
    assert missing.status_code == 404
    (fault,) = missing.json()["errors"]
    assert (fault["path"], fault["value"]) == ("draft", "none")
    assert "/v1/profiles/{key}/drafts" in fault["remedy"]


def test_numbers_follow_one_another_over_withdrawn_versions(here: RunningApplication) -> None:
    both = here.key("author", "publish")
    for number in (1, 2, 3):
        assert here.published(both, small(number), in_force_from=AHEAD)["version"] == number
        here.client.post(f"/v1/profiles/exampleton/versions/{number}/withdraw", json={"reason": "x"}, headers=both)
    pinned_only = here.client.post("/v1/calculations", json=STRATEGY)
    assert pinned_only.json()["type"] == "/problems/no-version-in-force"
