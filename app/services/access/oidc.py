"""Bearer tokens of an OpenID Connect issuer, such as Microsoft Entra ID, and the scopes of their roles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from app.services.access.api_keys import PROFILE_KEY
from app.services.access.issuer_keys import IssuerKeys, UnknownKey
from app.services.access.permissions import PROFILE_SCOPES, SCOPES, Caller, expand_scopes, merge_grants
from app.settings import Settings

ALGORITHMS = ("RS256", "ES256")
LEEWAY = timedelta(seconds=30)
MAX_TOKEN_LENGTH = 16 * 1024
MAX_IDENTITY_LENGTH = 200


class InvalidToken(ValueError):
    """A token is not accepted; the message says why, without repeating any of it."""


class TokenChecker:
    """Checks tokens against one issuer and audience.

    A role is the name of a scope (`calculate`), optionally limited to one profile key (`author:swindon`), or is
    translated into such names by the setting `oidc_role_scopes`. Other roles are ignored.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.oidc_issuer and not settings.oidc_audience:
            raise ValueError("DEADLINES_OIDC_ISSUER needs DEADLINES_OIDC_AUDIENCE: tokens for others are not for us")
        self._settings = settings
        self._keys = IssuerKeys(settings)

    @property
    def configured(self) -> bool:
        """Return whether tokens are accepted at all."""
        return bool(self._settings.oidc_issuer)

    def check(self, token: str) -> Caller:
        """Return the caller that a token identifies. Blocks while the key that it names is fetched.

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
                self._keys.find(str(header.get("kid", ""))),
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
        except (jwt.PyJWTError, UnicodeError, UnknownKey):
            raise InvalidToken("the token cannot be verified") from None
        return self._caller(claims)

    def _caller(self, claims: Mapping[str, object]) -> Caller:
        identity = claims[self._settings.oidc_identity_claim]
        if not isinstance(identity, str) or not identity.strip() or not identity.isprintable():
            raise InvalidToken("the token does not identify its caller")
        grants: dict[str, frozenset[str] | None] = {}
        for role in _roles_of(claims, self._settings.oidc_roles_claim):
            for name in self._settings.oidc_role_scopes.get(role, role).split():
                scope, limited, key = name.partition(":")
                # A limit that is empty, or no key, grants nothing: it is a mistake, and not the lack of a limit.
                if scope in SCOPES and (not limited or (scope in PROFILE_SCOPES and PROFILE_KEY.fullmatch(key))):
                    grants = merge_grants(grants, expand_scopes([scope], [key] if limited else None))
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
