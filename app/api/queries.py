"""Query strings: each parameter once."""

from __future__ import annotations

from starlette.requests import Request

from app.services.problems import Fault, Problem, summarise

LONGEST_VALUE = 500


def query_of(request: Request) -> dict[str, str]:
    """The query's parameters. Raises Problem where one is sent twice or is far too long; values are not repeated."""
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for name, value in request.query_params.multi_items():
        if name in found:
            faults.append(Fault(name[:100], "this parameter is sent twice", "send it once"))
        if len(value) > LONGEST_VALUE:
            faults.append(Fault(name[:100], "this value is too long", f"send at most {LONGEST_VALUE} characters"))
        found[name] = value
    if faults:
        raise Problem("invalid-request", summarise(faults), faults)
    return found
