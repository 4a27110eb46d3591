"""What every answer says to a browser, and what a caller cannot put into a header."""

import base64
import hashlib
import re

import pytest

from tests.api.application import EVENT, RunningApplication, running_application

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
}
CALCULATION = {"profile": "swindon", "event": EVENT}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/healthz"),
        ("GET", "/v1/profiles"),
        ("GET", "/v1/nothing"),
        ("POST", "/v1/calculations"),
        ("DELETE", "/v1/calculations"),
        ("GET", "/docs"),
        ("GET", "/openapi.json"),
        ("GET", "/static-offline-docs/swagger-ui.css"),
    ],
)
def test_every_answer_carries_the_security_headers(here: RunningApplication, method: str, path: str) -> None:
    answer = here.client.request(method, path)
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


def test_what_was_calculated_is_stored_by_no_cache(here: RunningApplication) -> None:
    assert here.client.post("/v1/calculations", json=CALCULATION).headers["cache-control"] == "no-store"


def test_the_documentation_loads_nothing_from_elsewhere_and_its_policy_lets_its_own_script_run(
    here: RunningApplication,
) -> None:
    page = here.client.get("/docs")
    assert re.findall(r"(?:src|href)=\"(?!/)", page.text) == []
    assert "//" not in page.text.replace("/static-offline-docs//", "").split("<script>")[0].replace("<!--", "")
    scripts = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    assert scripts
    policy = page.headers["content-security-policy"]
    assert "'unsafe-eval'" not in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    for script in scripts:
        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy
    for path in re.findall(r"(?:src|href)=\"([^\"]+)\"", page.text):
        assert here.client.get(path).status_code == 200


def test_no_other_origin_may_read_by_default(here: RunningApplication) -> None:
    origin = {"Origin": "https://elsewhere.example"}
    answer = here.client.get("/v1/profiles", headers=origin)
    assert not [name for name in answer.headers if name.startswith("access-control")]
    preflight = here.client.options("/v1/calculations", headers={**origin, "Access-Control-Request-Method": "POST"})
    assert preflight.status_code == 405


def test_an_allowed_origin_may_read_and_no_other(filled_url: str) -> None:
    with running_application(filled_url, allowed_origins=("https://forms.example",)) as here:
        asking = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key,content-type"}
        allowed = here.client.options("/v1/calculations", headers={"Origin": "https://forms.example", **asking})
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] == "https://forms.example"
        assert "access-control-allow-credentials" not in allowed.headers
        read = here.client.post("/v1/calculations", json=CALCULATION, headers={"Origin": "https://forms.example"})
        assert read.headers["access-control-allow-origin"] == "https://forms.example"
        other = here.client.options("/v1/calculations", headers={"Origin": "https://elsewhere.example", **asking})
        assert "access-control-allow-origin" not in other.headers


def test_a_page_that_may_not_call_learns_everything_that_is_not_allowed(filled_url: str) -> None:
    asking = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "x-secret",
        "Access-Control-Request-Private-Network": "true",
    }
    with running_application(filled_url, allowed_origins=("https://forms.example",)) as here:
        refused = here.client.options("/v1/calculations", headers=asking)
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    assert [fault["path"] for fault in refused.json()["errors"]] == list(asking)
    assert all(fault["remedy"] for fault in refused.json()["errors"])
    assert "access-control-allow-methods" in refused.headers


@pytest.mark.parametrize(
    "reference", ["case\r\nSet-Cookie: planted=1", "planted\x00", 'planted"; filename="x', "planté"]
)
@pytest.mark.parametrize("accept", ["application/json", "text/calendar", "text/csv"])
def test_a_reference_never_reaches_a_header(here: RunningApplication, reference: str, accept: str) -> None:
    answer = here.client.post(
        "/v1/calculations", json={**CALCULATION, "reference": reference}, headers={"Accept": accept}
    )
    assert answer.status_code in {200, 422}
    assert "plant" not in str(answer.headers.raw).lower()
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("sent", "unchanged"), [("abc-1.2_X", True), ("a" * 65, False), ("a b", False), ("é", False), ("", False)]
)
def test_a_request_id_of_the_caller_s_is_used_where_it_is_well_formed(
    here: RunningApplication, sent: str, unchanged: bool
) -> None:
    answer = here.client.get("/healthz", headers={b"X-Request-Id": sent.encode("latin-1")})
    assert (answer.headers["x-request-id"] == sent) is unchanged
