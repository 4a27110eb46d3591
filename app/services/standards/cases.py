"""Judge whole cases from typed values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from app.services.standards.loading import Standards
from app.services.standards.values import as_sent
from app.services.timelines.request import read_timeline
from app.services.timelines.status_records import StatusRecord, status_records


def judge(
    standards: Standards, case: Mapping[str, Any], as_of: date | datetime | str | None = None
) -> Iterator[StatusRecord]:
    """Yield what became of every obligation of one case by a day, and what waits for facts.

    The case has the members of POST /v1/timelines, with dates and datetimes or their text; `as_of` may be one of them.
    Nothing is projected. Where nothing is due, one record says so. Raises Problem with every fault at once.
    """
    body = {name: as_sent(value) for name, value in case.items()}
    if as_of is not None:
        body["as_of"] = as_sent(as_of)
    yield from status_records(read_timeline(standards.snapshot, body))
