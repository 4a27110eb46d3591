"""Tell the warnings of a whole answer from those of single obligations."""

from __future__ import annotations

from typing import cast

from app.services.calculation.response import Json


def general_warnings(answer: Json) -> list[str]:
    """Return the warnings of an answer that are of none of its obligations: they stand with each of them."""
    own = {text for item in cast(list[Json], answer["obligations"]) for text in cast(list[str], item["warnings"])}
    # A case under several profiles names the profile in front of each.
    return [text for text in cast(list[str], answer["warnings"]) if not text.endswith(tuple(own))]
