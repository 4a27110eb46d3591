"""HTML responses, including problems, under a strict content security policy."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar, cast

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.services.observability import metrics
from app.services.problems import TITLES, Problem
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.snapshot import Snapshot
from app.services.work import CURRENT, Work, WorkBudget, too_many_bytes
from app.web.templating import render

Params = ParamSpec("Params")
Result = TypeVar("Result")
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# Makes a browser prompt for a user name and password; the key is accepted as the password.
ASK_FOR_KEY = 'Basic realm="Practice Deadlines: any name, the key as password", charset="UTF-8"'


BudgetOf = Callable[[str | None], WorkBudget]
# The operation that does a page's work for other callers: the page has its budget.
TWINS = {
    "/explorer": "compare",
    "/check": "check_date",
    "/case": "recalculate",
    "/caseload": "timeliness",
    "/profiles/{key}/diff": "diff_versions",
    "/drafts": "draft_impact",
    "/drafts/{key}/{draft}": "draft_impact",
}


class PageRoute(APIRoute):
    """A route that reports problems as HTML pages, within the budget of work of the operation that it stands for."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler: bound its work, turn problems into pages and add the security headers."""
        inner = super().get_route_handler()
        twin = TWINS.get(self.path)

        async def handle(request: Request) -> Response:
            budget_of: BudgetOf = request.app.state.page_budgets
            budget = budget_of(twin)
            CURRENT.set(Work(budget))
            try:
                response = await inner(request)
                if len(getattr(response, "body", b"")) > budget.answer_bytes:
                    raise too_many_bytes(budget.answer_bytes)
            except Problem as problem:
                response = problem_page(problem)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return handle


async def in_thread(
    request: Request, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
) -> Result:
    """Render a long page in a thread, under the application's limiter of heavy work."""
    limiter = request.app.state.limits.heavy
    return cast(Result, await limiter.run(request.scope, request.receive, work, *args, **kwargs))


def ready_snapshot(live: SnapshotHolder) -> Snapshot:
    """Return the current snapshot. Raises `Problem` if nothing is loaded yet."""
    snapshot = live.snapshot
    if not snapshot.ready:
        raise Problem("not-ready", "No profile and calendar are loaded yet.", headers={"Retry-After": "2"})
    return snapshot


def page(template: str, *, cache: str = "no-cache", status: int = 200, **context: Any) -> Response:
    """Render a page."""
    return HTMLResponse(render(template, **context), status, {"Cache-Control": cache})


def problem_page(problem: Problem) -> Response:
    """Render a problem as a page, with the same status and headers as in the API."""
    metrics.count_problem(problem.kind)
    response = page(
        "problem.html",
        status=problem.status,
        cache="no-store",
        here="",
        title=TITLES[problem.kind][1],
        detail=problem.detail,
        faults=problem.faults,
    )
    response.headers.update(problem.headers)
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = ASK_FOR_KEY
    return response
