"""The columns of the statuses of whole cases: the one table that CSV, Arrow and the documentation are made from.

Each column but the first is the field of a status record that has its name.
"""

from __future__ import annotations

from operator import attrgetter

from app.services.bulk.columns import Column, Kind
from app.services.timelines.status_records import StatusRecord

_OF_THE_RECORD: tuple[tuple[str, Kind, str], ...] = (
    ("reference", "text", "The caller's own name of the case: of a table of events its child."),
    ("child", "text", "The child's reference, where a case has several."),
    (
        "status",
        "text",
        "met, met_late, outstanding, overdue, disputed, superseded or ended; or undetermined, nothing_due, fault.",
    ),
    ("profile", "text", "The profile."),
    ("profile_version", "number", "The version in force on the day of the start."),
    ("calendar", "text", "The calendar."),
    ("calendar_version", "number", "The version that was counted by."),
    ("obligation_id", "text", "The obligation's name, the same whenever the case is sent again."),
    ("duty", "text", "What is to be done."),
    ("title", "text", "The same in words."),
    ("rule", "text", "The rule of the profile."),
    ("phase", "text", "The phase of a series."),
    ("occurrence", "number", "Which of a series, from 1."),
    ("strength", "text", "must, should or suggested."),
    ("basis", "text", "Statute, statutory guidance or local practice."),
    ("responsible", "texts", "Who has to do it."),
    ("section", "texts", "The paragraphs that print the timescale."),
    ("episode", "text", "The episode that it lies in."),
    ("started_by", "text", "The event that started it: its own id, or its type and number."),
    ("started_by_type", "text", "The kind of that event."),
    ("started_on", "day", "The day of that event in London."),
    ("due_date", "day", "The last day."),
    ("due_at", "instant", "The last instant."),
    ("not_before", "day", "The first day on which it counts."),
    ("done_on", "day", "The day of the act."),
    ("done_at", "instant", "The instant of the act, where its time is known."),
    ("done_by", "text", "The event that shows it done."),
    ("ended_by", "text", "The event that ended it."),
    ("superseded_by", "text", "The obligation or event that took its place."),
    ("unit", "text", "What its limit is counted in: working_days, weekdays, hours or calendar_days."),
    ("units_taken", "number", "How long the act took in that unit."),
    ("days_taken", "number", "How many calendar days the act took."),
    ("working_days_taken", "number", "How many working days the act took, whatever its limit is counted in."),
    ("late_by_days", "number", "How late it was done, in calendar days after the due date."),
    ("late_by_hours", "hours", "The same of a limit of hours, where both times are known."),
    ("overdue_by_days", "number", "How long it is overdue, in calendar days."),
    ("overdue_by_hours", "hours", "The same of a limit of hours, where both times are known."),
    ("missed", "truth", "It ended when every limit had passed."),
    ("excused", "truth", "The act was tried and refused."),
    ("trackable", "truth", "Some event could show it done."),
    ("observable", "truth", "The source of the events could have shown it done."),
    ("in_window", "truth", "It was started, due or done on a day that the source covers."),
    ("provisional", "truth", "It was counted over bank holidays not yet published."),
    ("needs", "texts", "The facts that would settle it."),
    ("reason", "text", "Why it is undetermined."),
    ("from_date", "day", "From when it is undetermined."),
    ("warnings", "texts", "What is to be known of the events, the profile and its documents."),
    ("problem", "text", "The kind of problem, where the case cannot be read."),
    ("faults", "faults", "Each fault: path, message, remedy; never the value."),
)
STATUS_COLUMNS: tuple[Column[StatusRecord], ...] = tuple(
    Column(name, kind, about, attrgetter(name)) for name, kind, about in _OF_THE_RECORD
)
DEFAULT_STATUS_COLUMNS = (
    *("line", "reference", "child", "status", "duty", "title", "section", "started_on", "due_date", "done_on"),
    *("days_taken", "working_days_taken", "late_by_days", "overdue_by_days", "missed", "trackable", "observable"),
    *("provisional", "needs", "warnings", "profile", "profile_version", "rule", "obligation_id", "problem", "faults"),
)
"""What CSV has unless others are named. The other forms have every column."""
