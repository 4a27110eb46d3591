"""Profiles written through a service, over HTTP. The key is sent with each request and printed nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from app.cli.errors import FAULTS, fail
from app.documents.faults import Fault, Location
from app.profiles.document import FORMAT, load_profile
from app.profiles.faults import InvalidProfile
from app.services.ports import JsonObject, VersionReference
from app.services.problems import PROBLEM_BASE, TITLES, Problem
from app.services.publishing.profile_file import ProfileFile
from app.services.publishing.resolution import resolve
from app.services.publishing.validation import Validation

if TYPE_CHECKING:
    import httpx

TIMEOUT_SECONDS = 60
Answer = dict[str, Any]


@contextmanager
def connect(server: str, key: str | None) -> Iterator[RemoteAuthoring]:
    """Open the service at an address. Exits with a message where it cannot be reached."""
    import httpx

    headers = {"X-API-Key": key} if key else {}
    try:
        with httpx.Client(base_url=server, headers=headers, timeout=TIMEOUT_SECONDS) as client:
            yield RemoteAuthoring(client)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        fail("--server is no address", "write it as https://deadlines.example.org")
    except httpx.HTTPError as error:
        # Its text may repeat the address, never a header.
        fail(f"the service at {server} cannot be reached: {error}", status=FAULTS)
    except UnicodeEncodeError:
        fail("the key has characters that no key has", "copy it once more")


class RemoteAuthoring:
    """A service's own operations. Raises its problems as they would be raised here."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def head(self, key: str) -> JsonObject:
        """Return what a sheet of rules alone lacks."""
        if not self.versions(key):
            return {"format": FORMAT, "key": key}
        return self.document(key, None)[1]

    def validate(self, file: ProfileFile) -> Validation:
        """Let the service validate a file's document; the places of its faults are found here."""
        if file.document is None:
            return Validation({}, {}, "", None, None, file.faults, file.warnings)
        answer = self._send("POST", "/v1/profiles/validations", {"document": file.document})
        resolved, based_on = self._resolve(file.document)
        try:
            profile = load_profile(resolved).profile
        except InvalidProfile:
            profile = None
        return Validation(
            document=file.document,
            resolved=resolved,
            checksum=answer["checksum"] or "",
            based_on=based_on,
            profile=profile,
            errors=(*file.faults, *file.locate(map(fault_of, answer["errors"]))),
            warnings=(*file.warnings, *file.locate(map(fault_of, answer["warnings"]))),
        )

    def _resolve(self, document: JsonObject) -> tuple[JsonObject, VersionReference | None]:
        def base_of(reference: VersionReference) -> Mapping[str, object] | None:
            try:
                return self.document(reference.key, reference.version)[1]
            except Problem:
                return None

        resolution = resolve(document, base_of)
        return resolution.document, resolution.based_on

    def versions(self, key: str) -> list[Answer]:
        """Return the versions of a key."""
        try:
            return cast(list[Answer], self._send("GET", f"/v1/profiles/{quote(key, safe='')}")["versions"])
        except Problem as problem:
            if problem.kind == "not-found":
                return []
            raise

    def document(self, key: str, version: int | None) -> tuple[int, JsonObject]:
        """Return a version's number and whole document."""
        where = f"/v1/profiles/{quote(key, safe='')}"
        number = (
            version if version is not None else max(each["version"] for each in self._send("GET", where)["versions"])
        )
        return number, self._send("GET", f"{where}/versions/{number}")["document"]

    def create_draft(self, key: str, document: JsonObject) -> Answer:
        """Store a draft."""
        return self._send("POST", self._drafts(key), {"document": document})

    def draft(self, key: str, draft: str) -> Answer:
        """Return a draft with its document."""
        return self._send("GET", self._drafts(key, draft))

    def delete_draft(self, key: str, draft: str, revision: int) -> None:
        """Delete a draft."""
        self._send("DELETE", self._drafts(key, draft), revision=revision)

    def publish(self, key: str, draft: str, revision: int | None, body: Mapping[str, object]) -> Answer:
        """Publish a draft."""
        return self._send("POST", f"{self._drafts(key, draft)}/publish", body, revision=revision or "*")

    def send_back(self, key: str, draft: str, comment: str) -> Answer:
        """Send a draft back to its authors."""
        return self._send("POST", f"{self._drafts(key, draft)}/send-back", {"comment": comment}, revision="*")

    def impact(self, key: str, draft: str, body: Mapping[str, object]) -> Answer:
        """Return what a draft would change for events."""
        return self._send("POST", f"{self._drafts(key, draft)}/impact", body)

    def _drafts(self, key: str, draft: str | None = None) -> str:
        where = f"/v1/profiles/{quote(key, safe='')}/drafts"
        return where if draft is None else f"{where}/{quote(draft, safe='')}"

    def _send(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, revision: int | str | None = None
    ) -> Answer:
        """Send a request and return its answer. Raises Problem for one that was refused."""
        tag = {} if revision is None else {"If-Match": "*" if revision == "*" else f'"{revision}"'}
        answer = self._client.request(method, path, json=body, headers=tag)
        if answer.status_code == 204:
            return {}
        try:
            content = answer.json()
        except ValueError:
            content = None
        if not isinstance(content, dict):
            fail(f"the server answers {answer.status_code}, and not as this service does", status=FAULTS)
        if answer.is_success:
            return content
        raise problem_of(content)


def problem_of(body: Mapping[str, Any]) -> Problem:
    """Return the problem that a service answered with."""
    kind = str(body.get("type", "")).removeprefix(PROBLEM_BASE)
    faults = [replace(fault_of(item), value=item.get("value")) for item in body.get("errors", ())]
    return Problem(kind if kind in TITLES else "internal-error", str(body.get("detail", "It was refused.")), faults)


def fault_of(item: Mapping[str, Any]) -> Fault:
    """Return a fault that a service answered with."""
    place = Location(item.get("line"), item.get("column"), item.get("sheet"), item.get("cell"))
    return Fault(
        path=str(item["path"]),
        message=str(item["message"]),
        remedy=str(item["remedy"]),
        nearest=tuple(item.get("nearest") or ()),
        rule=item.get("rule"),
        location=place if place.as_json() else None,
    )
