"""What atheris runs: bytes guided by coverage into the parsers. `python -m tests.fuzz.harness TARGET [libFuzzer options]`.

With `all FOLDER` in place of a target, all are run one after the other, each on the corpus in the folder of its name,
and what each says is put into FOLDER/TARGET.log. The service's code is instrumented once for all of them.
"""

import json
import os
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["app"]):
    from app.calendars.document import from_document
    from app.profiles.document import load_profile
    from app.profiles.faults import InvalidProfile
    from app.services.calculation.batch import lines as answer_lines
    from app.services.calculation.calculator import Calculator
    from app.services.calculation.json_body import parse_json
    from app.services.calculation.request import read_request
    from app.services.calculation.response import calculate_response
    from app.services.exports.csv_table import obligations_csv
    from app.services.exports.icalendar import obligations_icalendar
    from app.services.problems import Problem
    from app.services.snapshot.offline import packaged_snapshot
    from app.services.timelines import timeline

SNAPSHOT = packaged_snapshot()
REQUEST = {"profile": "swindon", "event": {"type": "strategy_discussion_held", "occurred_at": "2025-12-18T14:30"}}


def request(data: bytes) -> None:
    """A body, read as JSON, answered and written in every form."""
    try:
        body = parse_json(data)
        if isinstance(body, dict):
            body = {**REQUEST, **body}
        answered = calculate_response(read_request(SNAPSHOT, body))
        obligations_csv(answered)
        obligations_icalendar(answered)
    except Problem:
        pass


def case(data: bytes) -> None:
    """A whole case."""
    try:
        timeline(SNAPSHOT, parse_json(data))
    except Problem:
        pass


def lines(data: bytes) -> None:
    """A stream of lines, in two pieces."""
    halves = [data[: len(data) // 2], data[len(data) // 2 :]]
    for line in answer_lines(Calculator(SNAPSHOT), halves, max_line_bytes=500):
        if line.strip():
            json.loads(line)


def profile(data: bytes) -> None:
    """A profile, and the same as a calendar."""
    try:
        document = parse_json(data)
    except Problem:
        return
    if isinstance(document, dict):
        try:
            load_profile(document, "fuzz")
        except InvalidProfile:
            pass
    try:
        from_document(document)
    except ValueError:
        pass


def files(data: bytes) -> None:
    """Text from outside in the files that are written."""
    provider = atheris.FuzzedDataProvider(data)
    answered = json.loads(json.dumps(calculate_response(read_request(SNAPSHOT, REQUEST))))
    answered["reference"] = provider.ConsumeUnicodeNoSurrogates(60)
    for item in answered["obligations"]:
        item["title"] = provider.ConsumeUnicodeNoSurrogates(120)
        item["reading"] = provider.ConsumeUnicodeNoSurrogates(60)
    try:
        made = obligations_icalendar(answered)
        assert made.count(b"BEGIN:VEVENT") == len(answered["obligations"])
    except Problem:
        pass
    obligations_csv(answered)


TARGETS = {each.__name__: each for each in (request, case, lines, profile, files)}


def fuzz(target: str, options: list[str]) -> None:
    """Run a target and end the process."""
    atheris.Setup([sys.argv[0], *options], TARGETS[target])
    atheris.Fuzz()


def fuzz_all(folder: Path, options: list[str]) -> int:
    """Run every target in a process of its own; return how many of them failed."""
    failed = 0
    for target in TARGETS:
        child = os.fork()
        if child == 0:
            with (folder / f"{target}.log").open("wb") as log:
                os.dup2(log.fileno(), sys.stderr.fileno())
            fuzz(target, [*options, f"-artifact_prefix={folder}/{target}-", str(folder / target)])
        failed += os.waitpid(child, 0)[1] != 0
    return failed


if __name__ == "__main__":
    if sys.argv[1] == "all":
        sys.exit(fuzz_all(Path(sys.argv[2]), sys.argv[3:]))
    fuzz(sys.argv[1], sys.argv[2:])
