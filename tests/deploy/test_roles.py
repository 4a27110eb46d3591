"""The roles of the database, made by the file that deployments run, and the service at work with them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy import make_url

from tests.house.files import ROOT
from tests.postgres import Postgres
from tests.serving import serving

ROLES = ("deadlines_service", "deadlines_owner")


@pytest.fixture
def database(postgres: Postgres, postgres_url: str) -> Iterator[str]:
    """Give an empty database in which the roles were created."""
    without_driver = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    passwords = ["--set", "owner_password=o'wner", "--set", "service_password=service"]
    script = ROOT / "deploy" / "database" / "create-roles.sql"
    subprocess.run(
        [postgres.program("psql"), *passwords, "--quiet", "--file", script, without_driver],
        check=True,
        capture_output=True,
    )
    yield postgres_url
    with psycopg.connect(without_driver, autocommit=True) as connection:
        for role in ROLES:
            connection.execute(f"DROP OWNED BY {role}".encode())
            connection.execute(f"DROP ROLE {role}".encode())


def test_the_owner_loads_and_the_service_serves_and_cannot_touch_the_guards(database: str, tmp_path: Path) -> None:
    owner, service = (
        make_url(database).set(username=role).render_as_string(hide_password=False)
        for role in ("deadlines_owner", "deadlines_service")
    )
    environment = {**os.environ, "DEADLINES_DATABASE_URL": owner, "DEADLINES_SERVICE_ROLE": "deadlines_service"}
    for _ in range(2):
        subprocess.run([sys.executable, "-m", "app.cli", "load"], env=environment, check=True, capture_output=True)
    with serving(service, tmp_path / "log") as server:
        answer = httpx.get(f"{server.origin}/readyz").json()
        assert (answer["status"], answer["profiles"]) == ("ready", 6)
    without_driver = make_url(service).set(drivername="postgresql").render_as_string(hide_password=False)
    for statement in (
        "ALTER TABLE profile_version DISABLE TRIGGER profile_version_unchanged",
        "DROP TABLE audit_record",
        "UPDATE profile_version SET title = 'Other'",
        "CREATE TABLE more (id integer)",
        "CREATE SCHEMA more",
        "CREATE TEMPORARY TABLE more (id integer)",
    ):
        with psycopg.connect(without_driver) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())
