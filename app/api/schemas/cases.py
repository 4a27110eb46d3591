"""Whole cases: timelines, what changed in them, how timely they were; many calculations in one call."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import ConfigDict, Field

from app.api.schemas.calculation import CalculationAnswer, CalculationRequest, Facts, Obligation, Undetermined
from app.api.schemas.case_examples import RECALCULATIONS, TIMELINES, TIMELINESS
from app.api.schemas.common import NEW_VALUES, CalendarStamp, Closed, EngineStamp, Open, ProblemDetails, ProfileStamp
from app.api.schemas.comparisons import ProfileChoice

STATUS = f"met, met_late, outstanding, overdue, disputed, superseded or ended. {NEW_VALUES}"


def _first(examples: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [next(iter(examples.values()))["value"]]})


class BatchRequest(Closed):
    """Up to 1,000 calculations."""

    items: list[CalculationRequest] = Field(max_length=1000)


class BatchAnswer(Open):
    """Each item answered in its place, by a calculation or by a problem."""

    items: list[CalculationAnswer | ProblemDetails]
    answered: int
    failed: int


class CaseEvent(Closed):
    """One event of a case. Facts sent with it hold from then on."""

    id: str | None = Field(None, max_length=200, description="Yours; keeps an obligation's id when the event moves.")
    type: str = Field(description="A code from /v1/event-types.")
    occurred_at: str = Field(description="A date, an RFC 3339 instant, or a local London date-time.")
    facts: Facts | None = Field(None, description="Codes from /v1/facts.")
    child: str | list[str] | None = Field(None, description="The child or children it is about; absent: every child.")
    replaces: str | list[str] | None = Field(
        None,
        description="The id of the event that this one takes the place of. Absent: a meeting arranged again before it "
        "was held replaces the one before; an empty list: it replaces none.",
    )
    recorded_at: str | None = Field(None, description="When it was learnt; it is left out of a case looked at before.")
    discharges: str | list[str] | None = Field(
        None, description="Duties that this event shows done, beside those of the rules that name it."
    )


class Child(Closed):
    """One child of the family."""

    reference: str = Field(max_length=200)
    facts: Facts | None = Field(None, description="Facts of this child, over those that hold for all.")
    events: list[CaseEvent] | None = Field(None, description="Events of this child alone.")


class TimelineRequest(Closed):
    """One case: events in any order, facts, and the day it is looked at. Either `profile` or `profiles` is needed."""

    model_config = _first(TIMELINES)

    profile: str | None = Field(None, description="A key from /v1/profiles.")
    profile_version: int | None = Field(None, ge=1, description="Absent: the one in force on each event's day.")
    profiles: list[str | ProfileChoice] | None = Field(None, max_length=10)
    calendar: str | None = Field(None, description="Absent: each profile's own.")
    calendar_version: int | None = Field(None, ge=1)
    as_known_on: date | None = Field(None, description="Answer with the versions published by the end of this day.")
    children: list[Child] | None = Field(None, max_length=30, description="Absent: one child, without a reference.")
    facts: Facts | None = Field(None, description="Facts that hold from before the first event, for every child.")
    events: list[CaseEvent] = Field(max_length=1000)
    as_of: str = Field(description="The day or instant at which the case is looked at.")
    until: date | None = Field(
        None,
        description="How far what is still to come is projected, at most 25 years after as_of. Absent: 12 months after "
        "it. The day of as_of or an earlier one: nothing is projected.",
    )
    explain: bool | None = Field(None, description="Add the counting to each obligation, step by step.")
    reference: str | None = Field(None, max_length=200, description="Given back; needed for text/calendar.")


class StartedBy(Open):
    """The event that an obligation is counted from."""

    event: str = Field(description="Its id, or its type and which of its kind it is, such as icpc_held.1.")
    type: str
    occurred_at: str
    assumed: bool = Field(description="Projected: it has not happened.")


class HistoryLine(Open):
    """Something that happened to an obligation."""

    what: str = Field(
        description="started, arranged, also_started, discharged, counted, too_early, may_discharge, superseded, ended "
        f"or projected. {NEW_VALUES}"
    )
    event: str | None
    type: str | None
    occurred_at: str | None
    note: str | None


class TimelineObligation(Obligation):
    """An obligation and what became of it: the fields of a calculation's obligation, and these."""

    id: str = Field(description="The same whenever the case is sent again, whatever the dates then.")
    child: str | None
    profile: str
    profile_version: int
    status: str = Field(description=STATUS)
    trackable: bool = Field(
        description="Whether some event could show it done: one that its rule names, or one sent with its duty in "
        "`discharges`. What is not trackable stays outstanding and is never called overdue."
    )
    started_by: StartedBy
    also_started_by: list[str] = Field(description="Other events that ask for the same act.")
    discharged_by: list[str] = Field(description="The types of event that show it done.")
    done_at: str | None
    done_by: str | None = Field(description="The event that showed it done.")
    days_taken: int | None = Field(description="From the start to the doing; negative: done before the event.")
    late_by_days: int | None = Field(description="Of met_late.")
    late_by_hours: float | None = Field(description="Of met_late, where the limit is one of hours and both are known.")
    overdue_by_days: int | None = Field(description="Of overdue, on the day of as_of.")
    overdue_by_hours: float | None
    missed: bool = Field(description="Of what ended or was superseded: every limit had passed before.")
    superseded_by: str | None = Field(description="The id of the obligation that stands in its place.")
    scheduled_for: str | None = Field(description="When the meeting that would show it done is arranged.")
    rests_on: list[str] = Field(description="Of what is projected: the ids of the obligations assumed done for it.")
    history: list[HistoryLine]


class TimelineUndetermined(Undetermined):
    """A rule that can be neither applied nor dropped yet, and the event that asks for it."""

    child: str | None
    profile: str
    started_by: StartedBy
    rests_on: list[str]


class ProjectedEvent(Open):
    """An event that is assumed; sent back once it has happened, it keeps every id."""

    id: str
    type: str
    occurred_at: str
    facts: dict[str, bool | int | str]
    child: str | None
    profile: str
    rests_on: list[str]


class TimelineSummary(Open):
    """How many obligations have each status; how many of all are projected, and how many are not trackable."""

    met: int
    met_late: int
    outstanding: int
    overdue: int
    disputed: int
    superseded: int
    ended: int
    projected: int
    untracked: int


class LeftOut(Open):
    """An event that had not happened, or was not known, on the day the case is looked at."""

    id: str | None
    type: str
    occurred_at: str


class TimelineAnswer(Open):
    """Every obligation of the case, with its status and its history, and what is still to come."""

    timeline_id: str = Field(description="Digests what was asked and every version that answered.")
    engine: EngineStamp
    profiles: list[ProfileStamp]
    calendars: list[CalendarStamp]
    as_of: str
    until: date | None = Field(description="The horizon of the projection; null where nothing is projected.")
    obligations: list[TimelineObligation] = Field(description="Sorted by `due_at`, then `rule`.")
    undetermined: list[TimelineUndetermined]
    projected_events: list[ProjectedEvent]
    summary: TimelineSummary
    left_out: list[LeftOut]
    warnings: list[str]
    reference: str | None


class EarlierObligation(Open):
    """An obligation as it was answered before. Send it whole; these fields are read."""

    id: str
    due_date: date | None = None
    due_at: datetime | None = None
    status: str | None = None


class RecalculationRequest(TimelineRequest):
    """A timeline's request as it is now, with what was answered before: `earlier`, `earlier_events`, or both."""

    model_config = _first(RECALCULATIONS)

    earlier: list[str | EarlierObligation] | None = Field(
        None, max_length=5000, description="The earlier answer's obligations, or only their ids."
    )
    earlier_events: list[CaseEvent] | None = Field(None, max_length=1000, description="The events as they were.")
    earlier_as_of: str | None = Field(None, description="The day they were looked at. Absent: as_of.")


class MovedObligation(Open):
    """An obligation whose date changed."""

    id: str
    rule: str
    duty: str
    title: str
    old_due_date: date
    old_due_at: datetime | None = Field(description="Null where it was not sent.")
    new_due_date: date
    new_due_at: datetime
    days: int = Field(description="Positive: later than before.")
    obligation: TimelineObligation


class UnchangedObligation(Open):
    """An obligation whose date did not change."""

    id: str
    rule: str
    duty: str
    due_date: date


class WithdrawnObligation(Open):
    """An obligation that is no longer there; null where only its id was sent."""

    id: str
    due_date: date | None
    rule: str | None
    duty: str | None
    title: str | None
    child: str | None
    profile: str | None


class StatusChange(Open):
    """An obligation whose status changed."""

    id: str
    old_status: str
    new_status: str = Field(description=STATUS)


class RecalculationSummary(Open):
    """How many obligations changed in each way."""

    added: int
    moved: int
    withdrawn: int
    unchanged: int
    kept: int


class RecalculationAnswer(Open):
    """The differences from the earlier answer."""

    timeline_id: str
    added: list[TimelineObligation]
    moved: list[MovedObligation]
    withdrawn: list[WithdrawnObligation]
    unchanged: list[UnchangedObligation]
    kept: list[TimelineObligation] = Field(description="Known by an id alone, so that nobody can say whether it moved.")
    status_changes: list[StatusChange]
    summary: RecalculationSummary
    undetermined: list[TimelineUndetermined]
    warnings: list[str]
    reference: str | None


class SharedTimeline(Closed):
    """One case; what it leaves out is taken from what stands beside the list."""

    model_config = ConfigDict(extra="forbid")

    profile: str | None = None
    profile_version: int | None = Field(None, ge=1)
    profiles: list[str | ProfileChoice] | None = Field(None, max_length=10)
    calendar: str | None = None
    calendar_version: int | None = Field(None, ge=1)
    as_known_on: date | None = None
    children: list[Child] | None = Field(None, max_length=30)
    facts: Facts | None = None
    events: list[CaseEvent] = Field(max_length=1000)
    as_of: str | None = None
    until: date | None = Field(None, description="Not needed: nothing projected is counted.")
    explain: bool | None = None
    reference: str | None = Field(None, max_length=200)


class TimelinessRequest(Closed):
    """Up to 200 cases to be summed up; what stands beside them holds for each that does not say it."""

    model_config = _first(TIMELINESS)

    timelines: list[SharedTimeline] = Field(min_length=1, max_length=200)
    duties: list[str] | None = Field(None, description="Absent: every duty that the cases meet.")
    profile: str | None = None
    profile_version: int | None = Field(None, ge=1)
    profiles: list[str | ProfileChoice] | None = Field(None, max_length=10)
    calendar: str | None = None
    calendar_version: int | None = Field(None, ge=1)
    as_known_on: date | None = None
    as_of: str | None = Field(None, description="The day the cases are looked at.")
    explain: bool | None = None
    reference: str | None = Field(None, max_length=200)


class DutyTimeliness(Open):
    """How timely one duty was under one profile."""

    profile: str
    duty: str
    title: str
    met: int
    met_late: int
    overdue: int
    outstanding: int
    disputed: int
    ended: int
    superseded: int
    missed: int = Field(description="How many of those ended or superseded had passed every limit before.")
    untracked: int = Field(description="Left out of all else: no event could show them done.")
    judged: int = Field(description="met, met_late and overdue together.")
    share_in_time: float | None = Field(description="met of judged, to four places; null where nothing was judged.")
    median_days: float | None = Field(description="Of the days taken by what was done.")
    percentile_90_days: int | None = Field(description="By nearest rank.")


class TimelinessAnswer(Open):
    """The summary, by profile and duty."""

    timelines: int
    duties: list[DutyTimeliness]
    reference: str | None
