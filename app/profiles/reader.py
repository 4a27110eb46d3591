"""Reading a document strictly: every key known, every value of its type, every fault kept and none thrown away."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime

from app.profiles.faults import Fault, nearest

Table = Mapping[str, object]


class Reader:
    """Collects the faults of one document while its tables are read."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._rule: str | None = None

    @contextmanager
    def rule(self, rule_id: str | None) -> Iterator[None]:
        """Faults found inside are told of this rule."""
        before, self._rule = self._rule, rule_id
        try:
            yield
        finally:
            self._rule = before

    def fault(self, path: str, message: str, remedy: str) -> None:
        """Keep an error."""
        self.faults.append(Fault(path, message, remedy, self._rule))

    def warn(self, path: str, message: str, remedy: str) -> None:
        """Keep a warning: the document can be used all the same."""
        self.faults.append(Fault(path, message, remedy, self._rule, "warning"))

    def table(self, value: object, path: str, known: frozenset[str], required: frozenset[str] = frozenset()) -> Table:
        """A table with no unknown key and every required one; an empty one after a fault, so that reading goes on."""
        if not isinstance(value, Mapping):
            self.fault(path, f"this must be a table, not {describe(value)}", f"give a table with {listed(known)}")
            return {}
        for key in value:
            if key not in known:
                self.fault(
                    f"{path}.{key}", f"unknown key '{key}'{nearest(str(key), known)}", f"use one of {listed(known)}"
                )
        for key in sorted(required - value.keys()):
            self.fault(path, f"'{key}' is missing", f"add {key}")
        return value

    def text(self, table: Table, key: str, path: str, default: str = "") -> str:
        """A text, not empty; the default where absent."""
        value = table.get(key, default)
        if not isinstance(value, str):
            self.fault(f"{path}.{key}", f"this must be text, not {describe(value)}", "write it in quotation marks")
            return default
        if key in table and not value.strip():
            self.fault(f"{path}.{key}", "this text is empty", f"say something, or leave {key} out")
            return default
        return value

    def flag(self, table: Table, key: str, path: str) -> bool:
        """True or false; false where absent."""
        value = table.get(key, False)
        if not isinstance(value, bool):
            self.fault(f"{path}.{key}", f"this must be true or false, not {describe(value)}", "write true or false")
            return False
        return value

    def number(self, table: Table, key: str, path: str, default: int = 0, least: int = 0) -> int:
        """A whole number from `least`; the default where absent."""
        value = table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < least or value > 10_000:
            self.fault(
                f"{path}.{key}", f"this must be a whole number from {least}, not {describe(value)}", "write digits only"
            )
            return max(default, least)
        return value

    def texts(self, table: Table, key: str, path: str) -> tuple[str, ...]:
        """A list of texts; one text alone stands for a list of one."""
        value = table.get(key, ())
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) and item.strip() for item in value):
            self.fault(f"{path}.{key}", f"this must be a list of texts, not {describe(value)}", 'write ["one", "two"]')
            return ()
        return tuple(str(item) for item in value)

    def day(self, table: Table, key: str, path: str) -> date | None:
        """A date, as TOML has it or as text; None where absent."""
        value = table.get(key)
        if value is None:
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if isinstance(value, str):
            try:
                if len(value) == 10:
                    return date.fromisoformat(value)
            except ValueError:
                pass
        self.fault(f"{path}.{key}", f"this must be a date, not {describe(value)}", "write it as 2020-01-31")
        return None

    def tables(self, table: Table, key: str, path: str) -> list[tuple[str, object]]:
        """Each table of a list, with its path."""
        value = table.get(key, [])
        if not isinstance(value, list | tuple):
            self.fault(
                f"{path}.{key}", f"this must be a list of tables, not {describe(value)}", f"write [[{key}]] for each"
            )
            return []
        return [(f"{path}.{key}[{index}]" if path else f"{key}[{index}]", item) for index, item in enumerate(value)]

    def known(self, name: str, path: str, what: str, names: Collection[str]) -> bool:
        """Whether a name is in the vocabulary; if not, a fault that names the nearest ones."""
        if name in names:
            return True
        remedy = (
            "name a rule of this profile" if what == "rule" else f"use a known {what}, or declare it as local_{name}"
        )
        self.fault(path, f"unknown {what} '{name}'{nearest(name, names)}", remedy)
        return False


def describe(value: object) -> str:
    """A value as it is named in a fault."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def listed(names: Iterable[object]) -> str:
    """Known names in a fixed order."""
    return ", ".join(sorted(str(name) for name in names))
