"""Find words of a vocabulary by what people call them: in any order, by beginnings, forms, synonyms, near spelling."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import islice, takewhile
from typing import Literal, NamedTuple, get_args

from app.documents.faults import nearest_names
from app.engine.vocabulary import Vocabulary
from app.profiles.vocabulary import shared_vocabulary
from app.profiles.vocabulary.expressions import (
    Expression,
    abbreviations,
    is_measure,
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
NOWHERE = (0.0, "")
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


class _Part(NamedTuple):
    """How a part of a query was found in a word: its weight, the expression, and that expression spelt right."""

    weight: float
    expression: Expression
    as_spelt: Expression


Occurrence = tuple[int, float]
"""The place of a word, and the weight that a token has in it."""


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """The words that may be found, and in which of them each token of their texts stands."""

    words: tuple[Word, ...]
    tokens: tuple[str, ...] = field(init=False)
    forms: Mapping[str, tuple[str, ...]] = field(init=False)
    """The tokens of each stem."""
    occurrences: Mapping[str, tuple[Occurrence, ...]] = field(init=False)

    def __post_init__(self) -> None:
        occurrences: dict[str, list[Occurrence]] = {}
        for place, word in enumerate(self.words):
            for token, weight in word.weights.items():
                occurrences.setdefault(token, []).append((place, weight))
        forms: dict[str, tuple[str, ...]] = {}
        for token in sorted(occurrences):
            form = stem(token)
            forms[form] = (*forms.get(form, ()), token)
        object.__setattr__(self, "tokens", tuple(sorted(occurrences)))
        object.__setattr__(self, "forms", forms)
        object.__setattr__(self, "occurrences", {token: tuple(places) for token, places in occurrences.items()})

    def find(self, query: str, kinds: Collection[Kind] = KINDS, share: float = 1) -> list[Match]:
        """Return what contains every part of a query, or a share of its parts, in any order, the best first."""
        wanted = meanings(query_words(query))
        # How long it may take helps to find the right word, but need not stand in what says what it is.
        needed = [place for place, expressions in enumerate(wanted) if not is_measure(expressions[0])]
        if not needed:
            needed = list(range(len(wanted)))
            # Where all that is typed says how long, any of it is enough; numbers alone are hardly that, but a section.
            share = share if all(expressions[0][0].isdigit() for expressions in wanted) else 0
        near = {part: self._near(part) for part in {part for some in wanted for other in some for part in other}}
        fits: dict[int, dict[int, _Part]] = {}
        for order, expressions in enumerate(wanted):
            for place, part in self._best(expressions, near).items():
                fits.setdefault(place, {})[order] = part
        matches = []
        for place, fit in fits.items():
            word, parts = self.words[place], list(fit.values())
            if word.kind in kinds and sum(order in fit for order in needed) >= max(1, share * len(needed)):
                score = sum(part.weight for part in parts) / len(wanted) + _likeness(word, parts) + BY_KIND[word.kind]
                matches.append(Match(word, score, tuple(" ".join(part.expression) for part in parts)))
        return sorted(matches, key=lambda item: (-item.score, len(item.word.title), item.word.key))

    def _best(
        self, expressions: tuple[Expression, ...], near: Mapping[str, Mapping[str, float]]
    ) -> Mapping[int, _Part]:
        """Return the words that one of some expressions is found in, each with the one that weighs most."""
        best: dict[int, _Part] = {}
        for order, expression in enumerate(expressions):
            for place, part in self._places(expression, near, SYNONYM if order else 1).items():
                if place not in best or part.weight > best[place].weight:
                    best[place] = part
        return best

    def _places(
        self, expression: Expression, near: Mapping[str, Mapping[str, float]], factor: float
    ) -> Mapping[int, _Part]:
        """Return the words that contain every part of an expression, which weighs there as its weakest part does."""
        fits: dict[int, _Part] | None = None
        for part in expression:
            here: dict[int, tuple[float, str]] = {}
            for token, much in near[part].items():
                spelt = token if much == NEAR else part
                for place, weight in self.occurrences[token]:
                    if weight * much > here.get(place, NOWHERE)[0]:
                        here[place] = weight * much, spelt
            if fits is None:
                fits = {place: _Part(weight * factor, expression, (spelt,)) for place, (weight, spelt) in here.items()}
            else:
                fits = {
                    place: _Part(min(fits[place].weight, weight * factor), expression, (*fits[place].as_spelt, spelt))
                    for place, (weight, spelt) in here.items()
                    if place in fits
                }
        return fits or {}

    def unknown_parts(self, query: str) -> list[str]:
        """Return the parts of a query that no word of the vocabulary contains, by no expression."""
        return [
            " ".join(expressions[0])
            for expressions in meanings(query_words(query))
            if not any(all(self._near(part) for part in expression) for expression in expressions)
        ]

    def _near(self, part: str) -> Mapping[str, float]:
        """Return the words of the texts that a word of a query may stand for, and how much each then counts."""
        near = dict.fromkeys(self.forms.get(stem(part), ()), FORM)
        if len(part) >= MIN_PREFIX_LENGTH and part not in abbreviations():
            first = bisect_left(self.tokens, part)
            longer = takewhile(lambda token: token.startswith(part), islice(self.tokens, first, None))
            near = dict.fromkeys(longer, BEGINNING) | near
        if part in self.occurrences:
            near[part] = WHOLE
        if not near and len(part) >= MIN_FUZZY_LENGTH:
            from rapidfuzz import fuzz, process  # not at the top: few requests search, and it adds to every start
            from rapidfuzz.distance import OSA

            similar = process.extract(part, self.tokens, scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY, limit=5)
            # Two letters that changed places are one slip: visti is visit.
            slips = process.extract(part, self.tokens, scorer=OSA.distance, score_cutoff=1, limit=5)
            near = {token: NEAR for token, _, _ in (*similar, *slips)}
        return near


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
