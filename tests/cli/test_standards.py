"""Standards as one file: no key in it, and the same answers from it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.services.problems import Problem
from app.services.snapshot.bundle import read_bundle, standards_digest, write_bundle
from app.services.snapshot.offline import packaged_state
from tests.cli.running import run

ASKED = ("swindon", "strategy_discussion_held", "2025-12-18T14:30", "--fact", "section_47_initiated=true", "--json")


def test_a_command_answers_from_the_file_what_it_answers_without(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "standards.json"
    made = run(capfd, "standards", "export", str(file))
    assert (made.status, standards_digest(packaged_state()) in made.err) == (0, True)
    assert run(capfd, "standards", "export", str(file)).status == 2
    from_file = run(capfd, "calculate", *ASKED, "--standards", str(file))
    assert from_file.status == 0
    assert from_file.out == run(capfd, "calculate", *ASKED).out
    both = run(capfd, "calculate", *ASKED, "--standards", str(file), "--store")
    assert (both.status, "two sources" in both.err) == (2, True)


def test_every_record_comes_back_as_it_was_and_no_key_with_it() -> None:
    state = packaged_state()
    data = write_bundle(state)
    back = read_bundle(data)
    assert (back.profiles, back.calendars, back.keys) == (state.profiles, state.calendars, ())
    assert standards_digest(back) == standards_digest(state)
    assert b'"keys"' not in data
    assert write_bundle(back) == data
    # In the order in which it was written, too: conditions are worded in that order.
    assert json.dumps([each.resolved for each in back.profiles]) == json.dumps(
        [each.resolved for each in state.profiles]
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"title": "Decide with the manager', b'"title": "Decide with a manager'),
        (b'"in_force_from": "2020-01-01"', b'"in_force_from": "2021-01-01"'),
        (b'"published_at": "1970', b'"published_at": "1971'),
        (b'"name": "Boxing Day"', b'"name": "Boxing Dax"'),
        (b'"engine": "', b'"engine": "9'),
        (b'"checksum": "sha256:', b'"checksum": "sha256:0'),
    ],
)
def test_a_file_altered_in_one_place_answers_nothing(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, before: bytes, after: bytes
) -> None:
    file = tmp_path / "standards.json"
    data = write_bundle(packaged_state())
    altered = data.replace(before, after, 1)
    assert altered != data
    file.write_bytes(altered)
    refused = run(capfd, "calculate", *ASKED, "--standards", str(file))
    assert (refused.status, refused.out) == (2, "")
    assert "altered after it was written" in refused.err
    assert "deadlines standards export" in refused.err


def test_the_digest_is_that_of_the_documents_whatever_the_order_they_came_in() -> None:
    state = packaged_state()
    turned = replace(state, profiles=state.profiles[::-1], calendars=state.calendars[::-1])
    assert standards_digest(turned) == standards_digest(state)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"PAR1", b'{"format": 2}', b'{"format": 1, "profiles": [{}]}'])
def test_what_is_no_bundle_is_refused_with_the_remedy(data: bytes) -> None:
    with pytest.raises(Problem) as refused:
        read_bundle(data)
    assert "deadlines standards export" in refused.value.faults[0].remedy
