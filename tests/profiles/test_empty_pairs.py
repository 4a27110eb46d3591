"""An event that starts nothing in a profile starts nothing for a reason, which somebody wrote down after reading the paper."""

from __future__ import annotations

import tomllib

import pytest

from tests.profiles.packaged import KEYS, ROOT, profiles

LISTED = tomllib.loads((ROOT / "tests/profiles/empty_pairs.toml").read_text(encoding="utf-8"))


def empty(key: str) -> set[str]:
    """Return the events that start something in another packaged profile and, in this one, nothing at all.

    An event that a standard without a date names is not among them: the profile itself says why it has no date.
    """
    started = {event for profile in profiles().values() for event in profile.by_event}
    undated = {event for item in profiles()[key].not_computable for event in item.events}
    return started - set(profiles()[key].by_event) - undated


@pytest.mark.parametrize("key", KEYS)
def test_every_event_that_starts_nothing_has_its_reason(key: str) -> None:
    listed = [event for group in LISTED[key] for event in group["events"]]
    assert len(listed) == len(set(listed))
    assert sorted(empty(key) - set(listed)) == [], "give each its reason in empty_pairs.toml, or a rule"
    assert sorted(set(listed) - empty(key)) == [], "these start something now: take them out of empty_pairs.toml"


@pytest.mark.parametrize("key", KEYS)
def test_every_reason_is_a_sentence(key: str) -> None:
    for group in LISTED[key]:
        assert group["reason"].endswith("."), group["reason"]
        assert len(group["reason"].split()) >= 4, group["reason"]
