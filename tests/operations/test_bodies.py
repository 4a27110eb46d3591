"""Bodies and heads that are compressed, too long or too slow."""

import gzip
import json
import socket
import time
from pathlib import Path

import pytest

from tests.api.application import EVENT, RunningApplication
from tests.serving import serving

CALCULATION = json.dumps({"profile": "swindon", "event": EVENT}).encode()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, identity", "x-planted"])
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/calculations", "application/json"),
        ("/v1/calculations/batch", "application/json"),
        ("/v1/calculations/batch", "application/x-ndjson"),
        ("/v1/timelines", "application/json"),
        ("/v1/due-dates", "application/json"),
    ],
)
def test_a_compressed_body_is_refused_and_never_unpacked(
    here: RunningApplication, path: str, kind: str, encoding: str
) -> None:
    bomb = gzip.compress(b" " * 10_000_000)
    answer = here.client.post(path, content=bomb, headers={"Content-Type": kind, "Content-Encoding": encoding})
    assert answer.status_code == 415
    assert answer.json()["type"] == "/problems/unsupported-media-type"
    assert answer.headers["accept-encoding"] == "identity"
    assert "without compressing" in answer.json()["errors"][0]["remedy"]


def test_a_body_with_the_identity_encoding_is_read(here: RunningApplication) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "identity"}
    assert here.client.post("/v1/calculations", content=CALCULATION, headers=headers).status_code == 200


def test_a_query_that_is_far_too_long_is_refused(here: RunningApplication) -> None:
    answer = here.client.get("/v1/due-dates?x=" + "a" * 20_000)
    assert (answer.status_code, answer.json()["type"]) == (414, "/problems/uri-too-long")


def test_the_server_bounds_what_a_caller_may_make_it_wait_for_or_hold(filled_url: str, tmp_path: Path) -> None:
    with serving(filled_url, tmp_path / "log", body_seconds="1") as server:

        def said(first: bytes, *later: bytes) -> bytes:
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as caller:
                caller.sendall(first)
                for part in later:
                    time.sleep(0.2)
                    caller.sendall(part)
                caller.settimeout(10)
                found = b""
                while chunk := caller.recv(65536):
                    found += chunk
                return found

        head = b"POST /v1/calculations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        slow = said(head + b"Content-Length: 1000\r\n\r\n{")
        assert slow.startswith(b"HTTP/1.1 408 ")
        assert b"/problems/request-timeout" in slow
        trickled = said(
            head + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(CALCULATION),
            CALCULATION[:9],
            CALCULATION[9:],
        )
        assert trickled.startswith(b"HTTP/1.1 200 ")
        for long in (b"GET /" + b"a" * 66_000, b"GET / HTTP/1.1\r\n" + b"X-Long: " + b"a" * 66_000):
            refused = said(long)
            assert refused.startswith(b"HTTP/1.1 431 ")
            assert b"/problems/head-too-large" in refused
        assert said(b"planted nonsense\r\n\r\n").startswith(b"HTTP/1.1 400 ")
        lines = said(
            b"POST /v1/calculations/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\n\r\n" % (len(CALCULATION) + 1, CALCULATION)
        )
        assert lines.startswith(b"HTTP/1.1 200 ")
        assert lines.count(b"calculation_id") == 1
        assert "planted" not in server.log()
