"""The OpenAPI page in a real browser: Authorize with a key makes a guarded route answer."""

from collections.abc import Iterator

import httpx
import pytest

from tests.chromium import Chromium
from tests.published.walking import committed, operations
from tests.web.browsing import Browser, browsing
from tests.web.service import Service, serving

pytestmark = pytest.mark.browser


def open_operation(browser: Browser, operation: str) -> None:
    """Open one operation on the page, ready to be tried out."""
    browser.go("/docs")
    browser.wait(operation)
    browser.click(f"{operation} .opblock-summary-control")
    browser.click(f"{operation} .try-out__btn")


def sign_in(browser: Browser, secret: str) -> None:
    """Paste a key under Authorize."""
    browser.click(".auth-wrapper .btn.authorize")
    field = browser.wait(".modal-ux input[aria-label='auth-apikey-value'], .modal-ux #api_key_value")
    field.send_keys(secret)
    browser.click(".modal-ux .auth-btn-wrapper .authorize")
    browser.click(".modal-ux .btn-done")


def execute(browser: Browser, operation: str) -> int:
    """Press Execute, and return the status that the page shows."""
    browser.click(f"{operation} .execute")
    selector = f"{operation} .live-responses-table tr.response .response-col_status"
    return int(browser.until(lambda: browser.find(selector).text.split()[0]))


@pytest.fixture(scope="module")
def operation(client: httpx.Client) -> str:
    """Give the place on the page of the list of changes, which administrators alone may read."""
    described = client.get("/openapi.json").json()["paths"]["/v1/audit"]["get"]
    tag = described["tags"][0].replace(" ", "_")
    return f"[id='operations-{tag}-{described['operationId']}']"


def test_a_guarded_route_cannot_be_tried_without_a_key(browser: Browser, operation: str) -> None:
    open_operation(browser, operation)
    assert execute(browser, operation) == 401


def test_authorize_with_a_key_makes_a_guarded_route_answer(browser: Browser, service: Service, operation: str) -> None:
    secret = service.key("docs-page", "admin")
    open_operation(browser, operation)
    sign_in(browser, secret)
    # The key arrives in the running service with its next look at the store.
    browser.until(lambda: execute(browser, operation) == 200)
    assert secret in browser.find(f"{operation} .curl").text


def test_every_operation_that_needs_a_scope_shows_a_padlock(browser: Browser, client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    secured = sum(
        bool([need for need in operation["security"] if need]) for path in paths.values() for operation in path.values()
    )
    browser.go("/docs")
    browser.wait(".opblock .authorization__btn")
    browser.until(lambda: len(browser.all(".opblock .authorization__btn")) == secured)


# What needs a key, pressed in a browser; tests/contract/test_printed_examples.py sends every operation without one.
ABSENT = {404, 412}
GUARDED = frozenset(
    {
        "add_bank_holiday",
        "add_closure_days",
        "approve_proposal",
        "create_draft",
        "delete_draft",
        "diff_draft",
        "diff_versions",
        "discard_proposal",
    }
)
OPERATIONS = sorted(
    (tag.replace(" ", "_"), name)
    for name, operation in operations(committed("openapi.json")).items()
    if name in GUARDED
    for tag in operation["tags"]
)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Give a service of its own, since what is pressed here is published and withdrawn."""
    with serving(tmp_path_factory.mktemp("scratch")) as running:
        yield running


@pytest.fixture(scope="module")
def signed_in(chromium: Chromium, scratch: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Give the page of that service, signed in with a key that may do everything."""
    secret = scratch.key("everything", "admin")
    with browsing(chromium, scratch.address, tmp_path_factory.mktemp("signed-in")) as browser:
        browser.size(1280)
        browser.until(
            lambda: httpx.get(f"{scratch.address}/v1/audit", headers={"X-API-Key": secret}).status_code == 200
        )
        browser.go("/docs")
        browser.wait(".auth-wrapper .btn.authorize")
        sign_in(browser, secret)
        yield browser


@pytest.mark.parametrize(("tag", "name"), OPERATIONS, ids=[name for _, name in OPERATIONS])
def test_a_guarded_operation_works_as_it_is_printed(signed_in: Browser, tag: str, name: str) -> None:
    operation = f"[id='operations-{tag}-{name}']"
    signed_in.click(f"{operation} .opblock-summary-control")
    signed_in.click(f"{operation} .try-out__btn")
    status = execute(signed_in, operation)
    signed_in.click(f"{operation} .opblock-summary-control")
    assert status < 400 or status in ABSENT, status
