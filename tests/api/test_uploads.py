"""How long an upload may take: a caller who drips keeps no turn of a worker."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request

from app.api.uploads import MIN_UPLOAD_BYTES_PER_SECOND, receive_upload
from app.services.problems import Problem

START = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
END = b"\r\n--x--\r\n"
BODY_SECONDS = 0.3


def sending(pieces: list[bytes], pause: float) -> Request:
    """Return a request whose body arrives in pieces, with a pause before each."""
    left = list(pieces)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    application = SimpleNamespace(state=SimpleNamespace(settings=SimpleNamespace(body_seconds=BODY_SECONDS)))
    return Request({"type": "http", "method": "POST", "headers": headers, "app": application}, receive)


def test_an_upload_that_drips_is_refused_although_it_never_pauses_for_long() -> None:
    request = sending([START, *[b"x"] * 1_000, END], BODY_SECONDS / 30)
    with pytest.raises(Problem) as refused:
        asyncio.run(asyncio.wait_for(receive_upload(request, 1 << 20), 60))
    assert refused.value.kind == "request-timeout"


def test_a_long_upload_has_the_time_that_its_bytes_take() -> None:
    piece = bytes(MIN_UPLOAD_BYTES_PER_SECOND)
    form = asyncio.run(receive_upload(sending([START, *[piece] * 6, END], BODY_SECONDS / 3), 1 << 20))
    (file,) = form.getlist("file")
    assert not isinstance(file, str)
    assert file.size == 6 * len(piece)
    file.file.close()
