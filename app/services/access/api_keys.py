"""API keys: made once, shown once, kept as a slow hash, checked in microseconds.

A key reads `pd_<12 letters and digits>_<43 more>`: the first part finds its record, the second is 32 random bytes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import threading
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from app.services.access.permissions import LIMITED, SCOPES, Caller, expand_scopes
from app.services.ports import ApiKeyRecord, NotFound, Store, WriteContext

KEY = re.compile(r"(pd_[a-z2-7]{12})_([A-Za-z0-9_-]{43})")
PROFILE_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAX_NAME_LENGTH = 100

# scrypt as RFC 7914 has it: 16 MiB and some tens of milliseconds for each guess.
_COST, _BLOCK, _PARALLEL, _MEMORY = 2**14, 8, 1, 64 * 1024 * 1024


class InvalidKey(ValueError):
    """A key that may not be made; the message says what would do."""


class IssuedKey(NamedTuple):
    """A new key: its record, and the secret that is shown this once and kept nowhere."""

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
    """Make a key and keep its hash. `profile_keys` limits `author` and `publish`; None is no limit.

    Raises InvalidKey; StoreUnavailable.
    """
    _check(name, scopes, profile_keys, expires_at, context)
    prefix = "pd_" + base64.b32encode(secrets.token_bytes(10)).decode().lower()[:12]
    secret = f"{prefix}_{base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip('=')}"
    record = ApiKeyRecord(
        id=prefix.removeprefix("pd_"),
        name=name,
        prefix=prefix,
        hash=slow_hash(secret),
        scopes=tuple(scope for scope in SCOPES if scope in scopes),
        profile_keys=None if profile_keys is None else tuple(sorted(set(profile_keys))),
        created_at=context.at,
        expires_at=expires_at,
    )
    return IssuedKey(store.create_key(record, context=context), secret)


def find_key(store: Store, named: str) -> ApiKeyRecord:
    """The key of an id or a prefix, as the list shows them. Raises NotFound."""
    wanted = named.strip().removeprefix("pd_")
    for record in store.list_keys():
        if record.id == wanted:
            return record
    raise NotFound("key", named[:100])


def key_state(record: ApiKeyRecord, now: datetime) -> str:
    """Whether a key is `active`, `expired` or `revoked`."""
    if record.revoked_at is not None:
        return "revoked"
    return "expired" if record.expires_at is not None and record.expires_at <= now else "active"


def caller_for(record: ApiKeyRecord) -> Caller:
    """The caller that a key stands for."""
    return Caller(f"key:{record.name}", expand_scopes(record.scopes, record.profile_keys))


def _check(
    name: str,
    scopes: Collection[str],
    profile_keys: Collection[str] | None,
    expires_at: datetime | None,
    context: WriteContext,
) -> None:
    if not name.strip() or name != name.strip() or len(name) > MAX_NAME_LENGTH or not name.isprintable():
        raise InvalidKey(f"a key needs a name of 1 to {MAX_NAME_LENGTH} printable characters: whose it is, or what for")
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise InvalidKey(f"{', '.join(unknown) or 'nothing'} is no scope; give some of {', '.join(SCOPES)}")
    if profile_keys is not None:
        if not LIMITED & set(scopes) or "admin" in scopes:
            raise InvalidKey("only author and publish are limited to profile keys, and only without admin")
        wrong = [key for key in profile_keys if not PROFILE_KEY.fullmatch(key)]
        if wrong or not profile_keys:
            raise InvalidKey(f"{', '.join(wrong) or 'nothing'} is no profile key; give keys such as swindon")
    if expires_at is not None:
        if expires_at.utcoffset() is None:
            raise InvalidKey("the end of a key needs an offset from UTC")
        if expires_at <= context.at:
            raise InvalidKey("a key ends after it is made; give a later time")


def slow_hash(secret: str) -> str:
    """The hash of a secret under a salt of its own, with what is needed to check it again."""
    salt = secrets.token_bytes(16)
    return f"scrypt${_COST}${_BLOCK}${_PARALLEL}${salt.hex()}${_scrypt(secret, salt, _COST, _BLOCK, _PARALLEL).hex()}"


def matches(secret: str, hashed: str) -> bool:
    """Whether a secret has this hash; slow, and as long for a wrong secret as for the right one."""
    kind, cost, block, parallel, salt, wanted = hashed.split("$")
    if kind != "scrypt":
        return False
    found = _scrypt(secret, bytes.fromhex(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(found, bytes.fromhex(wanted))


def _scrypt(secret: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, n=cost, r=block, p=parallel, maxmem=_MEMORY, dklen=32)


class Keyring:
    """Checks keys against the records of a snapshot, the slow hash once for each key and process.

    What was verified is remembered as a fast digest, one for each record: a secret of 32 random bytes cannot be
    guessed from it. From then on a wrong secret for the same record costs no more than the right one.
    """

    def __init__(self) -> None:
        self._indexed: tuple[tuple[ApiKeyRecord, ...], dict[str, ApiKeyRecord]] = ((), {})
        self._verified: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def known(self, secret: str, records: tuple[ApiKeyRecord, ...]) -> ApiKeyRecord | bool | None:
        """The record of a secret at once; None where it is no key of ours; False where only `verify` can tell."""
        record = self._record(secret, records)
        if record is None:
            return None
        verified = self._verified.get(record.hash)
        if verified is None:
            return False
        return record if hmac.compare_digest(verified, _fast(secret)) else None

    def verify(self, secret: str, records: tuple[ApiKeyRecord, ...]) -> ApiKeyRecord | None:
        """The record of a secret, slowly if it was not seen before. One at a time: guesses cannot fill the machine."""
        with self._lock:
            found = self.known(secret, records)
            if not isinstance(found, bool):
                return found
            record = self._record(secret, records)
            if record is None or not matches(secret, record.hash):
                return None
            self._verified[record.hash] = _fast(secret)
            return record

    def _record(self, secret: str, records: tuple[ApiKeyRecord, ...]) -> ApiKeyRecord | None:
        indexed, by_prefix = self._indexed
        if indexed is not records:
            by_prefix = {record.prefix: record for record in records}
            self._indexed = (records, by_prefix)
        form = KEY.fullmatch(secret)
        return by_prefix.get(form[1]) if form else None


def _fast(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
