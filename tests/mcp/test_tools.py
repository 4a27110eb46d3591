"""An assistant gets the answers that every other caller gets, and little else."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError

from app.mcp.tools import BY_NAME
from tests.api.application import RunningApplication
from tests.mcp.calling import CALCULATION, CASE, CHECK, MODES, STDIO, asking, called, packaged

MAX_LIST_BYTES = 8 * 1024


@pytest.mark.parametrize("mode", MODES)
def test_the_tools_and_their_answers_are_the_service_s_own(mode: str, here: RunningApplication) -> None:
    async def ask(client: Client) -> dict[str, Any]:
        tools = await client.list_tools()
        assert len(tools.model_dump_json(by_alias=True, exclude_none=True)) < MAX_LIST_BYTES
        assert [tool.name for tool in tools.tools] == [
            *("list_profiles", "find", "describe_event", "calculate", "check_date", "timeline"),
        ]
        assert all(tool.annotations is not None and tool.annotations.read_only_hint for tool in tools.tools)
        return {
            "profiles": await called(client, "list_profiles", {}),
            "find": await called(client, "find", {"q": "LAC review", "limit": 5}),
            "calculate": await called(client, "calculate", {**CALCULATION, "explain": True}),
            "check": await called(client, "check_date", CHECK),
            "timeline": await called(client, "timeline", {**CASE, "include": "all"}),
        }

    answers = asking(STDIO, ask, mode)
    post = here.client.post
    assert answers["calculate"] == post("/v1/calculations", json={**CALCULATION, "explain": True}).json()
    assert answers["check"] == post("/v1/checks", json=CHECK).json()
    assert answers["timeline"] == post("/v1/timelines", json=CASE).json()
    assert answers["find"] == here.client.get("/v1/words", params={"q": "LAC review", "limit": 5}).json()
    published = here.client.get("/v1/profiles").json()["profiles"]
    assert [item["key"] for item in answers["profiles"]["profiles"]] == [item["key"] for item in published]


def test_a_call_that_is_wrong_is_answered_with_what_would_mend_it() -> None:
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("calculate", {**CALCULATION, "facts": {"section_47_initated": True}}, "section_47_initiated"),
        ("calculate", {**CALCULATION, "profile": "swindn"}, "swindon"),
        ("calculate", {}, "add event"),
        ("describe_event", {"profile": "swindon", "event": "icpc_hold"}, "icpc_held"),
        ("find", {"words": "review"}, "add q"),
        ("list_profiles", {"profile": "york"}, "profile"),
        ("timeline", {**CASE, "include": "some"}, "send open"),
    ]

    async def ask(client: Client) -> list[tuple[bool, str]]:
        results = [await client.call_tool(tool, arguments) for tool, arguments, _ in wrong]
        return [(result.is_error, json.dumps(result.structured_content)) for result in results]

    for (is_error, text), (tool, _, remedy) in zip(asking(packaged(), ask), wrong, strict=True):
        assert is_error, tool
        assert remedy in text, f"{tool}: {text}"


PLAN = {"type": "cp_plan_started", "occurred_at": "2025-12-18"}


def test_a_timeline_shows_what_is_open_and_says_how_much_it_does_not_show() -> None:
    async def ask(client: Client) -> list[dict[str, Any]]:
        return [
            await called(client, "timeline", {**CASE, **more})
            for more in (
                {},
                {"events": [PLAN]},
                {"events": [PLAN], "include": "all"},
                {"events": [*CASE["events"], CONFERENCE]},
            )
        ]

    first, shown, whole, shared = asking(packaged(), ask)
    assert {item["duty"] for item in first["obligations"]} >= {"hold_icpc"}
    assert {item["status"] for item in shown["obligations"]} <= {"outstanding", "overdue", "disputed"}
    assert all("history" not in item and not item["rests_on"] for item in shown["obligations"])
    assert all(item["source"] for item in shown["obligations"])
    assert shown["not_shown"] == len(whole["obligations"]) - len(shown["obligations"]) > 0
    assert shown["summary"] == whole["summary"]
    assert len(json.dumps(shown)) < len(json.dumps(whole)) / 10
    assert "hold_icpc" not in {item["duty"] for item in shared["obligations"]}
    assert shared["summary"]["met"]


CONFERENCE = {"type": "icpc_held", "occurred_at": "2026-01-12T10:00"}


def test_an_event_is_described_with_its_rules_and_the_facts_to_ask_for() -> None:
    async def ask(client: Client) -> list[dict[str, Any]]:
        asked = {"profile": "swindon", "event": "strategy_discussion_held"}
        return [
            await called(client, "describe_event", asked),
            await called(client, "describe_event", {**asked, "duty": "hold_icpc"}),
            await called(client, "describe_event", {"profile": "york", "event": "adoption_enquiry_received"}),
        ]

    event, duty, nothing = asking(packaged(), ask)
    conference = next(rule for rule in event["rules"] if rule["duty"] == "hold_icpc")
    assert (conference["timing"], conference["source"][0]["section"]) == (
        "within 15 working days of the strategy discussion",
        "13.3",
    )
    assert "section_47_initiated" in {fact["fact"] for fact in event["facts"]}
    assert [rule["duty"] for rule in duty["rules"]] == ["hold_icpc"]
    assert (nothing["rules"], nothing["facts"]) == ([], [])


@pytest.mark.parametrize("mode", MODES)
def test_profiles_events_and_rules_are_resources(mode: str) -> None:
    async def ask(client: Client) -> list[dict[str, Any]]:
        listed = [item.uri for item in (await client.list_resources()).resources]
        templates = [item.uri_template for item in (await client.list_resource_templates()).resource_templates]
        assert "deadlines://profiles/swindon" in listed
        assert templates == [
            "deadlines://profiles/{profile}/events/{event}",
            "deadlines://profiles/{profile}/versions/{version}/rules/{rule}",
        ]
        found = []
        for uri in (
            "deadlines://profiles/swindon",
            "deadlines://profiles/swindon/events/strategy_discussion_held",
            "deadlines://profiles/swindon/versions/1/rules/icpc-held",
        ):
            (content,) = (await client.read_resource(uri)).contents
            found.append(json.loads(content.model_dump()["text"]))
        for uri in ("deadlines://profiles/swindn", "deadlines://elsewhere", "deadlines://profiles/york/events/x"):
            with pytest.raises(MCPError, match="There is no"):
                await client.read_resource(uri)
        return found

    profile, event, rule = asking(packaged(), ask, mode)
    assert (profile["key"], event["event"]["type"], rule["rule"]) == (
        "swindon",
        "strategy_discussion_held",
        "icpc-held",
    )


def test_an_unknown_tool_is_refused_with_the_names_of_those_that_there_are() -> None:
    async def ask(client: Client) -> None:
        with pytest.raises(MCPError, match="list_profiles, find"):
            await client.call_tool("delete_everything", {})

    asking(packaged(), ask)


@pytest.mark.parametrize("mode", MODES)
def test_a_failure_of_ours_repeats_nothing(
    mode: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    def failing(*_: object) -> dict[str, object]:
        raise ValueError("planted-failure")

    monkeypatch.setitem(BY_NAME, "calculate", replace(BY_NAME["calculate"], answer=failing))

    async def ask(client: Client) -> str:
        with pytest.raises(MCPError, match="could not be answered") as refused:
            await client.call_tool("calculate", CALCULATION)
        return str(refused.value.error)

    assert "planted" not in asking(packaged(), ask, mode)
    written = capfd.readouterr()
    assert "ValueError" in written.out + written.err
    assert "planted" not in written.out + written.err + caplog.text


def test_nothing_that_was_sent_reaches_standard_error(tmp_path: Path) -> None:
    from mcp.client.stdio import stdio_client

    log = tmp_path / "log"

    async def ask(client: Client) -> None:
        sent = {**CALCULATION, "facts": {"child_date_of_birth": "2013-07-09", "planted_fact": "planted"}}
        assert (await client.call_tool("calculate", sent)).is_error
        with pytest.raises(MCPError):
            await client.read_resource("deadlines://planted")

    with log.open("w", encoding="utf-8") as errors:
        asking(stdio_client(STDIO, errlog=errors), ask)
    written = log.read_text(encoding="utf-8")
    assert "planted" not in written
    assert "2013-07-09" not in written
