"""The words of a profile that are its own: the shared ones are in memory once, however many versions there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.engine.vocabulary import Vocabulary
from app.profiles.vocabulary import shared_vocabulary

NO_WORDS = Vocabulary({}, {}, {})
"""The own words of a version that has none: one object for all of them."""


def own_words(vocabulary: Vocabulary) -> Vocabulary:
    """Return the words of a vocabulary that are not the shared ones, or are called otherwise."""
    shared = shared_vocabulary()
    if vocabulary is shared:
        return NO_WORDS
    return Vocabulary(
        _differing(vocabulary.events, shared.events),
        _differing(vocabulary.facts, shared.facts),
        _differing(vocabulary.duties, shared.duties),
        _differing(vocabulary.episodes, shared.episodes),
    )


def _differing(words: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    return {name: spec for name, spec in words.items() if shared.get(name) is not spec}


def with_words(own: Vocabulary) -> Vocabulary:
    """Return the shared vocabulary with a version's own words."""
    shared = shared_vocabulary()
    return replace(
        shared,
        events={**shared.events, **own.events},
        facts={**shared.facts, **own.facts},
        duties={**shared.duties, **own.duties},
        episodes={**shared.episodes, **own.episodes},
    )
