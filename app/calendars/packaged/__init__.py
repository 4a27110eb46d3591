"""The calendars that come with the application. The one place in this room that reads files, and only its own."""

import json
from importlib import resources

from app.calendars.calendar import Calendar
from app.calendars.document import from_document

KEYS = ("england-and-wales", "scotland", "northern-ireland")


def load_packaged() -> dict[str, Calendar]:
    """The packaged calendars by key: three divisions of the United Kingdom, 1970 to 2056.

    They are written by `tools/build_calendars.py` and hold their own checksums; `CalendarFaults` is raised if one was
    edited by hand.
    """
    here = resources.files(__name__)
    return {key: from_document(json.loads(here.joinpath(f"{key}.json").read_text("utf-8"))) for key in KEYS}
