"""Where the headless browser of the browser tests is.

A browser is a system package, so a desk may lack it and its tests are skipped there; under CI a missing browser is a
failure, for nothing that was meant to run may be skipped.
"""

import os
import shutil
from typing import NamedTuple

import pytest


class Chromium(NamedTuple):
    """The browser and its driver, as absolute paths."""

    browser: str
    driver: str


@pytest.fixture(scope="session")
def chromium() -> Chromium:
    """Give Chromium and its driver, which Debian calls chromium and chromium-driver."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if browser and driver:
        return Chromium(browser, driver)
    message = "Chromium and its driver are not installed (Debian: apt-get install chromium chromium-driver)"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
