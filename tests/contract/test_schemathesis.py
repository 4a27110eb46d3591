"""Whatever the published document allows is answered as it says, and whatever it does not allow is refused as it says.

Every check of Schemathesis is on. Requests are made from the document alone, so nothing here knows a route's name.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig

from app.api.application import create_app
from app.services.access.api_keys import create_key
from app.services.ports import WriteContext
from app.services.publishing.packaged import packaged_calendars, packaged_profiles
from app.services.snapshot.holder import SnapshotHolder
from app.settings import Settings
from app.store import open_store, upgrade

EXAMPLES = 15

# The operations are collected before any fixture runs, so the application is there at once and its database later.
FOLDER = tempfile.TemporaryDirectory(prefix="schemathesis-")
STORE = open_store(f"sqlite:///{Path(FOLDER.name) / 'deadlines.db'}")
LIVE = SnapshotHolder(STORE, 60)
APP = create_app(LIVE, Settings())
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            # What only the records or the meaning decide (no such profile, a fact that contradicts its event, a cursor
            # or a revision of nobody's) no schema can say: it is refused as 422 or 412. Any other refusal is a fault.
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "3xx", "401", "403", "404", "409", "412", "422"],
            },
            # The revision is looked at before the body, so that a wrong one is told whatever the body is.
            "negative_data_rejection": {
                "expected-statuses": [
                    "400",
                    "401",
                    "403",
                    "404",
                    "405",
                    "406",
                    "409",
                    "412",
                    "415",
                    "422",
                    "428",
                    "429",
                ],
            },
            # RFC 6585: the answer to a write without If-Match.
            "missing_required_header": {"expected-statuses": ["400", "401", "403", "406", "415", "422", "428"]},
        }
    }
)
schema = schemathesis.openapi.from_asgi("/openapi.json", APP, config=CONFIG)


@schemathesis.serializer("application/x-ndjson")
def lines(_: schemathesis.SerializationContext, value: object) -> bytes:
    """Lines are sent as the text that they are."""
    return str(value).encode("utf-8", errors="surrogatepass")


@pytest.fixture(scope="module")
def key() -> Iterator[dict[str, str]]:
    """Fill the database and give an administrator's key."""
    upgrade(STORE.engine)
    STORE.load_packaged(
        packaged_profiles(), packaged_calendars(), at=datetime(2026, 1, 1, tzinfo=UTC), application_version="1.0.0"
    )
    context = WriteContext("key:test", datetime.now(UTC))
    secret = create_key(STORE, name="schemathesis", scopes=["admin"], context=context).secret
    LIVE.refresh()
    yield {"X-API-Key": secret}
    STORE.close()
    FOLDER.cleanup()


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_service_keeps_to_its_document(case: schemathesis.Case, key: dict[str, str]) -> None:
    case.call_and_validate(headers=key)
    LIVE.refresh()
