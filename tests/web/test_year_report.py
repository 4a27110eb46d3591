"""The report of a year stands by itself: read without a service, by everybody, on two printed pages."""

import base64
import re
from pathlib import Path

import pytest

from app.services.measures import YearFigures
from app.services.measures.report import year_report
from app.services.measures.request import YearRequest
from app.services.measures.suppression import shared
from app.services.snapshot.offline import packaged_snapshot
from tests.web.browsing import Browser

pytestmark = pytest.mark.browser


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """Write the report of 480 cases over a year."""
    request = YearRequest.model_validate({"profile": "swindon", "year": "2025-26", "source": "cin-census"})
    figures = YearFigures(packaged_snapshot(), request)
    for number in range(480):
        month, day = number % 8 + 4, number % 20 + 1
        events = [
            ("assessment_started", f"2025-{month:02}-{day:02}"),
            ("section_47_started", f"2025-{month:02}-{day:02}"),
            ("icpc_held", f"2025-{month + 1:02}-{day:02}" if number % 3 else f"2025-{month:02}-{day + 5:02}"),
            ("assessment_authorised", f"2025-{month + 1 + number % 3:02}-{day:02}"),
        ]
        figures.take("", {"events": [{"type": type_, "occurred_at": at} for type_, at in events]})
    file = tmp_path / "report.html"
    file.write_text(year_report(shared(figures.as_json()), "swindon", "cin-census", exact=False), encoding="utf-8")
    return file


def test_the_report_is_read_by_everybody_and_asks_for_nothing(browser: Browser, report: Path) -> None:
    browser.driver.get(report.as_uri())
    assert browser.faults(375) == {}
    assert len(browser.all("figure svg[role=img]")) >= 4
    assert [address for address in browser.addresses() if address.startswith("http")] == []
    assert not re.search(r"<script|https?://", report.read_text(encoding="utf-8"))


def test_the_report_prints_on_two_pages(browser: Browser, report: Path) -> None:
    browser.driver.get(report.as_uri())
    printed = base64.b64decode(browser.command("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert re.findall(rb"/Count (\d+)", printed) == [b"2"]
