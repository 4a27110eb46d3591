"""What became of each obligation of a case, as one flat record of typed values each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Literal, NamedTuple

from app.services.problems import Fault, Problem
from app.services.timelines import follow
from app.services.timelines.case import Case
from app.services.timelines.days_taken import taken, working_days_taken
from app.services.timelines.pending_rule import PendingRule
from app.services.timelines.response import case_warnings
from app.services.timelines.status import Status, status_of
from app.services.timelines.tracked_obligation import TrackedObligation

RecordStatus = Literal[Status, "undetermined", "nothing_due", "fault"]


class StatusRecord(NamedTuple):
    """One obligation of a case on the day it is looked at; or what waits for facts, or that nothing is due, or a fault.

    What a status does not have is None. `docs/python.md` says what each field means.
    """

    status: RecordStatus
    reference: str | None = None
    child: str | None = None
    profile: str | None = None
    profile_version: int | None = None
    calendar: str | None = None
    calendar_version: int | None = None
    obligation_id: str | None = None
    duty: str | None = None
    title: str | None = None
    rule: str | None = None
    phase: str | None = None
    occurrence: int | None = None
    strength: str | None = None
    basis: str | None = None
    responsible: tuple[str, ...] | None = None
    section: tuple[str, ...] | None = None
    episode: str | None = None
    started_by: str | None = None
    started_by_type: str | None = None
    started_on: date | None = None
    due_date: date | None = None
    due_at: datetime | None = None
    not_before: date | None = None
    done_on: date | None = None
    done_at: datetime | None = None
    done_by: str | None = None
    ended_by: str | None = None
    superseded_by: str | None = None
    unit: str | None = None
    units_taken: int | None = None
    days_taken: int | None = None
    working_days_taken: int | None = None
    late_by_days: int | None = None
    late_by_hours: float | None = None
    overdue_by_days: int | None = None
    overdue_by_hours: float | None = None
    missed: bool | None = None
    excused: bool | None = None
    trackable: bool | None = None
    observable: bool | None = None
    in_window: bool | None = None
    provisional: bool | None = None
    needs: tuple[str, ...] | None = None
    reason: str | None = None
    from_date: date | None = None
    warnings: tuple[str, ...] = ()
    problem: str | None = None
    faults: Sequence[Fault] | None = None


def status_records(case: Case) -> Iterator[StatusRecord]:
    """Yield a record for each obligation by its due date, then for each rule that waits; nothing is projected.

    Raises Problem where the case would be too long.
    """
    answer = follow(replace(case, until=None))
    warnings = tuple(case_warnings(answer.lines, answer.records))
    ordered = sorted(answer.records, key=lambda r: (r.obligation.due_at, r.rule.id, r.child or "", r.id))
    for record in ordered:
        yield _judged(case, record, warnings)
    for waiting in answer.waiting:
        yield _undetermined(case, waiting, warnings)
    if not answer.records and not answer.waiting:
        yield StatusRecord("nothing_due", case.reference, warnings=warnings)


def fault_record(reference: str | None, problem: Problem) -> StatusRecord:
    """Return the record of a case that cannot be read."""
    return StatusRecord("fault", reference, problem=problem.kind, faults=tuple(problem.faults))


def _judged(case: Case, record: TrackedObligation, warnings: tuple[str, ...]) -> StatusRecord:
    state, said, took = status_of(record, case.as_of), record.obligation, taken(record)
    done, closed_by = record.done, record.closed_by.key if record.closed_by is not None else None
    late, overdue = state.status == "met_late", state.status == "overdue"
    return StatusRecord(
        status=state.status,
        reference=case.reference,
        child=record.child,
        profile=record.version.record.key,
        profile_version=record.version.version,
        calendar=record.calendar.record.key,
        calendar_version=record.calendar.version,
        obligation_id=record.id,
        duty=said.duty,
        title=said.template.title,
        rule=record.rule.id,
        phase=said.phase,
        occurrence=record.number,
        strength=said.template.strength,
        basis=said.template.basis,
        responsible=said.template.responsible,
        section=tuple(source.section for source in said.template.sources),
        episode=record.episode.id,
        started_by=record.started_by.key,
        started_by_type=record.started_by.type,
        started_on=record.started_by.moment.day,
        due_date=said.due_date,
        due_at=said.due_at,
        not_before=said.not_before,
        done_on=done.day if done is not None else None,
        done_at=done.at if done is not None else None,
        done_by=closed_by if record.fate == "done" else None,
        ended_by=closed_by if record.fate == "ended" else None,
        superseded_by=record.superseded_by,
        unit=took.unit if took is not None else None,
        units_taken=took.own if took is not None else None,
        days_taken=took.calendar_days if took is not None else None,
        working_days_taken=working_days_taken(record),
        late_by_days=state.late_days if late else None,
        late_by_hours=state.late_hours if late else None,
        overdue_by_days=state.late_days if overdue else None,
        overdue_by_hours=state.late_hours if overdue else None,
        missed=state.missed,
        excused=record.excused,
        trackable=record.trackable,
        observable=record.observable,
        in_window=record.in_window,
        provisional=said.provisional,
        warnings=warnings,
    )


def _undetermined(case: Case, waiting: PendingRule, warnings: tuple[str, ...]) -> StatusRecord:
    item, event, line = waiting.item, waiting.event, waiting.line
    version = case.version(line.selection, event.moment.day)
    calendar = case.calendar_of(version) if version is not None else None
    return StatusRecord(
        status="undetermined",
        reference=case.reference,
        child=line.child.reference,
        profile=line.selection.key,
        profile_version=version.version if version is not None else None,
        calendar=calendar.record.key if calendar is not None else None,
        calendar_version=calendar.version if calendar is not None else None,
        duty=item.duty,
        title=item.title,
        rule=item.rule.id,
        section=tuple(source.section for source in item.sources),
        started_by=event.key,
        started_by_type=event.type,
        started_on=event.moment.day,
        needs=item.needs,
        reason=item.reason,
        from_date=item.from_date,
        warnings=warnings,
    )
