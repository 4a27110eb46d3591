"""The packaged calendars. The only module of this package that reads files, and only its own."""

import json
from importlib import resources

from app.calendars.calendar import Calendar
from app.calendars.document import from_document

KEYS = ("england-and-wales", "scotland", "northern-ireland")


def load_packaged() -> dict[str, Calendar]:
    """Return the packaged calendars by key: three divisions of the United Kingdom, 1970 to 2056.

    They are written by `tools/build_calendars.py` with their checksums. Raises `InvalidCalendar` if one was edited by
    hand.
    """
    here = resources.files(__name__)
    return {key: from_document(json.loads(here.joinpath(f"{key}.json").read_text("utf-8"))) for key in KEYS}
