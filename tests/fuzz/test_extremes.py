"""The far ends of what HTTP lets through: refused as declared, or answered, and never slowly."""

import csv
import io
import json
import time
from typing import Any

import pytest

from tests.api.application import EVENT, RunningApplication
from tests.fuzz.mutations import NASTY_TEXTS

GOOD = {"profile": "swindon", "event": EVENT}
# The processor's time of a plain calculation is the unit: a busy machine takes longer over both.
MAX_CALCULATIONS = 10_000
MAX_BYTES = 100_000_000
MANY = {f"fact_{number}": True for number in range(10_000)}


def event(at: object, kind: object = "strategy_discussion_held") -> dict[str, Any]:
    return {"profile": "swindon", "event": {"type": kind, "occurred_at": at}}


def deep(levels: int) -> bytes:
    return b'{"facts": ' + b'{"a":' * levels + b"1" + b"}" * levels + b"}"


RAW = {
    "lists a million deep": b"[" * 500_000 + b"]" * 500_000,
    "objects a hundred thousand deep": deep(100_000),
    "a number of a million digits": b'{"profile_version": ' + b"9" * 900_000 + b"}",
    "an exponent without end": b'{"profile_version": 1e999999999}',
    "a hundred thousand keys, the last one twice": b"{"
    + b"".join(b'"%d":0,' % number for number in range(90_000))
    + b'"x":0,"x":0}',
    "a key ten thousand times": b"{" + b",".join(b'"profile": "swindon"' for _ in range(10_000)) + b"}",
    "a lone surrogate": b'{"profile": "\\ud800", "reference": "\\udfff"}',
    "a text of a million characters": json.dumps({**GOOD, "reference": "x" * 1_000_000}).encode(),
    "ten thousand facts": json.dumps({**GOOD, "facts": MANY}).encode(),
    "ten thousand unknown fields": json.dumps({**GOOD, **MANY}).encode(),
    "the year 1": json.dumps(event("0001-01-01")).encode(),
    "the year 9999": json.dumps(event("9999-12-31T23:59:59.999999999Z")).encode(),
    "the year 0": json.dumps(event("0000-12-31")).encode(),
    "the year -1": json.dumps(event("-0001-12-31")).encode(),
    "the year 10000": json.dumps(event("10000-01-01")).encode(),
    "an offset beyond the day": json.dumps(event("2026-01-01T00:00:00+24:00")).encode(),
    "until the year 9999": json.dumps({**GOOD, "until": "9999-12-31"}).encode(),
    "a birth in the year 1": json.dumps({**GOOD, "facts": {"child_date_of_birth": "0001-01-01"}}).encode(),
    "a birth in the year 9999": json.dumps({**GOOD, "facts": {"child_date_of_birth": "9999-12-31"}}).encode(),
    "a thousand events twenty-five years on": json.dumps(
        {
            "profile": "swindon",
            "as_of": "2026-06-01T00:00:00Z",
            "until": "2050-12-01",
            "events": [{"type": "placement_started", "occurred_at": "2026-01-05"} for _ in range(1_000)],
        }
    ).encode(),
    "a thousand and one items": json.dumps({"items": [GOOD] * 1_001}).encode(),
    "a thousand items to twenty-five years on": json.dumps(
        {"items": [{**event("2026-01-05", "became_looked_after"), "until": "2050-12-01"}] * 1_000}
    ).encode(),
    "nothing but blanks": b" " * 1_000_000,
    "nothing": b"",
}
JSON = {"Content-Type": "application/json"}
PATHS = (
    *("/v1/calculations", "/v1/calculations/batch", "/v1/timelines", "/v1/timelines/recalculations"),
    *("/v1/timelines/timeliness", "/v1/comparisons", "/v1/checks", "/v1/due-dates"),
)


def spent(here: RunningApplication, path: str, body: bytes) -> tuple[Any, float]:
    """Send a body; give the answer, and the processor's time in seconds that this process took over it."""
    before = time.process_time()
    answer = here.client.post(path, content=body, headers=JSON)
    return answer, time.process_time() - before


@pytest.fixture(scope="module")
def usual_seconds(here: RunningApplication) -> float:
    """Give the processor's time of one usual calculation: the middle one of many."""
    return sorted(spent(here, "/v1/calculations", json.dumps(GOOD).encode())[1] for _ in range(101))[50]


@pytest.mark.parametrize("says", RAW)
def test_an_extreme_body_is_refused_or_answered_in_bounded_work(
    here: RunningApplication, usual_seconds: float, says: str
) -> None:
    for path in PATHS:
        answer, seconds = spent(here, path, RAW[says])
        assert seconds < MAX_CALCULATIONS * usual_seconds, path
        assert len(answer.content) < MAX_BYTES, path
        assert answer.status_code in {200, 400, 413, 422}, (path, answer.text[:300])
        if answer.status_code != 200:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["errors"][0]["remedy"]
            assert len(answer.content) < 4_000_000


def test_a_line_over_its_limit_is_refused_in_its_place_and_the_others_are_answered(here: RunningApplication) -> None:
    stream = json.dumps(GOOD).encode() + b"\n" + b"x" * 3_000_000 + b"\n" + json.dumps(GOOD).encode() + b"\n"
    answer = here.client.post(
        "/v1/calculations/batch", content=stream, headers={"Content-Type": "application/x-ndjson"}
    )
    first, second, third = (json.loads(line) for line in answer.text.splitlines())
    assert first == third
    assert first["obligations"]
    assert second["type"] == "/problems/body-too-large"


@pytest.mark.parametrize("text", [*NASTY_TEXTS, "\ud800"], ids=lambda text: repr(text)[:20])
def test_a_trick_in_any_text_is_refused_or_harmless(here: RunningApplication, text: str) -> None:
    for body in (
        {**GOOD, "profile": text},
        {**GOOD, "calendar": text},
        {**GOOD, "reference": text},
        {**GOOD, "facts": {"placement_type": text}},
        {**GOOD, "facts": {text: True}},
        {**GOOD, text: True},
        {**GOOD, "until": text},
        event(text),
        event("2026-03-02", text),
    ):
        for accept in ("application/json", "text/calendar", "text/csv"):
            data = json.dumps(body).encode()
            headers = {"Content-Type": "application/json", "Accept": accept}
            answer = here.client.post("/v1/calculations", content=data, headers=headers)
            assert answer.status_code in {200, 400, 422}, answer.text[:300]
            assert "set-cookie" not in answer.headers
            if answer.status_code == 200 and accept == "text/csv":
                cells = [cell for row in csv.reader(io.StringIO(answer.text)) for cell in row]
                assert not [cell for cell in cells if cell.lstrip("\ufeff \t").startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("text", NASTY_TEXTS, ids=lambda text: repr(text)[:20])
def test_a_trick_in_an_address_is_refused_or_harmless(here: RunningApplication, text: str) -> None:
    from urllib.parse import quote

    part = quote(text, safe="")[:5_000]
    for path in ("profiles", "calendars", "event-types", f"profiles/{part}/versions", "profiles/swindon/versions"):
        answer = here.client.get(f"/v1/{path}/{part}")
        assert answer.status_code in {200, 307, 404, 422}, (path, answer.text[:300])
    for name in ("profile", "event", "at", "duty", "section_47_initiated", part or "x"):
        answer = here.client.get(f"/v1/due-dates?profile=swindon&{name}={part[:400]}")
        assert answer.status_code in {200, 422}, answer.text[:300]
