"""The HTML pages: the explorer, the profiles, the calendars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, FastAPI, params
from starlette.requests import Request
from starlette.responses import Response

from app.services import catalogue
from app.services.calculation.flat_request import PERSONAL
from app.services.problems import nothing_here
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import NoQuery, QueryModel, integer_from_path
from app.services.zone import LONDON
from app.web.assets import assets
from app.web.case_form import MAX_CASE_BYTES, MAX_CASE_FIELDS, CaseForm, case_from_file, case_from_pairs
from app.web.case_page import case_page
from app.web.caseload_pages import CaseloadPages
from app.web.check_page import Verdict, check
from app.web.closures_pages import ClosuresPages
from app.web.comparison import compare
from app.web.differences import differences
from app.web.drafts_pages import DraftPages
from app.web.forms import ExplorerForm, read_form, read_pairs
from app.web.queries import (
    CaseLink,
    ClosuresQuery,
    DraftQuery,
    DraftsQuery,
    EventLink,
    KeyQuery,
    NewWorkbookQuery,
    RulesQuery,
    VersionsQuery,
    YearQuery,
    query_of,
)
from app.web.questions import questions
from app.web.reading import read
from app.web.results import Failure, Result, calculate_result, timeline
from app.web.returns_pages import ReturnsPages
from app.web.routing import BudgetOf, PageRoute, in_thread, page, ready_snapshot
from app.web.scale import SPANS
from app.web.year import sheet, years

Guard = Callable[[str], params.Security]
CACHE_FOREVER = "public, max-age=31536000, immutable"


def mount(app: FastAPI, live: SnapshotHolder, guard: Guard, budget_of: BudgetOf) -> None:
    """Add the pages to the application, with the budgets of the operations that they stand for."""
    app.state.page_budgets = budget_of
    app.include_router(routes(live, guard))


def routes(live: SnapshotHolder, guard: Guard) -> APIRouter:
    """Return the router of every page; `guard` makes the dependency that lets a caller with a scope through."""
    pages = Pages(live)
    caseload = CaseloadPages(live)
    router = APIRouter(route_class=PageRoute, include_in_schema=False)

    def add(
        method: str, path: str, handler: Callable[..., Any], scope: str | None, query: type[QueryModel] = NoQuery
    ) -> None:
        # Whoever may not see a page does not learn what it takes either.
        needs = [*([guard(scope)] if scope else []), query_of(query)]
        router.add_api_route(path, handler, methods=[method], dependencies=needs, response_model=None)

    def get(
        path: str, handler: Callable[..., Any], scope: str | None = "read", query: type[QueryModel] = NoQuery
    ) -> None:
        add("GET", path, handler, scope, query)

    get("/", pages.start)
    get("/explorer", pages.explorer, query=EventLink)
    get("/profiles", pages.profiles)
    get("/profiles/{key}", pages.profile, query=RulesQuery)
    get("/profiles/{key}/diff", pages.diff, query=VersionsQuery)
    get("/profiles/{key}/versions/{version}", pages.profile_version, query=RulesQuery)
    get("/calendars", pages.calendars)
    get("/calendars/{key}", pages.calendar, query=YearQuery)
    returns = ReturnsPages(live)
    get("/returns", returns.index)
    get("/returns/{key}", returns.one)
    get("/assets/{mark}/{name}", pages.asset, None)

    def post(path: str, handler: Callable[..., Any], scope: str = "calculate") -> None:
        add("POST", path, handler, scope)

    post("/explorer", pages.calculate)
    get("/check", pages.check, query=EventLink)
    post("/check", pages.checked)
    get("/case", pages.case, query=CaseLink)
    post("/case", pages.worked_case)
    get("/caseload", caseload.empty)
    post("/caseload", caseload.answer)
    post("/caseload/workbook", caseload.workbook)
    closures = ClosuresPages(live)
    get("/calendars/{key}/closures", closures.empty, "publish", ClosuresQuery)
    post("/calendars/{key}/closures", closures.sent, "publish")
    drafts = DraftPages(live)
    get("/drafts", drafts.list, "calculate", DraftsQuery)
    post("/drafts", drafts.checked)
    get("/drafts/key", drafts.another_key, "calculate", KeyQuery)
    get("/drafts/workbook", drafts.new_workbook, "calculate", NewWorkbookQuery)
    get("/drafts/{key}/{draft}", drafts.draft, "review", DraftQuery)
    get("/drafts/{key}/{draft}/workbook", drafts.workbook, "review")
    post("/drafts/{key}/{draft}/publish", drafts.publish, "publish")
    post("/drafts/{key}/{draft}/send-back", drafts.send_back, "publish")
    return router


class Pages:
    """The handlers of the pages, over the current snapshot."""

    def __init__(self, live: SnapshotHolder) -> None:
        self._live = live

    def snapshot(self) -> Snapshot:
        """Return the current snapshot. Raises `Problem` if nothing is loaded yet."""
        return ready_snapshot(self._live)

    async def start(self) -> Response:
        """Show the start page."""
        snapshot = self.snapshot()
        return page("start.html", here="start", profiles=len(snapshot.profiles), calendars=len(snapshot.calendars))

    async def explorer(self, request: Request) -> Response:
        """Show the empty form. A link may choose the profile and the event, but nothing about a child."""
        chosen: EventLink = request.state.query
        entered = ExplorerForm(profile=chosen.profile or "", event=chosen.event or "")
        return self._explorer(request, entered, calculated=False)

    async def calculate(self, request: Request) -> Response:
        """Calculate what the form describes. Facts arrive in the body and are not stored."""
        entered, calculated = await read_form(request)
        return await in_thread(request, self._explorer, request, entered, calculated=calculated)

    def _explorer(self, request: Request, entered: ExplorerForm, *, calculated: bool) -> Response:
        snapshot = self.snapshot()
        form = questions(snapshot, entered, calculated=calculated)
        entered = replace(entered, event=form.event)
        answers = []
        if calculated:
            origin = str(request.base_url).rstrip("/")
            choices = [entered.profile or form.profile, *([entered.compare] if entered.compare else [])]
            answers = [calculate_result(snapshot, entered, choice, form.facts, origin) for choice in choices]
        results = tuple(item for item in answers if isinstance(item, Result))
        return page(
            "explorer.html",
            cache="no-store" if calculated else "no-cache",
            here="explorer",
            entered=entered,
            form=form,
            spans=SPANS,
            results=results,
            failures=[item for item in answers if not isinstance(item, Result)],
            drawings=[timeline(result, results, entered.span) for result in results],
            rows=compare(*results) if len(results) == 2 else (),
            specs=form.facts,
            personal=frozenset(PERSONAL),
        )

    async def check(self, request: Request) -> Response:
        """Show the form for a date to be checked. A link may choose the profile and the event."""
        chosen: EventLink = request.state.query
        return self._check(ExplorerForm(profile=chosen.profile or "", event=chosen.event or ""), checked=False)

    async def checked(self, request: Request) -> Response:
        """Check the date that the form holds."""
        entered, wanted = await read_form(request)
        return await in_thread(request, self._check, entered, checked=wanted)

    def _check(self, entered: ExplorerForm, *, checked: bool) -> Response:
        snapshot = self.snapshot()
        form = questions(snapshot, entered, calculated=checked)
        entered = replace(entered, event=form.event)
        result = check(snapshot, entered, form) if checked else None
        return page(
            "check.html",
            cache="no-store" if checked else "no-cache",
            here="check",
            entered=entered,
            form=form,
            verdict=result if isinstance(result, Verdict) else None,
            failure=result if isinstance(result, Failure) else None,
        )

    async def case(self, request: Request) -> Response:
        """Show an empty case. A link may choose the profile."""
        chosen: CaseLink = request.state.query
        return self._case(CaseForm(profile=chosen.profile or ""), answered=False)

    async def worked_case(self, request: Request) -> Response:
        """Work out the case that the form holds, or that a file holds which the reader opened."""
        pairs = await read_pairs(request, MAX_CASE_BYTES, MAX_CASE_FIELDS)
        file = dict(pairs).get("file")
        form = case_from_file(file) if file is not None else case_from_pairs(pairs)
        return await in_thread(request, self._case, form, answered=("step", "choose") not in pairs)

    def _case(self, form: CaseForm, *, answered: bool) -> Response:
        shown = case_page(self.snapshot(), form, answered=answered)
        return page("case.html", cache="no-store" if answered else "no-cache", here="case", form=form, shown=shown)

    async def profiles(self, request: Request) -> Response:
        """List every profile."""
        return await in_thread(request, self._profiles)

    def _profiles(self) -> Response:
        snapshot = self.snapshot()
        undated = {item.record.key: outline.not_computable for item, outline in snapshot.outlines()}
        return page(
            "profiles.html", here="profiles", profiles=catalogue.list_profiles(snapshot)["profiles"], undated=undated
        )

    async def profile(self, request: Request, key: str) -> Response:
        """Show the latest version of a profile."""
        snapshot = self.snapshot()
        latest = snapshot.latest_version(key)
        if latest is None:
            raise catalogue.not_found_problem(catalogue.SentName("profile", key, snapshot.profiles))
        return await in_thread(request, self._profile, request, snapshot, key, latest.version)

    async def profile_version(self, request: Request, key: str, version: str) -> Response:
        """Show one version of a profile."""
        return await in_thread(request, self._profile, request, self.snapshot(), key, integer_from_path(version))

    def _profile(self, request: Request, snapshot: Snapshot, key: str, version: int | str) -> Response:
        published = catalogue.find_version(snapshot, key, version)
        shown: RulesQuery = request.state.query
        query = (shown.q or "").strip()
        return page(
            "profile.html",
            here="profiles",
            key=key,
            published=published,
            document=published.record.resolved,
            summary=catalogue.summarise_version(snapshot, published),
            versions=snapshot.profiles[key],
            reading=read(published, shown.by, query),
            by=shown.by,
            query=query,
            path=request.url.path,
        )

    async def diff(self, request: Request, key: str) -> Response:
        """Compare two versions rule by rule, by default the last two that are not withdrawn."""
        return await in_thread(request, self._diff, request, key)

    def _diff(self, request: Request, key: str) -> Response:
        snapshot = self.snapshot()
        catalogue.check_names(catalogue.SentName("profile", key, snapshot.profiles))
        versions = [item.version for item in snapshot.profiles[key]]
        withdrawn = {item.version for item in snapshot.profiles[key] if item.withdrawn_at is not None}
        current = [each for each in versions if each not in withdrawn] or versions
        chosen: VersionsQuery = request.state.query
        after = current[-1] if chosen.to is None else chosen.to
        earlier = (
            [each for each in current if each < after] or [each for each in versions if each < after] or versions[:1]
        )
        before = earlier[-1] if chosen.from_ is None else chosen.from_
        old, new = (catalogue.find_version(snapshot, key, each) for each in (before, after))
        return page(
            "diff.html",
            here="profiles",
            key=key,
            title=new.record.title,
            versions=versions,
            withdrawn=withdrawn,
            before=before,
            after=after,
            differences=differences(old, new),
        )

    async def calendars(self) -> Response:
        """List every calendar."""
        return page(
            "calendars.html", here="calendars", calendars=catalogue.list_calendars(self.snapshot())["calendars"]
        )

    async def calendar(self, request: Request, key: str) -> Response:
        """Show a year of a calendar, by default this year."""
        return await in_thread(request, self._calendar, request, key)

    def _calendar(self, request: Request, key: str) -> Response:
        snapshot = self.snapshot()
        catalogue.check_names(catalogue.SentName("calendar", key, snapshot.calendars))
        chosen: YearQuery = request.state.query
        shown = snapshot.calendar(key, chosen.version)
        if shown is None:
            raise catalogue.not_found_problem(
                catalogue.SentName("version", chosen.version, [item.version for item in snapshot.calendars[key]])
            )
        offered = years(shown.calendar)
        this_year = datetime.now(LONDON).year
        year = min(max(this_year, offered[0]), offered[-1]) if chosen.year is None else chosen.year
        catalogue.check_names(catalogue.SentName("year", year, offered))
        return page(
            "calendar.html",
            here="calendars",
            key=key,
            published=shown,
            pinned=chosen.version is not None,
            versions=snapshot.calendars[key],
            years=offered,
            sheet=sheet(shown.calendar, year),
        )

    async def asset(self, mark: str, name: str) -> Response:
        """Serve a static file."""
        content = assets().get(name)
        if content is None or content.mark != mark:
            raise nothing_here()
        return Response(content.data, media_type=content.media_type, headers={"Cache-Control": CACHE_FOREVER})
