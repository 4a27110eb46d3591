"""The flat request: the fixed fields and every fact side by side, as one JSON object or as a query string."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, create_model

from app.engine.facts import DATE_OF_BIRTH, EXPECTED_DELIVERY, FactSpec
from app.profiles.vocabulary import shared_vocabulary
from app.profiles.vocabulary.subjects import subjects
from app.services.calculation.fact_parsing import fact_from_text, fact_specs
from app.services.calculation.request import CalculationRequest, Event, ResolvedRequest, resolve
from app.services.calculation.started_duties import check_duty, check_started
from app.services.facts import Facts, described, fact_type
from app.services.problems import LISTS, MAX_FAULTS, Fault
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import (
    FROM_TEXT,
    EventTime,
    Explained,
    Faults,
    Maybe,
    RequestModel,
    VersionNumber,
    VersionText,
    unchecked,
)

PERSONAL = (DATE_OF_BIRTH, EXPECTED_DELIVERY)
NOT_IN_A_URL = "this fact is not taken in a URL, because URLs are written to logs everywhere"
MAX_OCCURRENCE = 1000
Occurrence = Annotated[
    int,
    Field(ge=1, le=MAX_OCCURRENCE),
    Explained("an occurrence is a whole number from 1", f"send digits alone, up to {MAX_OCCURRENCE}, or leave it out"),
]
OccurrenceText = Annotated[Occurrence, FROM_TEXT]
# A profile's own facts (`local_…`) pass the shape and are read by `resolve_flat`; they are not documented here.
FACTS = "facts"
NESTED = Field(description="The facts as an object of their own, for tools that make a form of /v1/form.")
LENIENT = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": False})


class FlatRequest(RequestModel):
    """One flat object: the fields and any facts."""

    model_config = LENIENT

    profile: str = Field(description="A key from /v1/profiles.", examples=["swindon"])
    event: str = Field(description="A code from /v1/event-types.", examples=["strategy_discussion_held"])
    at: EventTime = Field(
        description="When it happened: a date, an instant or a London date-time.", examples=["2025-12-18"]
    )
    duty: Maybe[str] = Field(
        description="A key from /v1/duties that the event starts. Absent: everything that the event starts, as a list.",
        examples=["hold_icpc"],
    )
    occurrence: Maybe[Occurrence] = Field(
        description="Which due date of the duty: 2 for the second. Absent: the first.", examples=[1]
    )
    calendar: Maybe[str] = Field(description="Absent: the profile's own.")
    profile_version: Maybe[VersionNumber] = Field(description="Absent: the version in force on the event's date.")
    calendar_version: Maybe[VersionNumber] = Field(description="Absent: the latest.")

    def facts_sent(self, snapshot: Snapshot) -> dict[str, Any]:  # noqa: ARG002 - a query string needs it
        """Return the facts sent, a profile's own among them."""
        names = (*FlatRequest.model_fields, FACTS)
        sent = {name: getattr(self, name, None) for name in type(self).model_fields if name not in names}
        return {name: value for name, value in {**sent, **(self.model_extra or {})}.items() if value is not None}

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:  # noqa: ARG002 - the base's
        """Add what only the published records can find wrong."""
        resolve_flat(faults, snapshot, self)


class FlatQuery(FlatRequest):
    """The same as a query string, where every value is text. Dates about a child are not taken in a URL."""

    occurrence: Maybe[OccurrenceText] = Field(
        description="Which due date of the duty: 2 for the second. Absent: the first.", examples=[1]
    )
    profile_version: Maybe[VersionText] = Field(description="Absent: the version in force on the event's date.")
    calendar_version: Maybe[VersionText] = Field(description="Absent: the latest.")

    def facts_sent(self, snapshot: Snapshot) -> dict[str, Any]:
        """Return the facts sent; those that the vocabulary does not have are read by the profile's own words."""
        specs = fact_specs(snapshot, self.profile)
        extra = {name: fact_from_text(specs.get(name), str(value)) for name, value in (self.model_extra or {}).items()}
        return {**super().facts_sent(snapshot), **extra}


def _text_type(spec: FactSpec) -> Any:
    return Annotated[
        fact_type(spec),
        BeforeValidator(lambda value: fact_from_text(spec, value) if isinstance(value, str) else value),
    ]


def _with_facts(name: str, base: type[FlatRequest], kind: Any, left_out: tuple[str, ...] = (), **more: Any) -> Any:
    specs = [(key, shared_vocabulary().facts[key]) for key in subjects("facts") if key not in left_out]
    maybe: Any = Maybe
    fields: dict[str, Any] = {key: (maybe[kind(spec)], Field(description=described(spec))) for key, spec in specs}
    return create_model(name, __base__=base, __doc__=base.__doc__, **fields, **more)


if TYPE_CHECKING:
    DueDateRequest = FlatRequest
    DueDateQuery = FlatQuery
else:
    DueDateRequest = _with_facts("DueDateRequest", FlatRequest, fact_type, **{FACTS: (Maybe[Facts], NESTED)})
    DueDateQuery = _with_facts("DueDateQuery", FlatQuery, _text_type, PERSONAL)


def resolve_flat(faults: Faults, snapshot: Snapshot, request: FlatRequest) -> ResolvedRequest | None:
    """Resolve the calculation behind a flat request, or find the faults of a sound part. None after a fault."""
    facts = request.facts_sent(snapshot)
    if isinstance(request, FlatQuery):
        for name in PERSONAL:
            if facts.pop(name, None) is not None:
                faults.collected.append(
                    Fault(name, NOT_IN_A_URL, "send the same fields as JSON with POST /v1/due-dates")
                )
    specs = fact_specs(snapshot, request.profile)
    nested = {} if isinstance(request, FlatQuery) else getattr(request, FACTS, None) or {}
    for name in nested.keys() & facts.keys():
        faults.add(f"{FACTS}.{name}", "this fact is sent twice", "send it once, next to profile or within facts")
    facts |= nested
    unknown = [name for name in facts if name not in specs]
    for name in unknown[: MAX_FAULTS + 1]:
        if name in nested:
            faults.unknown(f"{FACTS}.{name[:100]}", "fact", name, specs)
        else:
            _unknown(faults, name, specs, "(query)" if isinstance(request, FlatQuery) else "(body)")
    calculation = unchecked(
        CalculationRequest,
        profile=request.profile,
        profile_version=request.profile_version,
        calendar=request.calendar,
        calendar_version=request.calendar_version,
        event=unchecked(Event, type=request.event, occurred_at=request.at),
        facts={name: value for name, value in facts.items() if name in specs} if unknown else facts,
    )
    own = Faults()
    resolved = resolve(own, snapshot, calculation)
    faults.merge(own, lambda path: path if path.removeprefix("facts.") in nested else _flat_path(path))
    if resolved is not None and request.duty is not None:
        check_started(faults, resolved.profile.profile, resolved.event, request.duty)
    elif request.duty is not None:
        # The event, or another part, has a fault: what is wrong with the duty by itself is said with it.
        latest = snapshot.latest_profile(request.profile)
        if latest is not None:
            check_duty(faults, latest.profile, request.duty)
    if request.duty is None and request.occurrence is not None:
        faults.add("occurrence", "an occurrence is counted for one duty", "add duty, or leave occurrence out")
    return None if faults.collected else resolved


def _unknown(faults: Faults, name: str, facts: Collection[str], whole: str) -> None:
    """Add the fault of a name that is neither a field of a flat request nor a fact; an empty one is of the `whole`."""
    fields = sorted(FlatRequest.model_fields)
    faults.unknown(name[:100] or whole, "fact", name, [*facts, *fields])
    fault = replace(faults.collected[-1], message="unknown field or fact")
    if not fault.nearest:
        fault = replace(fault, remedy=f"use one of: {', '.join(fields)}; or a fact that GET {LISTS['fact']} lists")
    faults.collected[-1] = fault


def _flat_path(path: str) -> str:
    return {"event.type": "event", "event.occurred_at": "at"}.get(path, path.removeprefix("facts."))
