"""Bearer tokens of an issuer that runs here: a real key set over HTTP."""

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from tests.api.application import RunningApplication, running_application, small

AUDIENCE = "api://practice-deadlines"


class Issuer:
    """An OpenID Connect issuer: its keys, its configuration, and the tokens that it signs."""

    def __init__(self) -> None:
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.fetched = 0
        self.down = False
        self.hanging: threading.Event | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.fetched += 1
                if outer.hanging is not None:
                    outer.hanging.wait(20)
                body = json.dumps(outer.pages().get(self.path, {})).encode()
                self.send_response(503 if outer.down else 200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def pages(self) -> dict[str, object]:
        keys = [
            json.loads(RSAAlgorithm.to_jwk(self.rsa.public_key())) | {"kid": "r", "use": "sig"},
            json.loads(ECAlgorithm.to_jwk(self.ec.public_key())) | {"kid": "e", "use": "sig"},
        ]
        return {
            "/.well-known/openid-configuration": {"issuer": self.address, "jwks_uri": f"{self.address}/keys"},
            "/keys": {"keys": keys},
        }

    def token(
        self, roles: Sequence[str] = ("author",), *, alg: str = "RS256", kid: str = "r", key: Any = None, **claims: Any
    ) -> dict[str, str]:
        body = {"iss": self.address, "aud": AUDIENCE, "sub": "ann", "exp": time.time() + 600, "roles": list(roles)}
        body = {name: value for name, value in (body | claims).items() if value is not None}
        signing = key or (self.ec if alg == "ES256" else self.rsa)
        return {"Authorization": "Bearer " + jwt.encode(body, signing, algorithm=alg, headers={"kid": kid})}

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    yield made
    made.close()


@pytest.fixture
def running(issuer: Issuer, filled_url: str) -> Iterator[RunningApplication]:
    roles = {"Policy team": "author:exampleton publish:exampleton", "Case system": "calculate"}
    settings = {"oidc_issuer": issuer.address, "oidc_audience": AUDIENCE, "oidc_role_scopes": roles}
    with running_application(filled_url, **settings) as made:
        yield made


def drafts(running: RunningApplication, headers: dict[str, str]) -> Any:
    return running.client.get("/v1/profiles/exampleton/drafts", headers=headers)


@pytest.mark.parametrize(("alg", "kid"), [("RS256", "r"), ("ES256", "e")])
def test_a_role_that_names_a_scope_gives_it(running: RunningApplication, issuer: Issuer, alg: str, kid: str) -> None:
    for _ in range(3):
        assert drafts(running, issuer.token(alg=alg, kid=kid)).status_code == 200
    assert issuer.fetched == 2  # its configuration once, its keys once


def test_roles_may_be_limited_or_go_by_other_names(running: RunningApplication, issuer: Issuer) -> None:
    policy = issuer.token(["Policy team"])
    draft = running.draft(policy, small())
    assert draft["created_by"] == "token:ann"
    assert running.publish(policy, draft, in_force_from="2026-01-01", reason="x").status_code == 201
    assert running.client.post("/v1/profiles/swindon/drafts", json={}, headers=policy).status_code == 403
    limited = issuer.token(["author:swindon", "publish:york"])
    assert running.client.post("/v1/profiles/swindon/drafts", json={}, headers=limited).status_code == 201
    assert drafts(running, limited).status_code == 403
    assert drafts(running, issuer.token(["Case system"])).status_code == 403
    assert drafts(running, issuer.token(["admin:swindon", "something", ""])).status_code == 403
    assert drafts(running, issuer.token(roles=None or ())).status_code == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": time.time() - 3600},
        {"exp": None},
        {"aud": "api://other"},
        {"aud": None},
        {"iss": "https://other.example"},
        {"sub": None},
        {"sub": 7},
        {"nbf": time.time() + 3600},
        {"kid": "unknown"},
        {"alg": "RS384"},
        {"key": rsa.generate_private_key(public_exponent=65537, key_size=2048)},
    ],
)
def test_a_token_that_is_not_for_us_is_refused(
    running: RunningApplication, issuer: Issuer, claims: dict[str, Any]
) -> None:
    refused = drafts(running, issuer.token(**claims))
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]


def test_a_token_signed_with_nothing_or_with_the_public_key_is_refused(
    running: RunningApplication, issuer: Issuer
) -> None:
    body = {"iss": issuer.address, "aud": AUDIENCE, "sub": "ann", "exp": time.time() + 600, "roles": ["admin"]}
    unsigned = jwt.encode(body, "", algorithm="none", headers={"kid": "r"})
    # By hand, since a library that signs would itself refuse to take a public key for a secret.
    public = issuer.rsa.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT", "kid": "r"}, body)]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    mac = base64.urlsafe_b64encode(hmac.digest(public, signed, "sha256")).rstrip(b"=")
    symmetric = (signed + b"." + mac).decode()
    for token in (unsigned, symmetric, "a.b.c", "..", "x" * 20_000):
        assert drafts(running, {"Authorization": f"Bearer {token}"}).status_code == 401


def test_while_the_issuer_is_away_keys_go_on_and_tokens_are_to_wait(
    running: RunningApplication, issuer: Issuer
) -> None:
    issuer.down = True
    away = drafts(running, issuer.token())
    assert away.status_code == 503
    assert away.headers["retry-after"]
    assert drafts(running, running.key("author")).status_code == 200


def test_an_api_key_as_bearer_is_still_a_key(running: RunningApplication) -> None:
    secret = running.key("author")["X-API-Key"]
    assert drafts(running, {"Authorization": f"Bearer {secret}"}).status_code == 200


def test_an_issuer_without_an_audience_is_refused_at_the_start(issuer: Issuer, filled_url: str) -> None:
    with pytest.raises(ValueError, match="AUDIENCE"), running_application(filled_url, oidc_issuer=issuer.address):
        pass


def test_roles_may_lie_inside_other_claims(issuer: Issuer, filled_url: str) -> None:
    settings = {
        "oidc_issuer": issuer.address,
        "oidc_audience": AUDIENCE,
        "oidc_roles_claim": "realm_access.roles",
        "oidc_identity_claim": "preferred_username",
        "oidc_jwks_url": f"{issuer.address}/keys",
    }
    with running_application(filled_url, **settings) as running:
        headers = issuer.token(None or (), realm_access={"roles": ["author"]}, preferred_username="ann@example.org")
        assert running.draft(headers, small())["created_by"] == "token:ann@example.org"
        assert issuer.fetched == 1


def test_a_token_of_an_unknown_key_locks_out_none_of_a_known_one(running: RunningApplication, issuer: Issuer) -> None:
    good, bogus = issuer.token(), issuer.token(kid="bogus")
    assert drafts(running, good).status_code == 200
    running.client.app.state.authorizer._tokens._keys._tried_at = None  # type: ignore[attr-defined]  # as half a minute later
    issuer.hanging = threading.Event()
    answers: list[int] = []
    waiting = threading.Thread(target=lambda: answers.append(drafts(running, bogus).status_code))
    waiting.start()
    try:
        time.sleep(0.2)
        started = time.monotonic()
        for _ in range(3):
            assert drafts(running, good).status_code == 200
        assert time.monotonic() - started < 2
        assert not answers
    finally:
        issuer.down = True
        issuer.hanging.set()
        waiting.join()
        issuer.hanging = None
    assert answers == [503]
    assert drafts(running, bogus).status_code == 503
    assert drafts(running, good).status_code == 200


def test_known_keys_are_used_for_a_day_while_the_issuer_is_away_and_no_longer(
    running: RunningApplication, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = issuer.token(exp=time.time() + 200_000)
    assert drafts(running, good).status_code == 200
    issuer.down = True
    keys = running.client.app.state.authorizer._tokens._keys  # type: ignore[attr-defined]  # it is FastAPI's
    keys._tried_at = None
    keys._fetched_at -= 2 * 3600
    assert drafts(running, good).status_code == 200
    keys._fetched_at -= 24 * 3600
    keys._tried_at = None
    assert drafts(running, good).status_code == 503
    issuer.down = False
    keys._tried_at = None
    assert drafts(running, good).status_code == 200


@pytest.mark.parametrize("role", ["author:", "author:Swindon!", "author: ", "publish:", "review:"])
def test_a_role_whose_limit_is_empty_or_no_key_grants_nothing(
    running: RunningApplication, issuer: Issuer, role: str
) -> None:
    assert drafts(running, issuer.token([role])).status_code == 403
    assert running.client.post("/v1/profiles/swindon/drafts", json={}, headers=issuer.token([role])).status_code == 403
