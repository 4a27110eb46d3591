from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import filled_database, filled_url
from tests.chromium import Chromium
from tests.web.browsing import Browser, browsing
from tests.web.service import Service, serving

__all__ = ["filled_database", "filled_url"]


@pytest.fixture(scope="session")
def service(filled_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Give the service as it is run, with York in two versions."""
    with serving(filled_database, tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture(scope="session")
def client(service: Service) -> Iterator[httpx.Client]:
    """Give a caller without scripts."""
    with httpx.Client(base_url=service.address, timeout=60) as calling:
        yield calling


@pytest.fixture(scope="session")
def window(chromium: Chromium, service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Give one Chromium for all."""
    with browsing(chromium, service.address, tmp_path_factory.mktemp("browser")) as opened:
        opened.keys = service.keys
        yield opened


@pytest.fixture
def browser(window: Browser) -> Browser:
    """Give the window as a new reader finds it: wide, light, no complaints or files so far, no last profile."""
    # Another page is laid out at another width for nothing.
    window.leave()
    window.command("Storage.clearDataForOrigin", origin=window.address, storageTypes="local_storage")
    window.size(1280)
    window.theme("light")
    window.troubles()
    window.addresses()
    window.forget_downloads()
    return window
