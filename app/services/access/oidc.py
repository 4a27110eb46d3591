"""Bearer tokens of an OpenID Connect issuer, such as Microsoft Entra ID, and the scopes of their roles."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from app.services.access.permissions import PROFILE_SCOPES, SCOPES, Caller, expand_scopes, merge_grants
from app.settings import Settings

if TYPE_CHECKING:
    from jwt import PyJWK, PyJWKClient

ALGORITHMS = ("RS256", "ES256")
LEEWAY = timedelta(seconds=30)
KEY_LIFETIME_SECONDS = 3600
FETCH_TIMEOUT_SECONDS = 5
RETRY_AFTER_FAILURE_SECONDS = 5
MAX_TOKEN_LENGTH = 16 * 1024
MAX_IDENTITY_LENGTH = 200


class InvalidToken(ValueError):
    """A token is not accepted; the message says why, without repeating any of it."""


class IssuerUnavailable(Exception):
    """The issuer's keys cannot be fetched at the moment, so no token can be checked."""


class TokenChecker:
    """Checks tokens against one issuer and audience. Fetches the issuer's keys when first needed, and caches them.

    A role is the name of a scope (`calculate`), optionally limited to one profile key (`author:swindon`), or is
    translated into such names by the setting `oidc_role_scopes`. Other roles are ignored.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.oidc_issuer and not settings.oidc_audience:
            raise ValueError("DEADLINES_OIDC_ISSUER needs DEADLINES_OIDC_AUDIENCE: tokens for others are not for us")
        self._settings = settings
        self._keys: PyJWKClient | None = None
        self._lock = threading.Lock()
        self._failed_at: float | None = None

    @property
    def configured(self) -> bool:
        """Return whether tokens are accepted at all."""
        return bool(self._settings.oidc_issuer)

    def check(self, token: str) -> Caller:
        """Return the caller that a token identifies. Blocks while keys are fetched.

        Raises InvalidToken, IssuerUnavailable.
        """
        if not self.configured:
            raise InvalidToken("tokens are not accepted here")
        if len(token) > MAX_TOKEN_LENGTH:
            raise InvalidToken("the token is too long")
        import jwt  # slow to import, and needed only where an issuer is configured

        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                raise InvalidToken(f"tokens are signed with {' or '.join(ALGORITHMS)}")
            claims = jwt.decode(
                token,
                self._key(str(header.get("kid", ""))),
                algorithms=list(ALGORITHMS),
                audience=self._settings.oidc_audience,
                issuer=self._settings.oidc_issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud", self._settings.oidc_identity_claim]},
            )
        except jwt.ExpiredSignatureError:
            raise InvalidToken("the token has expired") from None
        except jwt.InvalidAudienceError:
            raise InvalidToken("the token is for another audience") from None
        except jwt.InvalidIssuerError:
            raise InvalidToken("the token is from another issuer") from None
        except (jwt.PyJWTError, UnicodeError):
            raise InvalidToken("the token cannot be verified") from None
        return self._caller(claims)

    def _key(self, kid: str) -> PyJWK:
        import httpx
        from jwt import PyJWKClient, PyJWKClientConnectionError

        with self._lock:
            if self._failed_at is not None and time.monotonic() - self._failed_at < RETRY_AFTER_FAILURE_SECONDS:
                raise IssuerUnavailable
            try:
                if self._keys is None:
                    self._keys = PyJWKClient(
                        self._settings.oidc_jwks_url or self._discover_jwks_url(),
                        lifespan=KEY_LIFETIME_SECONDS,
                        timeout=FETCH_TIMEOUT_SECONDS,
                    )
                key = self._keys.get_signing_key(kid)
            except (PyJWKClientConnectionError, httpx.HTTPError, ValueError) as error:
                # While the issuer is unavailable, not every request waits for it.
                self._failed_at = time.monotonic()
                raise IssuerUnavailable from error
            self._failed_at = None
            return key

    def _discover_jwks_url(self) -> str:
        import httpx

        issuer = self._settings.oidc_issuer
        address = issuer.rstrip("/") + "/.well-known/openid-configuration"
        configuration = httpx.get(address, timeout=FETCH_TIMEOUT_SECONDS).raise_for_status().json()
        if (
            not isinstance(configuration, Mapping)
            or configuration.get("issuer") != issuer
            or not isinstance(configuration.get("jwks_uri"), str)
        ):
            raise ValueError("the issuer's configuration names another issuer")
        return str(configuration["jwks_uri"])

    def _caller(self, claims: Mapping[str, object]) -> Caller:
        identity = claims[self._settings.oidc_identity_claim]
        if not isinstance(identity, str) or not identity.strip() or not identity.isprintable():
            raise InvalidToken("the token does not identify its caller")
        grants: dict[str, frozenset[str] | None] = {}
        for role in _roles_of(claims, self._settings.oidc_roles_claim):
            for name in self._settings.oidc_role_scopes.get(role, role).split():
                scope, _, key = name.partition(":")
                if scope in SCOPES and (not key or scope in PROFILE_SCOPES):
                    grants = merge_grants(grants, expand_scopes([scope], [key] if key else None))
        return Caller(f"token:{identity[:MAX_IDENTITY_LENGTH]}", grants)


def _roles_of(claims: Mapping[str, object], path: str) -> list[str]:
    """Return the roles in a claim, which may be nested (`realm_access.roles`): a list, or one text with spaces."""
    roles: object = claims.get(path)
    if roles is None:
        roles = claims
        for name in path.split("."):
            roles = roles.get(name) if isinstance(roles, Mapping) else None
    if isinstance(roles, str):
        return roles.split()
    return [role for role in roles if isinstance(role, str)] if isinstance(roles, list) else []
