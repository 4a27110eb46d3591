"""A strict reader: every key must be expected and every value of its type, and every fault is collected."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime

from app.documents.faults import Fault, describe, listed, nearest_names

Table = Mapping[str, object]

KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAX_KEY_CHARACTERS = 64
KEY_REMEDY = f"use at most {MAX_KEY_CHARACTERS} small letters, digits and single hyphens"
INDEX = re.compile(r"\[\d+\]")
MAX_NUMBER = 10_000
MAX_LINE_CHARACTERS = 200
# A search for near names takes half a millisecond; a document with more wrong names has another mistake.
MAX_NEAREST_SEARCHES = 50
# A search by meaning takes ten milliseconds.
MAX_MEANING_SEARCHES = 10
OWN_NAME = "<its own name>"
"""In an example line, the name of the table that lacks it."""
LISTS = {"event": "events", "fact": "facts", "duty": "duties", "episode": "episodes"}
"""The part of a profile's vocabulary in which each kind of word is declared."""

TRUE_OR_FALSE = "write true or false, in small letters and without quotation marks"
NearestInMeaning = Callable[[str, str, Collection[str]], tuple[str, ...]]
"""Return the names, of those there are, that an unknown name of a kind (`event`, `fact`, `duty`) may mean."""


TABLE = (dict, Mapping)
"""In this order: nearly every table is a dict, and to find whether one is a mapping takes five times as long."""


class Reader:
    """Reads the values of one document and collects a fault for each that is not valid.

    Every method takes a table, the key to read and the table's own path, and returns a usable value after a fault, so
    that reading goes on. An absent key gives the default; `table` reports those that are required.
    """

    def __init__(
        self, nearest_in_meaning: NearestInMeaning | None = None, examples: Mapping[str, str] | None = None
    ) -> None:
        self.faults: list[Fault] = []
        self._examples = examples or {}
        """What a key may look like, for those that a document leaves out."""
        self._nearest_in_meaning = nearest_in_meaning
        self._rule: str | None = None
        self._searches = 0

    @contextmanager
    def within_rule(self, rule_id: str | None) -> Iterator[None]:
        """Attribute the faults found inside to a rule."""
        before, self._rule = self._rule, rule_id
        try:
            yield
        finally:
            self._rule = before

    def fault(self, path: str, message: str, remedy: str, nearest: tuple[str, ...] = ()) -> None:
        """Add a fault."""
        self.faults.append(Fault(path, message, remedy, nearest=nearest, rule=self._rule))

    def nearest(self, name: str, names: Collection[str], what: str = "") -> tuple[str, ...]:
        """Return the nearest of the names, for the first so many unknown names of a document.

        Of a kind of word (`what`) that has meanings, the nearest in meaning.
        """
        self._searches += 1
        if what in LISTS and self._nearest_in_meaning is not None and self._searches <= MAX_MEANING_SEARCHES:
            return self._nearest_in_meaning(what, name, names)
        return nearest_names(name, names) if self._searches <= MAX_NEAREST_SEARCHES else ()

    def table(
        self, value: object, path: str, keys: Collection[str] | None, required: Collection[str] = frozenset()
    ) -> Table:
        """Return a table after checking its keys; an empty one where the value is none. `keys` None allows any."""
        if not isinstance(value, TABLE):
            remedy = f"give a table with {listed(keys if keys is not None else required)}"
            self.fault(path, f"this must be a table, not {describe(value)}", remedy)
            return {}
        for key in value:
            if keys is not None and key not in keys:
                self.fault(
                    join(path, str(key)), f"unknown key '{key}'", f"use one of {listed(keys)}", self.nearest(key, keys)
                )
        for key in sorted(set(required) - value.keys()) if required else ():
            example = self._examples.get(key, "").replace(OWN_NAME, path.rpartition(".")[2])
            remedy = f"add a line such as: {example}" if example else f"add {key}"
            self.fault(join(path, key), f"'{key}' is missing", remedy)
        return value

    def text(self, table: Table, key: str, path: str = "", default: str = "") -> str:
        """Read a text that is not empty."""
        value = table.get(key, default)
        if not isinstance(value, str):
            self.fault(join(path, key), f"this must be text, not {describe(value)}", "write it in quotation marks")
            return default
        if key in table and not value.strip():
            self.fault(join(path, key), "this text is empty", f"write some text, or leave {key} out")
            return default
        return value

    def line(self, table: Table, key: str, path: str = "", longest: int = MAX_LINE_CHARACTERS) -> str:
        """Read one line of printable characters with no space at either end; empty where absent."""
        before = len(self.faults)
        value = self.text(table, key, path)
        if len(value) > longest or not value.isprintable() or value != value.strip():
            remedy = f"use one line of at most {longest} printable characters, with no space at either end"
            self.fault(join(path, key), f"{describe(value)} is not valid", remedy)
        return value if len(self.faults) == before else ""

    def key(self, table: Table, key: str, path: str = "", what: str = "key", longest: int | None = None) -> str:
        """Read a key of small letters, digits and single hyphens; empty where absent or not valid."""
        before = len(self.faults)
        value = self.text(table, key, path)
        if value and (not KEY.fullmatch(value) or len(value) > (longest or len(value))):
            most = f"at most {longest} " if longest else ""
            remedy = f"use {most}small letters, digits and single hyphens"
            self.fault(join(path, key), f"'{value[:MAX_KEY_CHARACTERS]}' is not a valid {what}", remedy)
        return value if len(self.faults) == before else ""

    def choice(self, table: Table, key: str, path: str, choices: tuple[str, ...], default: str) -> str:
        """Read one of a few words."""
        value = table.get(key, default)
        if isinstance(value, str) and (value in choices or value == default):
            return value
        self.fault(join(path, key), f"{describe(value)} is not a valid {key}", f"use one of {', '.join(choices)}")
        return default

    def flag(self, table: Table, key: str, path: str = "", *, default: bool = False) -> bool:
        """Read true or false."""
        value = table.get(key, default)
        if not isinstance(value, bool):
            self.fault(join(path, key), f"this must be true or false, not {describe(value)}", TRUE_OR_FALSE)
            return default
        return value

    def number(
        self, table: Table, key: str, path: str = "", default: int = 0, least: int = 0, most: int = MAX_NUMBER
    ) -> int:
        """Read a whole number from `least` to `most`."""
        value = table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            message = f"this must be a whole number from {least} to {most}, not {describe(value)}"
            self.fault(join(path, key), message, _number_remedy(value, least))
            return max(default, least)
        return value

    def texts(self, table: Table, key: str, path: str = "") -> tuple[str, ...]:
        """Read a list of texts; a single text stands for a list of one."""
        value = table.get(key, ())
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) and item.strip() for item in value):
            message = f"this must be a list of texts, not {describe(value)}"
            self.fault(join(path, key), message, 'write ["one", "two"]')
            return ()
        return tuple(str(item) for item in value)

    def day(self, table: Table, key: str, path: str = "") -> date | None:
        """Read a date, as TOML has it or written as YYYY-MM-DD; None where absent or not valid."""
        value = table.get(key)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        try:
            if isinstance(value, str) and len(value) == 10:
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.fault(join(path, key), f"this must be a date, not {describe(value)}", "write it as 2020-01-31")
        return None

    def tables(self, table: Table, key: str, path: str = "", most: int | None = None) -> list[tuple[str, object]]:
        """Read a list of tables, each with its path; `most` limits how many there may be."""
        value, where = table.get(key, []), join(path, key)
        if not isinstance(value, list | tuple):
            remedy = f"write [[{re.sub(INDEX, '', where)}]] for each"
            if key in self._examples and isinstance(value, str):
                remedy = f"write it as: {self._examples[key]}"
            self.fault(where, f"this must be a list of tables, not {describe(value)}", remedy)
            return []
        if most is not None and len(value) > most:
            self.fault(where, f"{len(value)} entries are too many", f"give at most {most}")
            return []
        return [(f"{where}[{index}]", item) for index, item in enumerate(value)]

    def name(self, name: str, path: str, what: str, names: Collection[str]) -> bool:
        """Return True if a name is among `names`; otherwise add a fault with the nearest ones."""
        if name in names:
            return True
        remedy = f"name a {what} of this profile"
        if what in LISTS:
            own = f"[vocabulary.{LISTS[what]}.local_{name.removeprefix('local_')}]"
            remedy = f"use a known {what}, or declare a word of your own: {own}"
        self.fault(path, f"unknown {what} '{name}'", remedy, self.nearest(name, names, what))
        return False


def _number_remedy(value: object, least: int) -> str:
    if isinstance(value, str):
        return "write digits only, without quotation marks"
    if isinstance(value, float):
        return "write a whole number; where the paper has a half, use a smaller unit"
    return f"write a whole number, at least {least}"


def is_key(text: str) -> bool:
    """Return whether a profile can be published under a key."""
    return len(text) <= MAX_KEY_CHARACTERS and KEY.fullmatch(text) is not None


def join(path: str, key: str) -> str:
    """Return the path of a key in the table at `path`."""
    return f"{path}.{key}" if path else key
