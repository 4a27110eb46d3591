"""The tools that an assistant may call, each the same function as the published operation that it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.mcp.answers import describe_event, open_part
from app.mcp.schemas import Schema, input_schema
from app.services import catalogue
from app.services.calculation.request import CalculationRequest, read_request
from app.services.calculation.response import Json, calculate_response
from app.services.date_check import check_date
from app.services.date_check.request import CheckRequest
from app.services.fact_form import FormQuery
from app.services.problems import Fault, Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.timelines import timeline
from app.services.timelines.request import TimelineRequest
from app.services.validation import QueryModel, RequestModel, read
from app.services.words import search
from app.services.words_request import WordsQuery

INCLUDE = "include"
INCLUDED = ("open", "all")
EVENT_PARTS = frozenset({"type", "occurred_at", "facts"})


class NoArguments(QueryModel):
    """What a tool takes that asks for nothing."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: what an assistant reads of it, and how it is answered."""

    name: str
    title: str
    description: str
    operation: str
    """The operation of the HTTP API whose budget of work it has."""
    request: type[RequestModel]
    """The published request that its properties are taken from."""
    properties: tuple[str, ...]
    answer: Callable[[Snapshot, Mapping[str, object]], Json]
    required: tuple[str, ...] = ()
    own: Schema = field(default_factory=dict)
    """Properties that choose what is shown of an answer, and are no part of the request."""

    def input_schema(self) -> Schema:
        """Return the JSON Schema of what it takes."""
        schema = input_schema(self.request, self.properties, self.required, EVENT_PARTS)
        return {**schema, "properties": {**schema["properties"], **self.own}}


def _list_profiles(snapshot: Snapshot, sent: Mapping[str, object]) -> Json:
    read(NoArguments, sent)
    shown = ("key", "title", "authority", "latest_version", "in_force_from")
    listed: dict[str, Any] = catalogue.list_profiles(snapshot)
    return {"profiles": [{key: item[key] for key in shown} for item in listed["profiles"]]}


def _find(snapshot: Snapshot, sent: Mapping[str, object]) -> Json:
    query = read(WordsQuery, sent)
    return search(snapshot, query.q, query.kind, query.profile, query.limit, query.starts)


def _describe_event(snapshot: Snapshot, sent: Mapping[str, object]) -> Json:
    return describe_event(snapshot, read(FormQuery, sent))


def _calculate(snapshot: Snapshot, sent: Mapping[str, object]) -> Json:
    return calculate_response(read_request(snapshot, sent))


def _timeline(snapshot: Snapshot, sent: Mapping[str, object]) -> Json:
    body = {key: value for key, value in sent.items() if key != INCLUDE}
    included = sent.get(INCLUDE, INCLUDED[0])
    if included not in INCLUDED:
        fault = Fault(INCLUDE, "this is neither open nor all", "send open, or all, or leave it out")
        raise Problem("invalid-request", "What is to be included cannot be read.", [fault])
    answer = timeline(snapshot, body)
    return answer if included == "all" else open_part(answer)


TOOLS = (
    Tool(
        "list_profiles",
        "List the councils' standards",
        "List the profiles: each is one council's practice standards, or the statutory ones. Ask which applies.",
        "list_profiles",
        NoArguments,
        (),
        _list_profiles,
    ),
    Tool(
        "find",
        "Find events, facts and duties by words",
        "Find the codes of events, facts and duties by the words that people use: `LAC review`, `ICPC`, `section 47`.",
        "find_words",
        WordsQuery,
        ("q", "kind", "profile", "limit"),
        _find,
    ),
    Tool(
        "describe_event",
        "Describe an event",
        "Show what one event starts under a profile: its rules with timescale and section, and the facts that they "
        "read. Use it before calculate, to know which facts to ask the user for.",
        "get_form",
        FormQuery,
        ("profile", "event", "duty"),
        _describe_event,
    ),
    Tool(
        "calculate",
        "Calculate due dates",
        "Calculate every due date that one event starts. Each has the section that it comes from, `reading` where the "
        "text is ambiguous, and `alternatives`: quote them. Rules under `undetermined` are not dated: ask the user for "
        "the facts that they need, and never guess a fact or count days yourself.",
        "calculate",
        CalculationRequest,
        ("profile", "event", "facts", "until", "explain", "profile_version"),
        _calculate,
    ),
    Tool(
        "check_date",
        "Check a due date",
        "Check a due date that somebody else worked out: right, early or late, by how many days, and which common "
        "mistake or reading gives it.",
        "check_date",
        CheckRequest,
        ("profile", "event", "facts", "duty", "rule", "date"),
        check_date,
    ),
    Tool(
        "timeline",
        "Follow a case",
        "Follow one case from its events: what is overdue, outstanding or disputed on the day `as_of`, and what waits "
        "for a fact. `summary` counts all; what is met, ended or projected is shown only with include=all.",
        "timeline",
        TimelineRequest,
        ("profile", "events", "facts", "as_of", "until"),
        _timeline,
        required=("profile",),
        own={INCLUDE: {"type": "string", "enum": list(INCLUDED), "description": "Absent: open."}},
    ),
)
BY_NAME = {tool.name: tool for tool in TOOLS}
