"""The OpenAPI page in a real browser: with a key, every kind of operation answers as it is printed."""

import sqlite3
import threading
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from app.api.application import create_app
from app.services.snapshot.holder import SnapshotHolder
from app.settings import Settings
from app.store import open_store
from tests.chromium import Chromium
from tests.contract.printed_state import MULTIPART, XLSX, prepare
from tests.government_site import WHOLE, publishing
from tests.published.walking import committed, operations, walk
from tests.serving import free_port
from tests.web.browsing import Browser, browsing
from tests.web.service import Service

pytestmark = pytest.mark.browser
OPERATIONS = operations(committed("openapi.json"))
# A file is chosen from the reader's own disk, and none is printed: tests/contract/test_printed_examples.py sends them.
FROM_DISK = {
    name
    for name, operation in OPERATIONS.items()
    if {XLSX, MULTIPART, "application/octet-stream"}
    & (content := operation.get("requestBody", {}).get("content", {})).keys()
    and "application/json" not in content
}


def parts(operation: dict[str, Any]) -> set[object]:
    """Give what the page draws of an operation: a field for each parameter, its body's media types, its answer's."""
    answers = (answer for code, answer in operation["responses"].items() if code < "3")
    return {
        *(
            (each["in"], each["schema"].get("type"), each["schema"].get("format"), "enum" in each["schema"])
            for each in operation.get("parameters", ())
        ),
        ("body", frozenset(operation.get("requestBody", {}).get("content", {}))),
        ("answer", frozenset(kind for answer in answers for kind in answer.get("content", {}))),
        ("security", any(operation["security"])),
    }


def kinds() -> list[str]:
    """Give operations that have between them every part of any: at each step that which adds most for its fields.

    That every operation answers as it is printed is in tests/contract/test_printed_examples.py, without a browser.
    """
    having = {name: parts(OPERATIONS[name]) for name in sorted(OPERATIONS.keys() - FROM_DISK)}
    fields = {name: 1 + len(OPERATIONS[name].get("parameters", ())) for name in having}
    missing = set[object]().union(*having.values())
    chosen = []
    while missing:
        chosen.append(max(having, key=lambda name: len(having[name] & missing) / fields[name]))
        missing -= having[chosen[-1]]
    return chosen


def only(document: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Give a document of some operations, and of the models that they refer to."""
    paths = {
        path: {method: each for method, each in methods.items() if each["operationId"] in names}
        for path, methods in document["paths"].items()
    }
    models = document["components"]["schemas"]
    referred: dict[str, Any] = {}
    unread: list[object] = [paths]
    while unread:
        for place, value in walk(unread.pop()):
            name = str(value).rpartition("/")[2]
            if place.endswith("/$ref") and name in models and name not in referred:
                referred[name] = models[name]
                unread.append(models[name])
    return document | {
        "paths": {path: methods for path, methods in paths.items() if methods},
        "components": document["components"] | {"schemas": referred},
    }


# What a reader does with one operation, each step once the page has followed the last one.
STEPS = """
const [id, heading, step, done] = arguments;
const patience = Date.now() + 60000;
const find = (selector) => document.getElementById(id).querySelector(selector);
async function wait(what) {
  for (;;) {
    const found = what();
    if (found) return found;
    if (Date.now() > patience) throw new Error(`nothing came of ${what}`);
    await new Promise((resume) => setTimeout(resume, 10));
  }
}
const steps = {
  async open() {
    // Its heading is folded, where a reader has folded it.
    if (!document.getElementById(id)) document.getElementById(heading).click();
    await wait(() => document.getElementById(id));
    find(".opblock-summary-control").click();
    const button = await wait(() => find(".try-out__btn"));
    // An operation that was tried out before is so still: then the button would cancel it.
    if (!find(".execute")) button.click();
    await wait(() => find(".execute"));
  },
  async execute() {
    // What the last answer was stays until it is cleared.
    find(".btn-clear")?.click();
    await wait(() => !find(".live-responses-table"));
    find(".execute").click();
    const shown = await wait(() => find(".live-responses-table tr.response .response-col_status"));
    const body = find(".live-responses-table .response-col_description").textContent;
    const command = find(".curl").textContent;
    find(".opblock-summary-control").click();
    await wait(() => !find(".execute"));
    if (!document.querySelector(".models.is-open")) {
      document.getElementById(heading).click();
      await wait(() => !document.getElementById(id));
    }
    return [parseInt(shown.textContent, 10), body.slice(0, 400), command];
  },
};
steps[step]().then(done, (error) => done([0, String(error), ""]));
"""
# The page reads the whole document anew for each operation that is opened, to put what it refers to in its place. Asked
# for all of them, it reads it once, which halves what an operation costs.
PUT_IN_PLACE = """
const done = arguments[0];
const inPlace = () => ui.specSelectors.specResolvedSubtree(["paths"]) ? done() : setTimeout(inPlace, 20);
ui.specActions.requestResolvedSubtree(["paths"]);
inPlace();
"""


# At each step the page makes everything anew that is not folded: all operations, and the models.
FOLD = """
for (const each of document.querySelectorAll(".models.is-open .models-control, .opblock-tag-section.is-open h3")) {
  each.click();
}
"""


def heading(name: str) -> str:
    """Give the id of the heading that an operation is under."""
    return f"operations-tag-{OPERATIONS[name]['tags'][0].replace(' ', '_')}"


def place(name: str) -> str:
    """Give the id of an operation's part of the page."""
    return f"operations-{OPERATIONS[name]['tags'][0].replace(' ', '_')}-{name}"


def press(browser: Browser, name: str) -> tuple[int, str, str]:
    """Try an operation out as it is printed; give the status, the answer's beginning and the command that are shown."""
    opened = browser.driver.execute_async_script(STEPS, place(name), heading(name), "open")
    assert opened is None, opened
    status, body, command = browser.driver.execute_async_script(STEPS, place(name), heading(name), "execute")
    return int(status), str(body), str(command)


def sign_in(browser: Browser, secret: str) -> None:
    """Paste a key under Authorize."""
    browser.click(".auth-wrapper .btn.authorize")
    field = browser.wait(".modal-ux input[aria-label='auth-apikey-value'], .modal-ux #api_key_value")
    field.send_keys(secret)
    browser.click(".modal-ux .auth-btn-wrapper .authorize")
    browser.click(".modal-ux .btn-done")


def open_page(browser: Browser) -> None:
    browser.go("/docs")
    browser.wait(".opblock")


def fold(browser: Browser) -> None:
    browser.run(FOLD)
    browser.until(lambda: not browser.all(".opblock, .models.is-open"))


def test_an_operation_that_needs_a_scope_shows_a_padlock_and_answers_with_a_key_alone(
    browser: Browser, service: Service, client: httpx.Client
) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    secured = sum(
        bool([need for need in operation["security"] if need]) for path in paths.values() for operation in path.values()
    )
    open_page(browser)
    browser.until(lambda: len(browser.all(".opblock .authorization__btn")) == secured)
    fold(browser)
    assert press(browser, "list_changes")[0] == 401
    secret = service.key("docs-page", "admin")
    sign_in(browser, secret)
    # The key arrives in the running service with its next look at the store.
    browser.until(lambda: client.get("/v1/audit", headers={"X-API-Key": secret}).status_code == 200)
    status, _, command = press(browser, "list_changes")
    assert status == 200
    assert secret in command


class Scratch:
    """A service in which what the examples name is there, and is there again once something was written."""

    def __init__(self, address: str, secret: str, live: SnapshotHolder, database: Path, template: Path) -> None:
        self.address, self.secret = address, secret
        self._live, self._loaded = live, live.snapshot
        self._database, self._template = database, template
        self._changes = self._changed()

    def put_back_if_changed(self) -> None:
        if self._changed() == self._changes:
            return
        with closing(sqlite3.connect(self._template)) as template, closing(sqlite3.connect(self._database)) as database:
            template.backup(database)
        # Loading would refuse: what was published is not taken away again.
        self._live.snapshot = self._loaded
        assert self._live.refresh()
        assert self._live.snapshot is self._loaded

    def _changed(self) -> int:
        with closing(sqlite3.connect(self._database)) as database:
            (last,) = database.execute("SELECT max(id) FROM audit_record").fetchone()
        return int(last)


@contextmanager
def scratched(folder: Path) -> Iterator[Scratch]:
    """Serve from this process, so that what was loaded can be loaded anew without another start."""
    database, template = folder / "scratch.db", folder / "template.db"
    url = f"sqlite:///{database}"
    secret = prepare(url)
    template.write_bytes(database.read_bytes())
    port = free_port()
    with open_store(url) as store:
        live = SnapshotHolder(store, 60)
        app = create_app(live, Settings(database_url=url))
        # The page reads a whole document at once, which costs what it has; the test above opens the service's own.
        app.openapi_schema = only(committed("openapi.json"), kinds())
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                threading.Event().wait(0.02)
            yield Scratch(f"http://127.0.0.1:{port}", secret, live, database, template)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Scratch]:
    """Give a service of its own, since what is pressed here is published and withdrawn."""
    with publishing() as site, pytest.MonkeyPatch.context() as environment:
        site.puts(WHOLE)
        environment.setenv("DEADLINES_BANK_HOLIDAYS_URL", site.address)
        with scratched(tmp_path) as running:
            yield running


@pytest.fixture
def signed_in(chromium: Chromium, scratch: Scratch, tmp_path: Path) -> Iterator[Browser]:
    """Give the page of that service, signed in with a key that may do everything."""
    with browsing(chromium, scratch.address, tmp_path) as browser:
        browser.size(1280)
        open_page(browser)
        sign_in(browser, scratch.secret)
        browser.driver.set_script_timeout(90)
        fold(browser)
        browser.driver.execute_async_script(PUT_IN_PLACE)
        yield browser


# One test for all: to load the page and to put everything in its place costs what five operations cost.
def test_an_operation_of_every_kind_that_is_tried_out_answers_as_it_is_printed(
    signed_in: Browser, scratch: Scratch
) -> None:
    otherwise = {}
    for name in kinds():
        status, body, _ = press(signed_in, name)
        scratch.put_back_if_changed()
        if str(status) not in OPERATIONS[name]["responses"] or not 200 <= status < 300:
            otherwise[name] = f"{status}: {body}"
    assert otherwise == {}
