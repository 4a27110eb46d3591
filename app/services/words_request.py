"""The request of a search for words, for callers and for assistants."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictInt

from app.services.catalogue_lists import MAX_KEY
from app.services.validation import FROM_TEXT, Maybe, QueryModel
from app.services.words import MAX_QUERY, Kind

MAX_FOUND = 100


class WordsQuery(QueryModel):
    """What to search, and by which words."""

    q: str = Field(
        description="Words in any order; abbreviations, beginnings and slight misspellings are understood.",
        max_length=MAX_QUERY,
        examples=["LAC review"],
    )
    kind: Maybe[Kind] = Field(description="Only events, facts or duties.", examples=["event"])
    profile: Maybe[str] = Field(
        description="Only what the rules of this profile use, a key from /v1/profiles.",
        max_length=MAX_KEY,
        examples=["swindon"],
    )
    starts: Maybe[str] = Field(
        description="Only what stands in a rule with this duty: the events that start it, the facts that it reads.",
        max_length=MAX_KEY,
        examples=["hold_icpc"],
    )
    limit: Annotated[StrictInt, Field(ge=1, le=MAX_FOUND), FROM_TEXT] = Field(
        20, description="The most words to return.", examples=[20]
    )
