"""Every way in is read whole: a file, a named pipe, a process substitution, the standard input, compressed or not."""

import bz2
import gzip
import json
import lzma
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.cli.test_bulk import as_csv, as_ndjson, requests
from tests.house.files import ROOT

# More than the MiB of which a fingerprint is taken: it was lost from whatever is no file.
ITEMS = requests(9_000)
LINES = as_ndjson(ITEMS).encode()
assert len(LINES) > 1024 * 1024
COMPRESS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("", bytes),
    (".gz", gzip.compress),
    (".bz2", bz2.compress),
    (".xz", lzma.compress),
]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Give the answers of a file of lines."""
    folder = tmp_path_factory.mktemp("file")
    (folder / "in.ndjson").write_bytes(LINES)
    return piped(f"deadlines in.ndjson out.csv {OPTIONS}", folder)


OPTIONS = "-n 1 --duty hold_icpc --columns line,reference,status,due_date"


def piped(script: str, folder: Path) -> bytes:
    """Run a line of a shell, in which `deadlines` is the bulk command; return what it wrote."""
    command = f"{shlex.quote(sys.executable)} -m app.cli bulk"
    done = subprocess.run(
        ["bash", "-c", script.replace("deadlines", f"PYTHONPATH={shlex.quote(str(ROOT))} {command}")],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return (folder / "out.csv").read_bytes()


@pytest.mark.parametrize(
    "script",
    [
        "deadlines <(cat in.ndjson) out.csv --from ndjson {0}",
        "cat in.ndjson | deadlines - out.csv --from ndjson {0}",
        "mkfifo pipe; cat in.ndjson > pipe & deadlines pipe out.csv --from ndjson {0}",
        "gzip -c in.ndjson > in.ndjson.gz; deadlines in.ndjson.gz out.csv {0}",
        "deadlines <(gzip -c in.ndjson) out.csv --from ndjson {0}",
        "deadlines in.ndjson - --to csv {0} > out.csv",
    ],
)
def test_every_way_in_gives_the_answers_of_a_file(tmp_path: Path, expected: bytes, script: str) -> None:
    (tmp_path / "in.ndjson").write_bytes(LINES)
    assert piped(script.format(OPTIONS), tmp_path) == expected


@pytest.mark.parametrize(("suffix", "compress"), COMPRESS)
def test_csv_may_be_compressed(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    (tmp_path / f"in.csv{suffix}").write_bytes(compress(as_csv(requests(50)).encode()))
    ran = run(capfd, "bulk", str(tmp_path / f"in.csv{suffix}"), "-", "--to", "csv", "-n", "1")
    assert ran.status == 0
    assert "50 lines answered" in ran.err


def test_a_pipe_of_one_byte_at_a_time_is_read_whole(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    data = gzip.compress(as_ndjson(requests(3)).encode())

    def trickle() -> None:
        with pipe.open("wb", buffering=0) as out:
            for place in range(len(data)):
                out.write(data[place : place + 1])

    writing = threading.Thread(target=trickle)
    writing.start()
    ran = run(capfd, "bulk", str(pipe), "-", "--from", "ndjson", "--to", "ndjson", "-n", "1")
    writing.join()
    assert ran.status == 0
    assert [json.loads(line)["reference"] for line in ran.out.splitlines()] == ["case-0", "case-1", "case-2"]


def test_a_pipe_cannot_be_gone_on_with(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writing = threading.Thread(target=lambda: pipe.write_bytes(LINES[:100]))
    writing.start()
    ran = run(capfd, "bulk", str(pipe), str(tmp_path / "out.ndjson"), "--from", "ndjson", "--resume", "-n", "1")
    writing.join()
    assert (ran.status, "only a run between files" in ran.err) == (2, True)
