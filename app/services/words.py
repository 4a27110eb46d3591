"""Find events, facts and duties by the words that people use for them: one search for pages, callers and assistants."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import Literal, NamedTuple, get_args

from rapidfuzz import fuzz, process

from app.services.calculation.response import Json
from app.services.catalogue import (
    current_profiles,
    duties_of_rule,
    duties_started,
    not_found_problem,
    whole_vocabulary,
)
from app.services.snapshot.snapshot import Snapshot
from app.services.wording import title_of

Kind = Literal["event", "fact", "duty"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MAX_QUERY = 200
MAX_WORDS = 12
MIN_SIMILARITY = 84
"""How near a misspelt word must be, of 100: reveiw finds review, and core does not find care."""
MIN_FUZZY_LENGTH = 5
MIN_PREFIX_LENGTH = 3
TITLE, KEY, DEFINITION, RULES = 3.0, 2.5, 1.5, 1.0
SPLIT = re.compile(r"[^a-z0-9&]+")
IGNORED = frozenset({"a", "an", "and", "at", "by", "for", "in", "is", "of", "on", "or", "the", "to", "with"})

Expression = tuple[str, ...]


class Word(NamedTuple):
    """An event, a fact or a duty, with all the text that a search looks at."""

    kind: Kind
    key: str
    title: str
    definition: str
    profiles: tuple[str, ...]
    weights: dict[str, float]
    """Each word of the text, with the weight of the best place that it stands in."""


Index = tuple[tuple[Word, ...], tuple[str, ...]]


class Found(NamedTuple):
    """A word that a query found, and what of the query's meaning was found in it."""

    word: Word
    score: float
    matched: tuple[str, ...]


def find_words(
    snapshot: Snapshot, query: str, kinds: Iterable[Kind] = KINDS, profile: str | None = None
) -> list[Found]:
    """Return what contains every word of a query, in any order, the best first.

    Abbreviations and other ways to say the same count as the words themselves (`LAC review` finds the looked-after
    review), and so do word beginnings and slight misspellings. With a profile, only what its rules use is searched.
    Raises Problem not-found for a profile that does not exist.
    """
    if profile is not None and profile not in snapshot.profiles:
        raise not_found_problem("profile", profile, snapshot.profiles)
    words, tokens = _index(snapshot)
    wanted = _meanings(split(query))
    if not wanted:
        return []
    near = {part: _near(part, tokens) for part in {part for some in wanted for other in some for part in other}}
    chosen = frozenset(kinds)
    found = []
    for word in words:
        if word.kind in chosen and (profile is None or profile in word.profiles):
            match = _match(word, wanted, near)
            if match is not None:
                likeness = fuzz.token_set_ratio(" ".join(match[1]), word.title.lower()) / 100
                found.append(Found(word, match[0] + likeness, match[1]))
    return sorted(found, key=lambda item: (-item.score, len(item.word.title), item.word.key))


def search(snapshot: Snapshot, query: str, kind: Kind | None, profile: str | None, limit: int) -> Json:
    """Return the words that a query finds, the best first, at most `limit`."""
    found = find_words(snapshot, query, KINDS if kind is None else (kind,), profile)
    return {
        "words": [
            {
                "kind": item.word.kind,
                "key": item.word.key,
                "title": item.word.title,
                "definition": item.word.definition,
                "profiles": list(item.word.profiles),
                "matched": list(item.matched),
            }
            for item in found[:limit]
        ]
    }


def split(text: str) -> list[str]:
    """Return the words of a text in small letters, without those that say nothing."""
    return [word for word in SPLIT.split(text.lower()[:MAX_QUERY]) if word and word not in IGNORED][:MAX_WORDS]


@cache
def _groups() -> dict[Expression, tuple[Expression, ...]]:
    """Return each expression of the synonyms with all the ways to say the same."""
    file = resources.files("app.profiles.vocabulary").joinpath("synonyms.toml")
    groups: dict[Expression, tuple[Expression, ...]] = {}
    for group in tomllib.loads(file.read_text(encoding="utf-8"))["groups"]:
        expressions = tuple(dict.fromkeys(tuple(split(text)) for text in group))
        for expression in expressions:
            groups[expression] = tuple(dict.fromkeys((*groups.get(expression, ()), *expressions)))
    return groups


@cache
def _abbreviations() -> frozenset[str]:
    """Return the short words of the synonyms, which are the beginning of no other word: `stat` is not `status`."""
    return frozenset(part for expression in _groups() for part in expression if len(part) < MIN_FUZZY_LENGTH)


def _meanings(words: list[str]) -> list[tuple[Expression, ...]]:
    """Return, for each part of a query, the longest read first, the expressions of which one must be found."""
    groups = _groups()
    longest = max(map(len, groups))
    wanted: list[tuple[Expression, ...]] = []
    place = 0
    while place < len(words):
        for length in range(min(longest, len(words) - place), 0, -1):
            part = tuple(words[place : place + length])
            if part in groups or length == 1:
                wanted.append((part, *(other for other in groups.get(part, ()) if other != part)))
                place += length
                break
    return wanted


def _near(part: str, tokens: tuple[str, ...]) -> frozenset[str]:
    """Return the words of the whole vocabulary that a word of a query may stand for."""
    prefix = len(part) >= MIN_PREFIX_LENGTH and part not in _abbreviations()
    found = {token for token in tokens if token == part or (prefix and token.startswith(part))}
    if not found and len(part) >= MIN_FUZZY_LENGTH:
        near = process.extract(part, tokens, scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY, limit=5)
        found = {token for token, _, _ in near}
    return frozenset(found)


def _match(
    word: Word, wanted: list[tuple[Expression, ...]], near: dict[str, frozenset[str]]
) -> tuple[float, tuple[str, ...]] | None:
    """Return how well a word fits and by which expressions; None where a part of the query is not found in it."""
    total = 0.0
    matched = []
    for expressions in wanted:
        best = max(
            ((_weight(word, expression, near), expression) for expression in expressions), key=lambda one: one[0]
        )
        if not best[0]:
            return None
        total += best[0]
        matched.append(" ".join(best[1]))
    return total / len(wanted), tuple(matched)


def _weight(word: Word, expression: Expression, near: dict[str, frozenset[str]]) -> float:
    """Return the weight of an expression in a word: that of its weakest part, 0 where a part is missing."""
    weakest = TITLE
    for part in expression:
        weakest = min(weakest, max((word.weights[token] for token in near[part] if token in word.weights), default=0.0))
        if not weakest:
            return 0.0
    return weakest


@dataclass(frozen=True, slots=True)
class _Published:
    """A snapshot, compared by the versions of its profiles alone."""

    versions: tuple[tuple[str, str], ...]
    snapshot: Snapshot = field(compare=False)


def _index(snapshot: Snapshot) -> Index:
    versions = ((key, snapshot.latest_profile(key)) for key in sorted(snapshot.profiles))
    checksums = tuple((key, version.record.checksum) for key, version in versions if version is not None)
    return _build_index(_Published(checksums, snapshot))


@lru_cache(maxsize=2)
def _build_index(published: _Published) -> Index:
    """Return every word with its text, and all the words of those texts; built once for the versions published."""
    words = tuple(_words(published.snapshot))
    return words, tuple(sorted({token for word in words for token in word.weights}))


def _words(snapshot: Snapshot) -> Iterator[Word]:
    used: dict[tuple[Kind, str], dict[str, None]] = {}
    rules: dict[tuple[Kind, str], dict[str, None]] = {}
    profiles = current_profiles(snapshot)
    vocabulary = whole_vocabulary(profiles)
    for key, profile in profiles:
        for event, started in profile.by_event.items():
            for item in started:
                names: list[tuple[Kind, str]] = [("event", event)]
                names += [("duty", duty) for duty in duties_started(item)]
                names += [("fact", fact) for fact in item.rule.facts()]
                for used_name in names:
                    used.setdefault(used_name, {})[key] = None
        for rule in profile.rules:
            for duty in duties_of_rule(rule):
                rules.setdefault(("duty", duty), {})[rule.title] = None
            for event in rule.events:
                rules.setdefault(("event", event), {})[rule.title] = None
    kinds: tuple[tuple[Kind, dict[str, tuple[str, str, str]]], ...] = (
        ("event", {key: (title_of(spec.noun), spec.definition, key) for key, spec in vocabulary.events.items()}),
        ("fact", {key: (title_of(key), spec.definition, key) for key, spec in vocabulary.facts.items()}),
        ("duty", {key: (title_of(spec.definition), spec.definition, key) for key, spec in vocabulary.duties.items()}),
    )
    for kind, specs in kinds:
        for key, (title, definition, name) in specs.items():
            weights: dict[str, float] = {}
            texts = [(text, RULES) for text in rules.get((kind, key), ())]
            for text, weight in (*texts, (definition, DEFINITION), (name, KEY), (title, TITLE)):
                weights |= dict.fromkeys((part for part in SPLIT.split(text.lower()) if part), weight)
            yield Word(kind, key, title, definition, tuple(used.get((kind, key), ())), weights)
