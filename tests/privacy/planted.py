"""Values that appear nowhere else, put wherever a caller can put one, and requests of every kind that carry them."""

import gzip
import io
import json
import zipfile
from typing import Any

import httpx

DATE_OF_BIRTH = "2013-07-09"
DELIVERY = "2031-11-23"
NOTES = "planted-note-7f3a"
REFERENCE = "planted-reference-91c2"
FAULT = "planted-fault-55aa"
QUERY = "planted-query-c0de"
ADDRESS = "planted-address-d00d"
HEADER = "planted-header-beef"
GUESS = "pd_plantedplan2_" + "G" * 43
TOKEN = "eyJwbGFudGVkIjoidG9rZW4ifQ.planted.token"
PASSWORD = "planted-password-4242"
LINE = "planted-line-1a2b"
# Standards are no case: a draft is stored as it was sent, and so shows that the search finds what is there.
STORED = "A title that is kept 3c3c"
FAILURE = "planted-failure-6e6e"
FAILING_DATE = "datetime.date(2016, 2, 29)"
NUMBER = 987654321

EVERY = (
    *(DATE_OF_BIRTH, DELIVERY, NOTES, REFERENCE, FAULT, QUERY, ADDRESS, HEADER, GUESS, TOKEN, PASSWORD, LINE, FAILURE),
    *(str(NUMBER), "planted", "2016-02-29", FAILING_DATE),
)

EVENT = {"type": "strategy_discussion_held", "occurred_at": "2025-12-18T14:30:00+00:00"}
FACTS = {"section_47_initiated": True, "child_date_of_birth": DATE_OF_BIRTH, "review_number": NUMBER}
GOOD = {
    "profile": "swindon",
    "event": EVENT,
    "facts": {"section_47_initiated": True, "child_date_of_birth": DATE_OF_BIRTH},
    "reference": REFERENCE,
    "explain": True,
}
PREGNANCY = {
    "profile": "york",
    "event": {"type": "pregnancy_notified", "occurred_at": "2031-05-01"},
    "facts": {"expected_delivery_date": DELIVERY},
    "reference": REFERENCE,
}
CASE = {
    "profile": "swindon",
    "events": [{**EVENT, "id": NOTES}],
    "facts": {"child_date_of_birth": DATE_OF_BIRTH},
    "as_of": "2026-01-20T09:00:00+00:00",
    "reference": REFERENCE,
}
BODIES: tuple[tuple[str, Any], ...] = (
    ("/v1/calculations", GOOD),
    ("/v1/calculations", PREGNANCY),
    ("/v1/calculations", {**GOOD, "facts": FACTS}),
    ("/v1/calculations", {**GOOD, "facts": {"placement_type": FAULT, FAULT: FAULT}}),
    ("/v1/calculations", {**GOOD, "profile": FAULT, FAULT: NOTES}),
    ("/v1/calculations", {**GOOD, "event": {"type": FAULT, "occurred_at": FAULT}}),
    ("/v1/calculations/batch", {"items": [GOOD, {"profile": FAULT}, FAULT]}),
    ("/v1/timelines", CASE),
    ("/v1/timelines", {**CASE, "events": [{"type": FAULT, "occurred_at": FAULT, "id": NOTES}]}),
    ("/v1/timelines/recalculations", {"timeline": CASE, "earlier": [{"id": FAULT}]}),
    ("/v1/timelines/timeliness", {"cases": [CASE]}),
    ("/v1/comparisons", {"profiles": ["swindon", "york"], "event": EVENT, "facts": GOOD["facts"]}),
    ("/v1/checks", {**GOOD, "duty": "hold_icpc", "date": "2026-01-14"}),
    ("/v1/checks", {**GOOD, "duty": FAULT, "date": FAULT}),
    ("/v1/due-dates", {"profile": "swindon", "event": EVENT["type"], "at": "2025-12-18", "duty": "hold_icpc", **FACTS}),
    ("/v1/profiles/exampleton/drafts", {"document": {"key": "exampleton", "title": STORED, "unknown": True}}),
)


def _workbook() -> bytes:
    """Pack a workbook whose sheet is no sheet."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", f"<Types>{FAULT}</Types>")
        archive.writestr("xl/workbook.xml", f"<{FAULT}>")
    return packed.getvalue()


def send_to_pages(client: httpx.Client, form: dict[str, str], headers: dict[str, str]) -> list[int]:
    """Send every form of the pages, good and bad, and give the statuses."""
    checked = {**form, "rule": "icpc-held", "claimed": "2026-01-14", "fact.child_date_of_birth": DATE_OF_BIRTH}
    table = (
        f"reference,event,at,team,worker,child_date_of_birth\n{REFERENCE},{EVENT['type']},2025-12-18,{NOTES},{LINE},"
    )
    caseload = {"table": f"{table}{DATE_OF_BIRTH}\n{FAULT},{FAULT},{FAULT},,,{FAULT}\n", "profile": "swindon"}
    faulty = {"table": f"event,at,{FAULT}\n{NOTES},{NOTES},{NOTES}\n", "profile": "swindon"}
    added = {"profile": "swindon", "reference": REFERENCE, "add.type": EVENT["type"], "add.date": FAULT, "other": NOTES}
    statuses = [
        client.post(path, data=data, headers=headers).status_code
        for path, data in (
            ("/explorer", form),
            ("/check", checked),
            ("/check", {**checked, "claimed": FAULT, "rule": FAULT}),
            ("/case", {"file": json.dumps(CASE)}),
            ("/case", {"file": FAULT}),
            ("/case", {**added, "earlier": NOTES, "search": NOTES, "case.fact.child_date_of_birth": DATE_OF_BIRTH}),
            *(("/caseload", {**caseload, "as": kind, "team": NOTES}) for kind in ("page", "csv", "calendar")),
            ("/caseload", faulty),
        )
    ]
    for accept in ("text/html", "application/x-ndjson"):
        statuses.append(client.post("/caseload", data=caseload, headers={**headers, "Accept": accept}).status_code)
    for content in (f"{table}\n".encode(), b"PK\x03\x04" + FAULT.encode(), _workbook()):
        statuses.append(client.post("/caseload/workbook", content=content, headers=headers).status_code)
    return statuses


def send_returns(client: httpx.Client, headers: dict[str, str]) -> list[int]:
    """Send a return of each kind, good and bad, and give the statuses."""
    born = DATE_OF_BIRTH
    census = (
        f"<Message><Header><Collection>CIN</Collection><ReferenceDate>2026-03-31</ReferenceDate></Header><Children>"
        f"<Child><ChildIdentifiers><LAchildID>{REFERENCE}</LAchildID><UPN>{NOTES}</UPN><PersonBirthDate>{born}"
        f"</PersonBirthDate></ChildIdentifiers><CINdetails><CINreferralDate>2025-05-01</CINreferralDate>"
        f"<CINclosureDate>{LINE}</CINclosureDate><{FAULT}>{FAULT}</{FAULT}></CINdetails></Child></Children></Message>"
    )
    episodes = (
        f"CHILD,DECOM,RNE,LS,PLACE,DEC,REC\n{REFERENCE},01/05/2025,S,V2,U6,{LINE},{FAULT}\n{NOTES},{FAULT},S,,,,\n"
    )
    people = f"pers_person_id,pers_dob\n{REFERENCE},{born}\n{NOTES},{FAULT}\n"
    contacts = (
        f"Child Unique ID,Date of Birth,Date of Contact\n{REFERENCE},{born},01/05/2025\n{NOTES},{FAULT},{FAULT}\n"
    )
    statuses = []
    for source, content in (
        ("cin-census", census),
        ("cin-census", f"<!DOCTYPE a [<!ENTITY b '{FAULT}'>]><a>&b;</a>"),
        ("cin-census", f"<Message>{FAULT}"),
        ("ssda903", episodes),
        ("ssda903", f"{FAULT},{NOTES}\n{LINE},{LINE}\n"),
        ("standard-safeguarding-dataset", people),
        ("annex-a", contacts),
        ("annex-a", f"PK\x03\x04{FAULT}"),
    ):
        for accept in ("application/json", "application/x-ndjson", "text/csv"):
            sent = {"file": (f"{FAULT}.csv", content.encode())}
            more = {"request": json.dumps({"as_of": FAULT} if accept == "text/csv" else {})}
            path = f"/v1/imports/{source}"
            answer = client.post(path, files=sent, data=more, headers={**headers, "Accept": accept})
            statuses.append(answer.status_code)
    # More than is in memory of a file that is sent: the rest of it is in the temporary folder.
    long = "\n".join(episodes.splitlines() * 13_000)
    assert len(long) > 1024 * 1024
    answer = client.post("/v1/imports/ssda903", files={"file": (NOTES, long.encode())}, headers=headers)
    return [*statuses, answer.status_code]


def send_everything(client: httpx.Client, key: str) -> list[int]:
    """Send every kind of request, good and bad, and give the statuses."""
    statuses = []
    headers = {"X-API-Key": key, "User-Agent": HEADER, "X-Request-Id": f"{HEADER} {NOTES}", "Cookie": f"a={HEADER}"}
    for path, body in BODIES:
        for accept in ("application/json", "text/calendar", "text/csv"):
            statuses.append(client.post(path, json=body, headers={**headers, "Accept": accept}).status_code)
    for content, kind in (
        (f'{{"{FAULT}": '.encode(), "application/json"),
        (f'{{"{FAULT}": 1, "{FAULT}": 2}}'.encode(), "application/json"),
        (b"\xff" + FAULT.encode(), "application/json"),
        (FAULT.encode(), f"text/{FAULT}"),
        (f"{json.dumps(GOOD)}\n{LINE}\n{json.dumps({'profile': LINE})}\n".encode(), "application/x-ndjson"),
        (gzip.compress(FAULT.encode()), "application/json"),
    ):
        for path in ("/v1/calculations", "/v1/calculations/batch", "/v1/timelines"):
            packed = {"Content-Encoding": "gzip"} if content[:2] == b"\x1f\x8b" else {}
            answer = client.post(path, content=content, headers={**headers, **packed, "Content-Type": kind})
            statuses.append(answer.status_code)
    for path in (
        f"/v1/due-dates?profile=swindon&event=pregnancy_notified&at=2031-05-01&duty={QUERY}&expected_delivery_date={DELIVERY}",
        f"/v1/due-dates?profile={QUERY}&child_date_of_birth={DATE_OF_BIRTH}&{QUERY}={QUERY}",
        f"/v1/working-days/add?calendar={QUERY}&start={QUERY}&days={QUERY}",
        f"/v1/profiles/{ADDRESS}?{QUERY}={QUERY}",
        f"/v1/calendars/{ADDRESS}",
        f"/{ADDRESS}/{DATE_OF_BIRTH}",
        f"/explorer?profile={QUERY}&event={QUERY}",
        f"/profiles/{ADDRESS}",
    ):
        statuses.append(client.get(path, headers=headers).status_code)
    statuses += send_returns(client, headers)
    form = {"profile": "swindon", "event": EVENT["type"], "date": "2025-12-18", "child_date_of_birth": DATE_OF_BIRTH}
    statuses += send_to_pages(client, {**form, "notes": NOTES, "search": NOTES}, headers)
    for credentials in (
        {"X-API-Key": GUESS},
        {"Authorization": f"Bearer {TOKEN}"},
        {"Authorization": f"Bearer {GUESS}"},
        {"Authorization": f"{HEADER} {TOKEN}"},
    ):
        statuses.append(client.get("/v1/profiles", headers=credentials).status_code)
    statuses.append(client.get("/v1/profiles", auth=("anybody", PASSWORD)).status_code)
    return statuses
