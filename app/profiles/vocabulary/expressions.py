"""How people speak of the vocabulary: its synonyms as data, and the words of a query by their meanings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

MAX_QUERY = 200
MAX_WORDS = 12
MIN_STEM = 3
WORD_END = re.compile(r"[^a-z0-9&]+")
IGNORED = frozenset(
    (
        *(
            "a",
            "an",
            "and",
            "are",
            "as",
            "at",
            "be",
            "by",
            "for",
            "from",
            "has",
            "have",
            "her",
            "his",
            "in",
            "is",
            "it",
        ),
        *("its", "made", "must", "of", "on", "or", "our", "own", "s", "t", "that", "the", "their", "them", "then"),
        *("there", "this", "to", "was", "were", "when", "which", "who", "with", "within"),
    )
)
"""Words of a query that say nothing by themselves; a synonym may contain them (`in care`)."""
SUFFIXES = ("ing", "ed", "es", "s")

Expression = tuple[str, ...]


def words_of(text: str) -> list[str]:
    """Return the words of a text in small letters."""
    return [word for word in WORD_END.split(text.lower()) if word]


def query_words(text: str) -> list[str]:
    """Return the words of a query, a key such as `hold_icpc` among them, up to a limit."""
    return words_of(text[:MAX_QUERY])[:MAX_WORDS]


def stem(word: str) -> str:
    """Return what the forms of a word share: visit of visits, visited and visiting."""
    for suffix in SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= MIN_STEM:
            word = word[: -len(suffix)]
            break
    word = word.removesuffix("e") if len(word) > MIN_STEM else word
    return word[:-1] if len(word) > MIN_STEM and word[-1] == word[-2] else word


@cache
def _synonyms() -> Mapping[str, Any]:
    file = resources.files(__package__).joinpath("synonyms.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def groups() -> Mapping[Expression, tuple[Expression, ...]]:
    """Return each expression of the synonyms with all the ways to say the same, itself first."""
    grouped: dict[Expression, tuple[Expression, ...]] = {}
    for group in _synonyms()["groups"]:
        expressions = tuple(dict.fromkeys(tuple(words_of(text)) for text in group))
        for expression in expressions:
            grouped[expression] = tuple(dict.fromkeys((expression, *grouped.get(expression, ()), *expressions)))
    return grouped


@cache
def other_names() -> Mapping[str, tuple[str, ...]]:
    """Return what people call a word of the vocabulary besides its name, by its key."""
    return {key: tuple(names) for key, names in _synonyms()["also"].items()}


@cache
def abbreviations() -> frozenset[str]:
    """Return the short words of the synonyms, which are the beginning of no other word: `stat` is not `status`."""
    return frozenset(part for expression in groups() for part in expression if len(part) <= MAX_ABBREVIATION)


MAX_ABBREVIATION = 4
NUMBERS = frozenset(("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "fifteen", "twenty"))
HOW_OFTEN = frozenset(
    ("at", "least", "most", "minimum", "min", "maximum", "max", "every", "each", "once", "twice", "times")
)
UNITS = frozenset(map(stem, ("working", "minutes", "hours", "days", "weeks", "weekly", "months", "monthly", "years")))


def is_measure(expression: Expression) -> bool:
    """Return whether an expression says how long or how often, as the last two of `police protection 72 hours`."""
    return len(expression) == 1 and (
        expression[0].isdigit() or expression[0] in NUMBERS | HOW_OFTEN or stem(expression[0]) in UNITS
    )


def meanings(words: list[str]) -> list[tuple[Expression, ...]]:
    """Return, for each part of a query, the longest read first, the expressions of which one must be found."""
    grouped = groups()
    longest = max(map(len, grouped))
    wanted: list[tuple[Expression, ...]] = []
    place = 0
    while place < len(words):
        for length in range(min(longest, len(words) - place), 0, -1):
            part = tuple(words[place : place + length])
            if part in grouped:
                wanted.append(grouped[part])
            elif length > 1:
                continue
            elif part[0] not in IGNORED:
                wanted.append((part,))
            place += length
            break
    return wanted
