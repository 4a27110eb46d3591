"""The request for a workbook to fill in."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.documents.reader import KEY_REMEDY, MAX_KEY_CHARACTERS, MAX_LINE_CHARACTERS
from app.profiles.grammar import KEY
from app.services.validation import Explained, Maybe, QueryModel

NewKey = Annotated[
    str,
    Field(max_length=MAX_KEY_CHARACTERS, pattern=KEY["pattern"]),
    Explained("this is no profile's key", KEY_REMEDY),
]


class NewWorkbookQuery(QueryModel):
    """What the workbook says of the new profile already."""

    key: NewKey = Field(
        description="The new profile's key: small letters, digits and hyphens. It never changes.",
        examples=["my-council"],
    )
    title: Maybe[str] = Field(
        description="The paper's title; absent: made from the key.",
        max_length=MAX_LINE_CHARACTERS,
        examples=["My Council: practice standards"],
    )
