"""The public keys of an OpenID Connect issuer: fetched when they are needed, and used from memory.

A token may name any key, whoever signed it. So a key that is in memory is used at once, whatever happens meanwhile to
the fetching of others; only a token that names an unknown key waits for it, and is refused if it fails.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.settings import Settings

if TYPE_CHECKING:
    from jwt import PyJWK

LIFETIME_SECONDS = 3600
"""After this the set is fetched again before it is used."""
MAX_AGE_SECONDS = 24 * 3600
"""For so long the set is used all the same while the issuer is away."""
FETCH_TIMEOUT_SECONDS = 5
RETRY_AFTER_SUCCESS_SECONDS = 30
RETRY_AFTER_FAILURE_SECONDS = 5


class UnknownKey(ValueError):
    """The issuer has no such key."""


class IssuerUnavailable(Exception):
    """The issuer's keys cannot be fetched at the moment, so no token of an unknown key can be checked."""


class IssuerKeys:
    """The keys by their ids. Safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keys: Mapping[str, PyJWK] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._failed = False
        self._lock = threading.Lock()

    def find(self, kid: str) -> PyJWK:
        """Return a key. Raises UnknownKey, IssuerUnavailable.

        Blocks while the set is fetched: for a known key only where the set is old and nobody else is fetching it.
        """
        key = self._keys.get(kid)
        if key is not None and self._age() < LIFETIME_SECONDS:
            return key
        if not self._lock.acquire(blocking=key is None):
            fetched = False
        else:
            try:
                fetched = self._fetch()
            finally:
                self._lock.release()
        key = self._keys.get(kid)
        if key is not None and (fetched or self._age() < MAX_AGE_SECONDS):
            return key
        if not fetched and self._failed:
            raise IssuerUnavailable
        raise UnknownKey("the issuer has no such key")

    def _age(self) -> float:
        return time.monotonic() - self._fetched_at if self._fetched_at is not None else float("inf")

    def _fetch(self) -> bool:
        """Fetch the set, unless that was tried a moment ago. Returns True if it was fetched. Only with the lock."""
        wait = RETRY_AFTER_FAILURE_SECONDS if self._failed else RETRY_AFTER_SUCCESS_SECONDS
        if self._tried_at is not None and time.monotonic() - self._tried_at < wait:
            return False
        import httpx  # slow to import, and needed only where an issuer is configured
        from jwt import PyJWKSet
        from jwt.exceptions import PyJWTError

        try:
            keys = PyJWKSet.from_dict(self._get(self._settings.oidc_jwks_url or self._discover())).keys
        except (httpx.HTTPError, PyJWTError, ValueError):
            self._failed = True
            return False
        else:
            self._keys = {key.key_id: key for key in keys if key.key_id and key.public_key_use in {None, "sig"}}
            self._fetched_at = time.monotonic()
            self._failed = False
            return True
        finally:
            self._tried_at = time.monotonic()

    def _discover(self) -> str:
        issuer = self._settings.oidc_issuer
        configuration = self._get(issuer.rstrip("/") + "/.well-known/openid-configuration")
        address = configuration.get("jwks_uri")
        if configuration.get("issuer") != issuer or not isinstance(address, str):
            raise ValueError("the issuer's configuration names another issuer")
        return address

    @staticmethod
    def _get(address: str) -> dict[str, Any]:
        import httpx

        body = httpx.get(address, timeout=FETCH_TIMEOUT_SECONDS).raise_for_status().json()
        if not isinstance(body, dict):
            raise ValueError("the issuer's answer is no JSON object")  # noqa: TRY004 - what the network sent
        return body
