"""The parts of the requests about whole cases: events, children, one case, and what was answered before."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from app.services.comparison.request import ProfileOrKey
from app.services.facts import Facts
from app.services.timelines.event_facts import EventFacts
from app.services.validation import (
    Day,
    EventTime,
    Explained,
    Maybe,
    OneOrMany,
    Reference,
    RequestModel,
    VersionNumber,
)

MAX_EVENTS = 1_000
MAX_CHILDREN = 30
MAX_PROFILES = 10


def _texts(what: str) -> Any:
    """Return the type of one text or a list of them. They may name a child, so they are not repeated in a fault."""
    fault = Explained(f"this must be {what}, or a list of them", "send text", private=True)
    return Annotated[list[Annotated[str, Field(min_length=1)]], OneOrMany(), fault]


class CaseEvent(RequestModel):
    """One event of a case. A fact sent with it holds from then on to the end of its scope, and not a day longer."""

    id: Maybe[Reference] = Field(description="Yours; keeps an obligation's id when the event moves.")
    type: str = Field(description="A code from /v1/event-types.")
    occurred_at: EventTime = Field(description="A date, an RFC 3339 instant, or a local London date-time.")
    facts: Maybe[EventFacts] = Field(description="Codes from /v1/facts; null takes back what was said before.")
    child: Maybe[_texts("a child's reference")] = Field(  # type: ignore[valid-type]  # made of its wording
        description="The child or children it is about; absent: every child."
    )
    replaces: Maybe[_texts("an event's id")] = Field(  # type: ignore[valid-type]  # made of its wording
        description="The id of the event that this one takes the place of. Absent: a meeting arranged again before it "
        "was held replaces the one before; an empty list: it replaces none.",
    )
    recorded_at: Maybe[EventTime] = Field(description="When it was learnt; it is left out of a case looked at before.")
    discharges: Maybe[_texts("a duty")] = Field(  # type: ignore[valid-type]  # made of its wording
        description="Duties that this event shows done, as well as those of the rules that name it."
    )
    episode: Maybe[Reference] = Field(
        description="Your own name of the episode that it belongs to, where two of a kind run at once (`enquiry-2`)."
    )


class Child(RequestModel):
    """One child of the family."""

    reference: Reference
    facts: Maybe[Facts] = Field(description="Facts of this child, over those that hold for all.")
    events: Maybe[list[CaseEvent]] = Field(description="Events of this child alone.")


class CaseDefaults(RequestModel):
    """What a case may leave to the whole request."""

    profile: Maybe[str] = Field(description="A key from /v1/profiles.")
    profile_version: Maybe[VersionNumber] = Field(description="Absent: the one in force on each event's day.")
    profiles: Maybe[list[ProfileOrKey]] = Field(
        max_length=MAX_PROFILES,
        description="In place of profile, several: keys from /v1/profiles, each with a version or without; a key alone "
        "may also be sent as text.",
    )
    calendar: Maybe[str] = Field(description="Absent: each profile's own.")
    calendar_version: Maybe[VersionNumber]
    as_known_on: Maybe[Day] = Field(description="Answer with the versions published by the end of this day.")
    as_of: Maybe[EventTime] = Field(description="The day or instant at which the case is looked at.")
    explain: Maybe[bool] = Field(description="Add the counting to each obligation, step by step.")
    reference: Maybe[Reference] = Field(description="Returned; needed for text/calendar.")
    source: Maybe[str] = Field(
        description="The return that the events come from, such as ssda903: what it cannot show done is not overdue.",
        examples=["ssda903"],
    )
    observed_events: Maybe[list[str]] = Field(
        description="The types of event that the source could have shown, in place of `source`."
    )
    observed_from: Maybe[Day] = Field(description="The first day that the source covers.")
    observed_until: Maybe[Day] = Field(description="The last day that the source covers.")


class SharedTimeline(CaseDefaults):
    """One case; what it leaves out is taken from what the request says for every case."""

    children: Maybe[list[Child]] = Field(max_length=MAX_CHILDREN, description="Absent: one child, without a reference.")
    facts: Maybe[Facts] = Field(description="Facts that hold from before the first event, for every child.")
    events: list[CaseEvent] = Field(max_length=MAX_EVENTS)
    until: Maybe[Day] = Field(description="Not needed: nothing projected is counted.")


class EarlierObligation(RequestModel):
    """An obligation as it was answered before. Send it whole; these fields are read."""

    model_config = ConfigDict(extra="allow")

    id: str
    due_date: Maybe[Day]
    due_at: Maybe[str]
    status: Maybe[str]
