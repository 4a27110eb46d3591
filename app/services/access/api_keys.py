"""API keys: created once, shown once, stored as a digest.

A key reads `pd_<12 letters and digits>_<43 more>`: the first part finds its record, the second is 32 random bytes. Such
a secret cannot be guessed from a fast digest; slow hashes are for passwords (docs/decisions/0010).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from app.services.access.names import InvalidName, read_name
from app.services.access.permissions import PROFILE_SCOPES, SCOPES, Caller, expand_scopes
from app.services.ports import ApiKeyRecord, NotFound, Store, WriteContext

KEY = re.compile(r"(pd_[a-z2-7]{12})_([A-Za-z0-9_-]{43})")
PROFILE_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
DIGEST = "sha256$"
"""The start of a stored digest. A record with any other hash comes from an earlier version and cannot be checked."""

KeyState = Literal["active", "expired", "revoked", "outdated"]


class InvalidKey(ValueError):
    """A key cannot be created as requested; the message says what would be accepted."""


class KeyRefused(ValueError):
    """A key is not accepted; the message says why, without repeating the secret.

    `key_id` is the key's, where the secret is right: one that has ended is still somebody's who should stop sending it.
    """

    def __init__(self, message: str, key_id: str | None = None) -> None:
        super().__init__(message)
        self.key_id = key_id


class IssuedKey(NamedTuple):
    """A new key: its record, and the secret, which is shown this once and never stored."""

    record: ApiKeyRecord
    secret: str


def create_key(
    store: Store,
    *,
    name: str,
    scopes: Collection[str],
    profile_keys: Collection[str] | None = None,
    expires_at: datetime | None = None,
    context: WriteContext,
) -> IssuedKey:
    """Create a key and store its digest. `profile_keys` limits `review`, `author` and `publish`; None is no limit.

    Raises InvalidKey; Conflict if another key has the name, or had it; StoreUnavailable.
    """
    try:
        name = read_name(name)
    except InvalidName as wrong:
        raise InvalidKey(str(wrong)) from None
    _check(scopes, profile_keys, expires_at, context)
    prefix = "pd_" + base64.b32encode(secrets.token_bytes(10)).decode().lower()[:12]
    secret = f"{prefix}_{base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip('=')}"
    record = ApiKeyRecord(
        id=prefix.removeprefix("pd_"),
        name=name,
        prefix=prefix,
        hash=digest_of(secret),
        scopes=tuple(scope for scope in SCOPES if scope in scopes),
        profile_keys=None if profile_keys is None else tuple(sorted(set(profile_keys))),
        created_at=context.at,
        expires_at=expires_at,
    )
    return IssuedKey(store.create_key(record, context=context), secret)


def find_key(store: Store, name: str) -> ApiKeyRecord:
    """Return the key with this id or prefix, as the list shows them. Raises NotFound."""
    wanted = name.strip().removeprefix("pd_")
    for record in store.list_keys():
        if record.id == wanted:
            return record
    raise NotFound("key", name[:100])


def key_state(record: ApiKeyRecord, now: datetime) -> KeyState:
    """Return whether a key is active, expired, revoked, or outdated (to be replaced by a new one)."""
    if record.revoked_at is not None:
        return "revoked"
    if not record.hash.startswith(DIGEST):
        return "outdated"
    return "expired" if record.expires_at is not None and record.expires_at <= now else "active"


def authenticate(secret: str, records: Mapping[str, ApiKeyRecord], now: datetime) -> Caller:
    """Return the caller that a key belongs to; `records` are by prefix. Takes microseconds. Raises KeyRefused."""
    form = KEY.fullmatch(secret)
    record = records.get(form[1]) if form else None
    if record is None:
        raise KeyRefused("the key is not known here")
    state = key_state(record, now)
    if state == "outdated":
        raise KeyRefused(f"the key {record.prefix} was made by an earlier version: create a new one")
    if not hmac.compare_digest(record.hash, digest_of(secret)):
        raise KeyRefused("the key is not known here")
    if state != "active":
        raise KeyRefused(f"the key {record.prefix} is {state}", record.id)
    return Caller(f"key:{record.name}", expand_scopes(record.scopes, record.profile_keys), record.id)


def digest_of(secret: str) -> str:
    """Return the digest of a secret as it is stored."""
    return DIGEST + hashlib.sha256(secret.encode()).hexdigest()


def _check(
    scopes: Collection[str],
    profile_keys: Collection[str] | None,
    expires_at: datetime | None,
    context: WriteContext,
) -> None:
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise InvalidKey(f"{', '.join(unknown) or 'nothing'} is no scope; give some of {', '.join(SCOPES)}")
    if profile_keys is not None:
        if not PROFILE_SCOPES & set(scopes) or "admin" in scopes:
            raise InvalidKey("only review, author and publish are limited to profile keys, and only without admin")
        wrong = [key for key in profile_keys if not PROFILE_KEY.fullmatch(key)]
        if wrong or not profile_keys:
            raise InvalidKey(f"{', '.join(wrong) or 'nothing'} is no profile key; give keys such as swindon")
    if expires_at is not None:
        if expires_at.utcoffset() is None:
            raise InvalidKey("the expiry of a key needs an offset from UTC")
        if expires_at <= context.at:
            raise InvalidKey("a key expires after it is created; give a later time")
