"""Names of API keys, which identify people in the records of changes: two that look alike are the same name.

A name is stored in Unicode's NFKC form and written in Latin letters, so that no letter of another alphabet passes for
one of them. Names that differ only in case, accents or spaces are the same name.
"""

from __future__ import annotations

import unicodedata

MAX_NAME_LENGTH = 100


class InvalidName(ValueError):
    """A name cannot be used; the message says what would be accepted."""


def read_name(text: str) -> str:
    """Return a name in the form in which it is stored. Raises InvalidName."""
    name = unicodedata.normalize("NFKC", text)
    if not name.strip() or name != name.strip() or len(name) > MAX_NAME_LENGTH or not name.isprintable():
        raise InvalidName(
            f"a key needs a name of 1 to {MAX_NAME_LENGTH} printable characters: whose it is, or what for"
        )
    foreign = [letter for letter in name if letter.isalpha() and not unicodedata.name(letter, "").startswith("LATIN")]
    if foreign or not any(letter.isalnum() for letter in name):
        shown = f": {foreign[0]!r} is {unicodedata.name(foreign[0], 'not one').lower()}" if foreign else ""
        raise InvalidName(f"a key's name is written in Latin letters{shown}")
    return name


def fold_name(name: str) -> str:
    """Return what is equal for names that look alike: without accents, case and spaces."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter) and not letter.isspace())
