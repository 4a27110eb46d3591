"""The requests that write: drafts, publications, withdrawals, and changes of calendars."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from app.calendars.calendar import Kind
from app.services.validation import Day, Maybe, Reason, RequestModel, VersionNumber
from app.services.validation.types import invalid

MAX_DAYS = 1000
DOCUMENT_KEYS = frozenset({"format", "title"})
"""Keys that no profile document is without, and no request has."""
REASON = "Why; stored for ever and shown."

NeighbourCode = Literal["GB-ENG", "GB-WLS", "GB-SCT", "GB-NIR", "JE", "GG", "IM", "IE"]
Document = Annotated[dict[str, Any], Field(description="A profile document, as JSON.")]
RequiredText = Annotated[str, Field(min_length=1)]


class _DocumentRequest(RequestModel):
    """A request that holds a profile document under `document`."""

    @model_validator(mode="before")
    @classmethod
    def _require_wrapping(cls, value: object) -> object:
        """Refuse a document that is the body itself, with one fault and not one for each of its keys."""
        if isinstance(value, Mapping) and "document" not in value and value.keys() >= DOCUMENT_KEYS:
            raise invalid("this is the document itself", 'put it under "document": {"document": {"format": 1, …}}')
        return value


class DraftCreate(_DocumentRequest):
    """A new draft: the document, or nothing for a copy of the version that it starts from."""

    document: Maybe[Document]
    base_version: Maybe[VersionNumber] = Field(description="Absent: the latest version of the key, if any.")


class DraftReplace(_DocumentRequest):
    """The document in a draft's place."""

    document: Document


class PublishRequest(RequestModel):
    """When the version is in force from, and why."""

    in_force_from: Day | None = Field(
        default_factory=NoneType,
        description="Null: from the beginning. Absent, or an empty text: as the document states.",
    )
    reason: Maybe[Reason] = Field(description=f"{REASON} Needed where it is backdated.")

    @model_validator(mode="before")
    @classmethod
    def _drop_absent(cls, value: object) -> object:
        """Leave out what is absent; a null `in_force_from` is sent on purpose."""
        if not isinstance(value, Mapping):
            return value
        return {
            name: item for name, item in value.items() if item != "" and (item is not None or name == "in_force_from")
        }


class SendBackRequest(RequestModel):
    """Why a draft is not published."""

    comment: Reason = Field(description="What is to be changed; its authors read it.")


class WithdrawRequest(RequestModel):
    """Why a version is withdrawn."""

    reason: Reason = Field(description=REASON)


class ClosureDay(RequestModel):
    """One day on which an authority is closed."""

    date: Day
    name: RequiredText = Field(examples=["Christmas closure"])


class ClosureDays(RequestModel):
    """Days on which an authority is closed."""

    days: list[ClosureDay] = Field(min_length=1, max_length=MAX_DAYS)
    source: RequiredText = Field(description="Who decided it, and where it was said.")
    extends: Maybe[str] = Field(description="For a new calendar: the key of the one that it extends.")
    title: Maybe[str] = Field(description="For a new calendar.")
    reason: Maybe[Reason] = Field(description=REASON)


class BankHoliday(RequestModel):
    """A bank holiday that the government's list does not have yet."""

    date: Day
    name: RequiredText
    source: RequiredText = Field(description="Where it was announced.")
    reason: Maybe[Reason] = Field(description=REASON)


class DayRemoval(RequestModel):
    """A day that counts again."""

    date: Day
    kind: Kind
    reason: Reason = Field(description=REASON)


class CalendarFromPackage(RequestModel):
    """A calendar for a neighbouring place, made from the `holidays` package."""

    from_holidays: NeighbourCode = Field(description="The place, by its code: JE, IM, GG, IE, GB-SCT.")
    title: Maybe[str] = Field(description="Absent: the place's name.")
    published_until: Maybe[Day] = Field(
        description="Days after this one are projected. Absent: the last day of this year."
    )
    reason: Maybe[Reason] = Field(description=REASON)


class FollowRequest(RequestModel):
    """Nothing but a reason is needed, and that may be left out."""

    reason: Maybe[Reason] = Field(description=REASON)
