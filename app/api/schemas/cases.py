"""Whole cases: timelines, what changed in them, how timely they were; many calculations in one call."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from app.api.schemas.calculation import CalculationAnswer, Obligation, Undetermined
from app.api.schemas.common import (
    NEW_VALUES,
    Answer,
    CalendarStamp,
    EngineStamp,
    Explanation,
    Instant,
    ProblemDetails,
    ProfileStamp,
)

STATUS = f"met, met_late, outstanding, overdue, disputed, superseded or ended. {NEW_VALUES}"


class BatchAnswer(Answer):
    """Each item answered in its place, by a calculation or by a problem."""

    items: list[CalculationAnswer | ProblemDetails]
    answered: int
    failed: int


class StartedBy(Answer):
    """The event that an obligation is counted from."""

    event: str = Field(description="Its id, or its type and which of its kind it is, such as icpc_held.1.")
    type: str
    occurred_at: str
    assumed: bool = Field(description="Projected: it has not happened.")


class HistoryLine(Answer):
    """Something that happened to an obligation."""

    what: str = Field(
        description="started, arranged, also_started, became_known, discharged, counted, too_early, may_discharge, "
        f"excused, not_owed, no_longer_applies, resumed, superseded, ended or projected. {NEW_VALUES}"
    )
    event: str | None
    type: str | None
    occurred_at: str | None
    note: str | None


class BecameKnown(Answer):
    """A fact that decided and was said only later, with the event that said it."""

    fact: str
    event: str
    occurred_at: str


class TimelineExplanation(Explanation):
    """The counting, and what became known after the start."""

    became_known: list[BecameKnown]


class TimelineObligation(Obligation):
    """An obligation and what became of it: the fields of a calculation's obligation, and these."""

    explanation: TimelineExplanation | None

    id: str = Field(description="The same whenever the case is sent again, whatever the dates then.")
    child: str | None
    profile: str
    profile_version: int
    status: str = Field(description=STATUS)
    episode: str = Field(description="The id of the episode that it lies in.")
    trackable: bool = Field(
        description="Whether some event could show it done: one that its rule names, or one sent with its duty in "
        "`discharges`. What is not trackable stays outstanding and is never called overdue."
    )
    observable: bool = Field(
        description="Whether the source in `source`, or the events in `observed_events`, could have shown it done on "
        "the days that are covered. What is not observable stays outstanding and is never called overdue."
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
    ended_by: str | None = Field(description="The event that ended it.")
    missed: bool = Field(description="Of what ended or was superseded: every limit had passed before.")
    excused: bool = Field(description="The act was tried and refused: this occasion is excused.")
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


class Episode(Answer):
    """A stretch of the case that one event opens and another closes."""

    child: str | None
    id: str = Field(description="Yours, where an event names it; else its kind and which of its kind it is.")
    kind: str
    opened_by: str
    opened_at: str
    closed_by: str | None
    closed_at: str | None
    within: str | None = Field(description="The id of the episode that it lies in.")


class HangsOn(Answer):
    """What something hangs on: the event that would show it found, and the fact."""

    event: str
    fact: str | None


class Conditional(Answer):
    """A rule that would apply if something were found. It is in no count."""

    child: str | None
    profile: str
    rule: str
    duty: str
    title: str
    hangs_on: HangsOn


class ProjectedEvent(Answer):
    """An event that is assumed; sent back once it has happened, it keeps every id."""

    id: str
    type: str
    occurred_at: str
    facts: dict[str, bool | int | str]
    child: str | None
    profile: str
    rests_on: list[str]


class TimelineSummary(Answer):
    """How many obligations have each status; how many of all are projected, not trackable, and not observable."""

    met: int
    met_late: int
    outstanding: int
    overdue: int
    disputed: int
    superseded: int
    ended: int
    projected: int
    untracked: int
    unobservable: int


class LeftOut(Answer):
    """An event that had not happened, or was not known, on the day the case is looked at."""

    id: str | None
    type: str
    occurred_at: str


class TimelineAnswer(Answer):
    """Every obligation of the case, with its status and its history, and what is still to come."""

    timeline_id: str = Field(description="Digests what was asked and every version that answered.")
    engine: EngineStamp
    profiles: list[ProfileStamp]
    calendars: list[CalendarStamp]
    as_of: str
    until: date | None = Field(description="The horizon of the projection; null where nothing is projected.")
    episodes: list[Episode] = Field(description="The stretches of the case that the events show, as they opened.")
    obligations: list[TimelineObligation] = Field(description="Sorted by `due_at`, then `rule`.")
    undetermined: list[TimelineUndetermined]
    conditional: list[Conditional] = Field(description="What hangs on a finding, each rule once; never projected.")
    projected_events: list[ProjectedEvent]
    summary: TimelineSummary
    left_out: list[LeftOut]
    warnings: list[str]
    reference: str | None


class MovedObligation(Answer):
    """An obligation whose date changed."""

    id: str
    rule: str
    duty: str
    title: str
    old_due_date: date
    old_due_at: Instant | None = Field(description="Null where it was not sent.")
    new_due_date: date
    new_due_at: Instant
    days: int = Field(description="Positive: later than before.")
    obligation: TimelineObligation


class UnchangedObligation(Answer):
    """An obligation whose date did not change."""

    id: str
    rule: str
    duty: str
    due_date: date


class WithdrawnObligation(Answer):
    """An obligation that is no longer there; null where only its id was sent."""

    id: str
    due_date: date | None
    rule: str | None
    duty: str | None
    title: str | None
    child: str | None
    profile: str | None


class StatusChange(Answer):
    """An obligation whose status changed."""

    id: str
    old_status: str
    new_status: str = Field(description=STATUS)


class RecalculationSummary(Answer):
    """How many obligations changed in each way."""

    added: int
    moved: int
    withdrawn: int
    unchanged: int
    kept: int


class RecalculationAnswer(Answer):
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


class Spread(Answer):
    """How long what was done took. The histograms of two answers add up, and both figures follow from it."""

    unit: str = Field(description=f"working_days, weekdays, hours or calendar_days. {NEW_VALUES}")
    median: float | None
    p90: int | None = Field(description="The 90th percentile, by nearest rank.")
    histogram: dict[str, int] = Field(description="How many took so long; negative: done before the event.")


class Figures(Answer):
    """How timely one duty was."""

    duty: str
    title: str
    met: int
    met_late: int
    overdue: int
    outstanding: int
    disputed: int = Field(description="Between two readings: in time by one and late by another.")
    ended: int
    superseded: int
    missed: int = Field(description="How many of those ended or superseded had passed every limit before.")
    excused: int = Field(description="How many of those ended were tried and refused.")
    undetermined: int = Field(description="Rules that wait for facts, by the day on which they started.")
    untracked: int = Field(description="Left out of all else: no event could show them done.")
    unobservable: int = Field(description="Left out of all else: the source could not have shown them done.")
    outside_window: int = Field(
        description="Left out of all else: neither started, due nor done on a day that the source covers."
    )
    judged: int = Field(description="met, met_late, overdue and missed together.")
    share_in_time: float | None = Field(
        description="met of judged, to four places; null where nothing was judged or something is disputed."
    )
    share_in_time_lowest: float | None = Field(description="With everything disputed taken as late.")
    share_in_time_highest: float | None = Field(description="With everything disputed taken as in time.")
    days: Spread = Field(description="In the unit of the limit; calendar days where the kinds of a duty differ.")
    calendar_days: Spread
    median_days: float | None = Field(description="The median of calendar_days.")
    percentile_90_days: int | None = Field(description="The 90th percentile of calendar_days.")


class DutyTimeliness(Figures):
    """How timely one duty was under one profile, its kinds counted together and each by itself."""

    profile: str
    group: str | None = Field(None, description="What it was grouped by; only with `group_by`.")
    kinds: list[Figures] = Field(description="The kinds of a general duty; empty where it has none here.")


class RefusedCase(Answer):
    """A case that could not be read. It fails no other."""

    place: str = Field(description="Such as timelines[3], or line 4.")
    reference: str | None
    problem: ProblemDetails


class TimelinessRow(Answer):
    """One obligation that was counted."""

    place: str
    reference: str | None
    child: str | None
    profile: str
    profile_version: int
    id: str
    rule: str
    duty: str
    title: str
    responsible: list[str]
    started_on: date
    due_date: date
    status: str = Field(description=STATUS)
    missed: bool
    excused: bool
    trackable: bool
    observable: bool
    in_window: bool = Field(description="Whether it was started, due or done on a day that the source covers.")
    done_at: str | None
    unit: str | None = Field(description="The unit of the limit.")
    days: int | None = Field(description="How long it took, in that unit.")
    calendar_days: int | None


class TimelinessAnswer(Answer):
    """The summary, by profile and duty."""

    timelines: int
    duties: list[DutyTimeliness]
    left_out: int = Field(description="How many events had not happened, or were not known, by as_of.")
    refused: list[RefusedCase]
    rows: list[TimelinessRow] | None = Field(None, description="Only with `rows`.")
    reference: str | None
