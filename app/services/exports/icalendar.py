"""Export obligations as iCalendar (RFC 5545): one all-day entry each, whose UID stays when its date moves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, cast

from app.engine.civil_time import first_moment, read_moment
from app.services.calculation.response import Json
from app.services.exports.csv_table import date_of
from app.services.exports.general_warnings import general_warnings
from app.services.problems import Fault, Problem, answer_too_long
from app.services.wording import SECONDARY
from app.services.work import check
from app.services.zone import LONDON

if TYPE_CHECKING:
    from icalendar import Alarm, Calendar, Event

PRODUCT = "-//Practice Deadlines//Practice Deadlines//EN"
DOMAIN = "practice-deadlines"
ALARM_HOUR = 9
MAX_ALARM_DAYS = 365
# Writing an alarm takes the third of a millisecond.
MAX_ALARMS = 5_000
CANCELLED = frozenset({"superseded", "ended"})


def obligations_icalendar(answer: Json, *, alarms: Sequence[int] = (), sequence: int = 0) -> bytes:
    """Return the obligations of a calculation or a timeline as VEVENTs.

    The UID is derived from the reference, which is therefore required, and from the profile, rule, phase and occurrence
    (in a timeline, from the obligation's own id), so that an entry imported again replaces the earlier one; `sequence`
    should rise each time. DTSTAMP is the event's time. `alarms` are days before the due date, each ringing at 09:00.
    Superseded and ended obligations are sent as cancelled. Raises Problem.
    """
    reference = answer.get("reference")
    faults: list[Fault] = []
    if not isinstance(reference, str):
        faults.append(Fault("reference", "a calendar file needs a reference", "send one that is yours for this case"))
    if any(not 0 <= days <= MAX_ALARM_DAYS for days in alarms):
        faults.append(Fault("alarm", "an alarm is a number of days", f"send 0 to {MAX_ALARM_DAYS}"))
    if not 0 <= sequence <= 2_147_483_647:
        faults.append(Fault("sequence", "a sequence is a whole number from 0", "send one that rises with each change"))
    if faults:
        raise Problem("invalid-request", "The calendar file cannot be made.", faults)
    obligations = cast(list[Json], answer["obligations"])
    if len(obligations) * len(set(alarms)) > MAX_ALARMS:
        raise answer_too_long(
            f"A calendar file holds at most {MAX_ALARMS} alarms.",
            "alarm",
            "too many alarms in all",
            "send fewer days, or an earlier until",
            budget="alarms",
            limit=MAX_ALARMS,
        )
    from icalendar import vText

    calendar = _empty()
    if warnings := cast(list[str], answer["warnings"]):
        # RFC 7986, and the older name that most calendars show. Without entries nothing else would say why.
        calendar.add("description", sentences(warnings))
        # The library escapes texts of the standard properties only.
        calendar.add("x-wr-caldesc", vText(sentences(warnings)).to_ical().decode())
    general = general_warnings(answer)
    for item in obligations:
        check()
        calendar.add_component(_entry(item, answer, str(reference), alarms, sequence, general))
    return bytes(calendar.to_ical())


def caseload_icalendar(obligations: Iterable[tuple[str, Json]]) -> bytes:
    """Return obligations of several timelines as one file, each with the reference of its case in its summary."""
    calendar = _empty()
    for reference, item in obligations:
        check()
        titled = {**item, "title": f"{item['title']} [{reference}]"}
        calendar.add_component(_entry(titled, {}, reference, (), 0, []))
    return bytes(calendar.to_ical())


def _empty() -> Calendar:
    from icalendar import Calendar  # slow to import, and rarely needed

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    return calendar


def sentences(warnings: Sequence[str]) -> str:
    """Return warnings one to a line."""
    return "\n".join(f"Warning: {text}." for text in warnings)


def _entry(item: Json, answer: Json, reference: str, alarms: Sequence[int], sequence: int, general: list[str]) -> Event:
    from icalendar import Event

    status = item.get("status")
    due = date.fromisoformat(str(item["due_date"]))
    entry = Event()
    entry.add("uid", _uid(item, answer, reference))
    entry.add("dtstamp", _stamp(item, answer))
    entry.add("dtstart", due)
    entry.add("dtend", due + timedelta(days=1))
    entry.add("sequence", sequence)
    entry.add("summary", _summary(item))
    entry.add("description", _description(item, general))
    entry.add("transp", "TRANSPARENT")
    entry.add("status", "CANCELLED" if status in CANCELLED else "CONFIRMED")
    entry.add("categories", [str(item["duty"]), *([str(status)] if status else [])])
    for days in sorted(set(alarms), reverse=True):
        if status not in {*CANCELLED, "met", "met_late"}:
            entry.add_component(_alarm(str(item["title"]), days))
    return entry


def _alarm(title: str, days: int) -> Alarm:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", timedelta(days=-days, hours=ALARM_HOUR))
    return alarm


def _uid(item: Json, answer: Json, reference: str) -> str:
    identifier = item.get("id")
    if identifier is None:
        profile = cast(Json, answer["profile"])["key"]
        identifier = f"{profile}/{item['rule']}/{item['phase'] or ''}/{item['occurrence']}"
    return hashlib.sha256(f"{reference}\n{identifier}".encode()).hexdigest()[:40] + "@" + DOMAIN


def _stamp(item: Json, answer: Json) -> datetime:
    event = cast(Json, item.get("started_by") or answer["event"])
    moment = read_moment(str(event["occurred_at"]), LONDON)
    return (moment.at or first_moment(moment.day, LONDON)).astimezone(UTC).replace(microsecond=0)


def _summary(item: Json) -> str:
    title = str(item["title"])
    due_at = str(item["due_at"])
    if "T23:59:59" not in due_at:
        title += f" (by {due_at[11:16]})"
    done = {"met": "Done: ", "met_late": "Done late: ", "overdue": "Overdue: ", "disputed": "Disputed: "}
    return done.get(str(item.get("status")), "Projected: " if item["projected"] else "") + title


def _description(item: Json, general: list[str]) -> str:
    lines = [f"Due: {item['timing']}."]
    if warnings := [*cast(list[str], item["warnings"]), *general]:
        lines.append(sentences(warnings))
    lines += [f"Source: {source['document']}, {source['section']}." for source in cast(list[Json], item["source"])]
    if item["responsible"]:
        lines.append(f"Responsible: {', '.join(cast(list[str], item['responsible']))}.")
    lines.append(f"Strength: {item['strength']}; basis: {str(item['basis']).replace('_', ' ')}.")
    if item["certainty"] != "verified":
        lines.append(f"Certainty: {SECONDARY}.")
    if item.get("status"):
        lines.append(f"Status: {str(item['status']).replace('_', ' ')}.")
    if item["reading"]:
        lines.append(f"Reading: {item['reading']}.")
    for other in cast(list[Json], item["alternatives"]):
        lines.append(f"Otherwise: {date_of(other)} ({other['reading']}; {_printed_in(other, item)}).")
    lines += [f"Assumed: {note}." for note in cast(list[str], item["assumptions"])]
    if item["last_working_day"] and item["last_working_day"] != item["due_date"]:
        lines.append(f"Last working day before it: {item['last_working_day']}.")
    if item["provisional"]:
        lines.append("Provisional: it depends on bank holidays that have not been announced yet.")
    if item["projected"]:
        lines.append("Projected: assumes that the one before it is done on its due date.")
    explanation = item.get("explanation")
    if isinstance(explanation, dict):
        lines += ["Counted:", *(str(step["note"]) for step in explanation["steps"])]
    return "\n".join(lines)


def _printed_in(other: Json, item: Json) -> str:
    """Return the section of another reading, with its document where the obligation does not cite that."""
    cited = {source["document"] for source in cast(list[Json], item["source"])}
    return str(other["section"]) + ("" if other["document"] in cited else f" of {other['document']}")
