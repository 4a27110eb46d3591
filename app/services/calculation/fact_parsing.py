"""Read facts that are written as text: in a URL, a form, a spreadsheet's cell or at a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from app.engine.facts import FactSpec
from app.profiles.vocabulary import shared_vocabulary
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import integer_from_text, truth_from_text


def fact_from_text(spec: FactSpec | None, text: str) -> object:
    """Return the value that a text stands for, by the type of the fact.

    Blanks around the text are ignored. A boolean is true, false, yes or no in any case, as in a query. A number is
    digits, so that 007 is 7. Choices and dates stay text. A text that does not fit is returned as it is, for the
    request's own validation to refuse with a remedy.
    """
    text = text.strip()
    if spec is not None and spec.type == "bool":
        return truth_from_text(text)
    if spec is not None and spec.type == "int":
        return integer_from_text(text)
    return text


def fact_specs(snapshot: Snapshot, profile: object = None) -> Mapping[str, FactSpec]:
    """Return the facts that any version of a profile reads, by name; of all profiles where there is no such profile."""
    keys = [profile] if isinstance(profile, str) and profile in snapshot.profiles else snapshot.profiles
    specs = dict(shared_vocabulary().facts)
    for key in keys:
        for version in snapshot.profiles[key]:
            specs |= version.vocabulary.facts
    return specs
