"""Whatever the published document allows is answered as it says, and whatever it does not allow is refused as it says.

Every check of Schemathesis is on. Requests are made from the document alone, so nothing here knows a route's name.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.generation import GenerationMode

from app.api.application import create_app
from app.service.keys import create_key
from app.service.live import Live
from app.service.packaging import packaged_calendars, packaged_profiles
from app.service.ports import WriteContext
from app.service.settings import Settings
from app.store import open_store, upgrade

EXAMPLES = 12

KEYS = {}


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory):
    url = f"sqlite:///{tmp_path_factory.mktemp('schemathesis') / 'deadlines.db'}"
    with open_store(url) as store:
        upgrade(store.engine)
        store.load_packaged(
            packaged_profiles(), packaged_calendars(), at=datetime(2026, 1, 1, tzinfo=UTC), application_version="1.0.0"
        )
        context = WriteContext("key:test", datetime.now(UTC))
        KEYS["X-API-Key"] = create_key(store, name="schemathesis", scopes=["admin"], context=context).secret
        live = Live(store, 60)
        app = create_app(live, Settings(database_url=url))
        live.refresh()
        found = schemathesis.openapi.from_asgi("/openapi.json", app)
        found.config.generation.update(modes=list(GenerationMode))
        yield found


schema = schemathesis.pytest.from_fixture("published")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_service_keeps_to_its_document(case: schemathesis.Case) -> None:
    case.call_and_validate(headers=KEYS)
