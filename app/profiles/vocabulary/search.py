"""Find words of a vocabulary by what people call them: in any order, by beginnings, forms, synonyms, near spelling."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, NamedTuple, get_args

from app.documents.faults import nearest_names
from app.engine.vocabulary import Vocabulary
from app.profiles.vocabulary import shared_vocabulary
from app.profiles.vocabulary.expressions import (
    Expression,
    abbreviations,
    meanings,
    other_names,
    query_words,
    stem,
    words_of,
)

Kind = Literal["event", "fact", "duty"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MIN_SIMILARITY = 84
"""How near a misspelt word must be, of 100: reveiw finds review, and core does not find care."""
MIN_FUZZY_LENGTH = 5
MIN_PREFIX_LENGTH = 3
TITLE, KEY, DEFINITION, RULES = 3.0, 2.5, 1.5, 1.0
WHOLE, FORM, BEGINNING, NEAR, SYNONYM = 1.0, 0.98, 0.9, 0.8, 0.97
"""How much a word of a text counts that is the one of the query, another form of it, begins with it, or is near it."""
BY_KIND: Mapping[Kind, float] = {"event": 0.1, "duty": 0.1, "fact": 0.0}
"""What comes first where both fit as well: what happens and what is to be done, then the circumstances."""
MAX_NEAREST = 3
MOST = 0.6


@dataclass(frozen=True, slots=True)
class Word:
    """An event, a fact or a duty, with all the text that a search looks at."""

    kind: Kind
    key: str
    title: str
    definition: str
    rules: tuple[str, ...] = ()
    """The titles of the rules that it stands in."""
    values: tuple[str, ...] = ()
    """What a fact may be."""
    names: tuple[str, ...] = field(init=False)
    """What it is called: its title, and what people call it besides."""
    weights: Mapping[str, float] = field(init=False)
    """Each word of the text, with the weight of the best place that it stands in."""

    def __post_init__(self) -> None:
        names = (self.title.lower().removeprefix("the "), *other_names().get(self.key, ()))
        weights: dict[str, float] = {}
        texts = [(text, RULES) for text in self.rules]
        texts += [(text, DEFINITION) for text in (self.definition, *self.values)]
        texts += [(self.key, KEY), *((name, TITLE) for name in names)]
        for text, weight in texts:
            weights |= dict.fromkeys(words_of(text.replace("_", " ")), weight)
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "weights", weights)


class Match(NamedTuple):
    """A word that a query found, how well, and by which expressions: one for each part of the query."""

    word: Word
    score: float
    matched: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """The words that may be found, with every word of their texts by its stem."""

    words: tuple[Word, ...]
    forms: Mapping[str, tuple[str, ...]] = field(init=False)
    tokens: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        tokens = sorted({token for word in self.words for token in word.weights})
        forms: dict[str, tuple[str, ...]] = {}
        for token in tokens:
            forms[stem(token)] = (*forms.get(stem(token), ()), token)
        object.__setattr__(self, "tokens", tuple(tokens))
        object.__setattr__(self, "forms", forms)

    def find(self, query: str, kinds: Collection[Kind] = KINDS, share: float = 1) -> list[Match]:
        """Return what contains every part of a query, or a share of its parts, in any order, the best first."""
        wanted = meanings(query_words(query))
        if not wanted:
            return []
        near = {part: self._near(part) for part in {part for some in wanted for other in some for part in other}}
        found = []
        for word in self.words:
            if word.kind in kinds and (parts := _fit(word, wanted, near, share)) is not None:
                score = sum(part.weight for part in parts) / len(wanted) + _likeness(word, parts) + BY_KIND[word.kind]
                found.append(Match(word, score, tuple(" ".join(part.expression) for part in parts)))
        return sorted(found, key=lambda item: (-item.score, len(item.word.title), item.word.key))

    def unknown_parts(self, query: str) -> list[str]:
        """Return the parts of a query that no word of the vocabulary contains, by no expression."""
        return [
            " ".join(expressions[0])
            for expressions in meanings(query_words(query))
            if not any(all(self._near(part) for part in expression) for expression in expressions)
        ]

    def _near(self, part: str) -> Mapping[str, float]:
        """Return the words of the texts that a word of a query may stand for, and how much each then counts."""
        found = dict.fromkeys(self.forms.get(stem(part), ()), FORM)
        if len(part) >= MIN_PREFIX_LENGTH and part not in abbreviations():
            found = {token: BEGINNING for token in self.tokens if token.startswith(part)} | found
        if part in self.tokens:
            found[part] = WHOLE
        if not found and len(part) >= MIN_FUZZY_LENGTH:
            from rapidfuzz import fuzz, process  # not at the top: few requests search, and it adds to every start
            from rapidfuzz.distance import OSA

            similar = process.extract(part, self.tokens, scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY, limit=5)
            # Two letters that changed places are one slip: visti is visit.
            slips = process.extract(part, self.tokens, scorer=OSA.distance, score_cutoff=1, limit=5)
            found = {token: NEAR for token, _, _ in (*similar, *slips)}
        return found


class _Part(NamedTuple):
    """How a part of a query was found in a word: its weight, the expression, and that expression spelt right."""

    weight: float
    expression: Expression
    as_spelt: Expression


def _fit(
    word: Word, wanted: list[tuple[Expression, ...]], near: Mapping[str, Mapping[str, float]], share: float
) -> list[_Part] | None:
    """Return how the parts of a query are found in a word; None where too few of them are."""
    parts = []
    for expressions in wanted:
        found = [_part(word, expression, near, SYNONYM if place else 1) for place, expression in enumerate(expressions)]
        best = max(found, key=lambda part: part.weight)
        if best.weight:
            parts.append(best)
    return parts if len(parts) >= max(1, share * len(wanted)) else None


def _part(word: Word, expression: Expression, near: Mapping[str, Mapping[str, float]], factor: float) -> _Part:
    """Return an expression as it is found in a word: its weight is that of its weakest part, 0 where one is missing."""
    weakest, tokens = TITLE, []
    for part in expression:
        standing = [(word.weights[token] * much, token) for token, much in near[part].items() if token in word.weights]
        if not standing:
            return _Part(0, expression, ())
        weight, token = max(standing)
        weakest = min(weakest, weight)
        tokens.append(token if near[part][token] == NEAR else part)
    return _Part(weakest * factor, expression, tuple(tokens))


def _likeness(word: Word, parts: list[_Part]) -> float:
    """Return from 0 to 2 how like one of a word's names a query is, as understood and as it is spelt right."""
    from rapidfuzz import fuzz  # as above

    texts = {" ".join(token for part in parts for token in part.expression)}
    texts.add(" ".join(token for part in parts for token in part.as_spelt))
    pairs = [(text, name) for text in texts for name in word.names]
    return max(fuzz.token_set_ratio(*pair) + fuzz.token_sort_ratio(*pair) for pair in pairs) / 100


def index_of(vocabulary: Vocabulary, rules: Mapping[tuple[Kind, str], Iterable[str]] | None = None) -> Index:
    """Return the index of a vocabulary; `rules` are the titles of the rules that a word stands in."""
    titles = rules or {}
    entries: list[tuple[Kind, str, str, str, tuple[str, ...]]] = [
        *(("event", key, spec.noun, spec.definition, ()) for key, spec in vocabulary.events.items()),
        *(("fact", key, key.replace("_", " "), spec.definition, spec.values) for key, spec in vocabulary.facts.items()),
        *(("duty", key, spec.definition.rstrip("."), spec.definition, ()) for key, spec in vocabulary.duties.items()),
    ]
    return Index(
        tuple(
            Word(kind, key, title, definition, tuple(titles.get((kind, key), ())), values)
            for kind, key, title, definition, values in entries
        )
    )


@cache
def shared_index() -> Index:
    """Return the index of the shared vocabulary."""
    return index_of(shared_vocabulary())


def nearest_in_meaning(what: str, name: str, names: Collection[str]) -> tuple[str, ...]:
    """Return up to three of the names that an unknown event, fact or duty may mean.

    Slips of spelling are first, then what it means, then what has the same letters.
    Example: `strategy_meeting` means `strategy_discussion_held`, which it is not spelt like.
    """
    from rapidfuzz import fuzz  # as above

    spelt = nearest_names(name, names)
    kind = next((kind for kind in KINDS if kind == what), None)
    if kind is None:
        return spelt
    slips = [item for item in spelt if fuzz.ratio(name, item) >= MIN_SIMILARITY]
    meant = [match.word.key for match in shared_index().find(name.removeprefix("local_"), (kind,), MOST)]
    return tuple(dict.fromkeys((*slips, *(key for key in meant if key in names), *spelt)))[:MAX_NEAREST]
