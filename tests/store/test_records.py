"""Drafts, publications, withdrawals, keys and the record of them all."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from app.services.ports import (
    AlreadyPublished,
    BadCursor,
    Conflict,
    DraftContent,
    NotFound,
    StaleRevision,
    Store,
    VersionReference,
    WriteContext,
)
from app.store import SqlStore, create_engine, drafts
from tests.store.builders import (
    NOON,
    api_key,
    by,
    checksum,
    draft,
    profile,
    publish,
    publish_calendar,
    publish_draft,
)


def test_the_store_is_what_the_service_asks_for(store: SqlStore) -> None:
    asked: Store = store
    assert asked.load_everything().profiles == ()


def test_a_version_comes_back_as_it_was_published(store: SqlStore) -> None:
    base = publish(store, "statutory-england")
    published = publish(
        store,
        days=10,
        in_force_from=date(2026, 4, 1),
        based_on=VersionReference("statutory-england", base.version),
        reason="agreed by the board",
    )
    assert published == store.load_everything().profiles[1]
    assert published.version == 1
    assert published.document == profile(10)
    assert list(published.document) == ["rules", "author", "a"]
    assert published.resolved == profile(10) | {"resolved": True}
    assert published.checksum == checksum(profile(10))
    assert published.based_on == VersionReference("statutory-england", 1)
    assert (published.published_by, published.reason) == ("bea", "agreed by the board")
    assert published.published_at == NOON
    assert published.published_at.utcoffset() == timedelta(0)


def test_a_time_with_another_offset_is_the_same_moment(store: SqlStore) -> None:
    summer = datetime(2026, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    made = draft(store)
    assert publish_draft(store, made, context=WriteContext("bea", summer)).published_at == summer
    assert store.load_everything().profiles[0].published_at == datetime(2026, 6, 30, 23, 30, tzinfo=UTC)


def test_a_change_needs_a_time_with_an_offset_and_a_name() -> None:
    with pytest.raises(ValueError, match="offset"):
        WriteContext("bea", datetime(2026, 1, 1))  # noqa: DTZ001 that is what is refused
    with pytest.raises(ValueError, match="who"):
        WriteContext("", NOON)


def test_nobody_writes_under_the_name_of_the_package(store: SqlStore) -> None:
    with pytest.raises(ValueError, match="package"):
        draft(store, who="package")


def test_a_draft_is_replaced_only_by_who_has_read_it(store: SqlStore) -> None:
    made = draft(store)
    other = profile(12)
    second = store.replace_draft(
        made.id, DraftContent(other, checksum(other)), expected_revision=1, context=by("bea", 1)
    )
    assert (second.revision, second.authors, second.created_by, second.updated_by) == (2, ("ann", "bea"), "ann", "bea")
    assert store.get_draft(made.id) == second
    with pytest.raises(StaleRevision) as caught:
        store.replace_draft(made.id, DraftContent({}, "x"), expected_revision=1, context=by("cat", 2))
    assert (caught.value.expected, caught.value.actual) == (1, 2)
    with pytest.raises(StaleRevision):
        publish_draft(store, made)
    with pytest.raises(StaleRevision):
        store.delete_draft(made.id, expected_revision=1, context=by("cat"))
    assert store.get_draft(made.id) == second


def test_a_draft_that_is_gone_is_not_found(store: SqlStore) -> None:
    made = draft(store)
    store.delete_draft(made.id, expected_revision=1, context=by("ann"))
    for use in (
        lambda: store.get_draft(made.id),
        lambda: publish_draft(store, made),
        lambda: store.delete_draft(made.id, expected_revision=1, context=by("ann")),
        lambda: store.replace_draft(made.id, DraftContent({}, "x"), expected_revision=1, context=by("ann")),
    ):
        with pytest.raises(NotFound):
            use()


def test_a_published_draft_says_which_version_it_became(store: SqlStore) -> None:
    publish(store)
    made = draft(store, days=12)
    publish_draft(store, made)
    for use in (
        lambda: publish_draft(store, made),
        lambda: store.delete_draft(made.id, expected_revision=1, context=by("ann")),
        lambda: store.replace_draft(made.id, DraftContent({}, "x"), expected_revision=1, context=by("ann")),
    ):
        with pytest.raises(AlreadyPublished) as caught:
            use()
        assert (caught.value.key, caught.value.version) == ("swindon", 2)
    assert store.get_draft(made.id).published_version == 2
    assert store.list_drafts().items == ()


def test_a_draft_that_was_sent_back_waits_until_it_is_written_again(store: SqlStore) -> None:
    made = draft(store)
    with pytest.raises(StaleRevision):
        store.send_back_draft(made.id, "no", expected_revision=7, context=by("bea"))
    back = store.send_back_draft(made.id, "which section?", expected_revision=1, context=by("bea", 1))
    assert (back.revision, back.sent_back_by, back.sent_back_comment) == (1, "bea", "which section?")
    assert back.sent_back_at == by("bea", 1).at
    assert store.list_drafts().items == (back,)
    with pytest.raises(Conflict, match="was sent back"):
        publish_draft(store, made)
    content = DraftContent(made.document, made.checksum)
    again = store.replace_draft(made.id, content, expected_revision=1, context=by("ann", 2))
    assert (again.sent_back_at, again.sent_back_by, again.sent_back_comment) == (None, None, None)
    publish_draft(store, again)
    with pytest.raises(AlreadyPublished):
        store.send_back_draft(made.id, "too late", expected_revision=2, context=by("bea"))
    actions = [record.action for record in store.list_audit().items]
    assert actions[-3:] == ["draft.replaced", "draft.sent_back", "draft.created"]


def test_a_key_has_no_more_open_drafts_than_anybody_could_want(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MAX_DRAFTS", 2)
    publish(store)
    first, _ = draft(store, days=12), draft(store, days=13)
    with pytest.raises(Conflict, match="2 drafts of swindon are open already"):
        draft(store, days=14)
    publish_draft(store, first)
    draft(store, days=14)


def test_what_a_draft_or_a_version_is_based_on_must_exist(store: SqlStore) -> None:
    with pytest.raises(NotFound, match="swindon/4"):
        store.create_draft("swindon", DraftContent({}, "x"), base_version=4, context=by("ann"))
    with pytest.raises(NotFound, match="york/1"):
        publish(store, based_on=VersionReference("york", 1))
    assert store.load_everything().profiles == ()


def test_drafts_are_listed_by_page_and_by_key(store: SqlStore) -> None:
    made = [
        store.create_draft(key, DraftContent({}, "x"), base_version=None, context=by("ann", hour))
        for hour, key in enumerate(["york", "swindon", "york", "barnet", "york"])
    ]
    first = store.list_drafts(limit=2)
    assert [each.id for each in first.items] == [made[0].id, made[1].id]
    # The draft that the next page starts from goes, and another comes: nothing is repeated or lost.
    store.delete_draft(made[1].id, expected_revision=1, context=by("ann"))
    late = store.create_draft("york", DraftContent({}, "x"), base_version=None, context=by("ann", 9))
    rest = store.list_drafts(after=first.next)
    assert [each.id for each in rest.items] == [made[2].id, made[3].id, made[4].id, late.id]
    assert rest.next is None
    assert [each.id for each in store.list_drafts(keys={"barnet"}).items] == [made[3].id]
    assert store.list_drafts(keys=()).items == ()


def test_drafts_made_at_the_same_moment_are_still_all_listed(store: SqlStore) -> None:
    made = {draft(store).id for _ in range(5)}
    seen, cursor = [], None
    while True:
        page = store.list_drafts(limit=2, after=cursor)
        seen += [each.id for each in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == 5
    assert set(seen) == made


@pytest.mark.parametrize("cursor", ["", "x", "2026-01-01~a", "2026-01-01T00:00:00+00:00", "~"])
def test_a_cursor_that_was_not_given_is_refused(store: SqlStore, cursor: str) -> None:
    with pytest.raises(BadCursor):
        store.list_drafts(after=cursor)
    with pytest.raises(BadCursor):
        store.list_audit(before=cursor)


def test_a_withdrawn_version_stays_readable_and_is_withdrawn_once(store: SqlStore) -> None:
    publish(store)
    withdrawn = store.withdraw_profile("swindon", 1, reason="printed wrongly", context=by("cat", 3))
    assert withdrawn == store.load_everything().profiles[0]
    assert (withdrawn.withdrawn_by, withdrawn.withdrawn_reason) == ("cat", "printed wrongly")
    assert withdrawn.withdrawn_at == NOON + timedelta(hours=3)
    with pytest.raises(Conflict, match="already withdrawn"):
        store.withdraw_profile("swindon", 1, reason="again", context=by("cat"))
    with pytest.raises(NotFound):
        store.withdraw_profile("swindon", 2, reason="no such", context=by("cat"))


def test_a_withdrawn_number_is_not_used_again(store: SqlStore) -> None:
    publish(store)
    store.withdraw_profile("swindon", 1, reason="printed wrongly", context=by("cat"))
    assert publish(store).version == 2


def test_a_calendar_follows_the_version_that_its_author_saw(store: SqlStore) -> None:
    first = publish_calendar(store, report={"added": ["2026-12-25"]})
    assert first == store.load_everything().calendars[0]
    assert first.report == {"added": ["2026-12-25"]}
    for seen in (None, 2):
        with pytest.raises(StaleRevision) as caught:
            publish_calendar(store, expected_latest=seen)
        assert caught.value.actual == 1
    assert publish_calendar(store, expected_latest=1, extends="scotland").version == 2
    with pytest.raises(StaleRevision):
        publish_calendar(store, key="scotland", expected_latest=1)


def test_keys_are_created_ended_and_revoked(store: SqlStore) -> None:
    made = store.create_key(api_key(), context=by("root"))
    assert made == api_key() == store.list_keys()[0]
    open_to_all = replace(api_key("flow"), profile_keys=None)
    assert store.create_key(open_to_all, context=by("root")).profile_keys is None
    ended = store.expire_key(made.id, expires_at=NOON, context=by("root", 1))
    assert ended.expires_at == NOON
    assert store.expire_key(made.id, expires_at=None, context=by("root", 1)).expires_at is None
    revoked = store.revoke_key(made.id, context=by("root", 2))
    assert revoked.revoked_at == NOON + timedelta(hours=2)
    assert revoked in store.load_everything().keys
    with pytest.raises(Conflict, match="revoked"):
        store.revoke_key(made.id, context=by("root"))
    with pytest.raises(Conflict, match="revoked"):
        store.expire_key(made.id, expires_at=None, context=by("root"))
    with pytest.raises(NotFound):
        store.revoke_key("nobody", context=by("root"))
    with pytest.raises(Conflict):
        store.create_key(replace(api_key("other"), id=made.id), context=by("root"))
    with pytest.raises(Conflict):
        store.create_key(replace(api_key("other"), hash=made.hash), context=by("root"))


def test_every_write_leaves_one_record_of_who_what_and_when(store: SqlStore) -> None:
    made = draft(store)
    other = profile(12)
    after = checksum(other)
    made = store.replace_draft(made.id, DraftContent(other, after), expected_revision=1, context=by("bea"))
    publish_draft(store, made, reason="agreed", in_force_from=date(2026, 2, 1))
    publish(store, days=9, checksum="sha256:9")
    store.withdraw_profile("swindon", 2, reason="wrong", context=by("cat"))
    gone = draft(store)
    store.delete_draft(gone.id, expected_revision=1, context=by("ann"))
    publish_calendar(store)
    store.create_key(api_key(), context=by("root"))
    store.expire_key(api_key().id, expires_at=NOON, context=by("root"))
    store.revoke_key(api_key().id, context=by("root"))

    records = tuple(reversed(store.list_audit(limit=100).items))
    assert [each.id for each in records] == list(range(1, 13))
    assert [each.action for each in records] == [
        "draft.created",
        "draft.replaced",
        "profile.published",
        "draft.created",
        "profile.published",
        "profile.withdrawn",
        "draft.created",
        "draft.deleted",
        "calendar.published",
        "key.created",
        "key.expiry_set",
        "key.revoked",
    ]
    first, second = records[2], records[4]
    assert (first.actor, first.subject_kind, first.subject, first.request_id) == (
        "bea",
        "profile",
        "swindon/1",
        "req-1",
    )
    assert (first.before, first.after, first.at) == (None, after, NOON)
    assert first.detail == {"in_force_from": "2026-02-01", "reason": "agreed", "draft": made.id}
    assert (second.before, second.after) == (after, "sha256:9")
    assert (records[1].before, records[1].after) == (checksum(profile(15)), after)
    assert records[5].before == records[5].after == "sha256:9"
    assert (records[7].before, records[7].after) == (gone.checksum, None)
    # A key's hash is nobody's business, an auditor's included.
    assert api_key().hash not in repr(records)


def test_a_refused_write_leaves_no_record(store: SqlStore) -> None:
    made = draft(store)
    before = store.list_audit(), store.state_token()
    with pytest.raises(StaleRevision):
        publish_draft(store, made, expected_revision=7)
    assert (store.list_audit(), store.state_token()) == before


def test_the_record_of_changes_is_read_by_page_and_by_subject(store: SqlStore) -> None:
    for days in range(5):
        publish(store, days=days + 1)
    first = store.list_audit(limit=4)
    publish(store, days=9)
    second = store.list_audit(limit=4, before=first.next)
    third = store.list_audit(limit=4, before=second.next)
    assert [each.id for page in (first, second, third) for each in page.items] == list(range(10, 0, -1))
    assert third.next is None
    assert [each.id for each in store.list_audit(subject="swindon/2").items] == [4]
    with pytest.raises(ValueError, match="at least one"):
        store.list_audit(limit=0)


def test_the_token_changes_with_what_answers_requests_and_only_then(store: SqlStore) -> None:
    tokens = [store.state_token()]

    def changed() -> bool:
        tokens.append(store.state_token())
        assert store.load_everything().token == tokens[-1]
        return tokens[-1] not in tokens[:-1]

    made = draft(store)
    assert not changed()
    publish_draft(store, made)
    assert changed()
    store.withdraw_profile("swindon", 1, reason="wrong", context=by("cat"))
    assert changed()
    publish_calendar(store)
    assert changed()
    store.create_key(api_key(), context=by("root"))
    assert changed()
    store.expire_key(api_key().id, expires_at=NOON, context=by("root"))
    assert changed()
    store.revoke_key(api_key().id, context=by("root"))
    assert changed()


def test_a_document_that_is_no_json_is_refused_alike(store: SqlStore) -> None:
    with pytest.raises(ValueError, match="JSON"):
        store.create_draft("york", DraftContent({"x": float("nan")}, "x"), base_version=None, context=by("ann"))


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true", "mysql://x/y"]
)
def test_a_database_that_would_not_keep_records_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SQLite"):
        create_engine(url)


def test_both_spellings_of_a_postgresql_url_mean_the_same_driver() -> None:
    for spelling in ("postgres", "postgresql", "postgresql+psycopg"):
        assert create_engine(f"{spelling}://user:p%40ss@db/deadlines").url.drivername == "postgresql+psycopg"
