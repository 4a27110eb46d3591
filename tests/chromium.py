"""Where the headless browser of the browser tests is.

A browser is a system package, so a desk may lack it and its tests are skipped there; under CI a missing browser is a
failure, for nothing that was meant to run may be skipped.
"""

import os
import shutil
from typing import NamedTuple

import pytest

# In order: the shell is Chromium without windows, which needs a third less of the processor.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


class Chromium(NamedTuple):
    """The browser and its driver, as absolute paths."""

    browser: str
    driver: str


@pytest.fixture(scope="session")
def chromium() -> Chromium:
    """Give Chromium and its driver, which Debian calls chromium-headless-shell and chromium-driver."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if browser and driver:
        return Chromium(browser, driver)
    message = (
        "Chromium and its driver are not installed (Debian: apt-get install chromium-headless-shell chromium-driver)"
    )
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
