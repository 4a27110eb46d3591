"""`bulk`: a whole caseload from a file."""

from __future__ import annotations

import csv
import hashlib
import os
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

import typer

from app.cli import progress as kept
from app.cli.blocks import blocks
from app.cli.failing import FAULTS, fail
from app.cli.output import console
from app.cli.progress import Progress
from app.cli.sources import StoreOption, state
from app.cli.workers import answered

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from app.service.bulk import Plan

Form = Literal["ndjson", "csv"]
SUFFIXES: dict[str, Form] = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}
SAVE_EVERY_SECONDS = 2.0


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command()(bulk)


def bulk(
    source: Annotated[Path, typer.Argument(help="CSV or NDJSON, by its suffix; - for the standard input.")],
    target: Annotated[Path, typer.Argument(help="CSV or NDJSON, by its suffix; - for the standard output.")],
    *,
    profile: Annotated[str | None, typer.Option(help="The profile of lines that name none.")] = None,
    until: Annotated[str | None, typer.Option(help="Unfold every series to this day.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Add the counting (NDJSON only).")] = False,
    duty: Annotated[list[str] | None, typer.Option(help="Keep only this duty; repeat it for each.")] = None,
    columns: Annotated[str | None, typer.Option(help="The columns of CSV output, separated by commas.")] = None,
    reads: Annotated[Form | None, typer.Option("--from", help="What the input is.")] = None,
    writes: Annotated[Form | None, typer.Option("--to", help="What the output is to be.")] = None,
    processes: Annotated[int, typer.Option("--processes", "-n", min=0, help="0: one for each core.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an interrupted run stopped.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over an output that is there.")] = False,
    store: StoreOption = False,
) -> None:
    """Answer each line of a file, in its order. One line's fault never fails the others; memory stays flat.

    NDJSON lines are requests as for POST /v1/calculations. CSV needs the columns profile, event and at; until,
    reference and any facts may stand beside them, an empty cell being absent.
    """
    from app.service.bulk import Plan, check_plan, heading
    from app.service.canonical import digest
    from app.service.snapshot import build_snapshot

    piped = str(target) == "-"
    if resume and (piped or str(source) == "-"):
        fail("only files can be resumed", "name an input and an output file")
    found = state(store=store)
    snapshot = build_snapshot(found)
    plan = Plan(
        reads=reads or _form(source, "--from"),
        writes=writes or _form(target, "--to"),
        profile=profile,
        until=until,
        explain=explain,
        duties=frozenset(duty or ()),
        columns=tuple(name.strip() for name in columns.split(",")) if columns else (),
    )
    with ExitStack() as stack:
        try:
            lines = sys.stdin.buffer if str(source) == "-" else stack.enter_context(source.open("rb"))
        except OSError as error:
            fail(f"{source} cannot be read: {error.strerror or error}")
        plan, start, first_line = _header(plan, lines)
        check_plan(snapshot, plan)
        if str(source) != "-" and not piped and target.exists() and source.samefile(target):
            fail("the output would overwrite the input", "name another file")
        versions = [[p.key, p.version, p.checksum] for p in found.profiles]
        versions += [[c.key, c.version, c.checksum] for c in found.calendars]
        options = [plan.reads, plan.writes, profile, until, explain, sorted(plan.duties), list(plan.columns)]
        begun = Progress(digest([versions, options, _fingerprint(source)]), start, 0, first_line)
        done = _resumed(target, begun) if resume else begun
        out = sys.stdout.buffer if piped else stack.enter_context(_opened(target, done, resume=resume, force=force))
        if done.written == 0:
            out.write(heading(plan))
            done = replace(done, written=len(heading(plan)))
        if done.read != start:
            lines.seek(done.read)
        bar = stack.enter_context(_bar())
        size = source.stat().st_size if str(source) != "-" else None
        task = bar.add_task("", total=size, completed=done.read, note="")
        began = saved = time.monotonic()
        before = done.answered
        cores = processes or len(os.sched_getaffinity(0))
        pending = blocks(lines, done.read, done.next_line, quoted=plan.reads == "csv")
        try:
            for block, answers in answered(pending, found, snapshot, plan, cores):
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
                now = time.monotonic()
                rate = (done.answered - before) / max(now - began, 0.001)
                bar.update(task, completed=block.end, note=f"{done.answered:,} lines, {rate:,.0f} a second")
                if not piped and now - saved >= SAVE_EVERY_SECONDS:
                    out.flush()
                    os.fsync(out.fileno())
                    kept.save(target, done)
                    saved = now
            out.flush()
        except (KeyboardInterrupt, BrokenProcessPool) as error:
            if not piped:
                out.flush()
                os.fsync(out.fileno())
                kept.save(target, done)
            why = "interrupted" if isinstance(error, KeyboardInterrupt) else "a process was killed"
            fail(f"{why} after {done.answered:,} lines", "go on with --resume", status=FAULTS)
    if not piped:
        kept.forget(target)
    typer.echo(
        f"{done.answered:,} lines answered, {done.obligations:,} obligations, {done.faults:,} lines with faults",
        err=True,
    )
    if done.faults:
        raise typer.Exit(FAULTS)


def _form(path: Path, option: str) -> Form:
    found = SUFFIXES.get(path.suffix.lower())
    if found is None:
        fail(f"the name of {path} does not say whether it is CSV or NDJSON", f"add {option} csv or {option} ndjson")
    return found


def _header(plan: Plan, lines: BinaryIO) -> tuple[Plan, int, int]:
    """The plan with the CSV's header, the offset of the first line after it, and that line's number."""
    if plan.reads != "csv":
        return plan, 0, 1
    first = lines.readline(1024 * 1024)
    names = next(csv.reader([first.decode("utf-8-sig", errors="replace")]), [])
    return replace(plan, header=tuple(name.strip() for name in names)), len(first), 2


def _fingerprint(source: Path) -> list[object]:
    """What tells one input from another without reading all of it: its size, its time and its first block."""
    if str(source) == "-":
        return []
    with source.open("rb") as file:
        head = hashlib.sha256(file.read(1024 * 1024)).hexdigest()
    found = source.stat()
    return [found.st_size, found.st_mtime_ns, head]


def _resumed(target: Path, begun: Progress) -> Progress:
    found = kept.load(target)
    if found is None:
        fail(f"there is nothing to go on with: {kept.beside(target)} is not there", "start it without --resume")
    if found.identity != begun.identity:
        fail("the input, the options or the profiles are not those of the interrupted run", "start anew with --force")
    if not target.exists() or target.stat().st_size < found.written:
        fail(f"{target} is shorter than it was when the run stopped", "start anew with --force")
    return found


def _opened(target: Path, done: Progress, *, resume: bool, force: bool) -> BinaryIO:
    """The output: new, or cut back to what is known to be complete."""
    if not resume and not force and (target.exists() or kept.beside(target).exists()):
        fail(f"{target} is there already", "go on with --resume, or write over it with --force")
    try:
        if resume:
            out = target.open("r+b")
            out.truncate(done.written)
            out.seek(done.written)
            return out
        kept.forget(target)
        return target.open("wb")
    except OSError as error:
        fail(f"{target} cannot be written: {error.strerror or error}")


def _bar() -> Bar:
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    where = console(err=True)
    shown = (BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TextColumn("{task.fields[note]}"))
    return Bar(*shown, TimeElapsedColumn(), TimeRemainingColumn(), console=where, disable=not where.is_terminal)
