"""Answer a request with every fault at once, in whichever part of it they are, under the status of the gravest.

The order of gravity: an address that names nothing (404); a body that cannot be read (400, 408, 413, 415); a revision
that is missing or is none (428, 412); a form of answer that does not exist (406); and whatever else is not valid (422).
So broken JSON with a misspelt parameter is 400, and both are in `errors`.

Some refusals stand alone, because nothing else is known yet or is for the caller to know: a key, a scope or an
allowance that is missing comes before anything is said of the request (401, 403, 429), and so does a service that is
not ready (503). What the server itself cannot parse has no parts to look at. What only the database, the finished
answer or the check of a document tells (a draft that has gone, a revision changed meanwhile, too much work, a day that
a calendar cannot have) is looked for in a sound request. A form or lines are read once the address and the headers are
sound: their faults come by themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from app.api.bodies import body_problem
from app.api.threads import heavy_threads
from app.api.unexpected import SentOnce
from app.services.problems import MAX_FAULTS, Fault, Problem, nothing_here, summarise
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import Faults, RequestModel, add_domain_faults, faults_of, models_in, union_tag

GRAVEST_FIRST = (
    "not-found",
    "invalid-json",
    "request-timeout",
    "body-too-large",
    "unsupported-media-type",
    "precondition-required",
    "precondition-failed",
    "not-acceptable",
    "invalid-request",
)
"""The kinds of problem that are answered together with the others of a request; any other 422 is the least grave."""
BODY = "(body)"
ABSENT_HEADER = frozenset({"missing", "string_too_short"})
OF_HEADERS = {
    "If-Match": ("precondition-failed", "No revision has that ETag."),
    "Accept": ("not-acceptable", "The answer cannot be given in any of those forms."),
}


async def problem_of_invalid(request: Request, error: RequestValidationError) -> Problem:
    """Return the problem of a request that FastAPI refused, with that of its body, if that cannot be read."""
    unread = body_problem(request)
    threads = await heavy_threads(request)
    if isinstance(error.body, RequestModel):
        # A long body that is sound by itself: what the domain finds in it may take long.
        return await threads(validation_problem, request, error)
    return await threads.if_long(validation_problem, request, error, [unread] if unread is not None else [])


async def add_other_faults(request: Request, problem: Problem) -> Problem:
    """Return a problem that a dependency raised, with what is wrong elsewhere in the address and the headers.

    FastAPI looks at those after its dependencies, so a file of an unknown media type would hide a misspelt parameter.
    """
    route = request.scope.get("route")
    if problem.kind not in GRAVEST_FIRST or not isinstance(route, APIRoute):
        return problem
    errors = [*_errors_outside_body(route.dependant, request)]
    if not errors and not any(fault.path == BODY for fault in problem.faults):
        return problem
    threads = await heavy_threads(request)
    return await threads.if_long(validation_problem, request, RequestValidationError(errors), [problem])


def _errors_outside_body(dependant: Dependant, request: Request) -> Iterator[Any]:
    """Yield FastAPI's errors of the path, the query and the headers of a request, its dependencies' among them."""
    query = SentOnce(request.scope["query_string"])
    for field in dependant.query_params:
        value: Any = dict(query) if models_in(field.field_info.annotation) else query.get(field.alias)
        yield from field.validate(value, {}, loc=("query",))[1] or ()
    for fields, values in ((dependant.path_params, request.path_params), (dependant.header_params, request.headers)):
        for field in fields:
            place, value = cast(Any, field.field_info).in_.value, values.get(field.alias)
            if value is not None:
                yield from field.validate(value, {}, loc=(place, field.alias))[1] or ()
            elif field.field_info.is_required():
                yield {"type": "missing", "loc": (place, field.alias), "msg": "", "input": None}
    for each in dependant.dependencies:
        yield from _errors_outside_body(each, request)


def validation_problem(request: Request, error: RequestValidationError, first: Sequence[Problem] = ()) -> Problem:
    """Return the problem of a request of another shape: those faults, and what the domain finds in the sound part.

    `first` is what was already found wrong with it, such as a body that cannot be read; the body is not looked at then.
    """
    errors: dict[str, list[Any]] = defaultdict(list)
    for item in error.errors():
        errors[item["loc"][0]].append({**item, "loc": item["loc"][1:]})
    problems = [*first]
    if errors["path"]:
        problems.append(replace(nothing_here(), faults=faults_of(errors["path"], None)))
    problems += [_problem_of_header(item) for item in errors["header"]]
    snapshot = cast(Snapshot, request.app.state.holder.snapshot)
    problems += _unpublished(request, snapshot, {item["loc"][0] for item in errors["path"]})
    route = cast(APIRoute, request.scope["route"])
    body, body_errors = (None, []) if first else (error.body, errors["body"])
    if route.body_field is not None and body is not None and not body_errors:
        body, _ = route.body_field.validate(body, {}, loc=("body",))
    body_model, query_model = _body_model(route, body, body_errors), _query_model(route.dependant)
    faults = Faults(faults_of(errors["query"], query_model, whole="(query)") + faults_of(body_errors, body_model))
    for model, value in ((query_model, dict(request.query_params)), (body_model, body)):
        if model is not None and value is not None and snapshot.ready:
            add_domain_faults(faults, model, value, snapshot)
    if faults.collected:
        problems.append(faults.problem())
    return _joined(problems)


def _unpublished(request: Request, snapshot: Snapshot, faulty: Collection[str]) -> Iterator[Problem]:
    """Yield the problem of an address that names a profile, a calendar, a version or a rule that does not exist.

    Its `faulty` parts can name nothing, and have faults of their own.
    """
    from app.services.catalogue import check_address  # a start can do without it

    names = {name: value for name, value in request.path_params.items() if name not in faulty}
    if getattr(request.scope["route"], "is_published", False) and "key" in names and snapshot.ready:
        kind = "calendar" if request.scope["route"].path.startswith("/v1/calendars/") else "profile"
        try:
            check_address(snapshot, kind, **names)
        except Problem as problem:
            yield problem


def _joined(problems: list[Problem]) -> Problem:
    """Return the gravest problem with the faults of all."""
    ordered = sorted(problems, key=_gravity)
    gravest = ordered[0]
    if len(ordered) == 1:
        return gravest
    # The body and the query may have members of one name.
    said = {(fault.path, fault.message, fault.remedy): fault for problem in ordered for fault in problem.faults}
    faults = [*said.values()]
    detail = summarise(faults) if gravest.status == 422 else gravest.detail
    headers = {name: value for problem in reversed(ordered) for name, value in problem.headers.items()}
    return replace(gravest, detail=detail, faults=faults[:MAX_FAULTS], headers=headers)


def _gravity(problem: Problem) -> int:
    return GRAVEST_FIRST.index(problem.kind) if problem.kind in GRAVEST_FIRST else len(GRAVEST_FIRST)


def _problem_of_header(error: Any) -> Problem:
    (name,) = error["loc"]
    if error["type"] in ABSENT_HEADER:
        fault = Fault(name, "this header is missing", 'send the ETag that you read last, such as If-Match: "3"')
        detail = "Name the revision that you mean, so that nobody's change is lost."
        return Problem("precondition-required", detail, [fault])
    kind, detail = OF_HEADERS[name]
    return Problem(kind, detail, faults_of([error], None))


def _body_model(route: APIRoute, body: object, errors: list[Any]) -> type[RequestModel] | None:
    """Return the model of the body: its own where it is sound; of a union, the one whose tag the errors carry."""
    if isinstance(body, RequestModel):
        return type(body)
    if route.body_field is None:
        return None
    models = [model for model in models_in(route.body_field.field_info.annotation) if issubclass(model, RequestModel)]
    tags = {error["loc"][0] for error in errors if error["loc"]}
    chosen = [model for model in models if union_tag(model) in tags] or models
    return chosen[0] if chosen else None


def _query_model(dependant: Dependant) -> type[RequestModel] | None:
    """Return the model of the query, which the route or one of its dependencies declares."""
    models = [model for field in dependant.query_params for model in models_in(field.field_info.annotation)]
    inner = (_query_model(each) for each in dependant.dependencies)
    own = (model for model in models if issubclass(model, RequestModel))
    return next(own, None) or next((model for model in inner if model is not None), None)
