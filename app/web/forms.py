"""What the explorer's form holds, and the request that it stands for."""

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

MOST_BYTES = 64 * 1024
MOST_FIELDS = 500
FACT = "fact."
FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Asked:
    """The form as it was filled in: texts, empty where nothing was said.

    `profile` and `compare` are a key, or a key and a version as `swindon@2`.
    """

    profile: str = ""
    event: str = ""
    date: str = ""
    time: str = ""
    until: str = ""
    compare: str = ""
    span: str = ""
    reference: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def occurred_at(self) -> str:
        """The date, or the date and the London time."""
        return f"{self.date}T{self.time}" if self.date and self.time else self.date


async def read_form(request: Request) -> tuple[Asked, bool]:
    """The form as sent, and whether a calculation was asked for. Raises Problem: another media type, too large."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM_TYPE:
        fault = Fault("Content-Type", "this media type is not read here", f"send {FORM_TYPE}")
        raise Problem("unsupported-media-type", "A form is expected.", [fault])
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            fault = Fault("(body)", "the form is too large", f"send at most {MOST_BYTES // 1024} KiB")
            raise Problem("body-too-large", "The form is too large.", [fault])
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        fault = Fault("(body)", "the form cannot be read", "send its fields in UTF-8")
        raise Problem("invalid-request", "The form cannot be read.", [fault]) from None
    return from_pairs(pairs), ("step", "choose") not in pairs


def from_pairs(pairs: list[tuple[str, str]]) -> Asked:
    """The fields that the form has; anything else is passed over."""
    given = {name: text.strip() for name, text in pairs}
    facts = {name.removeprefix(FACT): text for name, text in given.items() if name.startswith(FACT) and text}
    return Asked(
        profile=given.get("profile", ""),
        event=given.get("event", ""),
        date=given.get("date", ""),
        time=given.get("time", ""),
        until=given.get("until", ""),
        compare=given.get("compare", ""),
        span=given.get("span", ""),
        reference=given.get("reference", ""),
        facts=facts,
    )


def split_choice(choice: str) -> tuple[str, int | None]:
    """A profile's key and the version pinned, if one is: `swindon@2`."""
    key, _, version = choice.partition("@")
    return key, int(version) if version.isascii() and version.isdigit() and len(version) < 8 else None


def request_body(asked: Asked, choice: str, specs: Mapping[str, FactSpec]) -> Json:
    """The request as JSON under one profile, with those facts that `specs` knows."""
    key, version = split_choice(choice)
    body: Json = {"profile": key}
    if version is not None:
        body["profile_version"] = version
    body["event"] = {"type": asked.event, "occurred_at": asked.occurred_at}
    body["facts"] = {name: fact_from_text(specs[name], text) for name, text in asked.facts.items() if name in specs}
    if asked.until:
        body["until"] = asked.until
    body["explain"] = True
    if asked.reference:
        body["reference"] = asked.reference
    return body


def as_curl(origin: str, body: Json) -> str:
    """The request as a command for a shell."""
    text = json.dumps(body, indent=2, ensure_ascii=False).replace("'", "'\\''")
    return f"curl -sS {origin}/v1/calculations \\\n  -H 'Content-Type: application/json' \\\n  -d '{text}'"
