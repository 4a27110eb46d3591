"""What became of a case, as its page shows it: what is met, late, owed, waiting, to come; its episodes; what moved."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.engine.civil_time import read_moment
from app.engine.vocabulary import Vocabulary
from app.services.calculation.json_body import parse_json_text
from app.services.problems import Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.timelines import timeline
from app.services.timelines.recalculation import recalculate
from app.services.zone import LONDON
from app.web.case_drawing import CaseDrawing, draw_case
from app.web.words import as_words, capitalise, event_heading

MAX_LISTED = 300
# Obligation by obligation: the heading that it stands under, and whether what stands there is folded.
HEADINGS = (
    ("overdue", "Overdue", False),
    ("disputed", "Disputed: late under one reading, in time under another", False),
    ("waiting", "Waiting for facts", False),
    ("to_come", "To come", False),
    ("opens", "From a day on, with no last day", False),
    ("unproved", "Past their date, and no event can show them done", True),
    ("met_late", "Met late", False),
    ("missed", "Ended with every limit passed", False),
    ("met", "Met in time", True),
    ("projected", "To come if all goes on as expected", True),
    ("later", "Facts that will be needed if all goes on as expected", True),
    ("ended", "Excused, ended or replaced", True),
)
# What an obligation's history says happened to it.
HAPPENED = {
    "started": "Started by",
    "arranged": "Arranged by",
    "also_started": "Also started by",
    "became_known": "It became known",
    "discharged": "Shown done by",
    "counted": "Counted towards it",
    "too_early": "Too early to count",
    "may_discharge": "May show it done",
    "excused": "Excused by",
    "not_owed": "No longer owed",
    "no_longer_applies": "No longer applies",
    "resumed": "Goes on from",
    "superseded": "Replaced",
    "ended": "Ended with",
    "projected": "Expected to start on",
}
# Of what a case's request says, what no date depends on.
UNCOUNTED = ("as_of", "until", "reference", "explain")


@dataclass(frozen=True, slots=True)
class Section:
    """Obligations under one heading. `folded` ones are of less use to a reader who asks what is to be done."""

    key: str
    heading: str
    items: tuple[dict[str, Any], ...]
    left_out: int
    folded: bool


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of the case with the name that people give it: "Placement 2"."""

    id: str
    name: str
    opened_at: str
    closed_at: str | None
    opened_by: str
    closed_by: str | None
    within: str | None


@dataclass(frozen=True, slots=True)
class Hanging:
    """What is owed only if something is found: the event that would show it, the fact, and the rules' titles."""

    event: str
    fact: str | None
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """One date that a change of the case moved, added or took back. `expected` ones rest on what has not come."""

    title: str
    before: str | None
    after: str | None
    days: int
    expected: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What a change does: the dates owed first, then those that are only expected, and what stands otherwise now."""

    owed: tuple[Moved, ...]
    expected: tuple[Moved, ...]
    left_out: int
    statuses: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """What became of the case, ready to be shown."""

    sections: tuple[Section, ...]
    changes: Changes | None
    episodes: tuple[Episode, ...]
    drawing: CaseDrawing
    warnings: tuple[str, ...]
    left_out: tuple[dict[str, Any], ...]
    conditional: tuple[Hanging, ...]
    body: dict[str, Any]
    earlier: str
    as_of: date
    until: str | None
    named: Mapping[str, str]
    """The title and the date of each obligation, by its id."""


def answer_case(snapshot: Snapshot, vocabulary: Vocabulary, body: dict[str, Any], earlier: str) -> CaseAnswer:
    """Work out a case, and compare it with `earlier`: the request as it was last answered. Raises Problem."""
    answer: dict[str, Any] = timeline(snapshot, {**body, "explain": True})
    as_of = read_moment(body["as_of"], LONDON).day
    listed = sorted(answer["obligations"], key=lambda item: item["due_at"])
    grouped: dict[str, list[dict[str, Any]]] = {key: [] for key, _, _ in HEADINGS}
    for item in listed:
        grouped[_heading(item, as_of)].append(item)
    for item in answer["undetermined"]:
        grouped["later" if item["rests_on"] else "waiting"].append(item)
    episodes = name_episodes(vocabulary, answer["episodes"])
    return CaseAnswer(
        sections=tuple(
            Section(key, heading, tuple(grouped[key][:MAX_LISTED]), len(grouped[key][MAX_LISTED:]), folded)
            for key, heading, folded in HEADINGS
            if grouped[key]
        ),
        changes=_changes(snapshot, body, earlier, answer),
        episodes=episodes,
        drawing=draw_case(
            listed, [(each.name, each.opened_at, each.closed_at) for each in episodes], body["events"], as_of
        ),
        warnings=tuple(answer["warnings"]),
        left_out=tuple(answer["left_out"]),
        conditional=_hanging(answer["conditional"]),
        body=body,
        earlier=json.dumps(body, ensure_ascii=False),
        as_of=as_of,
        until=answer["until"],
        named={item["id"]: item["title"] for item in listed},
    )


def _heading(item: Mapping[str, Any], as_of: date) -> str:
    status = str(item["status"])
    if status in {"ended", "superseded"}:
        return "missed" if item["missed"] else "ended"
    if status != "outstanding":
        return status
    if item["rests_on"]:
        return "projected"
    if item["kind"] == "earliest":
        return "opens"
    past = not item["trackable"] and date.fromisoformat(item["due_date"]) < as_of
    return "unproved" if past else "to_come"


def name_episodes(vocabulary: Vocabulary, episodes: Sequence[Mapping[str, Any]]) -> tuple[Episode, ...]:
    """Name each episode by its kind, and by its place among those of its kind where there are several."""
    totals = Counter((each["child"], each["kind"]) for each in episodes)
    seen: Counter[tuple[str | None, str]] = Counter()
    named: list[Episode] = []
    names: dict[str, str] = {}
    for each in episodes:
        kind = (each["child"], each["kind"])
        seen[kind] += 1
        spec = vocabulary.episodes.get(each["kind"])
        name = event_heading(spec.noun if spec is not None else as_words(each["kind"]))
        if totals[kind] > 1:
            name = f"{name} {seen[kind]}"
        names[each["id"]] = name
        within = names.get(each["within"]) if each["within"] else None
        named.append(
            Episode(
                each["id"], name, each["opened_at"], each["closed_at"], each["opened_by"], each["closed_by"], within
            )
        )
    return tuple(named)


def _hanging(conditional: Iterable[Mapping[str, Any]]) -> tuple[Hanging, ...]:
    grouped: dict[tuple[str, str | None], dict[str, None]] = {}
    for item in conditional:
        hangs_on = item["hangs_on"]
        grouped.setdefault((hangs_on["event"], hangs_on["fact"]), {})[item["title"]] = None
    return tuple(Hanging(event, fact, tuple(titles)) for (event, fact), titles in grouped.items())


def _changes(snapshot: Snapshot, body: dict[str, Any], earlier: str, now: dict[str, Any]) -> Changes | None:
    """Return what moved since the case was last answered; None where nothing was changed, or it is another case.

    Another day to look at it on is no change of the case.
    """
    before = _as_answered(earlier)
    if before is None or before.get("profile") != body["profile"] or _counted(before) == _counted(body):
        return None
    looked: dict[str, Any] = {name: body[name] for name in ("as_of", "until") if name in body}
    try:
        then: dict[str, Any] = timeline(snapshot, {**_counted(before), **looked})
        changed: dict[str, Any] = recalculate(snapshot, {**body, "earlier": then["obligations"]})
    except Problem:
        # The earlier case came from the reader's own page; if it cannot be read there is nothing to compare with.
        return None
    gone = {item["id"]: item for item in then["obligations"]}
    moved = [
        *(
            Moved(
                item["title"],
                item["old_due_date"],
                item["new_due_date"],
                item["days"],
                bool(item["obligation"]["rests_on"]),
            )
            for item in changed["moved"]
        ),
        *(Moved(item["title"], None, item["due_date"], 0, bool(item["rests_on"])) for item in changed["added"]),
        *(
            Moved(item["title"], item["due_date"], None, 0, bool(gone[item["id"]]["rests_on"]))
            for item in changed["withdrawn"]
        ),
    ]
    moved.sort(key=lambda item: item.after or item.before or "")
    titles = {item["id"]: item["title"] for item in now["obligations"]}
    expected = [item for item in moved if item.expected]
    return Changes(
        owed=tuple(item for item in moved if not item.expected),
        expected=tuple(expected[:MAX_LISTED]),
        left_out=len(expected[MAX_LISTED:]),
        statuses=tuple(
            (titles[item["id"]], as_words(item["old_status"]), as_words(item["new_status"]))
            for item in changed["status_changes"]
            if item["id"] in titles
        ),
    )


def _as_answered(earlier: str) -> dict[str, Any] | None:
    try:
        before = parse_json_text(earlier) if earlier else None
    except Problem:
        return None
    return before if isinstance(before, dict) and before.get("events") else None


def _counted(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in UNCOUNTED}


def happened(line: Mapping[str, Any]) -> str:
    """Write out what a line of an obligation's history says, without its event: "It became known: ICPC required"."""
    text = HAPPENED.get(line["what"], capitalise(as_words(line["what"])))
    return f"{text} ({as_words(line['note'])})" if line["note"] else text
