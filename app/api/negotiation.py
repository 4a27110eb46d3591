"""Which form of an answer the caller accepts: JSON, an iCalendar file or a table."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.queries import query_of
from app.api.rendering import answer
from app.services.calculation.response import Json
from app.services.exports.csv_table import obligations_csv
from app.services.exports.icalendar import obligations_icalendar
from app.services.problems import Fault, Problem

JSON, CALENDAR, CSV = "application/json", "text/calendar", "text/csv"
OFFERED = (JSON, CALENDAR, CSV)
PLAIN = frozenset({"", "*/*", JSON})
MOST_ALARMS = 10

AlarmQuery = Annotated[
    str | None,
    Query(description="With text/calendar: days before each due date to be reminded, such as 1,7.", max_length=60),
]
SequenceQuery = Annotated[
    str | None, Query(description="With text/calendar: a whole number that rises with each change.", max_length=10)
]
BomQuery = Annotated[
    str | None, Query(description="With text/csv: true marks the file as UTF-8 for spreadsheets.", max_length=5)
]


def offered(description: str) -> dict[str, Any]:
    """The further forms of an answer, as OpenAPI declares them."""
    text = {"schema": {"type": "string"}}
    return {"description": description, "content": {CALENDAR: text, CSV: text}}


def accepted(header: str) -> str:
    """The form to answer in. Raises Problem where the caller takes none of them."""
    if header in PLAIN or not header.strip():
        return JSON
    ranked: list[tuple[float, int, str]] = []
    for place, item in enumerate(header.split(",")):
        kind, *parameters = (part.strip().lower() for part in item.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    weight = float(parameter[2:])
                except ValueError:
                    weight = 0.0
        for form in OFFERED:
            if kind in {form, "*/*", form.partition("/")[0] + "/*"} and weight > 0:
                ranked.append((-weight, place if kind == form else 1000 + OFFERED.index(form), form))
                break
    if not ranked:
        fault = Fault("Accept", "none of these can be given", f"accept {', '.join(OFFERED)}", header[:100])
        raise Problem("not-acceptable", "The answer cannot be given in any of those forms.", [fault])
    return min(ranked)[2]


def negotiated(request: Request, form: str, body: Json, headers: dict[str, str] | None = None) -> Response:
    """The answer in the form chosen. Raises Problem where a parameter of that form is wrong."""
    if form == JSON:
        return answer(body, headers={"Vary": "Accept", **(headers or {})})
    query = query_of(request)
    if form == CSV:
        data = obligations_csv(body, bom=query.get("bom", "").lower() == "true")
        return _file(data, "text/csv; charset=utf-8; header=present", "obligations.csv")
    data = obligations_icalendar(
        body, alarms=_numbers(query, "alarm", MOST_ALARMS), sequence=(*_numbers(query, "sequence", 1), 0)[0]
    )
    return _file(data, "text/calendar; charset=utf-8; method=PUBLISH", "obligations.ics")


def as_sent(data: bytes, headers: dict[str, str]) -> Response:
    """A JSON answer that was written already."""
    return Response(data, 200, {"Vary": "Accept", **headers}, JSON)


def _file(data: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": kind, "Vary": "Accept"}
    return Response(data, headers=headers)


def _numbers(query: dict[str, str], name: str, most: int) -> list[int]:
    parts = [part.strip() for part in query.get(name, "").split(",") if part.strip()]
    if len(parts) > most or not all(part.isascii() and part.isdigit() and len(part) <= 10 for part in parts):
        fault = Fault(name, "this takes whole numbers", f"send up to {most} of them, separated by commas")
        raise Problem("invalid-request", "A parameter cannot be understood.", [fault])
    return [int(part) for part in parts]
