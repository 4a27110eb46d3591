"""Run a bulk calculation from file to file, and resume one that was interrupted."""

from __future__ import annotations

import fcntl
import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

import typer

from app.cli import progress as progress_file
from app.cli.bulk_input import LineSource, RowSource, open_source
from app.cli.columnar_files import partial_path, piped_stream, require_arrow, write_columnar
from app.cli.errors import FAULTS, fail
from app.cli.input_stream import PIPE
from app.cli.output import console
from app.cli.progress import Progress
from app.cli.workers import answer_blocks

if TYPE_CHECKING:
    import pyarrow as pa

    from app.services.bulk import Plan
    from app.services.ports import StoredState

SAVE_EVERY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Job:
    """One bulk run: its input, output, plan and number of processes."""

    source: Path
    target: Path
    plan: Plan
    state: StoredState
    processes: int
    resume: bool
    force: bool

    @property
    def piped(self) -> bool:
        """Return True if the output is standard output, which cannot be resumed."""
        return str(self.target) == PIPE

    @property
    def columnar(self) -> bool:
        """Return True if the output is a table of typed columns."""
        from app.services.bulk import COLUMNAR

        return self.plan.writes in COLUMNAR

    @property
    def counted(self) -> str:
        """Return what is counted: lines, or cases."""
        return "lines" if self.plan.whole_cases is None else "cases"

    @property
    def collected(self) -> Path:
        """Return the file that answers are added to: the output, or of a table what becomes it in the end."""
        return partial_path(self.target) if self.columnar else self.target


class Written(Protocol):
    """What takes the output of blocks."""

    def write(self, output: bytes, /) -> object:
        """Write the output of one block."""

    def flush(self) -> object:
        """Hand everything on."""


def run(job: Job) -> Progress:
    """Answer every line of the input that is not answered yet. An interrupted run saves its progress.

    Exits with a message where the output cannot be written, as on a full disk. Raises BrokenInput, BrokenPipeError.
    """
    try:
        return _run(job)
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or str(error).splitlines()[0]
        fail(f"{job.target} cannot be written: {reason}", f"make way for it, then {_going_on(job)}", status=FAULTS)


def _going_on(job: Job) -> str:
    """Say how a run is gone on with that stopped."""
    between_files = job.source.is_file() and not job.piped
    return "continue with --resume" if between_files else "start anew, with --force where the output is a file"


def _run(job: Job) -> Progress:
    from app.services.bulk import check_plan, heading, output_schema
    from app.services.snapshot.bundle import standards_digest
    from app.services.snapshot.snapshot import build_snapshot

    _check_forms(job)
    snapshot = build_snapshot(job.state)
    with ExitStack() as stack:
        source = open_source(job.source, job.plan, stack)
        if job.resume and not source.regular:
            fail("only a run between files can be resumed", "name an input and an output file")
        plan = replace(source.plan, standards=standards_digest(job.state)) if job.columnar else source.plan
        check_plan(snapshot, plan)
        fresh = Progress(_identity(job, plan, regular=source.regular), source.start, 0, source.first_line)
        done = _load_progress(job.collected, fresh) if job.resume else fresh
        carried = source.carried if isinstance(source, RowSource) else ()
        schema = output_schema(plan, carried) if job.columnar else None
        out: Written = stack.enter_context(_standard_output(schema) if job.piped else _target(job, done))
        if done.written == 0:
            out.write(heading(plan))
            done = replace(done, written=len(heading(plan)))
            if not job.piped:
                _save(job, out, done)
        shown = _progress_bar(job, source, stack, done)
        saved = time.monotonic()
        pending = source.blocks(done.read, done.next_line)
        try:
            for block, answers in answer_blocks(pending, job.state, snapshot, plan, job.processes):
                out.write(answers.output)
                done = Progress(
                    done.identity,
                    block.end,
                    done.written + len(answers.output),
                    block.first_line + block.lines,
                    done.answered + answers.lines,
                    done.faults + answers.faults,
                    done.obligations + answers.obligations,
                )
                shown(done)
                if not job.piped and time.monotonic() - saved >= SAVE_EVERY_SECONDS:
                    _save(job, out, done)
                    saved = time.monotonic()
            out.flush()
        except typer.Exit:
            # The rows were not as they have to be: what was answered of them may be wrong.
            if not job.piped:
                job.collected.unlink(missing_ok=True)
                progress_file.forget(job.collected)
            raise
        except (KeyboardInterrupt, BrokenProcessPool) as error:
            if not job.piped:
                _save(job, out, done)
            why = "interrupted" if isinstance(error, KeyboardInterrupt) else "a process was killed"
            fail(f"{why} after {done.answered:,} {job.counted}", _going_on(job), status=FAULTS)
        if schema is not None and not job.piped:
            write_columnar(job.collected, job.target, plan.writes, schema)
    if not job.piped:
        progress_file.forget(job.collected)
    return done


def _check_forms(job: Job) -> None:
    """Exit with a message where the paths and forms do not go together."""
    if job.resume and (job.piped or str(job.source) == PIPE):
        fail("only a run between files can be resumed", "name an input and an output file")
    if job.columnar:
        require_arrow()
    if job.piped and job.plan.writes == "parquet":
        fail("Parquet cannot be written to a pipe", "name a file, or write --to arrow")
    try:
        if not job.piped and job.target.exists() and job.source.exists() and job.source.samefile(job.target):
            fail("the output would overwrite the input", "name another file")
        if not job.piped and job.target.exists() and not job.target.is_file():
            fail(f"{job.target} is no file", "name one, or - for the standard output")
    except OSError as error:
        fail(f"{job.source} cannot be read: {error.strerror or error}")


@contextmanager
def _standard_output(schema: pa.Schema | None) -> Iterator[Written]:
    """Give the standard output; of a table one Arrow stream."""
    if schema is not None:
        with piped_stream(sys.stdout.buffer, schema) as stream:
            yield stream
    else:
        yield sys.stdout.buffer


def _save(job: Job, out: Written, done: Progress) -> None:
    """Write the output to disk, then the progress file, so that the progress is never ahead of the output."""
    assert hasattr(out, "fileno")
    out.flush()
    os.fsync(out.fileno())
    progress_file.save(job.collected, done)


def _target(job: Job, done: Progress) -> BinaryIO:
    """Open the output: new, or truncated to the part that the progress file says is complete."""
    target = job.collected
    if not job.resume and not job.force:
        existing = next(
            (path for path in (job.target, target, progress_file.progress_path(target)) if path.exists()), None
        )
        if existing is not None:
            fail(f"{existing} already exists", "continue with --resume, or overwrite it with --force")
    try:
        out = target.open("r+b" if target.exists() else "x+b")
    except OSError as error:
        fail(f"{target} cannot be written: {error.strerror or error}")
    try:
        fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        out.close()
        fail(f"another run is writing {job.target}", "wait for it, or name another output")
    if not job.resume:
        progress_file.forget(target)
    out.truncate(done.written)
    out.seek(done.written)
    return out


def _identity(job: Job, plan: Plan, *, regular: bool) -> str:
    """Digest what must be unchanged for a run to be resumed: the input, the options and every version."""
    from app.services.snapshot.checksum import digest

    versions = [[item.key, item.version, item.checksum] for item in job.state.profiles]
    versions += [[item.key, item.version, item.checksum] for item in job.state.calendars]
    options = [plan.reads, plan.writes, plan.profile, plan.until, plan.explain, *plan.carry]
    if plan.whole_cases is not None:
        options += [plan.whole_cases.as_of, plan.whole_cases.child, plan.whole_cases.source]
    fingerprint = _fingerprint(job.source) if regular else []
    return digest([versions, options, sorted(plan.duties), list(plan.columns), fingerprint])


def _fingerprint(source: Path) -> list[object]:
    """Return the size, modification time and digest of the first MiB of the input, which must be a regular file.

    Of a pipe the bytes that were read for it would be missing from what is answered.
    """
    with source.open("rb") as file:
        head = hashlib.sha256(file.read(1024 * 1024)).hexdigest()
    status = source.stat()
    return [status.st_size, status.st_mtime_ns, head]


def _load_progress(target: Path, fresh: Progress) -> Progress:
    progress = progress_file.load(target)
    if progress is None:
        fail(
            f"there is nothing to resume: {progress_file.progress_path(target)} does not exist",
            "start it without --resume",
        )
    if progress.identity != fresh.identity:
        fail("the input, the options or the profiles are not those of the interrupted run", "start anew with --force")
    if not target.exists() or target.stat().st_size < progress.written:
        fail(f"{target} is shorter than it was when the run stopped", "start anew with --force")
    return progress


def _progress_bar(
    job: Job, source: LineSource | RowSource, stack: ExitStack, done: Progress
) -> Callable[[Progress], None]:
    """Return a function that shows the progress on a terminal."""
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    where = console(err=True)
    parts = (BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TextColumn("{task.fields[note]}"))
    bar = stack.enter_context(
        Bar(*parts, TimeElapsedColumn(), TimeRemainingColumn(), console=where, disable=not where.is_terminal)
    )
    task = bar.add_task("", total=source.size, completed=source.position(done.read), note="")
    began, before = time.monotonic(), done.answered

    def show(now: Progress) -> None:
        rate = (now.answered - before) / max(time.monotonic() - began, 0.001)
        bar.update(
            task, completed=source.position(now.read), note=f"{now.answered:,} {job.counted}, {rate:,.0f} a second"
        )

    return show
