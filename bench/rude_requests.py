"""The worst legal request of every route that is open to anybody, as the bytes of HTTP."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any, NamedTuple

JSON, NDJSON = "application/json", "application/x-ndjson"
MIB = 1024 * 1024
IMPORT = "/v1/imports/ssda903"
FAR = "2050-12-30"
SERIES = {"type": "cp_plan_started", "occurred_at": "2026-01-05"}
LONG = {"profile": "swindon", "event": SERIES, "until": FAR, "explain": True}
CASE = {"profile": "swindon", "events": [SERIES], "as_of": "2026-01-06", "until": FAR}
RULE: dict[str, Any] = {
    "id": "icpc-held",
    "duty": "hold_icpc",
    "title": "Hold the conference",
    "event": "strategy_discussion_held",
    "timing": {"within": {"working_days": 15}},
    "responsible": ["Chair"],
    "strength": "must",
    "source": [{"section": "1.1"}],
}
PROFILE: dict[str, Any] = {
    "format": 1,
    "key": "exampleton",
    "title": "Exampleton",
    "authority": "Exampleton",
    "calendar": "england-and-wales",
    "documents": {"main": {"title": "Practice Standards"}},
}


class Rude(NamedTuple):
    """One request: the operation that it is of (None: a page), what is bad about it, and its bytes."""

    operation: str | None
    what: str
    request: bytes

    @property
    def name(self) -> str:
        """Return what a report calls it."""
        return f"{self.operation or 'page'} ({self.what})"


def post(operation: str, what: str, path: str, body: object, kind: str = JSON, accept: str = JSON) -> Rude:
    """Return a request with a body: JSON, or bytes as they are."""
    data = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: rude\r\nContent-Type: {kind}\r\nAccept: {accept}\r\nConnection: close\r\n"
    return Rude(operation, what, head.encode() + b"Content-Length: %d\r\n\r\n" % len(data) + data)


def get(operation: str | None, path: str) -> Rude:
    """Return a request without a body."""
    return Rude(
        operation, path.partition("?")[0], f"GET {path} HTTP/1.1\r\nHost: rude\r\nConnection: close\r\n\r\n".encode()
    )


def upload(operation: str, what: str, path: str, file: bytes, said: object) -> Rude:
    """Return a request with a file and what is said of it, as parts of a form."""
    parts = (
        (b'form-data; name="file"; filename="episodes.csv"', file),
        (b'form-data; name="request"', json.dumps(said).encode()),
    )
    form = b"".join(b"--x\r\nContent-Disposition: %s\r\n\r\n%s\r\n" % part for part in parts) + b"--x--\r\n"
    return post(operation, what, path, form, "multipart/form-data; boundary=x")


def many_events(number: int) -> list[dict[str, str]]:
    """Return so many events of one case, one each day."""
    kinds = ("placement_started", "cla_visit_made", "cp_visit_made", "core_group_held")
    return [
        {"type": kinds[place % 4], "occurred_at": (date(2023, 1, 2) + timedelta(days=place)).isoformat()}
        for place in range(number)
    ]


def episodes(number: int) -> bytes:
    """Return so many episodes of care, a child each, as the department's return has them."""
    head = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC"
    days = [(date(2025, 4, 1) + timedelta(days=place)).strftime("%d/%m/%Y") for place in range(300)]
    lines = (f"{place},{days[place % 300]},S,V2,N1,U6,PR1,," for place in range(number))
    return "\r\n".join([head, *lines, ""]).encode()


def timeliness_of_returns(number: int) -> list[Rude]:
    """Return the two requests that count a year from a return of so many episodes."""
    file, year = episodes(number), {"profile": "statutory-england", "year": "2025-26"}
    return [
        upload("return_timeliness", f"{number:,} episodes", f"{IMPORT}/timeliness", file, year),
        upload("return_timeliness_report", f"{number:,} episodes", f"{IMPORT}/timeliness/report", file, year),
    ]


UNKNOWN_FACTS = {f"child_date_of_brith_{place}": True for place in range(50)}
ALTERNATIVES = [
    {"timing": {"within": {"days": place + 1}}, "reading": f"r{place}", "section": "1"} for place in range(8_000)
]
WHOLE_PROFILES = ["swindon", "york", "wiltshire", "barnet", "cin-chapter", "statutory-england"]
ITEM = {"profile": "york", "event": {"type": "became_looked_after", "occurred_at": "2026-01-05"}}
CALCULATIONS = "/v1/calculations"
BATCH = "/v1/calculations/batch"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TOML = b"".join(b'[[rules]]\nid = "r%d"\n' % number for number in range(20_000))
SHEET = (b"id,duty,title,event", *(b"r%d,hold_icpc,t,strategy_discusion" % number for number in range(20_000)))

RUDE: list[Rude] = [
    post("calculate", "25 years explained", CALCULATIONS, LONG),
    post(
        "calculate",
        "a calendar file with ten alarms",
        f"{CALCULATIONS}?alarm=1,2,3,4,5,6,7,8,9,10",
        {**LONG, "reference": "r"},
        accept="text/calendar",
    ),
    post("calculate", "50 unknown facts", CALCULATIONS, {**ITEM, "facts": UNKNOWN_FACTS}),
    post(
        "calculate",
        "90,000 unknown fields",
        CALCULATIONS,
        b"{" + b",".join(b'"f%05d":1' % place for place in range(90_000)) + b"}",
    ),
    post("calculate_batch", "1,000 of 25 years explained", BATCH, {"items": [LONG] * 1_000}),
    post("calculate_batch", "1,000 items", BATCH, {"items": [ITEM] * 1_000}),
    post("calculate_batch", "8 MiB of items", BATCH, {"items": [ITEM] * (8 * MIB // 92)}),
    post("calculate_batch", "8 MiB of small lists", BATCH, b"[" + b",".join([b"[1,2,3,4]"] * 800_000) + b"]"),
    post("calculate_batch", "lines of 25 years explained", BATCH, (json.dumps(LONG) + "\n").encode() * 50, NDJSON),
    post("calculate_batch", "lines", BATCH, (json.dumps(ITEM) + "\n").encode() * 20_000, NDJSON),
    post(
        "calculate_batch",
        "lines with 50 unknown facts",
        BATCH,
        (json.dumps({**ITEM, "facts": UNKNOWN_FACTS}) + "\n").encode() * 15,
        NDJSON,
    ),
    post(
        "calculation_calendar",
        "ten alarms",
        f"{CALCULATIONS}.ics?alarm=1,2,3,4,5,6,7,8,9,10",
        {**LONG, "reference": "r"},
    ),
    post("calculation_table", "25 years explained", f"{CALCULATIONS}.csv", LONG),
    post("timeline_calendar", "25 years", "/v1/timelines.ics", {**CASE, "reference": "r"}),
    post("timeline_table", "25 years", "/v1/timelines.csv", CASE),
    post("timeline", "25 years", "/v1/timelines", CASE),
    post(
        "timeline",
        "1,000 events",
        "/v1/timelines",
        {"profile": "swindon", "events": many_events(1_000), "as_of": "2026-01-06"},
    ),
    post(
        "timeline",
        "30 children, 5 profiles",
        "/v1/timelines",
        {
            "profiles": WHOLE_PROFILES[:5],
            "events": [SERIES],
            "as_of": "2026-01-06",
            "until": "2035-01-01",
            "children": [{"reference": f"c{place}"} for place in range(30)],
        },
    ),
    post(
        "timeline",
        "a calendar file with ten alarms",
        "/v1/timelines?alarm=1,2,3,4,5,6,7,8,9,10",
        {**CASE, "reference": "r"},
        accept="text/calendar",
    ),
    post("recalculate", "25 years twice", "/v1/timelines/recalculations", {**CASE, "earlier_events": [SERIES]}),
    post(
        "timeliness",
        "200 cases",
        "/v1/timelines/timeliness",
        {"profile": "swindon", "as_of": "2026-01-06", "timelines": [{"events": many_events(100)}] * 200},
    ),
    post(
        "compare",
        "1,000 events for 25 years",
        "/v1/comparisons",
        {"before": {"profile": "swindon"}, "after": {"profile": "barnet"}, "events": [SERIES] * 1_000, "until": FAR},
    ),
    post(
        "compare",
        "six profiles for 25 years",
        "/v1/comparisons",
        {"profiles": WHOLE_PROFILES, "event": SERIES, "until": FAR},
    ),
    post(
        "check_date",
        "a date that nothing explains",
        "/v1/checks",
        {"profile": "york", "event": ITEM["event"], "duty": "hold_cla_review", "date": "2031-05-06"},
    ),
    post(
        "post_due_date",
        "50 unknown facts",
        "/v1/due-dates",
        {
            "profile": "york",
            "event": "became_looked_after",
            "at": "2026-01-05",
            "duty": "hold_cla_review",
            **UNKNOWN_FACTS,
        },
    ),
    post(
        "validate_profile",
        "8,000 alternatives",
        "/v1/profiles/validations",
        {"document": {**PROFILE, "rules": [{**RULE, "reading": "r", "alternatives": ALTERNATIVES}]}},
    ),
    post(
        "validate_profile",
        "1,000 unknown events",
        "/v1/profiles/validations",
        {
            "document": {
                **PROFILE,
                "rules": [{**RULE, "id": f"r{n}", "event": f"strategy_discusion_{n}"} for n in range(1_000)],
            }
        },
    ),
    post(
        "validate_profile",
        "120,000 faults",
        "/v1/profiles/validations",
        {"document": {**PROFILE, "rules": [{"id": f"r{n}"} for n in range(20_000)]}},
    ),
    post("validate_profile_toml", "20,000 rules", "/v1/profiles/validations.toml", TOML, "application/toml"),
    post("validate_profile_csv", "20,000 rules", "/v1/profiles/validations.csv", b"\n".join(SHEET), "text/csv"),
    post("validate_profile_xlsx", "no workbook", "/v1/profiles/validations.xlsx", b"PK" + b"\0" * (MIB - 2), XLSX),
    upload("import_return", "60,000 episodes", IMPORT, episodes(60_000), {"as_of": "2026-03-31"}),
    # A minute of a core each: a county's whole return is legal, and takes as long as it takes, one at a time.
    *timeliness_of_returns(3_000),
    get("get_profile_workbook", "/v1/profiles/statutory-england/versions/1/workbook"),
    get("new_workbook", "/v1/workbook?key=exampleton"),
    get("get_due_date", "/v1/due-dates?profile=york&event=became_looked_after&at=2026-01-05&duty=hold_cla_reviw"),
    get("add_working_days", "/v1/working-days/add?calendar=england-and-wales&start=1970-01-01&days=9000"),
    get("count_working_days", "/v1/working-days/count?calendar=england-and-wales&start=1970-01-01&end=2050-01-01"),
    get("check_working_day", "/v1/working-days/check?calendar=england-and-wales&date=2026-01-05"),
    get("list_event_types", "/v1/event-types"),
    get("list_facts", "/v1/facts"),
    get("list_duties", "/v1/duties"),
    get("find_words", "/v1/words?q=review+child+plan+visit"),
    get("get_form", "/v1/form?profile=statutory-england&event=became_looked_after"),
    get("list_profiles", "/v1/profiles"),
    get("get_profile", "/v1/profiles/statutory-england"),
    get("get_profile_version", "/v1/profiles/statutory-england/versions/1"),
    get("get_rule", "/v1/profiles/swindon/versions/1/rules/icpc-heldd"),
    get("diff_versions", "/v1/profiles/statutory-england/diff?from=1&to=1"),
    get("list_calendars", "/v1/calendars"),
    get("get_calendar", "/v1/calendars/england-and-wales"),
    get("get_calendar_version", "/v1/calendars/england-and-wales/versions/1"),
    get("health", "/healthz"),
    get("readiness", "/readyz"),
    get("version", "/version"),
    get("metrics", "/metrics"),
    get("list_problems", "/problems"),
    get("get_problem", "/problems/overloaded"),
    get(None, "/profiles/statutory-england?by=event"),
    get(None, "/profiles/swindon?q=review"),
    get(None, "/calendars/england-and-wales"),
    get(None, "/openapi.json"),
]

# For a run of seconds: the long answers and the long work, but for the minutes of a whole return.
LONG_ONES = {"calculate_batch", "compare", "import_return", "recalculate", "timeline", "timeline_calendar"}
LONG_ONES |= {"validate_profile", "get_profile_workbook"}
QUICKER = [*(rude for rude in RUDE if rude.operation in LONG_ONES), *timeliness_of_returns(200)]
