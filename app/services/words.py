"""Find events, facts and duties by the words that people use for them: one search for pages, callers and assistants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from app.engine.duties import duties_started
from app.profiles.vocabulary.expressions import IGNORED, MAX_QUERY, query_words
from app.profiles.vocabulary.search import KINDS, Index, Kind, Match, Word, index_of
from app.services.calculation.response import Json
from app.services.catalogue import (
    SentName,
    check_names,
    current_profiles,
    duties_of_rule,
    whole_vocabulary,
)
from app.services.event_loop import require_thread
from app.services.snapshot.snapshot import Snapshot
from app.services.wording import title_of

__all__ = ["KINDS", "MAX_QUERY", "Kind", "SearchHit", "find_words", "search"]

PART = 0.01
"""A share of a query's parts so small that one of them is enough."""
USED = 0.2
"""What a word that some profile's rules use is before one that none does, where both fit as well."""
Name = tuple[Kind, str]


class SearchHit(NamedTuple):
    """A word that a query found: how well, by which expressions, and the profiles whose rules use it."""

    word: Word
    score: float
    matched: tuple[str, ...]
    profiles: tuple[str, ...]


def find_words(
    snapshot: Snapshot,
    query: str,
    kinds: Iterable[Kind] = KINDS,
    profile: str | None = None,
    starts: str | None = None,
) -> list[SearchHit]:
    """Return what contains every word of a query, in any order, the best first.

    Abbreviations and other ways to say the same count as the words themselves (`LAC review` finds the looked-after
    review), and so do word beginnings and slight misspellings. With a profile, only what its rules use is searched;
    with a duty that `starts` names, only what stands in a rule with it. Raises Problem not-found for a profile or a
    duty that does not exist.
    """
    require_thread()
    lists = _lists(snapshot)
    duties = [word.key for word in lists.words.words if word.kind == "duty"]
    check_names(SentName("profile", profile, snapshot.profiles), SentName("duty", starts, duties, "starts"))
    meeting = lists.meeting.get(starts, frozenset()) if starts is not None else None
    hits = []
    for match in lists.words.find(query, tuple(kinds)):
        name = (match.word.kind, match.word.key)
        profiles = lists.used.get(name, ())
        if (profile is None or profile in profiles) and (meeting is None or name in meeting):
            hits.append(SearchHit(*_before_unused(match, used=bool(profiles)), profiles))
    return sorted(hits, key=lambda item: -item.score)


def _before_unused(match: Match, *, used: bool) -> Match:
    return match._replace(score=match.score + USED) if used else match


def search(
    snapshot: Snapshot, query: str, kind: Kind | None, profile: str | None, limit: int, starts: str | None = None
) -> Json:
    """Return the words that a query finds, the best first, at most `limit`; where none is, what to do next."""
    hits = find_words(snapshot, query, KINDS if kind is None else (kind,), profile, starts)
    return {
        "words": [
            {
                "kind": item.word.kind,
                "key": item.word.key,
                "title": title_of(item.word.title),
                "definition": item.word.definition,
                "profiles": list(item.profiles),
                "matched": list(item.matched),
            }
            for item in hits[:limit]
        ],
        "advice": None if hits else advice(snapshot, query, kind, narrowed=bool(profile or starts)),
    }


def advice(snapshot: Snapshot, query: str, kind: Kind | None, *, narrowed: bool = False) -> str:
    """Return what to do next where a query found nothing."""
    words = [word for word in query_words(query) if word not in IGNORED]
    if not words:
        return "Write a word of what is to be done, or of what starts the clock, such as LAC review."
    index = _lists(snapshot).words
    anywhere, unknown = index.find(query), index.unknown_parts(query)
    if narrowed and anywhere:
        step = "Search all profiles: the words are in the lists, but not in what you narrowed the search to."
    elif kind is not None and anywhere:
        step = f"No {kind} has these words; try {_named(anywhere)}."
    else:
        none_has = ", ".join(f"'{part}'" for part in unknown) or "all of these together"
        step = f"No word of the lists has {none_has}."
        if near := index.find(query, KINDS if kind is None else (kind,), PART):
            step += f" The nearest: {_named(near)}. Try fewer words, or another name for it."
        else:
            step += " Try another name for it."
    own = f"local_{'_'.join(words)[:60]}"
    lists = {"event": "events", "fact": "facts", "duty": "duties", None: "duties"}
    return (
        f"{step} If your paper alone speaks of it, declare a word of your own: "
        f"[vocabulary.{lists[kind]}.{own}]; section 3 of docs/write-a-profile.md shows how."
    )


def _named(matches: list[Match]) -> str:
    return ", ".join(f"the {match.word.kind} {match.word.key}" for match in matches[:3])


class _Lists(NamedTuple):
    """Everything that a search needs of the versions published."""

    words: Index
    used: dict[Name, tuple[str, ...]]
    """The profiles whose rules use a word."""
    meeting: dict[str, frozenset[Name]]
    """What stands in a rule with each duty."""


@dataclass(frozen=True, slots=True)
class _Published:
    """A snapshot, compared by the versions of its profiles alone."""

    versions: tuple[tuple[str, str], ...]
    snapshot: Snapshot = field(compare=False)


def _lists(snapshot: Snapshot) -> _Lists:
    checksums = tuple((version.record.key, version.record.checksum) for version in snapshot.latest_versions())
    return _build_lists(_Published(checksums, snapshot))


@lru_cache(maxsize=2)
def _build_lists(published: _Published) -> _Lists:
    """Return every word with its text and its uses; built once for the versions published."""
    used: dict[Name, dict[str, None]] = {}
    titles: dict[Name, dict[str, None]] = {}
    meeting: dict[str, set[Name]] = {}
    profiles = current_profiles(published.snapshot)
    for key, profile in profiles:
        for event, started in profile.by_event.items():
            for item in started:
                duties = duties_started(item)
                names: list[Name] = [("event", event), *(("fact", fact) for fact in item.rule.facts())]
                names += [("duty", duty) for duty in duties]
                for name in names:
                    used.setdefault(name, {})[key] = None
                for duty in duties:
                    meeting.setdefault(duty, set()).update(names)
        for rule in profile.rules:
            for duty in duties_of_rule(rule):
                titles.setdefault(("duty", duty), {})[rule.title] = None
            for event in rule.events:
                titles.setdefault(("event", event), {})[rule.title] = None
    return _Lists(
        index_of(whole_vocabulary(profiles), titles),
        {name: tuple(keys) for name, keys in used.items()},
        {duty: frozenset(names) for duty, names in meeting.items()},
    )
