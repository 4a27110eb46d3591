"""Every request that the published document allows is answered as it says; every other is refused as it says.

All checks of Schemathesis are on. Requests are generated from the document alone, so nothing here knows a route's name.
The requests of an operation are generated when its test runs, since generating them all takes longer than collecting
the other tests.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.pytest.lazy import get_all_tests

from app.api.application import create_app
from app.services.access.api_keys import create_key
from app.services.ports import WriteContext
from app.services.publishing.profile_file import MEDIA_TYPES
from app.services.snapshot.holder import SnapshotHolder
from app.settings import Settings
from app.store import open_store
from tests.api.application import fill
from tests.house.files import ROOT

EXAMPLES = 15
REFUSALS = ["400", "401", "403", "404", "405", "406", "409", "412", "415", "422", "428", "429"]
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            # Only the records or the meaning decide some requests (no such profile, a fact that contradicts its event,
            # a cursor or a revision that does not exist). They are refused as 404, 409, 412 or 422.
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "3xx", "401", "403", "404", "409", "412", "422"],
            },
            # The revision is checked before the body, so that a wrong one is reported whatever the body is.
            "negative_data_rejection": {"expected-statuses": REFUSALS},
            # RFC 6585: the answer to a write without If-Match.
            "missing_required_header": {"expected-statuses": ["400", "401", "403", "406", "415", "422", "428"]},
        },
    }
)
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
DOCUMENT: dict[str, Any] = json.loads((ROOT / "openapi" / "openapi.json").read_text(encoding="utf-8"))
OPERATIONS = sorted(operation["operationId"] for path in DOCUMENT["paths"].values() for operation in path.values())


@schemathesis.serializer(*MEDIA_TYPES)
def file(_: schemathesis.SerializationContext, value: object) -> bytes:
    """Send a profile's file as the text, or the bytes, that it is."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", errors="surrogatepass")


@schemathesis.serializer("application/x-ndjson")
def lines(_: schemathesis.SerializationContext, value: object) -> bytes:
    """Send lines as the text that they are."""
    return str(value).encode("utf-8", errors="surrogatepass")


@schemathesis.hook
def filter_case(_: schemathesis.HookContext, case: schemathesis.Case[Any]) -> bool:
    """Leave out what the service accepts although no document says so.

    Null and an empty text mean absent. An item of a batch that is not a calculation is answered in its place, by a
    problem, and the batch by 200.
    """
    in_place = {"/v1/calculations/batch", "/v1/timelines/timeliness"}
    # Whatever a file holds is answered: it is a text, and what is wrong with it is listed.
    is_file = case.media_type in MEDIA_TYPES or case.path.endswith(tuple(f".{form}" for form in MEDIA_TYPES.values()))
    if (case.path in in_place or is_file) and case.meta is not None and case.meta.generation.mode.is_negative:
        return False
    return not any(says_absent(part) for part in (case.query, case.body))


def says_absent(value: object) -> bool:
    """Tell whether some member of an object is null or an empty text."""
    if isinstance(value, Mapping):
        return any(item is None or item == "" or says_absent(item) for item in value.values())
    return isinstance(value, list) and any(says_absent(item) for item in value)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, SnapshotHolder, dict[str, str]]]:
    """Load the schema of a service with everything packaged; yield it with the snapshot and an administrator's key."""
    url = f"sqlite:///{tmp_path_factory.mktemp('schemathesis')}/deadlines.db"
    fill(url)
    with open_store(url) as store:
        live = SnapshotHolder(store, 60)
        schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(live, Settings()), config=CONFIG)
        context = WriteContext("key:test", datetime.now(UTC))
        secret = create_key(store, name="schemathesis", scopes=["admin"], context=context).secret
        live.refresh()
        yield schema, live, {"X-API-Key": secret}


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_the_service_keeps_to_its_document(
    operation_id: str, service: tuple[Any, SnapshotHolder, dict[str, str]]
) -> None:
    schema, live, key = service

    def check(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers=key)
        live.refresh()

    load_all_checks()
    # What `schema.parametrize()` does while the tests are collected, for one operation and now.
    (built,) = get_all_tests(
        schema=schema.include(operation_id=operation_id), test_func=check, settings=SETTINGS, given_kwargs={}
    )
    assert isinstance(built, Ok)
    _, run = built.ok()
    run()
