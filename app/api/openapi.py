"""Complete the OpenAPI document that FastAPI makes from the routes: what the framework cannot say.

Shapes, parameters, bodies and schemes come from the routes and their models; nothing here restates one.
"""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response, Security

from app.api.budgets import describe_budget
from app.api.problem_examples import problem_examples
from app.api.routing import ContractRoute
from app.api.schemas.common import ProblemDetails
from app.api.schemas.glossary import describe_fields
from app.api.security import OPEN_BY_DEFAULT, authorize_in_browser
from app.api.threads import HeavyThreads
from app.settings import Settings

TITLE = "Practice Deadlines"
SUMMARY = "Due dates of children's social care practice standards in England."
LICENSE = {"name": "MIT", "identifier": "MIT"}
DESCRIPTION = """What is due, when, by whom, and from which paragraph: English children's social care practice standards
as versioned, cited data.

Send an event under a profile to `POST /v1/calculations`. Error responses are `application/problem+json` and list every
fault at once. In requests, a field that is null or an empty text is absent. Wherever a date is wanted a date-time is
taken too, and means the day in London that it lies in. Clients should expect new fields and new values of enumerations.

**A first answer**: open *calculations*, `POST /v1/calculations`, press *Try it out* and *Execute*. Where the operator
asks for a key, press *Authorize* first and paste it. **To find what to send**: `GET /v1/words` finds events, facts and
duties by the words that you use; `GET /v1/event-types?profile=swindon` says what each event starts; `GET /v1/form`
gives just the facts that matter. The same without code: the [explorer](explorer), [one case](case),
[a date to check](check) and the [profiles](profiles) to read.
"""
TAGS = [
    {
        "name": "calculations",
        "description": (
            "One event in, obligations out: what is due, when, by whom, from which paragraph. One at a time, up to a "
            "thousand in a list, or any number as lines. What cannot be decided yet is under `undetermined`, with the "
            "facts that would settle it. The same in a form: the [explorer](explorer)."
        ),
    },
    {
        "name": "cases",
        "description": (
            "Whole cases: what the events of a case make due, what shows it done, what is late and what is still to "
            "come; what changes when a date moves; figures of timeliness; standards compared; and whether a date that "
            "somebody else worked out is right. The same on pages: [one case](case), [check a date](check)."
        ),
    },
    {
        "name": "returns",
        "description": (
            "What councils send to the Department for Education and Ofsted, read into cases: the children in need "
            "census, the SSDA903 return, the Standard Safeguarding Dataset and the Annex A lists. What becomes of each "
            "column is on a page of each: [returns](returns)."
        ),
    },
    {
        "name": "due dates",
        "description": (
            "One due date as one flat object, or everything that an event starts as a list of them, for tools that "
            "neither build nor read nested JSON. Check `status` first: `due`, `due_unless` (a fact in `needs` could "
            "make it earlier), `undetermined` (a fact is missing) or `not_applicable` (the facts say no)."
        ),
    },
    {
        "name": "working days",
        "description": (
            "Add, count and check working days on a calendar. The start is day 0 and is not counted; from a "
            "non-working day, day 1 is the next working day. The calendars are under *catalogue*, and "
            "[as pages](calendars)."
        ),
    },
    {
        "name": "catalogue",
        "description": (
            "What there is to send: events, facts and duties, found by words, by profile and by what starts what; and "
            "the profiles and calendars with every version. Answers carry an `ETag`: send it as `If-None-Match`, and "
            "what did not change is not sent again. The profiles [as pages](profiles)."
        ),
    },
    {
        "name": "authoring",
        "description": (
            "Write, check, publish and withdraw profiles, and change calendars. It needs a key with the scope for it. "
            "A published version never changes. Where two people are required, a change waits under `/v1/proposals`."
        ),
    },
    {
        "name": "operations",
        "description": (
            "Whether the service is alive and ready, what it measures, who changed what, and every "
            "[kind of problem](problems) with what mends it."
        ),
    },
]
REFERENCE = "#/components/schemas/{model}"
METRICS = "/metrics"


def servers(settings: Settings) -> list[dict[str, Any]] | None:
    """Return the address the service is reached at, where the operator names it (DEADLINES_DOCS_ORIGIN)."""
    return [{"url": settings.docs_origin}] if settings.docs_origin else None


def install(app: FastAPI, settings: Settings) -> None:
    """Publish the completed document, made once."""
    framework = app.openapi
    # Two threads that make it at once get in each other's way.
    making = Lock()

    def openapi() -> dict[str, Any]:
        with making:
            if app.openapi_schema is None:
                app.state.later.load()
                app.openapi_schema = complete(framework(), settings)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the documented way to publish one's own document
    _serve_as_written(app)


def _serve_as_written(app: FastAPI) -> None:
    """Serve the document, as bytes written once, to whoever may read the catalogue."""
    address = app.openapi_url
    assert address is not None
    app.router.routes[:] = [route for route in app.router.routes if getattr(route, "path", None) != address]
    app.state.written_documents = {}
    may_read = [Security(authorize_in_browser, scopes=["read"])]
    app.router.add_api_route(
        address, written_document, include_in_schema=False, dependencies=may_read, route_class_override=ContractRoute
    )


# Not inside `_serve_as_written`: the framework remembers every endpoint for good, and with it whatever it refers to.
async def written_document(request: Request, heavy: HeavyThreads) -> Response:
    """Return the document; the servers begin with the address under which a proxy put the service, if it says so."""
    app: FastAPI = request.app
    written: dict[str, bytes] = app.state.written_documents
    root: str = request.scope.get("root_path", "").rstrip("/")

    def write() -> bytes:
        servers = [{"url": root}, *(app.servers or ())] if root else app.servers
        return orjson.dumps(app.openapi() | ({"servers": servers} if servers else {}))

    if root not in written:
        data = await heavy(write)
        written.clear()
        written[root] = data
    return Response(written[root], media_type="application/json")


def complete(document: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Return the document with the error model, its operations' security, and nullable answers in one form."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    model = ProblemDetails.model_json_schema(ref_template=REFERENCE)
    schemas.update(model.pop("$defs", {}))
    schemas[ProblemDetails.__name__] = model
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _state_security(operation, settings, path)
            _only_own_problems(operation)
            _show_examples(operation)
            describe_budget(operation)
    for schema in [*_every_schema(document["paths"])]:
        # Of a shape that a route takes from its model: what it refers to.
        for name, definition in schema.pop("$defs", {}).items():
            schemas.setdefault(name, definition)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    for schema in _every_schema(document):
        _join_null(schema)
    describe_fields(document["components"]["schemas"])
    document["components"]["examples"] = problem_examples()
    return document


def _state_security(operation: dict[str, Any], settings: Settings, path: str) -> None:
    """Say which credentials an operation needs; the empty alternative, last, says that it may do without."""
    security: list[dict[str, list[str]]] = operation.setdefault("security", [])
    scopes = {scope for alternative in security for named in alternative.values() for scope in named}
    open_to_all = scopes <= OPEN_BY_DEFAULT and not settings.require_key
    if security and (open_to_all or (path == METRICS and settings.open_metrics)):
        security.append({})


def _only_own_problems(operation: dict[str, Any]) -> None:
    """Take out FastAPI's own validation error, and the empty content of 304 and 204."""
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if "HTTPValidationError" in str(content.get("application/json", "")):
            content.pop("application/json")
        if status in {"204", "304"}:
            response.pop("content", None)


def _show_examples(operation: dict[str, Any]) -> None:
    """Give each parameter the first example of its schema: the page fills in a parameter's own example alone."""
    for parameter in operation.get("parameters", []):
        if parameter["schema"].get("examples"):
            parameter.setdefault("example", parameter["schema"]["examples"][0])


def _every_schema(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in list(value.values()):
            yield from _every_schema(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _every_schema(inner)


def _join_null(schema: dict[str, Any]) -> None:
    """Write an answer's nullable simple type as `type: [string, "null"]`; a reference keeps its anyOf."""
    variants = schema.get("anyOf")
    if not isinstance(variants, list) or len(variants) != 2 or {"type": "null"} not in variants:
        return
    other = next(item for item in variants if item != {"type": "null"})
    if isinstance(other.get("type"), str) and "enum" not in other:
        del schema["anyOf"]
        schema.update({**other, "type": [other["type"], "null"]})
