"""List the events, facts and duties that a caller may send: all, or those that meet under a profile, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple

from pydantic import Field, StrictInt

from app.engine.compiled_profile import ApplicableRule, Profile
from app.engine.duties import duties_started
from app.engine.vocabulary import Vocabulary
from app.services.calculation.response import Json
from app.services.catalogue import (
    SentName,
    check_names,
    current_profiles,
    describe_fact,
    whole_vocabulary,
)
from app.services.problems import no_such_place
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import FROM_TEXT, Faults, Maybe, QueryModel
from app.services.wording import title_of
from app.services.words import MAX_QUERY, Kind, advice, find_words

MAX_LISTED = 1000
MAX_KEY = 100


class CatalogueQuery(QueryModel):
    """Which events, facts or duties to list: those that meet in a rule, or that are found by words."""

    profile: Maybe[str] = Field(
        description="Only what the rules of this profile use, a key from /v1/profiles.",
        max_length=MAX_KEY,
        examples=["swindon"],
    )
    event: Maybe[str] = Field(
        description="Only what meets this event: the duties that it starts and the facts that those read.",
        max_length=MAX_KEY,
        examples=["strategy_discussion_held"],
    )
    starts: Maybe[str] = Field(
        description="Only what meets this duty: the events that start it and the facts that its rules read.",
        max_length=MAX_KEY,
        examples=["hold_icpc"],
    )
    q: Maybe[str] = Field(
        description="Only what these words find, the best first: in any order, abbreviations too (`LAC review`).",
        max_length=MAX_QUERY,
    )
    limit: Maybe[Annotated[StrictInt, Field(ge=1, le=MAX_LISTED), FROM_TEXT]] = Field(
        description="The most entries to return. Absent: all.", examples=[20]
    )
    after: Maybe[str] = Field(description="`next` of the page before.", max_length=MAX_KEY)

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:  # noqa: ARG002 - the base's
        """Add the names that do not exist."""
        names = _names(snapshot, self, whole_vocabulary(_profiles(snapshot, self)))
        faults.collected += [name.fault for name in names if not name.exists]


class EventTypesQuery(CatalogueQuery):
    """Which events to list, by the sector's names for them too."""

    counterpart: Maybe[str] = Field(
        description="Only events whose counterpart in the sector's data standards has this text, such as a field.",
        max_length=MAX_KEY,
        examples=["CPPstartDate"],
    )


class _Meeting(NamedTuple):
    """One rule under one event, of a profile."""

    profile: str
    event: str
    duties: frozenset[str]
    facts: frozenset[str]


class _Listing(NamedTuple):
    """What a query asks about: the vocabulary and the rules that meet in it."""

    vocabulary: Vocabulary
    meetings: list[_Meeting]
    query: CatalogueQuery

    @property
    def narrowed(self) -> bool:
        return any((self.query.profile, self.query.event, self.query.starts))


def facts_read(profile: Profile, item: ApplicableRule, event: str) -> frozenset[str]:
    """Return the facts that a rule reads and the event does not say by itself."""
    spec = profile.vocabulary.events[event]
    return item.rule.facts() - set(spec.implies) - set(spec.sets)


def list_event_types(snapshot: Snapshot, query: CatalogueQuery) -> Json:
    """Return the events, each with the facts that matter to it; under a profile, with the duties that it starts."""
    listing = _listing(snapshot, query)
    entries = {}
    counterpart = query.counterpart.casefold() if isinstance(query, EventTypesQuery) and query.counterpart else ""
    for key, spec in listing.vocabulary.events.items():
        if counterpart not in (spec.counterpart or "").casefold():
            continue
        own = [item for item in listing.meetings if item.event == key]
        if listing.narrowed and not own:
            continue
        entries[key] = {
            "type": key,
            "title": title_of(spec.noun),
            "noun": spec.noun,
            "definition": spec.definition,
            "counterpart": spec.counterpart,
            "implies": {**dict(spec.implies), **dict.fromkeys(spec.sets, "the day of the event")},
            "facts": sorted({fact for item in own for fact in item.facts}),
            "profiles": sorted({item.profile for item in own}),
            "starts": list(_starts(listing, own)) if query.profile is not None else [],
        }
    return _page(snapshot, query, "event", "event_types", entries)


def _starts(listing: _Listing, own: list[_Meeting]) -> Iterator[Json]:
    """Return the duties that an event starts, each with the facts that its rules read."""
    for duty in sorted({duty for item in own for duty in item.duties}):
        if listing.query.starts in {None, duty}:
            yield {
                "duty": duty,
                "title": title_of(listing.vocabulary.duties[duty].definition),
                "facts": sorted({fact for item in own if duty in item.duties for fact in item.facts}),
            }


def list_facts(snapshot: Snapshot, query: CatalogueQuery) -> Json:
    """Return the facts that may be sent: their types, and what the absence of each means."""
    listing = _listing(snapshot, query)
    read = {fact for item in listing.meetings for fact in item.facts}
    specs = [spec for key, spec in listing.vocabulary.facts.items() if key in read or not listing.narrowed]
    entries = {spec.key: describe_fact(spec) for spec in specs}
    return _page(snapshot, query, "fact", "facts", entries)


def list_duties(snapshot: Snapshot, query: CatalogueQuery) -> Json:
    """Return the duties, with the profiles that set a timescale for each."""
    listing = _listing(snapshot, query)
    used: dict[str, set[str]] = {}
    for item in listing.meetings:
        for duty in item.duties:
            if query.starts in {None, duty}:
                used.setdefault(duty, set()).add(item.profile)
    entries = {
        key: {
            "duty": key,
            "title": title_of(spec.definition),
            "definition": spec.definition,
            "protection": listing.vocabulary.protection(key) or None,
            "profiles": sorted(used.get(key, ())),
        }
        for key, spec in listing.vocabulary.duties.items()
        if key in used or not listing.narrowed
    }
    return _page(snapshot, query, "duty", "duties", entries)


def _listing(snapshot: Snapshot, query: CatalogueQuery) -> _Listing:
    """Return the rules that meet the profile, the event and the duty of a query. Raises Problem not-found."""
    profiles = _profiles(snapshot, query)
    vocabulary = whole_vocabulary(profiles)
    check_names(*_names(snapshot, query, vocabulary))
    meetings = [
        _Meeting(key, event, duties, facts_read(profile, item, event))
        for key, profile in profiles
        for event, started in profile.by_event.items()
        if query.event in {None, event}
        for item in started
        if query.starts in {None, *(duties := duties_started(item))}
    ]
    return _Listing(vocabulary, meetings, query)


def _profiles(snapshot: Snapshot, query: CatalogueQuery) -> list[tuple[str, Profile]]:
    """Return the profile of a query; every one where it names none, or none that exists."""
    every = current_profiles(snapshot)
    return [item for item in every if item[0] == query.profile] or every


def _names(snapshot: Snapshot, query: CatalogueQuery, vocabulary: Vocabulary) -> list[SentName]:
    return [
        SentName("profile", query.profile, snapshot.profiles),
        SentName("event", query.event, vocabulary.events),
        SentName("duty", query.starts, vocabulary.duties, "starts"),
    ]


def _page(snapshot: Snapshot, query: CatalogueQuery, kind: Kind, name: str, entries: dict[str, Any]) -> Json:
    """Return one page of the entries, by their titles or the best found first, and where the next one goes on."""
    order = sorted(entries, key=lambda key: (entries[key]["title"].lower(), key))
    if query.q is not None:
        order = [item.word.key for item in find_words(snapshot, query.q, (kind,)) if item.word.key in entries]
    if query.after is not None:
        if query.after not in order:
            raise no_such_place("after")
        order = order[order.index(query.after) + 1 :]
    chosen = order if query.limit is None else order[: query.limit]
    empty = query.q is not None and not order
    return {
        name: [entries[key] for key in chosen],
        "next": chosen[-1] if len(chosen) < len(order) else None,
        "advice": advice(snapshot, query.q or "", kind, narrowed=bool(query.profile or query.event or query.starts))
        if empty
        else None,
    }
