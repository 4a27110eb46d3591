"""The OpenAPI page in a real browser: Authorize with a key makes a guarded route answer."""

import httpx
import pytest

from tests.web.browsing import Browser
from tests.web.service import Service

pytestmark = pytest.mark.browser


def open_operation(browser: Browser, operation: str) -> None:
    """Open one operation on the page, ready to be tried out."""
    browser.go("/docs")
    browser.wait(operation)
    browser.click(f"{operation} .opblock-summary-control")
    browser.click(f"{operation} .try-out__btn")


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
    browser.click(".auth-wrapper .btn.authorize")
    field = browser.wait(".modal-ux input[aria-label='auth-apikey-value'], .modal-ux #api_key_value")
    field.send_keys(secret)
    browser.click(".modal-ux .auth-btn-wrapper .authorize")
    browser.click(".modal-ux .btn-done")
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
