"""API keys: who they let in, and what is stored of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from app.services.access.api_keys import IssuedKey, KeyRefused, authenticate, create_key, key_state
from app.services.access.permissions import expand_scopes, merge_grants
from app.services.ports import ApiKeyRecord, Store, WriteContext

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


class Keys:
    """A store of keys alone."""

    def create_key(self, key: ApiKeyRecord, *, context: WriteContext) -> ApiKeyRecord:
        return key


def issued(**changes: object) -> IssuedKey:
    key = create_key(cast(Store, Keys()), name="case system", scopes=["calculate"], context=WriteContext("key:op", NOW))
    return key._replace(record=replace(key.record, **changes))  # type: ignore[arg-type]  # any field may be changed


def caller(key: IssuedKey, secret: str | None = None) -> str:
    return authenticate(secret or key.secret, {key.record.prefix: key.record}, NOW).name


def test_a_key_lets_its_owner_in() -> None:
    assert caller(issued()) == "key:case system"


def test_what_is_stored_is_a_digest() -> None:
    key = issued()
    assert key.record.hash.startswith("sha256$")
    assert key.secret not in repr(key.record)


@pytest.mark.parametrize("secret", ["", "pd_", "x" * 60, "é"])
def test_what_is_no_key_is_not_known(secret: str) -> None:
    with pytest.raises(KeyRefused, match="not known"):
        authenticate(secret, {}, NOW)


def test_another_secret_of_the_same_prefix_is_not_known() -> None:
    key = issued(expires_at=NOW)
    other = key.secret[:-1] + ("A" if key.secret[-1] != "A" else "B")
    with pytest.raises(KeyRefused, match="not known"):
        caller(key, other)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"expires_at": NOW}, "expired"),
        ({"revoked_at": NOW}, "revoked"),
        ({"expires_at": NOW + timedelta(seconds=1)}, "active"),
    ],
)
def test_a_key_ends(changes: dict[str, object], state: str) -> None:
    key = issued(**changes)
    assert key_state(key.record, NOW) == state
    if state != "active":
        with pytest.raises(KeyRefused, match=state):
            caller(key)


def test_a_key_of_an_earlier_version_has_to_be_replaced() -> None:
    key = issued(hash="scrypt$16384$8$1$00$00")
    assert key_state(key.record, NOW) == "outdated"
    with pytest.raises(KeyRefused, match="create a new one") as refused:
        caller(key)
    assert key.secret not in str(refused.value)


def test_the_wider_of_two_grants_counts() -> None:
    york, swindon = expand_scopes(["author"], ["york"]), expand_scopes(["author"], ["swindon"])
    assert merge_grants(york, swindon)["author"] == frozenset({"york", "swindon"})
    assert merge_grants(york, expand_scopes(["author"]))["author"] is None
    assert merge_grants({}, york) == york
