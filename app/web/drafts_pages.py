"""The handlers of the pages of drafts: a file is checked and stored, a second person reads, publishes or sends back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.documents.reader import KEY_REMEDY, is_key
from app.services.access.permissions import Caller
from app.services.ports import JsonObject
from app.services.problems import Fault, Problem
from app.services.publishing import drafts, profile_versions
from app.services.publishing.drafts import ValidatedDraft
from app.services.publishing.profile_file import CELLS_WOULD_BE_LOST, MEDIA_TYPES, SentFile
from app.services.publishing.request import PublishRequest, SendBackRequest
from app.services.publishing.validation import Validation
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.snapshot import PublishedProfile
from app.services.validation import integer_from_text, read
from app.services.zone import LONDON
from app.web.drafts_form import DraftForm, read_draft_form
from app.web.drafts_review import fields_of, review
from app.web.queries import DraftQuery, DraftsQuery, KeyQuery, NewWorkbookQuery
from app.web.routing import in_thread, page, ready_snapshot
from app.web.writing import caller_of, context_of, in_database, posted_fields

PAGE = 50
NOT_STORED = "no-store"
WORKBOOK = next(kind for kind, form in MEDIA_TYPES.items() if form == "xlsx")


class DraftPages:
    """The pages of drafts, over the current snapshot and the store behind it."""

    def __init__(self, live: SnapshotHolder) -> None:
        self._live = live

    async def list(self, request: Request) -> Response:
        """List the drafts that the reader may see, and ask for a file. A link may name the draft to be replaced."""
        _reviewer(request)
        chosen: DraftsQuery = request.state.query
        form = DraftForm(profile=chosen.profile or "", draft=chosen.draft or "", revision=chosen.revision or "")
        return await self._list(request, form, after=chosen.after)

    async def checked(self, request: Request) -> Response:
        """Check the file that the form holds, or store it as a draft and show that."""
        caller = _reviewer(request)
        form = await read_draft_form(request)
        snapshot = ready_snapshot(self._live)
        validation: Validation | None = None
        try:
            sent = form.sent()
            head = await self._head(request, form)
            validation = await in_thread(request, lambda: sent.read(head).validate(snapshot, form.profile or None))
            if form.act == "store":
                stored = await self._store(request, caller, form, sent, validation)
                return RedirectResponse(f"/drafts/{quote(stored.draft.key)}/{stored.draft.id}", 303)
        except Problem as problem:
            if problem.status in {401, 403}:
                raise
            shown = None
            if validation is not None and problem.detail == CELLS_WOULD_BE_LOST:
                shown = await in_thread(request, review, snapshot, validation, _today(), None)
            return await self._list(request, form, shown=shown, problem=problem, status=problem.status)
        shown = await in_thread(request, review, snapshot, validation, _today(), _day(form.day), form.text)
        return await self._list(request, form, shown=shown)

    async def draft(self, request: Request, key: str, draft: str) -> Response:
        """Show one draft, to be published or sent back."""
        chosen: DraftQuery = request.state.query
        return await self._draft(request, key, draft, on=chosen.day)

    async def publish(self, request: Request, key: str, draft: str) -> Response:
        """Publish a draft with the reason that the form holds."""
        fields = await posted_fields(request)
        body: dict[str, object] = {"reason": fields.get("reason", "").strip()}
        if fields.get("beginning"):
            body["in_force_from"] = None
        elif fields.get("in_force_from"):
            body["in_force_from"] = fields["in_force_from"]

        def work() -> None:
            profile_versions.publish_draft(
                self._live,
                key,
                draft,
                read(PublishRequest, body),
                expected_revision=_revision(fields.get("revision", "")),
                caller=caller_of(request),
                require_second_approver=request.app.state.settings.two_pairs_of_eyes,
                context=context_of(request),
            )

        return await self._acted(request, key, draft, work, fields)

    async def send_back(self, request: Request, key: str, draft: str) -> Response:
        """Send a draft back with the comment that the form holds."""
        fields = await posted_fields(request)

        def work() -> None:
            comment = read(SendBackRequest, {"comment": fields.get("comment", "").strip()})
            drafts.send_back_draft(
                self._live, key, draft, comment, _revision(fields.get("revision", "")), context_of(request)
            )

        return await self._acted(request, key, draft, work, fields)

    async def new_workbook(self, request: Request) -> Response:
        """Give an empty workbook to fill in, for the profile's key that the link names.

        Of a key that has versions, say so instead: a workbook of the latest one is what its next version begins from.
        """
        chosen: NewWorkbookQuery = request.state.query
        key = (chosen.profile or "").strip() or "my-council"
        if not is_key(key):
            raise Problem("invalid-request", "This is no profile's key.", [Fault("profile", "no key", KEY_REMEDY)])
        latest = ready_snapshot(self._live).latest_version(key)
        if latest is not None and chosen.empty is None and "review" in caller_of(request).grants:
            return await self._list(request, DraftForm(), begun=latest)
        return _workbook(key, await in_thread(request, _new_workbook, key))

    async def workbook(self, request: Request, key: str, draft: str) -> Response:
        """Give a draft as a workbook."""
        record = await in_database(request, drafts.load_draft, self._live, key, draft)
        return _workbook(key, await in_thread(request, _as_workbook, record.document))

    async def another_key(self, request: Request) -> Response:
        """Let the browser ask for another key than the one named, and go back to the list."""
        replaced: KeyQuery = request.state.query
        if caller_of(request).name == (replaced.not_ or "anonymous"):
            raise Problem("unauthenticated", "Enter the other key as the password; any name will do.")
        return RedirectResponse("/drafts", 303)

    async def _acted(
        self, request: Request, key: str, draft: str, work: Callable[[], None], fields: dict[str, str]
    ) -> Response:
        try:
            await in_database(request, work)
        except Problem as problem:
            return await self._draft(request, key, draft, problem=problem, entered=fields)
        return RedirectResponse(f"/drafts/{quote(key)}/{quote(draft)}", 303)

    async def _draft(
        self,
        request: Request,
        key: str,
        draft: str,
        *,
        on: date | None = None,
        problem: Problem | None = None,
        entered: dict[str, str] | None = None,
    ) -> Response:
        validated: ValidatedDraft = await in_database(request, drafts.read_draft, self._live, key, draft)
        snapshot = ready_snapshot(self._live)
        shown = await in_thread(request, review, snapshot, validated.validation, _today(), on, "", validated.draft)
        last_comment = await in_database(request, drafts.last_comment, self._live, validated.draft)
        caller, careful = caller_of(request), request.app.state.settings.two_pairs_of_eyes
        stated = validated.validation.profile.in_force_from if validated.validation.profile is not None else None
        return page(
            "draft.html",
            cache=NOT_STORED,
            status=problem.status if problem is not None else 200,
            here="drafts",
            draft=validated.draft,
            title=str(validated.draft.document.get("title") or key)[:200],
            shown=shown,
            caller=caller.name,
            may_publish=caller.may("publish", key),
            may_write=caller.may("author", key),
            wrote_it=careful and caller.name in validated.draft.authors,
            careful=careful,
            stated=stated,
            last_comment=last_comment,
            entered=entered or {},
            problem=problem,
            fields=fields_of(problem, stated),
        )

    async def _list(
        self,
        request: Request,
        form: DraftForm,
        *,
        shown: Any = None,
        problem: Problem | None = None,
        status: int = 200,
        begun: PublishedProfile | None = None,
        after: str | None = None,
    ) -> Response:
        caller = caller_of(request)
        limits = caller.grants["review"]
        listed = await in_database(request, self._live.store.list_drafts, keys=limits, after=after, limit=PAGE)
        return page(
            "drafts.html",
            cache=NOT_STORED,
            status=status,
            here="drafts",
            caller=caller.name,
            may_write="author" in caller.grants,
            form=form,
            listed=listed.items,
            after=listed.next,
            shown=shown,
            begun=begun,
            problem=problem,
            # The cells are listed with the file's other faults, where there is more about each.
            fields=fields_of(problem) if shown is None else [],
        )

    async def _head(self, request: Request, form: DraftForm) -> JsonObject:
        """Return what a sheet of rules alone lacks: from the draft that it replaces, or from its profile."""
        if form.draft and form.form == "csv":
            _require(caller_of(request), "review", form.profile)
            record = await in_database(request, drafts.load_draft, self._live, form.profile, form.draft)
            return record.document
        return drafts.head_of(self._live.snapshot, form.profile)

    async def _store(
        self, request: Request, caller: Caller, form: DraftForm, sent: SentFile, validation: Validation
    ) -> ValidatedDraft:
        key = form.profile or str(validation.document.get("key", ""))
        _require(caller, "author", key)
        context, live = context_of(request), self._live
        if not form.draft:
            return await in_database(request, drafts.create_draft_from_file, live, key, sent, context)
        revision = _revision(form.revision)
        replace = drafts.replace_draft_from_file
        return await in_database(request, replace, live, key, form.draft, sent, revision, context)


def _new_workbook(key: str) -> bytes:
    from app.services.workbook import new_workbook

    return new_workbook(key)


def _as_workbook(document: JsonObject) -> bytes:
    from app.services.workbook import write_workbook

    return write_workbook(document)


def _workbook(key: str, data: bytes) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{key}.xlsx"', "Cache-Control": NOT_STORED}
    return Response(data, media_type=WORKBOOK, headers=headers)


def _require(caller: Caller, scope: str, key: str) -> None:
    if not caller.may(scope, key):
        raise Problem("forbidden", f"This needs the scope {scope} for {key[:100]}, which the key does not have.")


def _reviewer(request: Request) -> Caller:
    """Return the caller, if it may read drafts of any key. Raises Problem, for which the browser asks for a key."""
    caller = caller_of(request)
    if "review" in caller.grants:
        return caller
    if caller.name == "anonymous":
        raise Problem("unauthenticated", "Drafts are read with a key: any name, and the key as the password.")
    raise Problem("forbidden", "Reading drafts needs a key with the scope review, author or publish.")


def _revision(text: str) -> int:
    """Return the revision that the page showed. Raises Problem where it is none: any might be overwritten then."""
    revision = integer_from_text(text)
    if isinstance(revision, int):
        return revision
    fault = Fault("revision", "this is not a revision", "open the draft once more", text[:100])
    raise Problem("precondition-failed", "The page does not say which revision it showed.", [fault])


def _today() -> date:
    return datetime.now(LONDON).date()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
