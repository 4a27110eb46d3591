"""A public generator makes a typed client of the committed document, and the client gets an answer of the service."""

import datetime as dt
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.services.workbook import read_workbook
from tests.house.files import ROOT
from tests.published.walking import committed, operations

CONFIG = """\
post_hooks: []
project_name_override: deadlines-client
package_name_override: deadlines_client
content_type_overrides:
  application/vnd.openxmlformats-officedocument.spreadsheetml.sheet: application/octet-stream
"""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Generate the client into a folder of its own, and make it importable."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    made = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
            *("--path", str(ROOT / "openapi" / "openapi.json")),
            *("--output-path", str(folder / "deadlines_client"), "--config", str(folder / "config.yaml")),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    sys.path.insert(0, str(folder))
    yield made.stdout + made.stderr
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == "deadlines_client"]:
        del sys.modules[name]


@pytest.mark.parametrize("document", ["openapi.json", "openapi-3.0.json"])
def test_each_document_gives_every_operation(document: str, tmp_path: Path) -> None:
    subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
            *("--path", str(ROOT / "openapi" / document), "--output-path", str(tmp_path / "made")),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    made = {file.stem for file in (tmp_path / "made" / "api").rglob("*.py")} - {"__init__"}
    assert made == operations(committed(document)).keys()


@pytest.fixture
def client(generated: str, service: str) -> Iterator[Any]:
    """Give a client of the running service, and close it after use."""
    with part("client").Client(base_url=service) as opened:
        yield opened


def part(name: str) -> Any:
    return importlib.import_module(f"deadlines_client.{name}")


def test_the_generator_understands_everything_but_streams_and_files(generated: str) -> None:
    warned = [line for line in generated.splitlines() if line.startswith("WARNING")]
    streams = ("/v1/calculations/batch", "/v1/timelines/timeliness")
    # They take JSON from a generated client; a file goes to the same address with its ending.
    files = ("/v1/profiles/validations", "/v1/profiles/{key}/drafts", "/v1/profiles/{key}/drafts/{draft}")
    # The bytes of a workbook are in the detailed answer of its call.
    workbooks = ("/v1/workbook", "/v1/profiles/{key}/versions/{version}/workbook")
    assert all(any(f" {path} " in line for path in (*streams, *files, *workbooks)) for line in warned), warned


def test_the_client_calculates(client: Any) -> None:
    models = part("models")
    facts = models.Facts(section_47_initiated=True, child_date_of_birth=dt.date(2019, 4, 2))
    event = models.Event(type_="strategy_discussion_held", occurred_at="2025-12-18T14:30:00+00:00")
    request = models.CalculationRequest(profile="swindon", event=event, facts=facts, explain=True)
    answer = part("api.calculations.calculate").sync(client=client, body=request)
    assert isinstance(answer, models.CalculationAnswer)
    (conference,) = [item for item in answer.obligations if item.duty == "hold_icpc"]
    assert conference.due_date == dt.date(2026, 1, 13)
    assert conference.source[0].section == "13.3"
    assert conference.explanation.steps[-1].counted == 15


def test_the_client_gets_every_fault(client: Any) -> None:
    models = part("models")
    event = models.Event(type_="strategy_discusion_held", occurred_at="yesterday")
    answer = part("api.calculations.calculate").sync(
        client=client, body=models.CalculationRequest(profile="swindn", event=event)
    )
    assert isinstance(answer, models.ProblemDetails)
    assert {fault.path for fault in answer.errors} == {"profile", "event.type", "event.occurred_at"}


def test_the_client_counts_and_lists_and_asks_for_one_date(client: Any) -> None:
    added = part("api.working_days.add_working_days").sync(
        client=client, calendar="england-and-wales", start=dt.date(2025, 12, 18), days=15
    )
    assert added.date == dt.date(2026, 1, 13)
    listed = part("api.catalogue.list_profiles").sync(client=client)
    assert {"york", "swindon"} <= {item.key for item in listed.profiles}
    due = part("api.due_dates.get_due_date").sync(
        client=client,
        profile="swindon",
        event="strategy_discussion_held",
        at="2025-12-18",
        duty="hold_icpc",
        section_47_initiated=True,
    )
    assert (due.status, due.due_date) == ("due", dt.date(2026, 1, 13))


def test_the_client_receives_a_workbook(client: Any) -> None:
    file = part("api.authoring.get_profile_workbook").sync(client=client, key="wiltshire", version=1)
    assert read_workbook(file.payload.read()).document["key"] == "wiltshire"
