"""The packaged calendars. The only module of this package that reads files, and only its own."""

import json
from importlib import resources
from typing import Any

from app.calendars.calendar import Calendar
from app.calendars.document import from_document

KEYS = ("england-and-wales", "scotland", "northern-ireland")


def packaged_documents() -> dict[str, dict[str, Any]]:
    """Return every packaged document by its key, as `tools/build_calendars.py` wrote it with its checksum."""
    here = resources.files(__name__)
    return {key: json.loads(here.joinpath(f"{key}.json").read_text("utf-8")) for key in KEYS}


def load_packaged() -> dict[str, Calendar]:
    """Return the packaged calendars by key: three divisions of the United Kingdom, 1970 to 2056.

    Raises `InvalidCalendar` if one was edited by hand.
    """
    return {key: from_document(document) for key, document in packaged_documents().items()}
