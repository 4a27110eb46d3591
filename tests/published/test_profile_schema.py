"""The JSON Schema of a profile takes what the loader takes, and refuses what it can see to be wrong."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.profiles.document import as_json
from app.profiles.packaged import packaged_documents
from app.profiles.schema import profile_schema
from app.profiles.template import template
from tests.published.walking import committed

SCHEMA = committed("profile.schema.json")
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
BROKEN = Path(__file__).parents[1] / "profiles" / "broken"
# What takes the whole document to see: names that are declared elsewhere, overlaps, several readings.
BEYOND = {
    "extends-nothing",
    "key-too-long",
    "remove-without-base",
    "rule-alternative-of-another-kind",
    "rule-alternatives-no-reading",
    "rule-id-twice",
    "rule-restart-of-one-off",
    "rule-restart-when-without",
    "rule-restarts-on-its-start",
    "rule-source-unknown-document",
    "rule-unknown-exception",
    "series-overlapping-phases",
    "series-phase-without-end",
    "series-unknown-projection",
    "timing-from-no-date",
    "unknown-calendar",
    "vocabulary-choice-no-values",
    "series-event-day-of-hours",
    "series-event-day-of-one-day",
    "series-event-day-planned",
    "timing-calendar-months-of-weeks",
    "timing-no-such-day",
    "warning-unknown-document",
}


def test_it_is_a_schema_and_the_one_that_is_generated() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert profile_schema() == SCHEMA


@pytest.mark.parametrize("key", sorted(packaged_documents()))
def test_every_packaged_profile_is_valid(key: str) -> None:
    errors = [
        f"{error.json_path}: {error.message[:200]}"
        for error in VALIDATOR.iter_errors(as_json(packaged_documents()[key]))
    ]
    assert errors == []


def test_the_template_is_valid() -> None:
    assert list(VALIDATOR.iter_errors(as_json(tomllib.loads(template())))) == []


def parsed() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every broken profile that is TOML at all."""
    for file in sorted(BROKEN.glob("*.toml")):
        if not file.stem.startswith("syntax-"):
            yield file.stem, tomllib.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "document"), list(parsed()), ids=[name for name, _ in parsed()])
def test_a_broken_profile_is_refused_unless_only_the_loader_can_see_why(name: str, document: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(as_json(document)) == (name in BEYOND)


def test_a_profile_that_extends_another_may_leave_out_what_it_takes_over() -> None:
    own = {"format": 1, "key": "own", "title": "Own", "extends": {"key": "swindon", "version": 1}}
    assert VALIDATOR.is_valid(own)
    assert not VALIDATOR.is_valid({key: own[key] for key in ("format", "key", "title")})
