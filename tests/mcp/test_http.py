"""At /mcp the same limits hold as at every other address, and nothing that an assistant sends is logged."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from mcp import Client, MCPError

from app.services.access.api_keys import create_key
from app.services.ports import WriteContext
from app.store import open_store
from tests.mcp.calling import CALCULATION, CASE, CHECK, MODES, asking_over_http, called, over_http
from tests.serving import Serving, serving

PLANTED = {**CALCULATION, "facts": {"child_date_of_birth": "2013-07-09", "planted_fact": "planted-value"}}
ISSUER = "https://login.example/tenant"
DISCOVER = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
JSON = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}


def posted(served: Serving, content: bytes | None = None, /, **headers: str) -> httpx.Response:
    body = json.dumps(DISCOVER).encode() if content is None else content
    return httpx.post(f"{served.origin}/mcp", content=body, headers={**JSON, **headers}, timeout=30)


def requests_in(served: Serving) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in served.log().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == "request" and line["route"] == "/mcp"]


@pytest.mark.parametrize("mode", MODES)
def test_two_workers_answer_whoever_asks_and_remember_nobody(mode: str, two_workers: Serving) -> None:
    answers: list[dict[str, Any]] = []

    # Each request comes over a connection of its own, so to either worker, whichever the session began with.
    async def one() -> None:
        async with over_http(two_workers.origin, mode, Connection="close") as client:
            answers.extend([await called(client, "calculate", CALCULATION) for _ in range(3)])
            answers.append(await called(client, "check_date", CHECK))
            answers.append(await called(client, "timeline", CASE))
            answers.append(await called(client, "find", {"q": "reveiw conference"}))

    async def several() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(one)

    anyio.run(several)
    assert len(answers) == 18
    calculated = [answer for answer in answers if "calculation_id" in answer]
    assert len(calculated) == 9
    published = httpx.post(f"{two_workers.origin}/v1/calculations", json=CALCULATION).json()
    assert all(answer == published for answer in calculated)
    assert {answer["days"] for answer in answers if "verdict" in answer} == {-5}


def test_what_an_assistant_sends_is_in_no_log_and_its_requests_are(two_workers: Serving) -> None:
    before = len(requests_in(two_workers))

    async def ask(client: Client) -> None:
        assert (await client.call_tool("calculate", PLANTED)).is_error
        await called(client, "calculate", {**CALCULATION, "facts": {"child_date_of_birth": "2013-07-09"}})
        with pytest.raises(MCPError):
            await client.call_tool("planted-tool", {"planted-name": "planted-value"})
        with pytest.raises(MCPError):
            await client.read_resource("deadlines://profiles/planted-profile")

    for mode in MODES:
        asking_over_http(two_workers.origin, ask, mode, **{"User-Agent": "planted-header"})
    statuses = [
        posted(two_workers, b"planted-body").status_code,
        posted(two_workers, b'{"planted": 1, "planted": 2}').status_code,
        posted(two_workers, b'["planted-batch"]').status_code,
        posted(two_workers, Origin="https://planted.example").status_code,
        posted(two_workers, Host="planted.example").status_code,
        posted(two_workers, **{"MCP-Protocol-Version": "planted-version"}).status_code,
        posted(two_workers, **{"Mcp-Session-Id": "planted-session"}).status_code,
    ]
    assert not [status for status in statuses if status >= 500]
    assert len(requests_in(two_workers)) >= before + 8 + len(statuses)
    written = two_workers.log()
    assert "planted" not in written
    assert "2013-07-09" not in written
    assert "planted" not in httpx.get(f"{two_workers.origin}/metrics").text


@pytest.mark.parametrize("header", [{"Origin": "https://elsewhere.example"}, {"Host": "elsewhere.example"}])
def test_another_site_s_page_cannot_reach_it(header: dict[str, str], two_workers: Serving) -> None:
    answer = posted(two_workers, **header)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden")
    assert answer.json()["errors"][0]["path"] in header


@pytest.mark.parametrize(
    "header", [{"Origin": "https://case.example"}, {"Host": "deadlines.example"}, {"Host": "deadlines.example:8443"}]
)
def test_the_operator_s_own_names_can(header: dict[str, str], two_workers: Serving) -> None:
    assert posted(two_workers, **header).status_code == 200


def test_its_bodies_have_the_limits_of_every_other_address(two_workers: Serving) -> None:
    kinds = {
        "body-too-large": posted(two_workers, b" " * (1024 * 1024 + 1)),
        "invalid-json": posted(two_workers, b"[" * 500 + b"]" * 500),
        "unsupported-media-type": posted(two_workers, **{"Content-Type": "text/plain"}),
        "method-not-allowed": httpx.get(f"{two_workers.origin}/mcp", headers=JSON),
    }
    for kind, answer in kinds.items():
        assert answer.json()["type"] == f"/problems/{kind}"


def verify_where_to_sign_in(served: Serving, challenge: str) -> None:
    (address,) = re.findall(r'resource_metadata="([^"]+)"', challenge)
    assert address == "https://deadlines.example/.well-known/oauth-protected-resource/mcp"
    for path in ("/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"):
        described = httpx.get(f"{served.origin}{path}").json()
        assert described["resource"] == "https://deadlines.example/mcp"
        assert described["authorization_servers"] == [ISSUER]
        assert described["bearer_methods_supported"] == ["header"]


def test_keys_and_rates_are_asked_for_as_on_the_api_and_an_assistant_learns_where_its_user_signs_in(
    filled_url: str, tmp_path: Path
) -> None:
    with open_store(filled_url) as store:
        context = WriteContext("key:test", datetime.now(UTC))
        key = create_key(store, name="assistant", scopes=["calculate"], context=context).secret
        reader = create_key(store, name="reader", scopes=["read"], context=context).secret

    async def ask(client: Client) -> dict[str, Any]:
        return await called(client, "calculate", CALCULATION)

    log = tmp_path / "log"
    with serving(
        filled_url,
        log,
        mcp="true",
        require_key="true",
        rate_limit="12/hour",
        oidc_issuer=ISSUER,
        oidc_audience="api://deadlines",
        docs_origin="https://deadlines.example",
    ) as served:
        refused = posted(served)
        assert (refused.status_code, refused.json()["type"]) == (401, "/problems/unauthenticated")
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
        verify_where_to_sign_in(served, refused.headers["WWW-Authenticate"])
        assert posted(served, **{"X-API-Key": reader}).status_code == 403
        for mode in MODES:
            answer = asking_over_http(served.origin, ask, mode, Authorization=f"Bearer {key}")
            assert "2026-01-13" in {item["due_date"] for item in answer["obligations"]}
        statuses = [posted(served, **{"X-API-Key": key}) for _ in range(12)]
        assert statuses[0].status_code == 200
        assert "RateLimit" in statuses[0].headers
        assert statuses[-1].json()["type"] == "/problems/too-many-requests"
        assert any(line.get("key") for line in requests_in(served))
        assert key not in served.log()


def test_a_page_of_an_allowed_origin_may_send_and_read_the_protocol_s_headers(two_workers: Serving) -> None:
    named = "authorization,content-type,mcp-method,mcp-name,mcp-protocol-version,mcp-session-id"
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": named}
    allowed = httpx.options(f"{two_workers.origin}/mcp", headers={**asks, "Origin": "https://case.example"})
    assert allowed.status_code == 200
    assert set(named.split(",")) <= set(allowed.headers["access-control-allow-headers"].lower().split(", "))
    answered = posted(two_workers, Origin="https://case.example")
    assert "mcp-session-id" in answered.headers["access-control-expose-headers"].lower()
    refused = httpx.options(f"{two_workers.origin}/mcp", headers={**asks, "Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in refused.headers


def test_without_an_issuer_nothing_is_said_of_signing_in(two_workers: Serving) -> None:
    assert httpx.get(f"{two_workers.origin}/.well-known/oauth-protected-resource/mcp").status_code == 404


def test_without_the_setting_it_is_not_there_and_the_protocol_is_not_imported(tmp_path: Path) -> None:
    create = "create_app(); print('mcp' in sys.modules, 'mcp_types' in sys.modules)"
    program = f"import os, sys, app.cli; from app.main import create_app; {create}; os.environ['DEADLINES_MCP'] = 'true'; {create}"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "DEADLINES_DATABASE_URL": f"sqlite:///{tmp_path}/none.db", "DEADLINES_MCP": "false"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines() == ["False False", "True True"]
