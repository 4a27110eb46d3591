"""A short run of the coverage-guided fuzzing; `make fuzz` runs it for as long as wanted."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from app.api.schemas import case_examples
from app.profiles.packaged import packaged_documents
from tests.fuzz.test_requests import CALCULATIONS, _seeds

SECONDS = 3
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


@pytest.mark.parametrize("target", SEEDS)
def test_nothing_unexpected_is_raised(target: str, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(SEEDS[target]):
        (corpus / str(number)).write_text(seed, encoding="utf-8")
    # No limit of memory: what Linux reports as a process's peak includes that of the test run it was started from.
    limits = [f"-max_total_time={SECONDS}", "-timeout=10", "-rss_limit_mb=0", "-max_len=6000"]
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.harness", target, *limits, f"-artifact_prefix={tmp_path}/", str(corpus)],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert run.returncode == 0, run.stderr[-3_000:]
    done = re.search(r"Done (\d+) runs", run.stderr)
    assert done is not None
    assert int(done[1]) > 50
