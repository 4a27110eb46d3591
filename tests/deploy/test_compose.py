"""The compose file: as the published schema has it, and fitting the image and the settings."""

import json
import re
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
    names = {f"DEADLINES_{name.upper()}" for name in Settings.model_fields} | {"WEB_CONCURRENCY"}
    for name in ("load", "service"):
        assert set(COMPOSE["services"][name]["environment"]) <= names
    for name, value in COMPOSE["services"]["database"]["environment"].items():
        assert not name.endswith("PASSWORD") or value.startswith("${")


def test_the_service_and_the_load_connect_as_roles_of_their_own_and_neither_as_the_administrator() -> None:
    services = COMPOSE["services"]
    users = {
        name: re.match(r"postgresql://(\w+):\$\{(\w+):\?", services[name]["environment"]["DEADLINES_DATABASE_URL"])
        for name in ("load", "service")
    }
    found = {name: (user[1], user[2]) for name, user in users.items() if user is not None}
    assert found == {
        "load": ("deadlines_owner", "DEADLINES_OWNER_PASSWORD"),
        "service": ("deadlines_service", "DEADLINES_SERVICE_PASSWORD"),
    }
    assert services["load"]["environment"]["DEADLINES_SERVICE_ROLE"] == "deadlines_service"
    assert services["database"]["environment"]["POSTGRES_USER"] not in {"deadlines_owner", "deadlines_service"}


def test_what_is_mounted_is_there() -> None:
    for mount in COMPOSE["services"]["database"]["volumes"][1:]:
        assert (ROOT / "deploy" / mount.split(":")[0]).is_file()
    script = (ROOT / "deploy" / "database" / "create-roles.sh").read_text(encoding="utf-8")
    for name in re.findall(r"\$([A-Z_]+)", script):
        assert name in COMPOSE["services"]["database"]["environment"], name
