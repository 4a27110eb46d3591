"""The explorer's form, and the calculation request that it represents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.requests import Request

from app.engine.facts import FactSpec
from app.services.calculation.fact_parsing import fact_from_text
from app.services.calculation.response import Json
from app.services.problems import Fault, Problem
from app.services.validation import integer_from_text

MAX_BYTES = 64 * 1024
MAX_FIELDS = 500
MAX_SEARCH = 200
FACT = "fact."
FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class ExplorerForm:
    """The fields of the form as texts, empty where nothing was entered.

    `profile` and `compare` are a key, or a key and a version such as `swindon@2`.
    """

    profile: str = ""
    event: str = ""
    date: str = ""
    time: str = ""
    until: str = ""
    compare: str = ""
    span: str = ""
    reference: str = ""
    search: str = ""
    """Words to find an event by."""
    rule: str = ""
    claimed: str = ""
    """A date that somebody else worked out, to be checked."""
    claimed_time: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def occurred_at(self) -> str:
        """Return the date, or the date and the London time."""
        return join_time(self.date, self.time)


def join_time(day: str, time: str) -> str:
    """Join a day and a time of day, where there is one."""
    return f"{day}T{time}" if day and time else day


async def read_form(request: Request) -> tuple[ExplorerForm, bool]:
    """Read the form, and whether a calculation was requested. Raises `Problem` as `read_pairs` does."""
    pairs = await read_pairs(request)
    return from_pairs(pairs), ("step", "choose") not in pairs


async def read_pairs(request: Request, limit: int = MAX_BYTES, fields: int = MAX_FIELDS) -> list[tuple[str, str]]:
    """Read a form's fields in order.

    Raises `Problem` for another media type, a form that is larger than `limit` bytes or has more than `fields` fields,
    or one that is not UTF-8.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM_TYPE:
        fault = Fault("Content-Type", "this media type is not read here", f"send {FORM_TYPE}")
        raise Problem("unsupported-media-type", "A form is expected.", [fault])
    body = await read_bytes(request, limit)
    try:
        return parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=fields, errors="strict")
    except ValueError:
        fault = Fault("(body)", "the form cannot be read", "send its fields in UTF-8")
        raise Problem("invalid-request", "The form cannot be read.", [fault]) from None


async def read_bytes(request: Request, limit: int) -> bytes:
    """Read a body into memory. Raises `Problem` where it is larger than `limit` bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            fault = Fault("(body)", "the form is too large", f"send at most {limit // 1024} KiB")
            raise Problem("body-too-large", "The form is too large.", [fault])
    return bytes(body)


def from_pairs(pairs: list[tuple[str, str]]) -> ExplorerForm:
    """Read the fields of the form; ignore any others."""
    fields = {name: text.strip() for name, text in pairs}
    facts = {name.removeprefix(FACT): text for name, text in fields.items() if name.startswith(FACT) and text}
    return ExplorerForm(
        profile=fields.get("profile", ""),
        event=fields.get("event", ""),
        date=fields.get("date", ""),
        time=fields.get("time", ""),
        until=fields.get("until", ""),
        compare=fields.get("compare", ""),
        span=fields.get("span", ""),
        reference=fields.get("reference", ""),
        search=fields.get("search", "")[:MAX_SEARCH],
        rule=fields.get("rule", ""),
        claimed=fields.get("claimed", ""),
        claimed_time=fields.get("claimed_time", ""),
        facts=facts,
    )


def split_choice(choice: str) -> tuple[str, int | None]:
    """Split a choice such as `swindon@2` into the profile's key and the version, if one is pinned.

    What is no number is 0, which no version has.
    """
    key, pinned, text = choice.partition("@")
    version = integer_from_text(text)
    return key, (version if isinstance(version, int) else 0) if pinned else None


def request_body(entered: ExplorerForm, choice: str, specs: Mapping[str, FactSpec]) -> Json:
    """Build the calculation request under one profile, with the facts in `specs`."""
    key, version = split_choice(choice)
    body: Json = {"profile": key}
    if version is not None:
        body["profile_version"] = version
    body["event"] = {"type": entered.event, "occurred_at": entered.occurred_at}
    body["facts"] = {name: fact_from_text(specs[name], text) for name, text in entered.facts.items() if name in specs}
    if entered.until:
        body["until"] = entered.until
    body["explain"] = True
    if entered.reference:
        body["reference"] = entered.reference
    return body


def as_curl(origin: str, body: Json) -> str:
    """Format the request as a curl command."""
    text = json.dumps(body, indent=2, ensure_ascii=False).replace("'", "'\\''")
    return f"curl -sS {origin}/v1/calculations \\\n  -H 'Content-Type: application/json' \\\n  -d '{text}'"
