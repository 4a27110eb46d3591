"""Characters that nobody sees: they change what a reader is shown, or break the file that they are written into."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from app.documents.faults import Fault

MAX_FAULTS = 20
# Control characters but tab and line feed, what ends a line in other ways, and what changes the direction of writing.
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]")


def hidden_characters(value: object, path: str = "") -> list[Fault]:
    """Return a fault for each text of a document, or name of a member, with a character that nobody sees."""
    faults: list[Fault] = []
    for where, text in _texts(value, path):
        if (hidden := HIDDEN.search(text)) is not None:
            name = unicodedata.name(hidden[0], "a control character").lower()
            message = f"this text contains U+{ord(hidden[0]):04X} ({name}), which nobody sees"
            faults.append(Fault(where, message, "leave it out"))
            if len(faults) == MAX_FAULTS:
                break
    return faults


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Yield each text with its path. A document is nested only so deep (`app.documents.nesting`)."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            shown = HIDDEN.sub("?", str(name))[:100]
            where = f"{path}.{shown}" if path else shown
            if HIDDEN.search(str(name)):
                yield where, str(name)
            yield from _texts(item, where)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}[{index}]")
