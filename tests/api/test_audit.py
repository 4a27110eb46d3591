"""The record of changes over HTTP."""

from tests.api.application import RunningApplication, small


def test_every_change_is_on_record_with_who_what_and_which_request(anywhere: RunningApplication) -> None:
    admin, both = anywhere.key("admin"), anywhere.key("author", "publish", name="Ann")
    headers = {**both, "X-Request-Id": "request-7"}
    draft = anywhere.draft(headers, small())
    anywhere.publish(headers, draft, in_force_from="2026-01-01", reason="agreed late")
    anywhere.client.post("/v1/profiles/exampleton/versions/1/withdraw", json={"reason": "wrong"}, headers=headers)
    holiday = {"date": "2027-05-10", "name": "One-off", "source": "Parliament", "reason": "as announced"}
    anywhere.client.post("/v1/calendars/england-and-wales/bank-holidays", json=holiday, headers=headers)

    records = anywhere.client.get("/v1/audit", headers=admin).json()["records"]
    mine = [record for record in records if record["actor"] == "key:Ann"]
    assert [record["action"] for record in mine] == [
        "calendar.published",
        "profile.withdrawn",
        "profile.published",
        "draft.created",
    ]
    assert {record["request_id"] for record in mine} == {"request-7"}
    assert mine[0]["before"] != mine[0]["after"]
    assert mine[1]["before"] == mine[1]["after"] == mine[2]["after"]
    assert mine[2]["detail"]["reason"] == "agreed late"
    only = anywhere.client.get("/v1/audit", params={"subject": "exampleton/1"}, headers=admin).json()["records"]
    assert [record["action"] for record in only] == ["profile.withdrawn", "profile.published"]
    assert "exampleton" not in str([record for record in records if record["action"].startswith("key.")])


def test_the_record_is_read_by_page_and_what_is_added_meanwhile_moves_nothing(here: RunningApplication) -> None:
    admin, author = here.key("admin"), here.key("author")
    for days in range(1, 6):
        here.draft(author, small(days))
    everything = here.client.get("/v1/audit", params={"limit": "200"}, headers=admin).json()
    numbers = [record["id"] for record in everything["records"]]
    assert numbers == list(range(len(numbers), 0, -1))
    assert everything["next"] is None
    first = here.client.get("/v1/audit", params={"limit": "3"}, headers=admin).json()
    here.draft(author, small(7))
    rest = here.client.get("/v1/audit", params={"before": first["next"], "limit": "200"}, headers=admin).json()
    assert [record["id"] for record in first["records"] + rest["records"]] == numbers
    for wrong in ({"before": "x"}, {"limit": "0"}, {"limit": "201"}, {"limit": "x"}):
        assert here.client.get("/v1/audit", params=wrong, headers=admin).status_code == 422


def test_a_refused_change_leaves_no_record(here: RunningApplication) -> None:
    admin, both = here.key("admin"), here.key("author", "publish")
    draft = here.draft(both, small())
    before = here.client.get("/v1/audit", headers=admin).json()
    assert here.publish(both, draft, in_force_from="2026-01-01").status_code == 422
    where = f"/v1/profiles/exampleton/drafts/{draft['id']}"
    assert here.client.delete(where, headers={**both, "If-Match": '"9"'}).status_code == 412
    assert here.client.get("/v1/audit", headers=admin).json() == before
