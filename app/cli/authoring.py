"""Where the command line writes profiles: the configured store, or with --server a service over HTTP.

Both answer in the contract's own shapes, so that a command is written once and says the same of either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from app.cli.errors import FAULTS, fail
from app.cli.sources import load_snapshot, open_configured_store, write_context

if TYPE_CHECKING:
    from app.services.ports import JsonObject
    from app.services.publishing.profile_file import ProfileFile
    from app.services.publishing.validation import Validation
    from app.services.snapshot.holder import SnapshotHolder
    from app.services.snapshot.snapshot import Snapshot

Answer = dict[str, Any]
ServerOption = Annotated[
    str | None,
    typer.Option("--server", metavar="URL", help="Work over HTTP with the service at this address, not with a store."),
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="KEY",
        envvar="DEADLINES_KEY",
        show_envvar=False,
        help="The API key for --server; better in DEADLINES_KEY, where no list of processes shows it.",
    ),
]


class Authoring(Protocol):
    """What the commands that write profiles need."""

    def head(self, key: str) -> JsonObject:
        """Return what a sheet of rules alone lacks: the document of the key's latest version, if there is one."""

    def validate(self, file: ProfileFile) -> Validation:
        """Validate a file's document."""

    def versions(self, key: str) -> list[Answer]:
        """Return the versions of a key with their checksums, oldest first; none if there is no such key."""

    def document(self, key: str, version: int | None) -> tuple[int, JsonObject]:
        """Return a version's number and whole document; None: the latest. Raises Problem."""

    def create_draft(self, key: str, document: JsonObject) -> Answer:
        """Store a draft."""

    def draft(self, key: str, draft: str) -> Answer:
        """Return a draft with its document."""

    def delete_draft(self, key: str, draft: str, revision: int) -> None:
        """Delete a draft."""

    def publish(self, key: str, draft: str, revision: int | None, body: Mapping[str, object]) -> Answer:
        """Publish a draft."""

    def send_back(self, key: str, draft: str, comment: str) -> Answer:
        """Send a draft back to its authors."""

    def impact(self, key: str, draft: str, body: Mapping[str, object]) -> Answer:
        """Return what a draft would change for events."""


@contextmanager
def open_authoring(server: str | None, key: str | None, *, store: bool = True) -> Iterator[Authoring]:
    """Open the service at an address, or the configured store; without `store`, what comes with the application."""
    if server is not None:
        from app.cli.remote_authoring import connect

        with connect(server, key) as remote:
            yield remote
        return
    if not store:
        yield SnapshotAuthoring(load_snapshot(store=False))
        return
    from app.services.snapshot.holder import SnapshotHolder

    with open_configured_store() as opened:
        live = SnapshotHolder(opened, 1)
        if not live.refresh():
            fail("the store cannot be used", "run `deadlines load` first", status=FAULTS)
        yield StoreAuthoring(live)


class SnapshotAuthoring:
    """Published versions alone: what can be read and compared without a store."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    @property
    def snapshot(self) -> Snapshot:
        """Return the versions to answer from."""
        return self._snapshot

    def head(self, key: str) -> JsonObject:
        """Return what a sheet of rules alone lacks."""
        from app.services.publishing.drafts import head_of

        return head_of(self.snapshot, key)

    def validate(self, file: ProfileFile) -> Validation:
        """Validate a file's document."""
        return file.validate(self.snapshot)

    def versions(self, key: str) -> list[Answer]:
        """Return the versions of a key."""
        from app.services.catalogue import summarise_version

        return [summarise_version(self.snapshot, each) for each in self.snapshot.profiles.get(key, ())]

    def document(self, key: str, version: int | None) -> tuple[int, JsonObject]:
        """Return a version's number and whole document."""
        from app.services.catalogue import SentName, find_version, not_found_problem

        latest = self.snapshot.latest_profile(key)
        if version is None and latest is None:
            raise not_found_problem(SentName("profile", key, self.snapshot.profiles))
        published = latest if version is None else find_version(self.snapshot, key, version)
        assert published is not None
        return published.version, published.record.resolved

    def create_draft(self, key: str, document: JsonObject) -> Answer:  # noqa: ARG002 - the protocol's
        """Refuse: without a store there are no drafts."""
        fail("drafts are in a store", "add --store, or --server with the address of a service")

    def draft(self, key: str, draft: str) -> Answer:  # noqa: ARG002 - the protocol's
        """Refuse: without a store there are no drafts."""
        fail("drafts are in a store", "add --store, or --server with the address of a service")

    def delete_draft(self, key: str, draft: str, revision: int) -> None:
        """Refuse: without a store there are no drafts."""
        self.draft(key, f"{draft}/{revision}")

    def publish(self, key: str, draft: str, revision: int | None, body: Mapping[str, object]) -> Answer:  # noqa: ARG002 - a draft of files has no revision
        """Refuse: without a store there are no drafts."""
        return self.draft(key, draft)

    def send_back(self, key: str, draft: str, comment: str) -> Answer:  # noqa: ARG002 - the protocol's
        """Refuse: without a store there are no drafts."""
        return self.draft(key, draft)

    def impact(self, key: str, draft: str, body: Mapping[str, object]) -> Answer:  # noqa: ARG002 - the protocol's
        """Refuse: without a store there are no drafts."""
        return self.draft(key, draft)


class StoreAuthoring(SnapshotAuthoring):
    """The configured store, written under the name of this terminal's user."""

    def __init__(self, live: SnapshotHolder) -> None:
        super().__init__(live.snapshot)
        self._live = live

    @property
    def snapshot(self) -> Snapshot:
        """Return the versions to answer from."""
        return self._live.snapshot

    def create_draft(self, key: str, document: JsonObject) -> Answer:
        """Store a draft."""
        from app.services.publishing import drafts
        from app.services.publishing.request import DraftCreate
        from app.services.validation import read

        return drafts.create_draft(
            self._live, key, read(DraftCreate, {"document": document}), write_context()
        ).as_json()

    def draft(self, key: str, draft: str) -> Answer:
        """Return a draft with its document."""
        from app.services.publishing import drafts

        return drafts.read_draft(self._live, key, draft).as_json()

    def delete_draft(self, key: str, draft: str, revision: int) -> None:
        """Delete a draft."""
        from app.services.publishing import drafts

        drafts.delete_draft(self._live, key, draft, revision, write_context())

    def publish(self, key: str, draft: str, revision: int | None, body: Mapping[str, object]) -> Answer:
        """Publish a draft."""
        from app.services.access.permissions import Caller
        from app.services.publishing import profile_versions
        from app.services.publishing.request import PublishRequest
        from app.services.validation import read
        from app.settings import Settings

        context = write_context()
        return profile_versions.publish_draft(
            self._live,
            key,
            draft,
            read(PublishRequest, body),
            expected_revision=revision,
            caller=Caller(context.by),
            require_second_approver=Settings().two_pairs_of_eyes,
            context=context,
        )

    def send_back(self, key: str, draft: str, comment: str) -> Answer:
        """Send a draft back to its authors."""
        from app.services.publishing import drafts
        from app.services.publishing.request import SendBackRequest
        from app.services.validation import read

        request = read(SendBackRequest, {"comment": comment})
        return drafts.send_back_draft(self._live, key, draft, request, None, write_context())

    def impact(self, key: str, draft: str, body: Mapping[str, object]) -> Answer:
        """Return what a draft would change for events."""
        from app.services.comparison.request import DraftImpactRequest
        from app.services.publishing import drafts
        from app.services.publishing.impact import draft_impact
        from app.services.validation import read

        validated = drafts.read_draft(self._live, key, draft)
        return draft_impact(self.snapshot, validated, read(DraftImpactRequest, body, self.snapshot))
