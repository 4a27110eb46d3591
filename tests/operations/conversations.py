"""What callers may send over one connection, and what has to be answered: a model that knows nothing of the server."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.operations.test_connections import BATCH, BODY, JSON, NDJSON

PATH = "/v1/calculations"
OWN_NAME = re.compile(rb"[0-9a-f]{32}")
"""How the service names a request whose caller gave it no name, or whose name it never read."""
BODY_SECONDS = 30.0
OFFER = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAA"]


@dataclass(frozen=True)
class Sent:
    """One request, and its answer."""

    name: bytes
    data: bytes
    status: int
    says: tuple[bytes, ...] = ()
    method: str = "GET"
    is_last: bool = False
    is_refused: bool = False
    """It is no valid HTTP: its answer is the connection's last."""
    is_early: bool = False
    """It is answered without its body."""
    may_continue: bool = False
    head_bytes: int = 0
    version: str = "1.1"


class Kind(NamedTuple):
    """A request of valid HTTP: CALCULATION and NAME stand for what differs from one to the next."""

    method: str
    path: str
    body: bytes
    status: int
    says: tuple[bytes, ...]


REFERENCE, HEALTHY = b'"reference":"NAME"', b'{"status":"ok"}'
KINDS = {
    "get": Kind("GET", "/healthz", b"", 200, (HEALTHY,)),
    "full address": Kind("GET", "http://here/healthz?", b"", 200, (HEALTHY,)),
    "head": Kind("HEAD", "/healthz", b"", 200, ()),
    "calculation": Kind("POST", PATH, b"CALCULATION", 200, (REFERENCE,)),
    "lines": Kind("POST", BATCH, b"CALCULATION\n" * 3, 200, (REFERENCE,) * 3),
    "no such address": Kind("POST", "/nowhere", b"CALCULATION", 404, (b"/problems/not-found",)),
    "no such method": Kind("DELETE", PATH, b"CALCULATION", 405, (b"/problems/method-not-allowed",)),
    "no key": Kind("GET", "/v1/audit", b"CALCULATION", 401, (b"/problems/",)),
    "long query": Kind("POST", f"{PATH}?q={'a' * 17_000}", b"CALCULATION", 414, (b"/problems/uri-too-long",)),
    "wrong body": Kind("POST", PATH, b'{"profile":', 400, (b"/problems/",)),
    "too large a body": Kind("POST", PATH, bytes(1_048_577), 413, (b"/problems/body-too-large",)),
}


@dataclass(frozen=True)
class WellFormed:
    """A request of valid HTTP in one of its forms."""

    kind: str
    version: str
    closes: bool
    offers: bool
    expects: bool
    has_blank_lines: bool
    chunk_bytes: int

    def sent(self, name: str) -> Sent:
        method, path, template, status, says = KINDS[self.kind]
        body = template.replace(b"CALCULATION", json.dumps({**BODY, "reference": name}).encode())
        headers = ["Host: here", f"X-Request-ID: {name}"]
        headers += OFFER if self.offers else []
        headers += ["Connection: close"] if self.closes else []
        if body:
            headers.append(NDJSON if self.kind == "lines" else JSON)
            headers += ["Expect: 100-continue"] if self.expects else []
            headers.append("Transfer-Encoding: chunked" if self.chunk_bytes else f"Content-Length: {len(body)}")
        head = "\r\n".join([f"{method} {path} HTTP/{self.version}", *headers, "", ""]).encode()
        head = b"\r\n" * self.has_blank_lines + head
        return Sent(
            name=name.encode(),
            data=head + (in_chunks(body, self.chunk_bytes) if body and self.chunk_bytes else body),
            status=status,
            says=tuple(each.replace(b"NAME", name.encode()) for each in says),
            method=method,
            is_last=self.closes or self.version == "1.0",
            is_early=status in {401, 404, 405, 414} or not body,
            may_continue=self.expects and self.version == "1.1" and bool(body),
            head_bytes=len(head),
            version=self.version,
        )


def in_chunks(body: bytes, size: int) -> bytes:
    """Return a body in chunks, with an extension and a trailer if the size is odd."""
    extension, trailer = (b";is=odd", b"X-Request-ID: trailer\r\n") if size % 2 else (b"", b"")
    size = max(size, len(body) // 20)
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    chunks = [b"%x%s\r\n%s\r\n" % (len(each), extension, each) for each in pieces]
    return b"".join([*chunks, b"0\r\n", trailer, b"\r\n"])


MANY = "X: aaaaaaaa\r\n" * 6_000
HEAD = "X-Request-ID: {name}\r\nHost: here\r\n"
GET = "GET /healthz HTTP/1.1\r\n" + HEAD
POST = f"POST {PATH} HTTP/1.1\r\n{HEAD}{JSON}\r\n"
CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n"
FAULTS = {
    # Methods, addresses and versions.
    "HOW /healthz HTTP/1.1\r\n" + HEAD + "\r\n": 400,
    "\x16\x03\x01\x02": 400,
    "GET /\xe9 HTTP/1.1\r\n" + HEAD + "\r\n": 400,
    "GET http:///x HTTP/1.1\r\n" + HEAD + "\r\n": 400,
    "GET /healthz HTTP/9.9\r\n" + HEAD + "\r\n": 400,
    "CONNECT here:80 HTTP/1.1\r\n" + HEAD + "\r\n": 405,
    "CONNECT here:80 HTTP/1.1\r\n" + HEAD + "Upgrade: h2c\r\nConnection: upgrade\r\n\r\n": 405,
    # Lines of a head.
    "GET /healthz HTTP/1.1\n" + HEAD + "\r\n": 400,
    GET + "X: a\nY: b\r\n\r\n": 400,
    GET + "X: a\rY: b\r\n\r\n": 400,
    GET + "X: a\r\n b\r\n\r\n": 400,
    GET + "X : a\r\n\r\n": 400,
    GET + "X: \0\r\n\r\n": 400,
    GET + "Host: there\r\n\r\n": 400,
    "GET /healthz HTTP/1.1\r\nX-Request-ID: {name}\r\n\r\n": 400,
    # Too much.
    GET + "X: {long}\r\n\r\n": 431,
    GET + "{many}\r\n": 431,
    GET + "X: \r\n" * 201 + "\r\n": 431,
    "GET /{long} HTTP/1.1\r\n" + HEAD + "\r\n": 431,
    CHUNKED + "2;{long}\r\n": 400,
    CHUNKED + "2\r\n[]\r\n0\r\n" + "X: \r\n" * 900: 400,
    CHUNKED + "2\r\n[]\r\n0\r\nX: {long}\r\n\r\n": 400,
    # Where a body ends.
    POST + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n": 400,
    POST + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n[]\r\n0\r\n\r\n": 400,
    POST + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n[]]": 400,
    POST + "Content-Length: 2, 2\r\n\r\n[]": 400,
    POST + "Content-Length: +2\r\n\r\n[]": 400,
    POST + "Content-Length: \r\n\r\n": 400,
    POST + "Transfer-Encoding: gzip, chunked\r\n\r\n": 400,
    POST + "Transfer-Encoding: chunked, chunked\r\n\r\n": 400,
    POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n": 400,
    POST + "Transfer-Encoding: identity\r\n\r\n": 400,
    POST + "Transfer-Encoding:\r\n chunked\r\n\r\n": 400,
    POST + "Transfer-Encoding : chunked\r\n\r\n": 400,
    POST + "Transfer-Encoding: x\0chunked\r\n\r\n": 400,
    CHUNKED + "zz\r\n": 400,
    CHUNKED + "2\n[]\r\n0\r\n\r\n": 400,
    CHUNKED + "2\r\n[]\n0\r\n\r\n": 400,
    CHUNKED + "2 \r\n[]\r\n0\r\n\r\n": 400,
    CHUNKED + "0x2\r\n[]\r\n0\r\n\r\n": 400,
    CHUNKED + "-2\r\n[]\r\n0\r\n\r\n": 400,
    CHUNKED + "10000000000000002\r\n[]\r\n0\r\n\r\n": 400,
    CHUNKED + "2\r\n[]]\r\n0\r\n\r\n": 400,
}


@dataclass(frozen=True)
class Malformed:
    """What is no valid HTTP."""

    form: str

    def sent(self, name: str) -> Sent:
        data = self.form.replace("{name}", name).replace("{long}", "a" * 80_000).replace("{many}", MANY)
        return Sent(name.encode(), data.encode("latin-1"), FAULTS[self.form], is_last=True, is_refused=True)


RARELY = st.sampled_from([False, False, False, False, False, True])
WELL_FORMED = st.builds(
    WellFormed,
    kind=st.sampled_from([*KINDS, "get", "head", "calculation", "calculation"]),
    version=st.just("1.1"),
    closes=st.just(False),
    offers=RARELY,
    expects=RARELY,
    has_blank_lines=RARELY,
    chunk_bytes=st.sampled_from([0, 0, 1, 50, 1_001]),
)
MALFORMED = st.builds(Malformed, st.sampled_from(list(FAULTS)))


@dataclass(frozen=True)
class Conversation:
    """What one caller sends, in which pieces, how it reads, and what it does then."""

    forms: list[WellFormed | Malformed]
    cuts: list[int]
    pauses: list[float]
    end: str
    lacks: int = 0
    """So many bytes of the last request are never sent."""
    taken: list[int] = field(default_factory=list)
    """How many bytes it reads at a time; everything at once where there is none."""

    @cached_property
    def sent(self) -> list[Sent]:
        return [form.sent(f"r{number}") for number, form in enumerate(self.forms)]

    def pieces(self) -> list[bytes]:
        whole = b"".join(each.data for each in self.sent)
        whole = whole[: len(whole) - self.lacks]
        cuts = [0, *(cut for cut in self.cuts if cut < len(whole)), len(whole)]
        return [whole[start:end] for start, end in pairwise(cuts)]

    def expected(self) -> list[Sent]:
        """Return the requests that are answered: all up to the last one of the connection."""
        answered: list[Sent] = []
        for each in self.sent[:-1] if self.lacks else self.sent:
            answered.append(each)
            if each.is_last:
                return answered
        unfinished = self.unfinished()
        return [*answered, unfinished] if unfinished and self.end == "stays" else answered

    def answered_after(self, sent_bytes: int) -> int:
        """Return how many requests that are answered are here after so many bytes."""
        ends = accumulate(len(each.data) for each in self.sent)
        return sum(end <= sent_bytes for end, _ in zip(ends, self.expected(), strict=False))

    def unfinished(self) -> Sent | None:
        """Return what may be answered of a request that is never sent as a whole; while its caller stays it must be."""
        last = self.sent[-1]
        if not self.lacks or len(last.data) - self.lacks < last.head_bytes:
            return None
        if last.is_early:
            return last
        return replace(last, status=408, says=(b"/problems/request-timeout",), is_last=True)


@st.composite
def conversations(draw: st.DrawFn, ends: tuple[str, ...] = ("stays", "half-closes")) -> Conversation:
    """Give any mixture of requests, cut anywhere; what is malformed may come anywhere, once or more often."""
    forms: list[WellFormed | Malformed] = [*draw(st.lists(WELL_FORMED, min_size=1, max_size=10))]
    # What ends the connection before that, if anything does.
    at = draw(st.integers(0, len(forms) - 1))
    way = draw(st.sampled_from(["", "", "closes", "is old", "is malformed"]))
    if way == "is malformed":
        forms.insert(at + 1, draw(MALFORMED))
    elif way:
        forms[at] = replace(forms[at], **({"closes": True} if way == "closes" else {"version": "1.0"}))
    sent = Conversation(forms, [], [0], "stays").sent
    total, last = sum(len(each.data) for each in sent), sent[-1]
    may_lack = last.head_bytes and last.status != 413 and len(last.says) < 2
    lacks = draw(st.one_of(st.just(0), st.integers(0, len(last.data) - 1))) if may_lack else 0
    end = draw(st.sampled_from(ends))
    # Whoever ends amid a body has gone, and is not waited for in the middle of an early answer.
    is_abandoned = end == "half-closes" and 0 < lacks <= len(last.data) - last.head_bytes
    if total < 2_000 and draw(RARELY):
        cuts = list(range(1, total))
    else:
        cuts = sorted(draw(st.sets(st.integers(1, max(1, total - 1)), max_size=10)))
    return Conversation(
        forms=forms,
        cuts=cuts,
        # Together less than what the service waits for the rest of a body that it has answered.
        pauses=draw(st.lists(st.sampled_from([0, 0, 0.001, 0.3]), min_size=1, max_size=5)) if len(cuts) <= 10 else [0],
        end=end,
        lacks=lacks,
        taken=[] if is_abandoned else draw(st.just([]) | st.lists(st.integers(200, 20_000), min_size=1, max_size=5)),
    )


@dataclass(frozen=True)
class Answer:
    """One answer as its reader finds it."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes
    interim: int


def read_answers(received: bytes, methods: list[str]) -> list[Answer]:
    """Split what was received into answers. Fails where one is not whole, or where there is anything else."""
    answers: list[Answer] = []
    interim = 0
    while received:
        head, end, received = received.partition(b"\r\n\r\n")
        assert end, head
        line, *lines = head.split(b"\r\n")
        status = int(re.fullmatch(rb"HTTP/1\.1 (\d{3}) [A-Za-z -]+", line)[1])  # type: ignore[index]  # fails
        if status == 100:
            assert not lines
            interim += 1
            continue
        pairs = [tuple(each.split(b": ", 1)) for each in lines]
        headers: dict[bytes, bytes] = dict(pairs)  # type: ignore[arg-type]  # of two each
        assert len(headers) == len(pairs), pairs
        method = methods[len(answers)] if len(answers) < len(methods) else "GET"
        body, received = (b"", received) if method == "HEAD" else split_body(headers, received)
        answers.append(Answer(status, headers, body, interim))
        interim = 0
    return answers


def split_body(headers: dict[bytes, bytes], received: bytes) -> tuple[bytes, bytes]:
    if b"content-length" in headers:
        length = int(headers[b"content-length"])
        assert len(received) >= length
        return received[:length], received[length:]
    if b"transfer-encoding" not in headers:
        assert headers[b"connection"] == b"close"
        return received, b""
    body, length = b"", 1
    while length:
        size, _, received = received.partition(b"\r\n")
        length = int(size, 16)
        assert received[length : length + 2] == b"\r\n"
        body, received = body + received[:length], received[length + 2 :]
    return body, received


def check_answers(conversation: Conversation, received: bytes, *, is_cut_short: bool = False) -> list[Answer]:
    """Compare what was received with what has to be; where the server stops meanwhile, with the beginning of that."""
    expected = conversation.expected()
    answers = read_answers(received, [each.method for each in expected])
    shown: Any = [(each.status, each.headers.get(b"x-request-id"), each.body[:200]) for each in answers]
    if is_cut_short:
        expected = expected[: len(answers)]
    unfinished = conversation.unfinished()
    if len(answers) > len(expected) and unfinished and unfinished.status != 408:
        expected.append(unfinished)
    assert [each.status for each in answers] == [each.status for each in expected], shown
    for number, (answer, wanted) in enumerate(zip(answers, expected, strict=True), 1):
        name = answer.headers[b"x-request-id"]
        assert name == wanted.name or (wanted.is_refused and OWN_NAME.fullmatch(name)), shown
        assert answer.body.count(wanted.says[0] if wanted.says else b"\0") == len(wanted.says), shown
        assert answer.interim <= wanted.may_continue
        assert wanted.version != "1.0" or b"transfer-encoding" not in answer.headers
        is_last = answer.headers.get(b"connection") == b"close"
        assert is_last or not wanted.is_last
        assert number == len(answers) or not is_last, shown
        if wanted.status >= 400 and wanted.method != "HEAD":
            assert answer.headers[b"content-type"] == b"application/problem+json"
            assert json.loads(answer.body)["status"] == wanted.status
        if wanted.is_refused:
            (fault,) = json.loads(answer.body)["errors"]
            assert fault["remedy"]
    return answers
