"""Give the facts that matter to one event, or to one duty of it, as a JSON Schema that a tool shows as a form."""

from __future__ import annotations

from typing import Any

from pydantic import Field, TypeAdapter

from app.engine.compiled_profile import ApplicableRule, Profile
from app.engine.duties import duties_started
from app.engine.facts import FactSpec
from app.profiles.vocabulary import shared_vocabulary
from app.services.calculation.response import Json
from app.services.calculation.started_duties import check_started
from app.services.catalogue import SentName, check_names
from app.services.catalogue_lists import MAX_KEY, facts_read
from app.services.facts import fact_type
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import Faults, Maybe, QueryModel
from app.services.wording import title_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class FormQuery(QueryModel):
    """The event, and the duty if there is one, whose facts are wanted."""

    profile: str = Field(description="A key from /v1/profiles.", max_length=MAX_KEY, examples=["swindon"])
    event: str = Field(
        description="A code from /v1/event-types.", max_length=MAX_KEY, examples=["strategy_discussion_held"]
    )
    duty: Maybe[str] = Field(
        description="A key from /v1/duties that the event starts. Absent: every duty of the event.",
        max_length=MAX_KEY,
        examples=["hold_icpc"],
    )

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:  # noqa: ARG002 - the base's
        """Add the names that do not exist."""
        faults.collected += [name.fault for name in _names(snapshot, self) if not name.exists]


def _names(snapshot: Snapshot, query: FormQuery) -> list[SentName]:
    version = snapshot.latest_profile(query.profile)
    words = shared_vocabulary() if version is None else version.profile.vocabulary
    return [
        SentName("profile", query.profile, snapshot.profiles),
        SentName("event", query.event, words.events),
        SentName("duty", query.duty, words.duties),
    ]


def check_form(snapshot: Snapshot, query: FormQuery) -> tuple[Profile, list[ApplicableRule]]:
    """Return the profile of a query, and the rules that its event starts for its duty, or for every duty.

    Raises Problem not-found, and event-does-not-start-duty where the event can never start the duty.
    """
    version = snapshot.latest_profile(query.profile)
    check_names(*_names(snapshot, query))
    assert version is not None
    profile = version.profile
    if query.duty is not None:
        faults = Faults()
        check_started(faults, profile, query.event, query.duty)
        faults.raise_any()
    started = profile.by_event.get(query.event, ())
    kinds = profile.vocabulary.kinds(query.duty) if query.duty is not None else frozenset()
    return profile, [item for item in started if query.duty is None or kinds & duties_started(item)]


def fact_form(snapshot: Snapshot, query: FormQuery) -> Json:
    """Return a JSON Schema of just the facts that the rules of an event, or of one duty of it, read.

    None is required: an answer without a deciding fact names it. Raises Problem not-found, and
    event-does-not-start-duty where the event can never start the duty.
    """
    profile, rules = check_form(snapshot, query)
    names = {name for item in rules for name in facts_read(profile, item, query.event)}
    specs = sorted((profile.vocabulary.facts[name] for name in names), key=lambda spec: (not spec.deciding, spec.key))
    return {
        "$schema": DIALECT,
        "title": title_of(profile.vocabulary.events[query.event].noun),
        "type": "object",
        "properties": {spec.key: _property(spec) for spec in specs},
        "required": [],
        "additionalProperties": False,
    }


def _property(spec: FactSpec) -> dict[str, Any]:
    """Return one fact's schema, with the title and the sentence that a designer of forms shows."""
    title = title_of(spec.key)
    shown = {"title": title, "description": spec.definition, "x-ms-summary": title}
    return {
        **TypeAdapter(fact_type(spec)).json_schema(),
        **shown,
        "x-ms-visibility": "important" if spec.deciding else "advanced",
    }
