"""What the workbook offers: the lists to choose from, and the sheet of every word with what people call it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from app.engine.facts import FactSpec
from app.engine.vocabulary import Vocabulary
from app.profiles.document import REASONS
from app.profiles.rules import AFTER_END, BASES, CERTAINTIES, CLOSURES
from app.profiles.series_timings import STRENGTHS
from app.profiles.vocabulary import TYPES, shared_vocabulary
from app.profiles.vocabulary.expressions import groups, stem
from app.profiles.vocabulary.search import KEY, Index, Word, index_of, shared_index
from app.services.workbook.fields import NOTHING
from app.services.workbook.lengths import KINDS, UNITS
from app.services.workbook.rows import SEE_PHASES
from app.services.workbook.sheets import PROFILE, TABLES, WORD_KINDS

WORD_HEADINGS = ("Kind", "Word", "Name", "Definition", "Values", "Also called", "Search")
MAX_SHARED = 60
"""An expression that more words than these contain says too little of any."""
LIST_RANGES = {"Documents": "Documents!$A$2:$A$60", "RuleIds": "Rules!$A$2:$A$1000"}
"""The lists that are columns of other sheets."""


def lists_of(words: Vocabulary) -> dict[str, list[str]]:
    """Return the lists to choose from, by name."""
    return {
        "Events": sorted(words.events),
        "MetBy": [NOTHING, *sorted(words.events)],
        "Duties": sorted(words.duties),
        "Dates": sorted(key for key, fact in words.facts.items() if fact.type == "date"),
        "Conditions": [
            *_age_conditions(),
            *(text for key in sorted(words.facts) for text in _conditions(words.facts[key])),
        ],
        "Episodes": sorted(words.episodes),
        "Kinds": [*KINDS, SEE_PHASES],
        "Units": list(UNITS.values()),
        "Strengths": list(STRENGTHS),
        "Reasons": list(REASONS),
        "Bases": list(BASES),
        "Certainties": list(CERTAINTIES),
        "Closures": list(CLOSURES),
        "AfterEnd": list(AFTER_END),
        "Types": list(TYPES),
        "WordKinds": list(WORD_KINDS),
        "TableSheets": [*(sheet.name for sheet in TABLES), PROFILE],
        "YesNo": ["yes", "no"],
    }


def word_rows(words: Vocabulary) -> list[tuple[str, ...]]:
    """Return a row for each event, duty and fact, by kind and name; its last cell has every text to search in."""
    return _shared_rows() if words is shared_vocabulary() else _rows(words, index_of(words))


@cache
def _shared_rows() -> list[tuple[str, ...]]:
    """Return those of a profile without words of its own, which most are: a fifth of the time that a workbook takes."""
    return _rows(shared_vocabulary(), shared_index())


def _rows(words: Vocabulary, index: Index) -> list[tuple[str, ...]]:
    listed = sorted(index.words, key=lambda word: (word.kind, word.title.lower(), word.key))
    stems = [_stems(word) for word in listed]
    ways = _ways_to_say(stems)
    rows: list[tuple[str, ...]] = []
    for word, own in zip(listed, stems, strict=True):
        called = sorted({*word.names[1:], *(other for parts, others in ways if parts <= own for other in others)})
        values = _values(word, words.facts)
        texts = (word.key.replace("_", " "), word.title, word.definition, values, *called)
        rows.append((word.kind, word.key, word.title, word.definition, values, "; ".join(called), _searched(texts)))
    return rows


def _searched(texts: Iterable[str]) -> str:
    """Return texts as one. A filter finds what is typed: pre-birth is there as pre birth too, and the reverse."""
    joined = "; ".join(text for text in texts if text).lower()
    hyphened = (text.replace(" ", "-") for text in texts if text.count(" ") == 1)
    return "; ".join((joined, joined.replace("-", " ") if "-" in joined else "", *hyphened)).strip("; ")


def _stems(word: Word) -> frozenset[str]:
    """Return what a word's key and names are made of."""
    return frozenset(stem(token) for token, weight in word.weights.items() if weight >= KEY)


def _ways_to_say(stems: Sequence[frozenset[str]]) -> list[tuple[frozenset[str], tuple[str, ...]]]:
    """Return the synonyms of each expression by its stems, without those of what is in too many words: a child.

    `stems` are those of each word.
    """
    ways = [(frozenset(map(stem, expression)), tuple(map(" ".join, others))) for expression, others in groups().items()]
    return [(parts, others) for parts, others in ways if sum(parts <= have for have in stems) <= MAX_SHARED]


def _age_conditions() -> tuple[str, ...]:
    return ("age under 16 years", "age at least 16 years")


def _conditions(fact: FactSpec) -> Iterator[str]:
    """Yield what a condition may say of a fact; numbers and lengths are examples to change."""
    if fact.type == "bool":
        yield from (f"{fact.key} = yes", f"{fact.key} = no")
    elif fact.type == "choice":
        yield from (f"{fact.key} = {value}" for value in fact.values)
    elif fact.type == "int":
        yield from (f"{fact.key} at least 1", f"{fact.key} at most 1")
    else:
        yield from (f"{fact.key} has happened", f"{fact.key} has not happened")
        yield f"{fact.key} at least 6 months ago"


def _values(word: Word, facts: Mapping[str, FactSpec]) -> str:
    if word.kind != "fact":
        return ""
    return {"bool": "yes; no", "date": "a date", "int": "a number"}.get(facts[word.key].type, "; ".join(word.values))
