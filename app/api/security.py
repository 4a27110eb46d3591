"""Who may do what. By default calculating and reading are open and writing needs a key or a token."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime

import anyio.to_thread
from starlette.requests import Request

from app.api.context import live
from app.api.rate_limits import Rates, address_of
from app.services.access.api_keys import KeyRefused, authenticate
from app.services.access.oidc import InvalidToken, IssuerUnavailable, TokenChecker
from app.services.access.permissions import PROFILE_SCOPES, Caller, expand_scopes
from app.services.problems import Fault, Problem
from app.services.snapshot.snapshot import Snapshot
from app.settings import Settings

OPEN_BY_DEFAULT = frozenset({"read", "calculate"})
REALM = "practice-deadlines"
NOBODY = Caller("anonymous", expand_scopes(OPEN_BY_DEFAULT))
LONGEST_CREDENTIAL = 32 * 1024


class Guard:
    """Decides whether a request's caller has a scope. Checking a key reads the snapshot only, never the database."""

    def __init__(self, settings: Settings) -> None:
        self._require_key = settings.require_key
        self._tokens = TokenChecker(settings)
        self._rates = Rates(settings)

    def asks(self, head: Mapping[bytes, bytes]) -> bool:
        """Whether anything has to be asked of a caller before what is open by default is answered."""
        return self._require_key or self._rates.limited or b"x-api-key" in head or b"authorization" in head

    def lets_in(self, head: Mapping[bytes, bytes], scope: str, snapshot: Snapshot) -> bool:
        """Return whether a key alone lets the caller in, with no rate to count.

        Where this says no, `admit` has to be asked: it may still let the caller in, and it knows how to refuse.
        """
        if self._rates.limited or b"authorization" in head:
            return False
        try:
            sent = head.get(b"x-api-key", b"").decode("ascii").strip()
        except UnicodeDecodeError:
            return False
        if not sent or not snapshot.token:
            return False
        try:
            return authenticate(sent, snapshot.keys, datetime.now(UTC)).may(scope)
        except KeyRefused:
            return False

    async def admit(self, request: Request, scope: str) -> None:
        """Let the request pass and note its caller, or raise Problem: unauthenticated or forbidden.

        A credential that is not valid is refused also where none would have been needed: its owner should know.
        """
        if scope == "open":
            return
        if self._rates.limited:
            caller = await self._counted(request)
        else:
            caller = await self._caller(request)
        if caller is None:
            if self._require_key or scope not in OPEN_BY_DEFAULT:
                raise _unauthenticated("This needs a key or a token.", request)
            caller = NOBODY
        key = request.path_params.get("key") if scope in PROFILE_SCOPES else None
        if not caller.may(scope, key):
            where = f" for {key[:100]}" if isinstance(key, str) and caller.grants.get(scope) is not None else ""
            raise Problem("forbidden", f"This needs the scope {scope}{where}, which the key or token does not have.")
        request.state.caller = caller

    async def _counted(self, request: Request) -> Caller | None:
        """The caller, one request of its allowance taken. Refused credentials count against the address."""
        try:
            caller = await self._caller(request)
        except Problem:
            await self._rates.take(request, address_of(request))
            raise
        await self._rates.take(request, address_of(request) if caller is None else caller.name)
        return caller

    async def _caller(self, request: Request) -> Caller | None:
        """The caller that the request names, None where it names none."""
        sent = request.headers.get("x-api-key", "").strip()
        if sent:
            return self._by_key(request, sent)
        header = request.headers.get("authorization", "").strip()
        if not header:
            return None
        scheme, _, credential = header.partition(" ")
        credential = credential.strip()
        if len(credential) > LONGEST_CREDENTIAL:
            raise _unauthenticated("The credential is too long.", request)
        if scheme.lower() == "basic":
            return self._by_key(request, _password(credential, request))
        if scheme.lower() != "bearer":
            raise _unauthenticated("Send the key as X-API-Key, as a bearer token or as a Basic password.", request)
        if credential.startswith("pd_") or not self._tokens.configured:
            return self._by_key(request, credential)
        try:
            return await anyio.to_thread.run_sync(self._tokens.check, credential)
        except InvalidToken as refused:
            raise _unauthenticated(f"The token is not accepted: {refused}.", request, invalid=True) from None
        except IssuerUnavailable:
            raise Problem(
                "issuer-unavailable",
                "The issuer's keys cannot be fetched; an API key would be checked all the same.",
                headers={"Retry-After": "10"},
            ) from None

    def _by_key(self, request: Request, secret: str) -> Caller:
        snapshot = live(request).snapshot
        if not snapshot.token:
            raise Problem("not-ready", "No keys are loaded yet.", headers={"Retry-After": "2"})
        try:
            return authenticate(secret, snapshot.keys, datetime.now(UTC))
        except KeyRefused as refused:
            text = str(refused)
            raise _unauthenticated(f"{text[:1].upper()}{text[1:]}.", request, invalid=True) from None


def _password(credential: str, request: Request) -> str:
    try:
        text = base64.b64decode(credential, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise _unauthenticated("The Basic credential cannot be read.", request) from None
    return text.partition(":")[2]


def _unauthenticated(detail: str, request: Request, *, invalid: bool = False) -> Problem:
    # A browser shows a dialog of its own where Basic is offered, so only who has used it is offered it.
    basic = request.headers.get("authorization", "").lower().startswith("basic")
    challenge = f'{"Basic" if basic else "Bearer"} realm="{REALM}"'
    if invalid and not basic:
        challenge += ', error="invalid_token"'
    fault = Fault("X-API-Key", "no valid key or token was sent", "send a key as X-API-Key, or a token as bearer")
    return Problem("unauthenticated", detail, [fault], headers={"WWW-Authenticate": challenge})
