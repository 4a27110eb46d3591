"""Decide who may do what. By default calculating and reading are open; writing needs a key or a token.

The three schemes are FastAPI's own, so that the OpenAPI document states for every operation which credentials and which
scope it needs. Each router guards its routes with `Security(authorize, scopes=[…])`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, cast

import anyio.to_thread
from fastapi import Request, Security, params
from fastapi.security import (
    APIKeyHeader,
    HTTPAuthorizationCredentials,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
    SecurityScopes,
)

from app.api.rate_limits import Rates, address_of
from app.api.threads import limits_of
from app.services.access.api_keys import KeyRefused, authenticate
from app.services.access.issuer_keys import IssuerUnavailable
from app.services.access.oidc import InvalidToken, TokenChecker
from app.services.access.permissions import PROFILE_SCOPES, Caller, expand_scopes
from app.services.problems import Fault, Problem
from app.services.snapshot.holder import SnapshotHolder
from app.settings import Settings

OPEN_BY_DEFAULT = frozenset({"read", "calculate"})
REALM = "practice-deadlines"
ANONYMOUS = Caller("anonymous", expand_scopes(OPEN_BY_DEFAULT))
MAX_CREDENTIAL_LENGTH = 32 * 1024

# `auto_error` is off: `authorize` answers with this service's own problems, and lets callers without a key calculate.
API_KEY = APIKeyHeader(name="X-API-Key", scheme_name="ApiKey", description="An API key.", auto_error=False)
BEARER = HTTPBearer(
    scheme_name="Bearer", description="An API key, or a token of the configured issuer.", auto_error=False
)
BASIC = HTTPBasic(
    scheme_name="Basic", realm=REALM, description="An API key as the password; any user name.", auto_error=False
)
SentKey = Annotated[str | None, Security(API_KEY)]
SentBearer = Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]
SentBasic = Annotated[HTTPBasicCredentials | None, Security(BASIC)]


class Authorizer:
    """Check credentials and scopes. A key is checked against the snapshot only, never against the database."""

    def __init__(self, settings: Settings, holder: SnapshotHolder) -> None:
        self._holder = holder
        self._require_key = settings.require_key
        self._tokens = TokenChecker(settings)
        self._rates = Rates(settings)
        self._open = frozenset() if self._require_key or self._rates.limited else OPEN_BY_DEFAULT

    async def close(self) -> None:
        """Close what the checks have opened."""
        await self._rates.close()

    def is_open(self, scopes: Iterable[str]) -> bool:
        """Return True if the scopes are open to everybody, and requests are not counted."""
        return self._open.issuperset(scopes)

    async def authorize(self, request: Request, scope: str, secret: str | None, token: str | None) -> Caller:
        """Return the caller if it has the scope. Raises Problem: unauthenticated, forbidden, too-many-requests.

        `secret` is an API key, `token` what was sent as bearer. A credential that is not valid is refused also where
        none is needed: its owner should learn of it.
        """
        caller = await self._counted(request, secret, token)
        if caller is None:
            if self._require_key or scope not in OPEN_BY_DEFAULT:
                raise unauthenticated(request, "This needs a key or a token.")
            caller = ANONYMOUS
        key = request.path_params.get("key") if scope in PROFILE_SCOPES else None
        if not caller.may(scope, key):
            where = f" for {key[:100]}" if isinstance(key, str) and caller.grants.get(scope) is not None else ""
            fault = Fault("X-API-Key", f"the scope {scope} is missing{where}", "use a key or token that has it")
            detail = f"This needs the scope {scope}{where}, which the key or token does not have."
            raise Problem("forbidden", detail, [fault])
        return caller

    async def _counted(self, request: Request, secret: str | None, token: str | None) -> Caller | None:
        """Identify the caller and take one request of its allowance; refused credentials count against the address."""
        if not self._rates.limited:
            return await self._identify(request, secret, token)
        try:
            caller = await self._identify(request, secret, token)
        except Problem:
            await self._rates.take(request, address_of(request))
            raise
        await self._rates.take(request, address_of(request) if caller is None else caller.name)
        return caller

    async def _identify(self, request: Request, secret: str | None, token: str | None) -> Caller | None:
        if token is not None and (token.startswith("pd_") or not self._tokens.configured):
            secret, token = token, None
        if len(secret or token or "") > MAX_CREDENTIAL_LENGTH:
            raise unauthenticated(request, "The credential is too long.")
        if secret:
            return self._by_key(request, secret)
        if token:
            return await self._by_token(request, token)
        if request.headers.get("authorization", "").strip():
            raise unauthenticated(request, "Send the key as X-API-Key, as a bearer token or as a Basic password.")
        return None

    def _by_key(self, request: Request, secret: str) -> Caller:
        snapshot = self._holder.snapshot
        if not snapshot.token:
            raise Problem("not-ready", "No keys are loaded yet.", headers={"Retry-After": "2"})
        try:
            caller = authenticate(secret, snapshot.keys, datetime.now(UTC))
        except KeyRefused as refused:
            request.state.key_id = refused.key_id
            text = str(refused)
            raise unauthenticated(request, f"{text[:1].upper()}{text[1:]}.", invalid=True) from None
        request.state.key_id = caller.key_id
        return caller

    async def _by_token(self, request: Request, token: str) -> Caller:
        try:
            return await anyio.to_thread.run_sync(self._tokens.check, token, limiter=limits_of(request).tokens)
        except InvalidToken as refused:
            raise unauthenticated(request, f"The token is not accepted: {refused}.", invalid=True) from None
        except IssuerUnavailable:
            raise Problem(
                "issuer-unavailable",
                "The issuer's keys cannot be fetched; an API key would be checked all the same.",
                headers={"Retry-After": "10"},
            ) from None


async def authorize(
    scopes: SecurityScopes, request: Request, key: SentKey, bearer: SentBearer, basic: SentBasic
) -> Caller:
    """Let the request through if its caller has the scopes. A dependency: tests may override it.

    The caller is also put on `request.state.caller`, for the routes that record who changed something.
    """
    authorizer = cast(Authorizer, request.app.state.authorizer)
    secret = key.strip() if key else basic.password if basic else None
    token = bearer.credentials.strip() if bearer and not secret else None
    for scope in scopes.scopes:
        request.state.caller = await authorizer.authorize(request, scope, secret, token)
    return cast(Caller, request.state.caller)


def guard(scope: str) -> params.Security:
    """Return the dependency that lets a caller with a scope through, for routes outside this package."""
    return cast(params.Security, Security(authorize, scopes=[scope]))


async def authorize_unless_open(
    scopes: SecurityScopes, request: Request, key: SentKey, bearer: SentBearer, basic: SentBasic
) -> None:
    """Guard `/metrics` where the operator closed it (DEADLINES_OPEN_METRICS), or moved it (DEADLINES_METRICS_PORT)."""
    if request.app.state.settings.metrics_port:
        raise Problem("not-found", "The metrics are at a port of their own.")
    if not request.app.state.settings.open_metrics:
        await authorize(scopes, request, key, bearer, basic)


async def authorize_in_browser(
    scopes: SecurityScopes, request: Request, key: SentKey, bearer: SentBearer, basic: SentBasic
) -> None:
    """Do the same as `authorize` for a page; where a key is needed, the browser asks for it (any name, as password)."""
    try:
        await authorize(scopes, request, key, bearer, basic)
    except Problem as problem:
        if problem.status == 401:
            problem.headers["WWW-Authenticate"] = f'Basic realm="{REALM}", charset="UTF-8"'
        raise


def unauthenticated(request: Request, detail: str, *, invalid: bool = False) -> Problem:
    """Return the 401 problem with its challenge.

    A browser shows a dialog of its own where Basic is offered, so it is offered only to those who used it.
    """
    basic = request.headers.get("authorization", "").lower().startswith("basic")
    challenge = f'{"Basic" if basic else "Bearer"} realm="{REALM}"'
    if invalid and not basic:
        challenge += ', error="invalid_token"'
    fault = Fault("X-API-Key", "no valid key or token was sent", "send a key as X-API-Key, or a token as bearer")
    return Problem("unauthenticated", detail, [fault], headers={"WWW-Authenticate": challenge})
