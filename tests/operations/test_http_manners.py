"""What HTTP expects of a server: HEAD, offers of an upgrade, addresses, limits of a head, callers who go away."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.api.route_table import ROUTERS
from tests.api.application import EVENT, RunningApplication, filled_copy
from tests.operations.test_connections import JSON, Connection, request
from tests.operations.test_metrics import value
from tests.serving import Serving, serving

BODY = json.dumps({"profile": "swindon", "event": EVENT}).encode()
PARAMETERS = {"key": "swindon", "version": "1", "rule": "icpc-held", "kind": "overloaded"}
QUERIES = {
    "/v1/due-dates": "profile=swindon&event=strategy_discussion_held&at=2026-03-02&duty=hold_icpc",
    "/v1/working-days/add": "calendar=england-and-wales&start=2026-03-02&days=3",
    "/v1/working-days/count": "calendar=england-and-wales&start=2026-03-02&end=2026-04-02",
    "/v1/working-days/check": "calendar=england-and-wales&date=2026-03-02",
    "/v1/profiles/{key}/diff": "from=1&to=1",
    "/v1/form": "profile=swindon&event=strategy_discussion_held",
    "/v1/words": "q=review",
}
PAGES = ["/", "/explorer", "/profiles", "/profiles/swindon", "/calendars", "/docs", "/openapi.json", "/nowhere"]
GETS = sorted(
    {route.path for router in ROUTERS for route in router.routes if "GET" in getattr(route, "methods", ())}  # type: ignore[attr-defined]  # routes have it
)


@pytest.fixture(scope="module")
def server(filled_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One server for all of these tests."""
    folder = tmp_path_factory.mktemp("manners")
    with serving(filled_copy(filled_database, folder), folder / "log") as running:
        yield running


@pytest.fixture
def connection(server: Serving) -> Iterator[Connection]:
    """Open a connection for one test."""
    opened = Connection(server)
    yield opened
    opened.socket.close()


def address(path: str) -> str:
    filled = re.sub(r"\{(\w+)\}", lambda name: PARAMETERS.get(name[1], "none"), path)
    if path.startswith("/v1/calendars"):
        filled = filled.replace("swindon", "england-and-wales")
    query = QUERIES.get(path)
    return f"{filled}?{query}" if query else filled


# --- HEAD ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*GETS, *PAGES])
def test_head_is_answered_as_get_is_without_a_body(server: Serving, connection: Connection, path: str) -> None:
    got = httpx.get(f"{server.origin}{address(path)}")
    connection.send(f"HEAD {address(path)} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
    # A request that was sent after it is answered too, on the same connection.
    connection.send(b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n")
    head, after = connection.head(), connection.answer()
    assert head.startswith(b"HTTP/1.1 %d " % got.status_code)
    assert (b"content-type: " + got.headers["content-type"].encode()) in head
    if path not in {"/metrics", "/readyz"}:
        assert (b"content-length: " + got.headers["content-length"].encode()) in head
    assert after.startswith(b"HTTP/1.1 200 ")
    assert after.endswith(b'{"status":"ok"}')


def test_head_leaves_no_error_in_the_log(server: Serving) -> None:
    assert '"level":"error"' not in server.log()
    assert "Traceback" not in server.log()


# --- offers of an upgrade ------------------------------------------------------------------------------------------


OFFER = [
    "Connection: Upgrade, HTTP2-Settings",
    "Upgrade: h2c",
    "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
]


@pytest.mark.parametrize("size", [1, 50, 100_000])
def test_a_request_that_offers_an_upgrade_is_answered_as_it_is(connection: Connection, size: int) -> None:
    whole = request(BODY, JSON, *OFFER)
    for start in range(0, len(whole), size):
        connection.send(whole[start : start + size])
    answer = connection.answer()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"calculation_id" in answer
    connection.send(b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n")
    assert connection.answer().startswith(b"HTTP/1.1 200 ")


def test_many_that_offer_an_upgrade_are_answered_in_their_order(connection: Connection) -> None:
    requests = [
        request(json.dumps({**json.loads(BODY), "reference": f"r{n}"}).encode(), JSON, *OFFER) for n in range(9)
    ]
    get = b"GET /healthz HTTP/1.1\r\nHost: here\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    connection.send(get + b"".join(requests) + get)
    assert connection.answer().endswith(b'{"status":"ok"}')
    for number in range(9):
        assert f'"reference":"r{number}"'.encode() in connection.answer()
    assert connection.answer().endswith(b'{"status":"ok"}')


def test_javas_own_client_is_answered(server: Serving) -> None:
    java = shutil.which("java")
    if java is None:
        pytest.skip("Java is not installed")
    program = Path(__file__).with_name("Post.java")
    done = subprocess.run(
        [java, "-Xmx256m", str(program), f"{server.origin}/v1/calculations", BODY.decode()],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert line.startswith("200 HTTP_1_1 {")
        assert '"due_date"' in line


# --- addresses -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/calculations/"),
        ("POST", "/v1/timelines/"),
        ("GET", "/v1/profiles/"),
        ("GET", "/healthz/"),
        ("GET", "/profiles/"),
        ("GET", "/docs/"),
        ("GET", "/v1/profiles/swindon/versions/1/"),
    ],
)
def test_an_address_with_a_trailing_slash_is_not_found_and_never_redirected(
    here: RunningApplication, method: str, path: str
) -> None:
    headers = {"X-Forwarded-Proto": "https", "Host": "evil.example", "Content-Type": "application/json"}
    answer = here.client.request(
        method, path, content=BODY if method == "POST" else None, headers=headers, follow_redirects=False
    )
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
    assert "location" not in answer.headers


@pytest.mark.parametrize("number", ["18446744073709551616", "-10000000000000000000", "1" * 300])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/calculations", '{"profile":"swindon","event":%s,"profile_version":N}'),
        ("/v1/calculations", '{"profile":"swindon","event":%s,"facts":{"review_number":N}}'),
        ("/v1/calculations", '{"profile":"swindon","event":%s,"reference":N}'),
        ("/v1/timelines", '{"profile":"swindon","events":[%s],"as_of":"2026-03-02","calendar_version":N}'),
        (
            "/v1/timelines",
            '{"profile":"swindon","events":[{"id":N,"type":"icpc_held","occurred_at":"2026-03-02"}],"as_of":"2026-03-02"}',
        ),
        ("/v1/comparisons", '{"profiles":["swindon",{"profile":"york","profile_version":N}],"event":%s}'),
        (
            "/v1/comparisons",
            '{"before":{"profile":"swindon"},"after":{"profile":"york"},"events":[{"id":N,"type":"icpc_held","occurred_at":"2026-03-02"}]}',
        ),
        ("/v1/checks", '{"profile":"swindon","event":%s,"duty":"hold_icpc","date":N}'),
    ],
)
def test_a_number_beyond_64_bits_is_refused_where_it_stands(
    here: RunningApplication, path: str, body: str, number: str
) -> None:
    sent = (body.replace("%s", json.dumps(EVENT))).replace("N}", number + "}").replace("N,", number + ",")
    answer = here.client.post(path, content=sent, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}, answer.text
    assert answer.json()["errors"]


def test_a_number_beyond_64_bits_fails_its_own_batch_item_alone(here: RunningApplication) -> None:
    event = json.dumps(EVENT)
    items = [f'{{"profile":"swindon","event":{event}{more}}}' for more in ("", f',"profile_version":{2**70}')]
    answer = here.client.post(
        "/v1/calculations/batch",
        content=f'{{"items":[{",".join(items)}]}}',
        headers={"Content-Type": "application/json"},
    )
    assert [item.get("status", 200) for item in answer.json()["items"]] == [200, 422]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("http://here/healthz", 200),
        ("http://here", 200),
        ("http://here?x=1", 422),
        ("HTTP://here:80", 200),
        ("http://", 400),
        ("http://?x", 400),
        ("here", 400),
    ],
)
def test_a_full_address_is_read_and_its_empty_path_is_the_first_page(
    connection: Connection, address: str, status: int
) -> None:
    connection.send(f"GET {address} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
    assert connection.answer().startswith(b"HTTP/1.1 %d " % status)


@pytest.mark.parametrize("path", ["/", "/profiles/swindon"])
@pytest.mark.parametrize("method", ["POST", "TRACE"])
def test_a_page_says_which_methods_it_has(connection: Connection, method: str, path: str) -> None:
    connection.send(f"{method} {path} HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n".encode())
    head, _, body = connection.answer().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 405 ")
    assert b"\r\nallow: GET\r\n" in head
    assert json.loads(body)["errors"][0]["remedy"] == "use GET"


# --- heads ---------------------------------------------------------------------------------------------------------


def header(length: int) -> str:
    return "X-Long: " + "a" * length


def test_a_head_over_64_kib_is_refused_also_where_it_comes_in_one_piece(connection: Connection) -> None:
    connection.send(f"GET /healthz HTTP/1.1\r\nHost: here\r\n{header(70_000)}\r\n\r\n".encode())
    assert connection.answer().startswith(b"HTTP/1.1 431 ")
    assert connection.closed()


def test_a_head_of_many_headers_over_64_kib_is_refused(connection: Connection) -> None:
    lines = "".join(f"X-{number}: {'a' * 100}\r\n" for number in range(700))
    connection.send(f"GET /healthz HTTP/1.1\r\nHost: here\r\n{lines}\r\n".encode())
    assert connection.answer().startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("size", [10, 100_000])
def test_more_than_200_headers_are_refused_before_they_take_memory(connection: Connection, size: int) -> None:
    most = b"GET /healthz HTTP/1.1\r\nHost: here\r\n" + b"X: \r\n" * 199 + b"\r\n"
    # One more, and so many that never end; in pieces, of which the first ends within the head, and at once.
    too_many = most[:-2] + b"X: \r\n" * 3_000
    connection.send(most)
    assert connection.answer().startswith(b"HTTP/1.1 200 ")
    for start in range(0, len(too_many), size):
        with contextlib.suppress(ConnectionError):
            connection.send(too_many[start : start + size])
    answer = connection.answer()
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"at most 200 headers" in answer
    assert connection.closed()


def test_a_head_that_goes_on_and_on_is_refused(connection: Connection) -> None:
    connection.send(request(BODY, JSON) + b"GET /healthz HTTP/1.1\r\nHost: here\r\nX-Long: ")
    assert connection.answer().startswith(b"HTTP/1.1 200 ")
    connection.send(b"a" * 66_000)
    assert connection.answer().startswith(b"HTTP/1.1 431 ")


def test_a_head_of_nearly_64_kib_is_answered_wherever_it_begins(connection: Connection) -> None:
    long = f"GET /healthz HTTP/1.1\r\nHost: here\r\n{header(65_000)}\r\n\r\n".encode()
    body = b" " * 70_000 + BODY
    connection.send(request(body, JSON) + long + long)
    answers = [connection.answer() for _ in range(3)]
    assert [answer[:12] for answer in answers] == [b"HTTP/1.1 200"] * 3


@pytest.mark.parametrize(
    ("version", "lines", "status"),
    [
        ("1.1", ["Host: here", "Host: there"], 400),
        ("1.1", [], 400),
        ("1.1", ["Host: here/there"], 400),
        ("1.1", ["Host: here there"], 400),
        ("1.1", ["Host: me@here"], 400),
        ("1.1", ["Host: here:a"], 400),
        ("1.1", ["Host: h\u00e9re"], 400),
        ("1.0", ["Host: [::1"], 400),
        ("1.1", ["Host:"], 200),
        ("1.1", ["Host: a_b.here:80 "], 200),
        ("1.1", ["Host: [fe80::1%25en0]:80"], 200),
        ("1.0", [], 200),
        ("1.1", ["Host: here", "Transfer-Encoding: gzip, chunked"], 400),
        ("1.1", ["Host: here", "Transfer-Encoding: Chunked"], 200),
    ],
)
def test_a_head_that_two_servers_may_understand_differently_is_refused(
    connection: Connection, version: str, lines: list[str], status: int
) -> None:
    connection.send("\r\n".join([f"GET /healthz HTTP/{version}", *lines, "", "0\r\n\r\n"]).encode())
    assert connection.answer().startswith(b"HTTP/1.1 %d " % status)


def test_many_small_requests_at_once_are_no_long_head(connection: Connection) -> None:
    connection.send(b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n" * 3_000)
    for _ in range(3_000):
        assert connection.answer().startswith(b"HTTP/1.1 200 ")


def test_the_rest_of_a_body_may_arrive_after_the_answer(connection: Connection) -> None:
    connection.send(b"POST /v1/nowhere HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n\r\nab")
    assert connection.answer().startswith(b"HTTP/1.1 404 ")
    connection.send(b"c" + b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n")
    assert connection.answer().startswith(b"HTTP/1.1 200 ")


# --- callers who go away -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/calculations", "/v1/calculations?bom=false", "/v1/timelines"])
def test_a_caller_who_goes_during_its_body_is_counted_as_that(server: Serving, path: str) -> None:
    route = path.partition("?")[0]

    def counted() -> tuple[float, float]:
        text = httpx.get(f"{server.origin}/metrics").text
        gone = value(text, "deadlines_request_seconds_count", method="POST", route=route, status="499")
        return gone, value(text, "deadlines_refusals_total", type="internal-error")

    before = counted()
    with socket.create_connection(("127.0.0.1", server.port)) as leaving:
        leaving.sendall(
            f"POST {path} HTTP/1.1\r\nHost: here\r\n{JSON}\r\nContent-Length: 1000\r\n\r\n".encode() + b"{" * 10
        )
        time.sleep(0.2)
    until = time.monotonic() + 60
    while counted()[0] == before[0] and time.monotonic() < until:
        time.sleep(0.1)
    after = counted()
    assert (after[0] - before[0], after[1] - before[1]) == (1, 0)
    assert '"level":"error"' not in server.log()


def test_the_work_for_callers_who_went_away_is_not_done(server: Serving) -> None:
    case = {"profile": "swindon", "events": [{"type": "cp_plan_started", "occurred_at": "2026-01-05"}]}
    body = json.dumps({**case, "as_of": "2026-01-06", "until": "2040-01-01"}).encode()
    for _ in range(12):
        with socket.create_connection(("127.0.0.1", server.port)) as leaving:
            leaving.sendall(request(body, JSON, path="/v1/timelines"))
    time.sleep(1)

    def processor_ticks() -> int:
        fields = Path(f"/proc/{server.workers()[0]}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    before = processor_ticks()
    time.sleep(1)
    assert processor_ticks() - before < 50
    assert '"level":"error"' not in server.log()
