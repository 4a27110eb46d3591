"""A headless Chromium, and what a reader does with it."""

import gzip
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service as Driver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.chromium import Chromium

PATIENCE = 60
GONE = (NoSuchElementException, StaleElementReferenceException)
# How the driver says that an element went while it was being looked at: it has no class of its own for that.
GOING = "does not belong to the document"
# axe-core, by Deque Systems, under the Mozilla Public License 2.0, as released.
AXE = Path(__file__).with_name("axe-core-4.14.1.min.js.gz")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The rules whose answer depends on the theme, and on the width. All others look at the page's structure, which is the
# same in each: with every rule at both themes and widths, the others answered alike for each element of every page.
COLOURS = ["color-contrast", "link-in-text-block"]
LAYOUT = ["scrollable-region-focusable", "target-size"]


class Browser:
    """One window on the service."""

    def __init__(self, driver: webdriver.Chrome, address: str, downloads: Path) -> None:
        self.driver = driver
        self.address = address
        self.downloads = downloads
        self.keys: dict[str, str] = {}

    def enter_key(self, name: str, path: str) -> None:
        """Open a page with somebody's key, as after the browser's own dialogue."""
        self.driver.get(f"{self.address.replace('//', f'//{name}:{self.keys[name]}@')}{path}")
        self.go(path)

    def go(self, path: str) -> None:
        address = self.address + path
        # A change of the fragment alone does not load a page anew.
        if urldefrag(self.driver.current_url).url == urldefrag(address).url:
            self.leave()
        self.driver.get(address)

    def leave(self) -> None:
        """Put a blank page in the place of this one."""
        self.driver.get("about:blank")

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        """Return the text of an element, what is folded away included."""
        # An empty text is an answer, and would be waited for.
        return str(self.until(lambda: [self.find(selector).get_attribute("textContent")])[0])

    def wait(self, selector: str) -> WebElement:
        return self.until(lambda: self.find(selector))

    def until(self, condition: Any) -> Any:
        # An answer that arrives puts new parts in the place of old ones: what was found just before may be gone.
        def met(_: webdriver.Chrome) -> Any:
            try:
                return condition()
            except WebDriverException as error:
                if GOING not in str(error.msg):
                    raise
                return False

        return WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05, ignored_exceptions=GONE).until(met)

    def click(self, selector: str) -> None:
        self.until(lambda: self.find(selector).click() or True)

    def choose(self, selector: str, value: str) -> None:
        self.until(lambda: Select(self.find(selector)).select_by_value(value) or True)

    def fill(self, selector: str, value: str) -> None:
        # A date field's keys depend on the browser's language; its value does not.
        self.until(lambda: self.run("arguments[0].value = arguments[1]", self.find(selector), value) or True)

    def downloaded(self, name: str) -> Path:
        """Wait for a file that the page gives."""
        file = self.downloads / name
        self.until(file.exists)
        return file

    def forget_downloads(self) -> None:
        # A second file of one name would be given another.
        for file in self.downloads.iterdir():
            file.unlink()

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def command(self, name: str, **parameters: Any) -> Any:
        return self.driver.execute_cdp_cmd(name, parameters)

    def theme(self, scheme: str) -> None:
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def size(self, width: int, height: int = 900) -> None:
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )

    def overflow(self) -> int:
        """How many pixels the page is wider than the window."""
        # Not `window.innerWidth`: on a phone that is as wide as the page, which is shown smaller.
        return self.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def faults(self, narrow: int) -> dict[str, list[str]]:
        """What is wrong with the page for somebody: wide and light, wide and dark, and as narrow as a phone.

        Give nothing where nothing is wrong. The page is dark and narrow afterwards.
        """
        found = {"light": self.violations()}
        self.theme("dark")
        found["dark"] = self.violations(COLOURS)
        self.size(narrow)
        # Only what is stacked on a phone is painted otherwise there.
        found["narrow"] = self.violations(LAYOUT + COLOURS if self.all(".stacks") else LAYOUT)
        if (wider := self.overflow()) > 0:
            found["narrow"].append(f"the page is {wider} pixels wider than the window")
        return {view: wrong for view, wrong in found.items() if wrong}

    def violations(self, rules: Sequence[str] = RULES) -> list[str]:
        """What axe finds wrong, in brief."""
        if not self.run("return 'axe' in window"):
            self.run(gzip.decompress(AXE.read_bytes()).decode())
        # What is in order is not described: that costs as much as the rules themselves.
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "const failed = (error) => done([{id: String(error), nodes: []}]);"
            "axe.run({runOnly: arguments[0], resultTypes: ['violations'], selectors: false})"
            ".then((found) => done(found.violations), failed)",
            rules,
        )
        return [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"] or [{"html": ""}]]

    def troubles(self) -> list[str]:
        """What the browser complained of since it was asked last: scripts, policies, resources."""
        return [entry["message"] for entry in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]  # selenium has no types for it

    def addresses(self) -> list[str]:
        """Every address that the browser asked for since it was asked last, as it was sent."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]  # type: ignore[no-untyped-call]  # selenium has no types for it
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]


@contextmanager
def browsing(chromium: Chromium, address: str, folder: Path) -> Iterator[Browser]:
    """Open a window with a profile of its own."""
    # The headless shell opens no page of itself, and its driver waits for one.
    start = folder / "start"
    start.write_text(f'#!/bin/sh\nexec {chromium.browser} "$@" about:blank\n', encoding="utf-8")
    start.chmod(0o700)
    options = webdriver.ChromeOptions()
    options.binary_location = str(start)
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--lang=en-GB",
        # A process for all pages of the service, which translates a script once and not anew for each page, and has no
        # threads to do so ahead of need; and no page stays in memory to go back to.
        "--process-per-site",
        "--js-flags=--single-threaded",
        "--disable-features=BackForwardCache",
        f"--user-data-dir={folder}/profile",
    ):
        options.add_argument(argument)
    downloads = folder / "downloads"
    downloads.mkdir()
    options.add_experimental_option("perfLoggingPrefs", {"enablePage": False})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Driver(chromium.driver))
    try:
        driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)})
        yield Browser(driver, address, downloads)
    finally:
        driver.quit()
