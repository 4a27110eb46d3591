"""The page on which an authority's closure days are listed, tried and published, or proposed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.services.ports import Proposal, ProposalAction
from app.services.problems import Problem
from app.services.publishing.calendar_versions import Change
from app.services.publishing.closure_list import read_table
from app.services.publishing.proposals import change_calendar, propose_change
from app.services.publishing.request import ClosureDays
from app.services.snapshot.holder import SnapshotHolder
from app.services.validation import read
from app.web.queries import ClosuresQuery
from app.web.routing import page, ready_snapshot
from app.web.writing import caller_of, context_of, in_database, posted_fields

ACTION: ProposalAction = "add_closure_days"
# Where the form asks for what a fault is about; a fault of a row is about the list.
FIELDS = ("source", "extends", "title", "name", "reason")


@dataclass(frozen=True, slots=True)
class ClosuresForm:
    """The fields of the form as texts, empty where nothing was entered."""

    days: str = ""
    """The list: a row for each day, with its date and its name, as a spreadsheet has them."""
    name: str = ""
    source: str = ""
    extends: str = ""
    title: str = ""
    reason: str = ""

    def request(self) -> ClosureDays:
        """Return the request that the form stands for. Raises Problem with every row that has no date."""
        days = read_table(self.days, self.name or None)
        others = {name: getattr(self, name) for name in FIELDS if name != "name" and getattr(self, name)}
        return read(ClosureDays, {"days": days, **others})


class ClosuresPages:
    """The handlers of the page of closure days."""

    def __init__(self, live: SnapshotHolder) -> None:
        self._live = live

    async def empty(self, request: Request, key: str) -> Response:
        """Show the days on which the authority is closed already, and the form for more."""
        return self._page(request, key, ClosuresForm(), done=request.state.query)

    async def sent(self, request: Request, key: str) -> Response:
        """Show which limits the days move; or publish them, or propose them where two people are needed."""
        fields = await posted_fields(request)
        form = ClosuresForm(**{name: fields.get(name, "").strip() for name in ClosuresForm.__dataclass_fields__})
        careful = request.app.state.settings.two_pairs_of_eyes
        publishes = fields.get("act") == "publish"
        change = Change(None, not publishes, None, context_of(request))
        work = propose_change if careful and publishes else change_calendar
        try:
            made = await in_database(request, lambda: work(self._live, key, ACTION, form.request(), change))
        except Problem as problem:
            return self._page(request, key, form, problem=problem)
        if not publishes:
            return self._page(request, key, form, made=made)
        waits = f"?proposed={quote(made.id)}" if isinstance(made, Proposal) else "?published=yes"
        return RedirectResponse(f"/calendars/{quote(key)}/closures{waits}", 303)

    def _page(
        self,
        request: Request,
        key: str,
        form: ClosuresForm,
        *,
        problem: Problem | None = None,
        made: Any = None,
        done: ClosuresQuery | None = None,
    ) -> Response:
        snapshot = ready_snapshot(self._live)
        stored = snapshot.calendar(key)
        days = [day for day in stored.calendar.days if day.kind == "closure"] if stored is not None else []
        return page(
            "closures.html",
            cache="no-store",
            status=problem.status if problem is not None else 200,
            here="calendars",
            key=key,
            caller=caller_of(request).name,
            stored=stored,
            closed=sorted(days, reverse=True),
            shared=[name for name, versions in sorted(snapshot.calendars.items()) if not versions[-1].extends],
            careful=request.app.state.settings.two_pairs_of_eyes,
            form=form,
            problem=problem,
            faults=[
                (fault.path if fault.path in FIELDS else "days", f"{fault.path}: {fault.message}: {fault.remedy}")
                for fault in problem.faults
            ]
            if problem is not None
            else [],
            made=made,
            proposed=(done.proposed or "") if done is not None else "",
            published=done is not None and done.published is not None,
        )
