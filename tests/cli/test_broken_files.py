"""What a disk, a network or a person has made of a file: the run says so, and never ends as if all were well."""

import bz2
import gzip
import lzma
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.running import run
from tests.cli.test_bulk import as_csv, as_ndjson, requests
from tests.cli.test_bulk_tables import table
from tests.house.files import ROOT

LINES = as_ndjson(requests(3_000)).encode()


@pytest.mark.parametrize(
    ("suffix", "compress"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)]
)
@pytest.mark.parametrize("command", ["bulk", "timelines"])
def test_a_compressed_file_that_was_cut_off_is_never_taken_for_a_whole_one(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, suffix: str, compress: Callable[[bytes], bytes], command: str
) -> None:
    whole = compress(LINES)
    source = tmp_path / f"in.ndjson{suffix}"
    source.write_bytes(whole[: len(whole) * 2 // 3])
    options = ("--as-of", "2026-01-31") if command == "timelines" else ()
    ran = run(capfd, command, str(source), str(tmp_path / "out.csv"), "-n", "1", *options)
    assert (ran.status, "cannot be read to its end" in ran.err, "--force" in ran.err) == (2, True, True)


def test_a_damaged_page_of_parquet_and_an_arrow_stream_that_breaks_off_are_named(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(table(requests(3_000)), source, compression="snappy", use_dictionary=False)
    damaged = bytearray(source.read_bytes())
    damaged[200:400] = bytes(200)
    source.write_bytes(damaged)
    ran = run(capfd, "bulk", str(source), str(tmp_path / "out.arrow"), "-n", "1", "--carry", "child_id")
    assert (ran.status, "cannot be read to its end" in ran.err) == (2, True)
    stream = tmp_path / "whole.arrows"
    with pa.ipc.new_stream(stream, table(requests(3_000)).schema) as writer:
        writer.write_table(table(requests(3_000)))
    half = stream.stat().st_size // 2
    broken = piped(
        tmp_path, f"head -c {half} whole.arrows | deadlines - out.arrow --from arrow --carry child_id --force"
    )
    assert (broken.returncode, b"cannot be read to its end" in broken.stderr) == (2, True)
    assert not (tmp_path / "out.arrow").exists()


@pytest.mark.parametrize(
    ("head", "what"),
    [(b"(\xb5/\xfd", "zstd"), (b"PK\x03\x04", "workbook"), (b"PAR1", "--from parquet"), (b"\xff\xfea\0", "UTF-16")],
)
def test_what_is_no_text_is_named_by_what_it_is(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, head: bytes, what: str
) -> None:
    (tmp_path / "in.csv").write_bytes(head + LINES)
    ran = run(capfd, "bulk", str(tmp_path / "in.csv"), "-", "--to", "csv")
    assert (ran.status, ran.out, what in ran.err) == (2, "", True)


@pytest.mark.parametrize("form", ["parquet", "arrow", "csv"])
def test_what_is_no_file_of_a_table_is_named(capfd: pytest.CaptureFixture[str], tmp_path: Path, form: str) -> None:
    (tmp_path / "folder").mkdir()
    for name, what in (("nothing", "o such file"), ("folder", "director" if form == "csv" else "is a folder")):
        ran = run(capfd, "bulk", str(tmp_path / name), "-", "--from", form, "--to", "csv")
        assert (ran.status, what in ran.err) == (2, True)


def test_a_header_that_is_no_csv_is_said_to_be_none(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(as_csv(requests(2)).replace("\n", "\r").encode())
    ran = run(capfd, "bulk", str(tmp_path / "in.csv"), "-", "--to", "csv")
    assert (ran.status, "no header" in ran.err, "line feed" in ran.err) == (2, True, True)


def test_no_text_is_written_into_a_file_that_is_named_as_if_it_were_compressed(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "in.ndjson").write_bytes(LINES)
    ran = run(capfd, "bulk", str(tmp_path / "in.ndjson"), str(tmp_path / "out.csv.gz"))
    assert (ran.status, "does not say what it is" in ran.err) == (2, True)
    ran = run(capfd, "bulk", str(tmp_path / "in.ndjson"), "/dev/null", "--to", "csv", "--force")
    assert (ran.status, "is no file" in ran.err) == (2, True)


@pytest.mark.parametrize("name", ["out.ndjson", "out.parquet"])
def test_a_run_that_stopped_on_a_full_disk_goes_on_to_the_same_answers(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    (tmp_path / "in.ndjson").write_bytes(LINES)
    full = piped(tmp_path, f"ulimit -f 400; deadlines in.ndjson {name} -n 1")
    assert (full.returncode, b"cannot be written" in full.stderr, b"--resume" in full.stderr) == (1, True, True)
    source, target, whole = (str(tmp_path / each) for each in ("in.ndjson", name, f"whole-{name}"))
    assert run(capfd, "bulk", source, target, "-n", "1", "--resume").status == 0
    assert run(capfd, "bulk", source, whole, "-n", "1").status == 0
    assert Path(target).read_bytes() == Path(whole).read_bytes()
    assert not list(tmp_path.glob(f"{name}.*"))


def test_a_run_that_is_killed_leaves_no_process_behind(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    command = [sys.executable, "-m", "app.cli", "bulk", str(tmp_path / "pipe"), str(tmp_path / "out.csv")]
    bulk = subprocess.Popen([*command, "--from", "ndjson", "-n", "2"], cwd=ROOT, start_new_session=True)
    with (tmp_path / "pipe").open("wb", buffering=0) as lines:
        while len(processes(bulk.pid)) < 3:
            lines.write(LINES)
        bulk.kill()
        bulk.wait()
        for _ in range(100):
            if not processes(bulk.pid):
                break
            time.sleep(0.1)
        left = processes(bulk.pid)
    assert left == []


def processes(session: int) -> list[str]:
    """Return the processes of a session that run Python on the command's behalf, without those that have ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, of = (path / "stat").read_text().rpartition(")")[2].split()[:4]
            said = (path / "cmdline").read_bytes()
        except OSError:
            continue
        if int(of) == session and state != "Z" and b"resource_tracker" not in said:
            found.append(path.name)
    return found


def test_a_table_without_rows_has_its_columns_on_a_pipe_too(tmp_path: Path) -> None:
    pq.write_table(table(requests(1)).slice(0, 0), tmp_path / "in.parquet")
    ran = piped(tmp_path, "deadlines in.parquet - --to arrow --carry child_id")
    assert ran.returncode == 0
    assert pa.ipc.open_stream(ran.stdout).read_all().schema.names[:2] == ["child_id", "line"]


def piped(folder: Path, script: str) -> "subprocess.CompletedProcess[bytes]":
    """Run a line of a shell, in which `deadlines` is the bulk command."""
    command = f"PYTHONPATH={shlex.quote(str(ROOT))} {shlex.quote(sys.executable)} -m app.cli bulk"
    script = script.replace("deadlines", command)
    return subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, check=False)
