"""Every request that the published document allows is answered as it says; every other is refused as it says.

All checks of Schemathesis are on. Requests are generated from the document alone, so nothing here knows a route's name.
The requests of an operation are generated when its test runs, since generating them all takes longer than collecting
the other tests.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.drivers import CoverageGenerator
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.generation.overrides import Override
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.python._constants.orchestrator import make_constants_value_source
from schemathesis.python.asgi import ASGIClient, get_client

from app.api.application import create_app
from app.profiles.vocabulary import shared_vocabulary
from app.services.access.api_keys import create_key
from app.services.ports import WriteContext
from app.services.publishing.profile_file import MEDIA_TYPES
from app.services.snapshot.holder import SnapshotHolder
from app.settings import Settings
from app.store import open_store
from tests.api.application import fill
from tests.house.files import ROOT

EXAMPLES = 15
SHARE = 5
"""Every operation but `calculate` and `get_due_date` is asked with one in so many of the facts."""
MANY = 100
"""After so many wrong requests that were built on purpose, none is drawn by chance."""
REFUSALS = ["400", "401", "403", "404", "405", "406", "409", "412", "415", "422", "428", "429"]


def config(modes: str) -> SchemathesisConfig:
    """Return how requests are drawn, and which answers to them are right."""
    return SchemathesisConfig.from_dict(
        {
            "checks": {
                # Only the records or the meaning decide some requests (no such profile, a fact that contradicts its
                # event, a cursor or a revision that does not exist). They are refused as 404, 409, 412 or 422.
                "positive_data_acceptance": {
                    "expected-statuses": ["2xx", "3xx", "401", "403", "404", "409", "412", "422"],
                },
                # The revision is checked before the body, so that a wrong one is reported whatever the body is.
                "negative_data_rejection": {"expected-statuses": REFUSALS},
                # RFC 6585: the answer to a write without If-Match.
                "missing_required_header": {"expected-statuses": ["400", "401", "403", "406", "415", "422", "428"]},
            },
            # The test sends what is built on purpose (the coverage phase); Hypothesis what is drawn.
            "phases": {"coverage": {"enabled": False}, "fuzzing": {"generation": {"mode": modes}}},
        },
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
FACTS = sorted(shared_vocabulary().facts)
FILES = {
    path
    for path, operations in DOCUMENT["paths"].items()
    if any("application/octet-stream" in each.get("requestBody", {}).get("content", {}) for each in operations.values())
}
"""The paths that take a file."""
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
    is_file = case.media_type in MEDIA_TYPES or case.path in FILES
    if (case.path in in_place or is_file) and case.meta is not None and case.meta.generation.mode.is_negative:
        return False
    return not any(says_absent(part) for part in (case.query, case.body))


def says_absent(value: object) -> bool:
    """Tell whether some member of an object is null or an empty text."""
    if isinstance(value, Mapping):
        return any(item is None or item == "" or says_absent(item) for item in value.values())
    return isinstance(value, list) and any(says_absent(item) for item in value)


@dataclass
class Service:
    """A service with everything packaged, and what is sent to it."""

    schema: Any
    shared: list[Any]
    """The same schema with a share of the facts each."""
    live: SnapshotHolder
    client: ASGIClient
    feedback: FeedbackSources
    """The constants of the service's own code: read once, and drawn as values of parameters."""

    def schema_of(self, operation_id: str) -> Any:
        """Return the schema from which the requests of an operation are generated.

        Three quarters of all requests would differ in one fact alone, and the facts are one definition of the document
        and one model of the service. Two operations, one for a body and one for a query, are asked with all of them.
        The others take turns, so that each operation is asked with some of them and each of them in several operations.
        """
        whole = operation_id in {"calculate", "get_due_date"}
        return self.schema if whole else self.shared[OPERATIONS.index(operation_id) % SHARE]


def with_share(document: dict[str, Any], turn: int) -> dict[str, Any]:
    """Give the document with one in `SHARE` of the facts that a body may have."""
    left_out = {fact for place, fact in enumerate(FACTS) if place % SHARE != turn}
    shared = copy.deepcopy(document)
    for schema in shared["components"]["schemas"].values():
        members = schema.get("properties", {})
        if members.keys() >= left_out:
            schema["properties"] = {name: member for name, member in members.items() if name not in left_out}
    return shared


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, dict[str, str]]]:
    """Load the schema of a service; yield it with an administrator's key."""
    url = f"sqlite:///{tmp_path_factory.mktemp('schemathesis')}/deadlines.db"
    fill(url)
    load_all_checks()
    with open_store(url) as store:
        live = SnapshotHolder(store, 60)
        application: Any = create_app(live, Settings())
        schema = schemathesis.openapi.from_asgi("/openapi.json", application, config=config("all"))
        shared = [
            schemathesis.openapi.from_dict(with_share(DOCUMENT, turn), config=config("all")) for turn in range(SHARE)
        ]
        for each in shared:
            each.app, each.location = application, schema.location
        context = WriteContext("key:test", datetime.now(UTC))
        secret = create_key(store, name="schemathesis", scopes=["admin"], context=context).secret
        live.refresh()
        with get_client(application) as client:
            # No proxy and no .netrc of this machine: they are looked up anew for each request.
            client.trust_env = False
            feedback = FeedbackSources(constants_value_source=make_constants_value_source(schema))
            yield Service(schema, shared, live, client, feedback), {"X-API-Key": secret}


def is_right(case: schemathesis.Case[Any]) -> bool:
    """Tell whether a request was built to be allowed, not to be refused."""
    assert case.meta is not None
    return case.meta.generation.mode.is_positive


def built(here: Service, operation: Any) -> Iterator[schemathesis.Case[Any]]:
    """Give the requests that the document prescribes, one by one: each limit, each type, each part left out."""
    generation = operation.schema.config.generation_for(operation=operation, phase="coverage")
    return iter(
        CoverageGenerator(
            operation=operation,
            generation_modes=generation.modes,
            generation_config=generation,
            auth_storage=None,
            override=Override(),
            feedback=here.feedback,
        )
    )


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_the_service_keeps_to_its_document(operation_id: str, service: tuple[Service, dict[str, str]]) -> None:
    here, key = service
    schema = here.schema_of(operation_id)
    (found,) = schema.include(operation_id=operation_id).get_all_operations()
    operation = found.ok()
    # What needs no key writes nothing.
    writes = operation.method != "get" and {} not in operation.definition.raw["security"]

    def check(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers=key, session=here.client)
        if writes:
            here.live.refresh()

    sent: Counter[bool] = Counter()
    for case in built(here, operation):
        sent[is_right(case)] += 1
        check(case)
    assert sent.total()
    # To draw a wrong request, the whole definition of the facts is turned round: half a second for one request.
    build_operation_test(
        config=config("positive").projects.get_default() if sent[False] > MANY else schema.config,
        operation=operation,
        test_func=check,
        explicit_settings=SETTINGS,
        given_kwargs={},
        feedback=here.feedback,
    )()
