"""The pages about returns: what becomes of each column, and what a return evidences."""

import httpx
import pytest

from app.services.returns.mapping import SOURCES


def test_the_returns_are_listed(client: httpx.Client) -> None:
    page = client.get("/returns").text
    assert all(f"/returns/{source}" in page for source in SOURCES)


@pytest.mark.parametrize("source", SOURCES)
def test_a_page_says_what_becomes_of_each_column_and_by_which_source(client: httpx.Client, source: str) -> None:
    page = client.get(f"/returns/{source}")
    assert page.status_code == 200, page.text
    assert "What becomes of each column" in page.text
    assert "Which duties it evidences" in page.text
    assert "<code>hold_" in page.text
    assert "`" not in page.text


def test_there_is_no_page_about_another_return(client: httpx.Client) -> None:
    assert client.get("/returns/school-census").status_code == 404
