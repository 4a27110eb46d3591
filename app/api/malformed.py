"""The problems of requests that the server's parser of HTTP does not take: each names its place and a remedy."""

from __future__ import annotations

import re

import httptools

from app.services.problems import Fault, Problem

MAX_HEAD_BYTES = 64 * 1024
MAX_HEADERS = 200
"""Each takes a hundred bytes of memory more than it has, which may be four."""
HOST = re.compile(rb"([\w.~!$&'()*+,;=%-]*|\[[\w.:%-]+\])(:\d*)?[ \t]*", re.ASCII)
METHODS = "GET, HEAD, POST, PUT, DELETE"
LENGTH = "send one Content-Length in digits or Transfer-Encoding: chunked, and not both"
REMEDIES = {
    "(method)": f"use one of: {METHODS}",
    "(address)": "write it in ASCII, and everything else percent-encoded",
    "Content-Length": LENGTH,
    "Transfer-Encoding": LENGTH,
    "(body)": "send the length of each chunk in hexadecimal digits before it",
    "Host": "send one Host header: a name or an address, and a port where it has one",
    "(head)": "send a line of method, address and HTTP/1.1, then a line for each header, all ended by CR LF",
}


def malformed(place: str, message: str) -> Problem:
    """Return the problem of a request that breaks a rule of HTTP."""
    return Problem("bad-request", "The request is not valid HTTP.", [Fault(place, message, REMEDIES[place])])


def head_too_large() -> Problem:
    """Return the problem of a head over its limit."""
    limit = f"{MAX_HEAD_BYTES // 1024} KiB together, in at most {MAX_HEADERS} headers"
    detail = f"The address and the headers hold at most {limit}."
    return Problem("head-too-large", detail, [Fault("(head)", "the head is too large", "send the data as a body")])


def framing_too_large() -> Problem:
    """Return the problem of a body in chunks with more around them than a head may have."""
    fault = Fault("(body)", "what is around the chunks is too large", "send chunks without extensions, and no trailers")
    limit = f"The extensions of a chunk, and at most {MAX_HEADERS} trailers, hold at most {MAX_HEAD_BYTES // 1024} KiB."
    return Problem("bad-request", limit, [fault])


def with_path(address: bytes) -> bytes:
    """Return an address that does not begin with its path; a full one without a path gets `/` (RFC 9112, 3.2.2)."""
    scheme, separator, rest = address.partition(b"://")
    host, mark, query = rest.partition(b"?")
    if not separator or not host or b"/" in host:
        return address
    return b"".join((scheme, separator, host, b"/", mark, query))


def tunnel_refused() -> Problem:
    """Return the problem of CONNECT, which asks for a tunnel to another server."""
    fault = Fault("(method)", "CONNECT is not a method of this service", REMEDIES["(method)"])
    return Problem("method-not-allowed", "This server is no proxy.", [fault], {"Allow": METHODS})


def parser_problem(error: httptools.HttpParserError, *, in_body: bool) -> Problem:
    """Return the problem that the parser stopped at: one that was raised while it parsed, or a fault of its own.

    Raises the error where it is neither, but a mistake of this service.
    """
    if isinstance(error, httptools.HttpParserCallbackError):
        raised = error.__context__
        if isinstance(raised, Problem):
            return raised
        if isinstance(raised, httptools.HttpParserInvalidURLError | UnicodeDecodeError):
            return malformed("(address)", "it is no URL")
        raise error
    reason = str(error)
    if isinstance(error, httptools.HttpParserInvalidMethodError):
        place = "(method)"
    elif isinstance(error, httptools.HttpParserInvalidURLError):
        place = "(address)"
    else:
        named = [name for name in ("Content-Length", "Transfer-Encoding") if name in reason]
        place = named[0] if named else "(body)" if in_body else "(head)"
    return malformed(place, reason)
