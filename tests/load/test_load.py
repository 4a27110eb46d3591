"""Many requests while standards are published and the database goes away: no answer is wrong, nothing is a 5xx."""

from pathlib import Path

from bench.load import load
from tests.compiled_once import compiled_once
from tests.postgres import Postgres


def test_no_answer_is_wrong_while_standards_change_and_the_database_fails(
    postgres_outage: Postgres, tmp_path: Path
) -> None:
    # What may go wrong goes wrong where a version comes or the database goes, so the callers need not fill the processor,
    # and the database goes often. The right answers are calculated here, without compiling everything at each version.
    with compiled_once():
        found = load(
            postgres_outage, tmp_path, requests=1_000_000, seconds=12, callers=8, outage_every=2.5, pause_seconds=0.05
        )
    assert found.faults() == []
    assert found.calculations > 400
    assert found.outages >= 2
    assert found.published >= 3
    assert len(found.versions) >= 3
    assert found.statuses["write", 201] >= 6
    assert len(found.memory) >= 10
