"""What a caller sent is in no cache of the process once the answer is sent."""

import functools
import gc
import sys
from collections.abc import Iterator
from typing import cast

import httpx
import pytest
from fastapi import FastAPI

from app.services.returns import dates
from tests.api.application import RunningApplication, running_application
from tests.privacy.planted import DATE_OF_BIRTH, EVERY, LINE, QUERY, send_everything

CACHE = type(functools.cache(len))


@pytest.fixture
def here(filled_url: str) -> Iterator[RunningApplication]:
    with running_application(filled_url) as application:
        yield application


def texts_in_caches() -> set[str]:
    """Collect the texts that any cached function of the application remembers having been called with."""
    modules = [module for name, module in sys.modules.items() if name.startswith("app.")]
    # Those of the standard library are filled by the callers in this process too: `urlsplit` by their client.
    caches = [
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, CACHE) and each.__module__.startswith("app.")
    ]
    tables = [table for each in caches for table in gc.get_referents(each) if isinstance(table, dict)]
    keys = [part for table in tables for key in table for part in (key if isinstance(key, list | tuple) else [key])]
    return {key.lower() for key in keys if isinstance(key, str)}


def remembered() -> list[str]:
    texts = texts_in_caches()
    return [value for value in EVERY if any(value.lower() in text for text in texts)]


def test_no_cache_remembers_what_was_sent(here: RunningApplication) -> None:
    headers, client = here.key("admin"), cast(httpx.Client, here.client)
    statuses = send_everything(client, headers["X-API-Key"])
    assert {200, 400, 401, 404, 415, 422} <= set(statuses)
    assert client.get(f"/v1/words?q={LINE} review", headers=headers).status_code == 200
    for query in (
        f"facts?q={QUERY}",
        f"event-types?counterpart={QUERY}",
        f"workbook?key={QUERY}",
    ):
        assert client.get(f"/v1/{query}", headers=headers).status_code == 200
    assert client.get("/v1/facts?profile=swindon", headers=headers).status_code == 200
    assert remembered() == []
    answered = [address.decode() for address in cast(FastAPI, here.client.app).state.catalogue.addresses]
    assert "/v1/facts?profile=swindon" in answered
    assert [address for address in answered for value in EVERY if value in address] == []


def test_what_a_cache_remembers_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    read_day = functools.lru_cache(9)(dates.read_day)
    monkeypatch.setattr(dates, "read_day", read_day)
    read_day(DATE_OF_BIRTH)
    assert remembered() == [DATE_OF_BIRTH]
