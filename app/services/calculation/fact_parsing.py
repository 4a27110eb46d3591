"""Facts written as plain text, in a table's cell or at a terminal."""

from __future__ import annotations

from app.engine.facts import FactSpec

TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


def fact_from_text(spec: FactSpec | None, text: str) -> object:
    """A fact's value by its type; what does not fit stays text, so that it is refused with its remedy.

    A spreadsheet's TRUE is true; a date stays text, being sent as text.
    """
    if spec is not None and spec.type == "bool":
        return TRUTHS.get(text.lower(), text)
    if spec is not None and spec.type == "int" and text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    return text
