"""The command line through a running service says what it says over a store, and never the key."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.api.schemas.authoring_examples import TOML
from app.services.access.api_keys import create_key
from app.services.ports import WriteContext
from app.store import open_store
from tests.api.application import fill
from tests.cli.running import run
from tests.serving import serving

DATED = TOML.replace("\n\n", "\nin_force_from = 2050-04-01\n\n", 1)
SOONER = DATED.replace("working_days = 15", "working_days = 10").replace("2050-04-01", "2050-06-01")


@dataclass(frozen=True)
class Running:
    """A service with a key for each of two people."""

    origin: str
    author: str
    publisher: str


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run the service where whoever wrote a draft may not publish it."""
    folder = tmp_path_factory.mktemp("served")
    url = f"sqlite:///{folder}/deadlines.db"
    fill(url)
    context = WriteContext("key:test", datetime.now(UTC))
    with open_store(url) as store:
        author, publisher = (
            create_key(store, name=name, scopes=[scope], profile_keys=["my-council"], context=context).secret
            for name, scope in (("Ann", "author"), ("Bea", "publish"))
        )
    with serving(url, folder / "log", two_pairs_of_eyes="true") as running:
        yield Running(running.origin, author, publisher)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with a sound file, one with a mistake, and the next version, without a store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEADLINES_DATABASE_URL", "sqlite:///nowhere.db")
    for name, text in {"my-council": DATED, "next": SOONER, "slip": DATED.replace('hold_icpc"', 'hold_icpcs"')}.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")


def test_a_profile_is_checked_drafted_sent_back_compared_and_published_by_two_people(
    service: Running, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = ("--server", service.origin)
    ann, bea = (*at, "--key", service.author), (*at, "--key", service.publisher)
    here, there = run(capfd, "profiles", "validate", "slip.toml"), run(capfd, "profiles", "validate", "slip.toml", *ann)
    assert there == here
    assert (there.status, "slip.toml:12:8: error: unknown duty 'hold_icpcs'" in there.out) == (1, True)
    sound = run(capfd, "profiles", "validate", "my-council.toml", *ann)
    assert sound.out == run(capfd, "profiles", "validate", "my-council.toml").out

    alone = run(capfd, "profiles", "publish", "my-council.toml", *ann)
    assert (alone.status, "does not have" in alone.err) == (2, True)
    monkeypatch.setenv("DEADLINES_KEY", service.author)
    drafted = run(capfd, "profiles", "publish", "my-council.toml", "--draft", *at)
    draft = drafted.out.split()[1]
    assert drafted.out == f"draft {draft} of my-council was created\n"
    back = run(capfd, "profiles", "send-back", "my-council", draft, "--comment", "Which section?", *bea)
    assert (back.status, "sent back" in back.out) == (0, True)
    refused = run(capfd, "profiles", "publish-draft", "my-council", draft, *bea)
    assert (refused.status, "was sent back" in refused.err) == (2, True)

    again = run(capfd, "profiles", "publish", "my-council.toml", "--draft", *at).out.split()[1]
    published = run(capfd, "profiles", "publish-draft", "my-council", again, *bea)
    assert published.out == "published my-council version 1, in force from 2050-04-01\n"
    same = run(capfd, "profiles", "publish", "my-council.toml", "--draft", *at)
    assert same.out == "my-council version 1 is just this already, in force from 2050-04-01\n"

    newer = run(capfd, "profiles", "publish", "next.toml", "--draft", *at).out.split()[1]
    by_file = run(capfd, "profiles", "diff", "my-council/1", "next.toml", *at)
    by_draft = run(capfd, "profiles", "diff", "my-council", f"my-council/drafts/{newer}", *bea)
    assert by_file.status == by_draft.status == 1
    assert by_file.out.splitlines()[1:] == by_draft.out.splitlines()[1:]
    assert "within 15 working days of the strategy discussion  becomes  within 10" in by_file.out
    event = ("strategy_discussion_held", "2050-07-01", "--fact", "section_47_initiated=true")
    moved = run(capfd, "profiles", "impact", "my-council", newer, *event, *bea)
    assert "~ Hold the initial child protection conference: 2050-07-22 becomes 2050-07-15" in moved.out
    said = [here, there, sound, alone, drafted, back, refused, published, same, by_file, by_draft, moved]
    for ran in said:
        assert service.author not in ran.out + ran.err
        assert service.publisher not in ran.out + ran.err


def test_a_service_that_cannot_be_used_is_named_without_the_key(
    service: Running, capfd: pytest.CaptureFixture[str]
) -> None:
    gone = run(capfd, "profiles", "validate", "next.toml", "--server", "http://127.0.0.1:9", "--key", service.author)
    assert (gone.status, "cannot be reached" in gone.err) == (1, True)
    wrong = run(capfd, "profiles", "publish", "next.toml", "--draft", "--server", service.origin, "--key", "nonsense")
    assert (wrong.status, "not known here" in wrong.err) == (2, True)
    no_address = run(capfd, "profiles", "validate", "next.toml", "--server", "deadlines", "--key", service.author)
    assert (no_address.status, "--server is no address" in no_address.err) == (2, True)
    for ran in (gone, wrong, no_address):
        assert service.author not in ran.out + ran.err


def test_a_file_is_written_as_json_for_the_interface(capfd: pytest.CaptureFixture[str]) -> None:
    done = run(capfd, "profiles", "json", "my-council.toml")
    assert done.status == 0
    assert '"in_force_from": "2050-04-01"' in done.out
    refused = run(capfd, "profiles", "json", "nowhere.toml")
    assert (refused.status, "there is no file" in refused.err) == (2, True)
