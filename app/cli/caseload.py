"""Run a bulk calculation from file to file, and resume one that was interrupted."""

from __future__ import annotations

import csv
import fcntl
import hashlib
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from app.cli import progress as progress_file
from app.cli.blocks import blocks
from app.cli.errors import FAULTS, fail
from app.cli.output import console
from app.cli.progress import Progress
from app.cli.workers import answer_blocks

if TYPE_CHECKING:
    from app.services.bulk import Plan
    from app.services.ports import StoredState

SAVE_EVERY_SECONDS = 2.0
PIPE = "-"


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


def run(job: Job) -> Progress:
    """Answer every line of the input that is not answered yet. An interrupted run saves its progress."""
    from app.services.bulk import check_plan, heading
    from app.services.snapshot.snapshot import build_snapshot

    if job.resume and (job.piped or str(job.source) == PIPE):
        fail("only a run between files can be resumed", "name an input and an output file")
    snapshot = build_snapshot(job.state)
    with ExitStack() as stack:
        lines = sys.stdin.buffer if str(job.source) == PIPE else stack.enter_context(_source(job))
        plan, start, first_line = _header(job.plan, lines)
        check_plan(snapshot, plan)
        fresh = Progress(_identity(job, plan), start, 0, first_line)
        done = _load_progress(job.target, fresh) if job.resume else fresh
        out = sys.stdout.buffer if job.piped else stack.enter_context(_target(job, done))
        if done.written == 0:
            out.write(heading(plan))
            done = replace(done, written=len(heading(plan)))
        if done.read != start:
            lines.seek(done.read)
        shown = _progress_bar(job, stack, done)
        saved = time.monotonic()
        pending = blocks(lines, done.read, done.next_line, quoted=plan.reads == "csv")
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
        except (KeyboardInterrupt, BrokenProcessPool) as error:
            if not job.piped:
                _save(job, out, done)
            why = "interrupted" if isinstance(error, KeyboardInterrupt) else "a process was killed"
            fail(f"{why} after {done.answered:,} lines", "continue with --resume", status=FAULTS)
    if not job.piped:
        progress_file.forget(job.target)
    return done


def _save(job: Job, out: BinaryIO, done: Progress) -> None:
    """Write the output to disk, then the progress file, so that the progress is never ahead of the output."""
    out.flush()
    os.fsync(out.fileno())
    progress_file.save(job.target, done)


def _source(job: Job) -> BinaryIO:
    try:
        if not job.piped and job.target.exists() and job.source.samefile(job.target):
            fail("the output would overwrite the input", "name another file")
        return job.source.open("rb")
    except OSError as error:
        fail(f"{job.source} cannot be read: {error.strerror or error}")


def _target(job: Job, done: Progress) -> BinaryIO:
    """Open the output: new, or truncated to the part that the progress file says is complete."""
    target = job.target
    if not job.resume and not job.force and (target.exists() or progress_file.progress_path(target).exists()):
        fail(f"{target} already exists", "continue with --resume, or overwrite it with --force")
    try:
        out = target.open("r+b" if target.exists() else "x+b")
    except OSError as error:
        fail(f"{target} cannot be written: {error.strerror or error}")
    try:
        fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        out.close()
        fail(f"another run is writing {target}", "wait for it, or name another output")
    if not job.resume:
        progress_file.forget(target)
    out.truncate(done.written)
    out.seek(done.written)
    return out


def _header(plan: Plan, lines: BinaryIO) -> tuple[Plan, int, int]:
    """Read the CSV header; return the plan with it, the offset of the next line and that line's number."""
    if plan.reads != "csv":
        return plan, 0, 1
    first = lines.readline(1024 * 1024)
    names = next(csv.reader([first.decode("utf-8-sig", errors="replace")]), [])
    return replace(plan, header=tuple(name.strip() for name in names)), len(first), 2


def _identity(job: Job, plan: Plan) -> str:
    """Digest what must be unchanged for a run to be resumed: the input, the options and every version."""
    from app.services.snapshot.checksum import digest

    versions = [[item.key, item.version, item.checksum] for item in job.state.profiles]
    versions += [[item.key, item.version, item.checksum] for item in job.state.calendars]
    options = [plan.reads, plan.writes, plan.profile, plan.until, plan.explain]
    return digest([versions, options, sorted(plan.duties), list(plan.columns), _fingerprint(job.source)])


def _fingerprint(source: Path) -> list[object]:
    """Return the size, modification time and digest of the first MiB of the input."""
    if str(source) == PIPE:
        return []
    with source.open("rb") as file:
        head = hashlib.sha256(file.read(1024 * 1024)).hexdigest()
    found = source.stat()
    return [found.st_size, found.st_mtime_ns, head]


def _load_progress(target: Path, fresh: Progress) -> Progress:
    found = progress_file.load(target)
    if found is None:
        fail(
            f"there is nothing to resume: {progress_file.progress_path(target)} does not exist",
            "start it without --resume",
        )
    if found.identity != fresh.identity:
        fail("the input, the options or the profiles are not those of the interrupted run", "start anew with --force")
    if not target.exists() or target.stat().st_size < found.written:
        fail(f"{target} is shorter than it was when the run stopped", "start anew with --force")
    return found


def _progress_bar(job: Job, stack: ExitStack, done: Progress) -> Callable[[Progress], None]:
    """Return a function that shows the progress on a terminal."""
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    where = console(err=True)
    parts = (BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TextColumn("{task.fields[note]}"))
    bar = stack.enter_context(
        Bar(*parts, TimeElapsedColumn(), TimeRemainingColumn(), console=where, disable=not where.is_terminal)
    )
    size = job.source.stat().st_size if str(job.source) != PIPE else None
    task = bar.add_task("", total=size, completed=done.read, note="")
    began, before = time.monotonic(), done.answered

    def show(now: Progress) -> None:
        rate = (now.answered - before) / max(time.monotonic() - began, 0.001)
        bar.update(task, completed=now.read, note=f"{now.answered:,} lines, {rate:,.0f} a second")

    return show
