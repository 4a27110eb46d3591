"""A short run of the coverage-guided fuzzing; `make fuzz` runs it for as long as wanted."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import cast

from app.api.schemas import case_examples
from app.profiles.packaged import packaged_documents
from tests.fuzz.test_requests import CALCULATIONS, _seeds

RUNS = 600
"""A second's, of the slowest target."""
SEEDS = {
    "request": [json.dumps(each) for each in CALCULATIONS],
    "case": [json.dumps(each) for each in _seeds(case_examples.TIMELINES)],
    "lines": ["\n".join(json.dumps(each) for each in CALCULATIONS)],
    "profile": [
        json.dumps(
            {**document, "rules": list(cast(list[object], document["rules"]))[:2], "not_computable": []}, default=str
        )
        for document in packaged_documents().values()
    ],
    "files": ["=1+1\r\n"],
}


def test_nothing_unexpected_is_raised(tmp_path: Path) -> None:
    for target, seeds in SEEDS.items():
        (tmp_path / target).mkdir()
        for number, seed in enumerate(seeds):
            (tmp_path / target / str(number)).write_text(seed, encoding="utf-8")
    # No limit of memory: what Linux reports as a process's peak includes that of the test run it was started from.
    limits = [f"-runs={RUNS}", "-timeout=10", "-rss_limit_mb=0", "-max_len=6000"]
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.harness", "all", str(tmp_path), *limits],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    said = {target: (tmp_path / f"{target}.log").read_text(encoding="utf-8", errors="replace") for target in SEEDS}
    done = {target: re.search(r"Done (\d+) runs", log) for target, log in said.items()}
    assert {target: said[target][-3_000:] for target in SEEDS if done[target] is None} == {}
    assert {target: found[1] for target, found in done.items() if found is not None and int(found[1]) < RUNS} == {}
    assert run.returncode == 0, run.stderr[-3_000:]
