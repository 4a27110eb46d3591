"""The PostgreSQL of the tests is a real one, and can be taken away and given back."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests.postgres import Postgres


def test_each_test_has_an_empty_database_of_its_own(postgres: Postgres, postgres_url: str) -> None:
    other = postgres.create()
    for url in (postgres_url, other):
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("create table only_here (id int primary key)"))
            assert connection.scalar(text("select count(*) from only_here")) == 0
        engine.dispose()
    postgres.drop(other)
    engine = create_engine(other)
    with pytest.raises(OperationalError, match="does not exist"):
        engine.connect()
    engine.dispose()


@pytest.mark.parametrize("crash", [False, True])
def test_a_stopped_server_refuses_and_a_restarted_one_still_has_the_rows(
    postgres_outage: Postgres, postgres_url: str, crash: bool
) -> None:
    engine = create_engine(postgres_url, pool_pre_ping=True)
    with engine.begin() as connection:
        connection.execute(text("create table kept as select 7 as number"))

    postgres_outage.stop(crash=crash)
    stopped = not postgres_outage.running
    assert stopped
    with pytest.raises(OperationalError), engine.connect():
        pass

    postgres_outage.start()
    assert postgres_outage.running
    with engine.connect() as connection:
        assert connection.scalar(text("select number from kept")) == 7
    engine.dispose()


def test_both_kinds_of_database_are_offered(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert connection.scalar(text("select 1")) == 1
    engine.dispose()
