"""What is wrong with a document, what it is based on, and what it changes."""

import copy
import json
import random
from typing import Any, cast

import pytest

from app.profiles.packaged import packaged_documents
from app.services.snapshot.checksum import digest
from tests.api.application import EVENT, SMALL, RunningApplication, small


def validate(here: RunningApplication, document: Any) -> dict[str, Any]:
    answer = here.client.post("/v1/profiles/validations", json={"document": document})
    assert answer.status_code == 200, answer.text
    return answer.json()


def based(*rules: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "key": "exampleton",
        "title": "Exampleton, following another",
        "extends": {"key": "swindon", "version": 1},
        "rules": list(rules),
    } | changes


def rule(name: str = "icpc-held", days: int = 12, **changes: Any) -> dict[str, Any]:
    return copy.deepcopy(SMALL["rules"][0]) | {"id": name, "timing": {"within": {"working_days": days}}} | changes


def test_every_fault_is_reported_at_once_with_its_path_and_remedy(here: RunningApplication) -> None:
    broken = small(calendar="nowhere", colour="red", key="Not A Key")
    broken["rules"][0]["timing"] = {"within": {"working_days": -1}}
    broken["rules"][1]["duty"] = "hold_icpcs"
    broken["rules"][1]["event"] = "strategy_discusion_held"
    del broken["rules"][1]["source"]
    found = validate(here, broken)
    assert found["valid"] is False
    paths = " ".join(fault["path"] for fault in found["errors"])
    for path in ("calendar", "colour", "key", "rules[0].timing", "rules[1].duty", "rules[1].event", "rules[1]"):
        assert path in paths
    assert all(fault["remedy"] for fault in found["errors"])
    assert any(fault.get("rule") == "icpc-held" for fault in found["errors"])
    assert any("strategy_discussion_held" in fault.get("nearest", ()) for fault in found["errors"])


def test_a_good_document_is_valid_and_nothing_is_stored(here: RunningApplication) -> None:
    before = here.store.state_token()
    found = validate(here, small())
    assert found["valid"] is True
    assert found["checksum"] == digest(small())
    assert here.store.state_token() == before
    assert here.client.get("/v1/profiles/exampleton").status_code == 404


def test_a_document_under_another_key_is_refused(here: RunningApplication) -> None:
    author = here.key("author")
    answer = here.client.post("/v1/profiles/other/drafts", json={"document": small()}, headers=author)
    assert answer.status_code == 201
    assert [fault["path"] for fault in answer.json()["validation"]["errors"]] == ["key"]


NEVER_STORED = (
    '{"document": 5}',
    '{"document": [1]}',
    '{"document": {"title": "\\ud800"}}',
    '{"document": {"title": "a\\u0000b"}}',
    '{"document": {"format": 1e999}}',
    '{"document": ' + '{"a":' * 50 + "1" + "}" * 50 + "}",
    '{"document": ' + '{"a":' * 5000 + "1" + "}" * 5000 + "}",
    '{"document": {}, "documents": {}}',
    "{}",
    "[]",
    "nonsense",
)


def test_what_cannot_be_stored_is_refused_before_it_is_understood(anywhere: RunningApplication) -> None:
    headers = {**anywhere.key("author"), "Content-Type": "application/json"}
    for text in NEVER_STORED:
        for where in ("/v1/profiles/validations", "/v1/profiles/exampleton/drafts"):
            if where.endswith("drafts") and text == "{}":
                continue
            answer = anywhere.client.post(where, content=text.encode("utf-8", "surrogatepass"), headers=headers)
            assert answer.status_code in {400, 422}, (text[:50], answer.text)
            assert answer.json()["errors"][0]["remedy"]


def test_a_draft_of_any_shape_is_stored_and_its_faults_reported(here: RunningApplication) -> None:
    author = here.key("author")
    for document in ({}, {"rules": 5}, {"rules": [5, None]}, {"extends": 5}, {"documents": {"a": 5}, "rules": {}}):
        draft = here.draft(author, document, "exampleton")
        assert draft["validation"]["valid"] is False
        assert draft["validation"]["errors"]
        where = f"/v1/profiles/exampleton/drafts/{draft['id']}"
        assert here.client.get(f"{where}/diff", headers=author).status_code == 200
        assert here.client.post(f"{where}/validate", headers=author).json() == draft["validation"]


def test_a_based_profile_overrides_adds_and_removes_single_rules(here: RunningApplication) -> None:
    both = here.key("author", "publish")
    swindon = here.client.get("/v1/profiles/swindon/versions/1").json()
    ids = [item["rule"] for item in swindon["rules"]]
    document = based(
        rule("icpc-held", 12, when={"section_47_initiated": True}),
        rule("own-rule", 3),
        documents={"own": {"title": "Exampleton's own"}},
        remove_rules=[ids[-1]],
    )
    body = here.published(both, document, in_force_from="2026-01-01", reason="first")
    assert body["based_on"] == {"key": "swindon", "version": 1}
    version = here.client.get("/v1/profiles/exampleton/versions/1").json()
    found = [item["rule"] for item in version["rules"]]
    assert found == [*ids[:-1], "own-rule"]
    assert version["checksum"] == digest(version["document"])
    assert "extends" not in version["document"]
    assert version["title"] == "Exampleton, following another"
    by_rule = {item["rule"]: item for item in version["rules"]}
    assert by_rule["icpc-held"]["source"] == [{"document": "Exampleton's own", "section": "1.1"}]
    untouched = next(item for item in ids[:-1] if item != "icpc-held")
    assert by_rule[untouched] == next(item for item in swindon["rules"] if item["rule"] == untouched)
    dates = here.due(profile="exampleton", event=EVENT, facts={"section_47_initiated": True})
    assert "2026-03-18" in dates

    draft = here.draft(both, document)
    where = f"/v1/profiles/exampleton/drafts/{draft['id']}"
    assert draft["document"] == document
    assert here.client.get(f"{where}/diff", headers=both).json()["changed"] == []


def test_a_version_may_be_based_on_the_one_before_it(here: RunningApplication) -> None:
    both = here.key("author", "publish")
    here.published(both, small(15), in_force_from="2026-01-01", reason="first")
    second = {
        "format": 1,
        "key": "exampleton",
        "title": "Exampleton: practice standards",
        "extends": {"key": "exampleton", "version": 1},
        "rules": [rule("icpc-held", 10)],
    }
    here.published(both, second, in_force_from="2026-02-01", reason="second")
    third = second | {"extends": {"key": "exampleton", "version": 2}, "rules": [], "remove_rules": ["icpc-held"]}
    draft = here.draft(both, third)
    assert draft["validation"]["valid"] is True
    diff = here.client.get("/v1/profiles/exampleton/diff", params={"from": "1", "to": "2"}).json()
    assert [item["rule"] for item in diff["changed"]] == ["icpc-held"]
    assert diff["changed"][0]["timing_before"].startswith("within 15 working days")
    assert diff["changed"][0]["timing"].startswith("within 10 working days")
    assert [item["field"] for item in diff["changed"][0]["fields"]] == ["timing"]
    assert (diff["added"], diff["removed"], diff["unchanged"], diff["document"]) == (
        [],
        [],
        1,
        [{"field": "authority", "before": "Exampleton", "after": None}],
    )
    where = f"/v1/profiles/exampleton/drafts/{draft['id']}/diff"
    against_first = here.client.get(where, params={"against": "1"}, headers=both).json()
    assert [item["rule"] for item in against_first["removed"]] == ["icpc-held"]
    assert (against_first["from"], against_first["valid"]) == (1, True)
    assert here.client.get(where, params={"against": "9"}, headers=both).status_code == 404
    assert here.client.get(where, params={"against": "x"}, headers=both).status_code == 422


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"extends": {"key": "swindon", "version": 7}}, "extends"),
        ({"extends": {"key": "nowhere", "version": 1}}, "extends"),
        ({"extends": "swindon"}, "extends"),
        ({"extends": {"key": "swindon", "version": "1"}}, "extends.version"),
        ({"extends": {"key": "swindon", "version": True}}, "extends.version"),
        ({"extends": {"key": [], "version": 1}}, "extends.key"),
        ({"remove_rules": ["no-such-rule"]}, "remove_rules[0]"),
        ({"remove_rules": ["icpc-held"], "rules": [rule()]}, "remove_rules[0]"),
        ({"remove_rules": "icpc-held"}, "remove_rules"),
        ({"rules": [rule(), rule()]}, "rules[1].id"),
        ({"rules": [rule("x", 3), rule("y", 3, duty="nothing")]}, "rules[1].duty"),
        ({"rules": 5}, "rules"),
    ],
)
def test_a_fault_of_a_based_profile_is_reported_where_its_author_wrote_it(
    here: RunningApplication, changes: dict[str, Any], path: str
) -> None:
    found = validate(here, based(**changes))
    assert found["valid"] is False
    paths = [fault["path"] for fault in found["errors"]]
    assert path in paths


def test_removing_rules_needs_a_base(here: RunningApplication) -> None:
    assert [fault["path"] for fault in validate(here, small(remove_rules=["x"]))["errors"]] == ["remove_rules"]


def test_what_is_taken_over_keeps_its_basis_and_its_documents(here: RunningApplication) -> None:
    version = here.client.get("/v1/profiles/statutory-england/versions/1").json()
    key = next(iter(version["document"]["documents"]))
    document = based(
        rule("own-rule", 3),
        extends={"key": "statutory-england", "version": 1},
        documents={key: {"title": "Exampleton's own, under the same key"}},
    )
    both = here.key("author", "publish")
    here.published(both, document, in_force_from="2026-01-01", reason="first")
    resolved = here.client.get("/v1/profiles/exampleton/versions/1").json()
    before = {item["rule"]: item for item in version["rules"]}
    after = {item["rule"]: item for item in resolved["rules"]}
    for name, item in before.items():
        assert after[name]["basis"] == item["basis"]
        assert after[name]["source"] == item["source"]
    assert after["own-rule"]["basis"] == "local"
    assert after["own-rule"]["source"][0]["document"] == "Exampleton's own, under the same key"


def test_a_base_that_has_moved_on_is_a_warning_and_no_error(here: RunningApplication) -> None:
    both = here.key("author", "publish")
    here.published(both, small(15), in_force_from="2026-01-01", reason="first")
    follower = based(key="follower", extends={"key": "exampleton", "version": 1})
    assert validate(here, follower)["warnings"] == []
    here.published(both, small(10), in_force_from="2026-02-01", reason="second")
    moved = validate(here, follower)
    assert moved["valid"] is True
    assert [fault["path"] for fault in moved["warnings"]] == ["extends.version"]
    here.client.post("/v1/profiles/exampleton/versions/1/withdraw", json={"reason": "x"}, headers=both)
    assert "withdrawn" in validate(here, follower)["warnings"][0]["message"]


def test_a_diff_of_versions_names_what_is_missing(here: RunningApplication) -> None:
    where = "/v1/profiles/swindon/diff"
    absent = here.client.get(where)
    assert [fault["path"] for fault in absent.json()["errors"]] == ["from", "to"]
    assert here.client.get(where, params={"from": "1", "to": "99"}).status_code == 404
    assert here.client.get("/v1/profiles/nowhere/diff", params={"from": "1", "to": "1"}).status_code == 404
    same = here.client.get(where, params={"from": "1", "to": "1"})
    assert same.json()["changed"] == []
    assert "immutable" in same.headers["cache-control"]
    tag = {"If-None-Match": same.headers["etag"]}
    assert here.client.get(where, params={"from": "1", "to": "1"}, headers=tag).status_code == 304


def test_the_impact_of_a_draft_is_shown_before_it_is_published(here: RunningApplication) -> None:
    both = here.key("author", "publish")
    here.published(both, small(15), in_force_from="2026-01-01", reason="first")
    draft = here.draft(both, small(10))
    where = f"/v1/profiles/exampleton/drafts/{draft['id']}/impact"
    answer = here.client.post(where, json={"events": [EVENT]}, headers=both)
    assert answer.status_code == 200, answer.text
    assert answer.json()["summary"] == {"added": 0, "removed": 0, "moved": 1, "unchanged": 1}
    moved = answer.json()["events"][0]["moved"][0]
    assert moved["rule"] == "icpc-held"
    broken = here.draft(both, small(10, calendar="nowhere"))
    refused = here.client.post(where.replace(draft["id"], broken["id"]), json={"events": [EVENT]}, headers=both)
    assert refused.json()["type"] == "/problems/not-publishable"
    assert here.client.get("/v1/profiles/exampleton").json()["latest_version"] == 1
    assert here.client.post(where, json={"events": [EVENT]}, headers=here.key("calculate")).status_code == 403


STRANGE: list[Any] = [
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    "",
    "x",
    "local_x",
    [],
    {},
    [[]],
    [None],
    {"x": 1},
    {"within": {}},
    "2026-02-30",
]


def mutated(value: Any, chance: random.Random) -> Any:
    """The same document with one place of it changed into something strange, lost or doubled."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(list(value))
        if chance.random() < 0.1:
            return {name: item for name, item in value.items() if name != key}
        if chance.random() < 0.1:
            return {**value, chance.choice(["extends", "remove_rules", "x", "when"]): chance.choice(STRANGE)}
        return {**value, key: mutated(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        index = chance.randrange(len(value))
        if chance.random() < 0.1:
            return [*value, value[index]]
        return [*value[:index], mutated(value[index], chance), *value[index + 1 :]]
    return chance.choice(STRANGE)


def test_no_document_however_broken_breaks_the_service(here: RunningApplication) -> None:
    from app.services.publishing.validation import validate as judge

    documents = list(packaged_documents().values())
    chance = random.Random(20260105)  # noqa: S311 the same documents at each run
    for number in range(250):
        whole = chance.choice(documents)
        # A few of its rules: every place of them is changed more often, and a document of 130 takes ten times as long.
        some = {**whole, "rules": chance.sample(cast(list[object], whole["rules"]), 6)}
        document = json.loads(json.dumps(some, default=str))
        if number % 3 == 0:
            small_base = {"key": "cin-chapter", "version": 1}
            document = based(*document["rules"][:3], documents=document["documents"], extends=small_base)
        for _ in range(chance.choice([1, 2, 6])):
            document = mutated(document, chance)
            if not isinstance(document, dict):
                document = {}
        found = judge(document, here.live.snapshot, "swindon")
        assert found.valid or found.errors
        found.as_json()
