"""The image runs without privilege or build tools, and its steps are those that CI carries out."""

import json
import re

from tests.house.files import ROOT

TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")
STAGES = re.split(r"(?m)^(?=FROM )", TEXT)[1:]


def test_the_final_stage_runs_as_a_numbered_user_and_runs_no_step() -> None:
    assert len(STAGES) == 2
    assert re.search(r"(?m)^USER [1-9]\d+:[1-9]\d+$", STAGES[-1])
    assert not re.search(r"(?m)^RUN ", STAGES[-1])


def test_the_command_is_in_exec_form() -> None:
    for instruction in ("ENTRYPOINT", "CMD"):
        (argument,) = re.findall(rf"(?m)^{instruction} (.*)$", STAGES[-1])
        assert json.loads(argument)


def test_every_base_is_pinned_to_a_python_and_a_release_of_debian() -> None:
    for stage in STAGES:
        assert re.match(r"FROM python:3\.\d+(\.\d+)?-slim-[a-z]+(@sha256:[0-9a-f]{64})?( AS [a-z]+)?\n", stage)


def test_everything_that_is_fetched_is_locked() -> None:
    for command in re.findall(r"pip install [^&\n]*", TEXT):
        assert "--require-hashes" in command or "--no-index" in command, command


def test_the_port_is_that_of_the_environment() -> None:
    final = STAGES[-1]
    assert re.search(r"(?m)^ENV .*\bHOST=0\.0\.0\.0 PORT=8000$", final)
    assert json.loads(re.findall(r"(?m)^CMD (.*)$", final)[0]) == ["serve"], "what serves reads HOST and PORT"
    assert "os.environ['PORT']" in final
    assert "8000" not in re.sub(r"(?m)^(EXPOSE|ENV) .*$", "", final)
