"""The compose file: as the published schema has it, and fitting the image and the settings."""

import json
from importlib import resources

import jsonschema
import yaml

from app.settings import Settings
from tests.house.files import ROOT

COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))


def test_it_is_as_the_published_schema_has_it() -> None:
    path = resources.files("check_jsonschema").joinpath("builtin_schemas", "vendor", "compose-spec.json")
    validator = jsonschema.validators.validator_for(schema := json.loads(path.read_text(encoding="utf-8")))(schema)
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []
    assert list(validator.iter_errors({**COMPOSE, "servces": {}}))


def test_the_service_waits_for_what_is_loaded_and_that_for_the_database() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"database", "load", "service"}
    assert services["service"]["depends_on"]["load"]["condition"] == "service_completed_successfully"
    assert services["load"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert "healthcheck" in services["database"]
    assert services["service"]["image"] == services["load"]["image"]


def test_nothing_runs_with_more_than_it_needs_and_only_the_service_is_reached() -> None:
    for name in ("load", "service"):
        service = COMPOSE["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["service"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_settings_are_settings_and_no_password_is_written_down() -> None:
    names = {f"DEADLINES_{name.upper()}" for name in Settings.model_fields}
    assert set(COMPOSE["services"]["service"]["environment"]) <= names
    assert COMPOSE["services"]["database"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")
