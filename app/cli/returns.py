"""`import`: a return as cases, from files of any size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import astuple, fields
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, BinaryIO, cast

import typer

from app.cli.errors import FAULTS, fail
from app.cli.output import console, table
from app.cli.sources import StoreOption, load_snapshot

if TYPE_CHECKING:
    from app.services.returns.answer import ImportAnswer
    from app.services.returns.cases import ReturnCase
    from app.services.returns.faults import Sink
    from app.services.returns.files import ReturnFile
    from app.services.returns.stored_dates import CheckedDate

PIPE = "-"
SHOWN = 20


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("import")(import_return)


def import_return(
    source: Annotated[str, typer.Argument(help="cin-census, ssda903, standard-safeguarding-dataset or annex-a.")],
    files: Annotated[list[Path], typer.Argument(help="The files of the return.")],
    *,
    cases: Annotated[Path, typer.Option(help="Where the cases go, a line each; - for the standard output.")] = Path(
        PIPE
    ),
    faults: Annotated[Path | None, typer.Option(help="A CSV file for what could not be used, a row each.")] = None,
    dates: Annotated[
        Path | None, typer.Option(help="A CSV file for the target and due dates in the return, checked, a row each.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="The last day that the files cover.")] = None,
    profile: Annotated[
        str | None, typer.Option(help="The profile that dates are checked by. Absent: statutory-england.")
    ] = None,
    same_carer_moves: Annotated[
        bool, typer.Option("--same-carer-moves", help="A move with the same carers starts a placement too.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite existing files.")] = False,
    store: StoreOption = False,
) -> None:
    """Read a return into cases, as POST /v1/timelines/timeliness takes them, and check the dates that it carries.

    Nothing leaves this machine. What could not be used is counted on the standard error; --faults lists every line.
    """
    import orjson

    from app.services.returns.answer import ImportAnswer
    from app.services.returns.faults import FaultList
    from app.services.returns.files import ReturnFile
    from app.services.returns.reading import missing_packages, require_source
    from app.services.returns.request import ImportRequest
    from app.services.validation import read_whole

    require_source(source)
    if missing_packages():
        fail("returns need the extra `returns`", "pip install 'practice-deadlines[returns]'")
    _check_paths(files, [path for path in (cases, faults, dates) if path is not None])
    snapshot = load_snapshot(store=store)
    sent = {"as_of": as_of, "profile": profile, "same_carer_moves": same_carer_moves}
    request = read_whole(ImportRequest, {name: value for name, value in sent.items() if value is not None}, snapshot)
    with ExitStack() as stack:
        opened = [ReturnFile(path.name, stack.enter_context(_open(path))) for path in files]
        sink = _fault_rows(stack, faults, force=force)
        dated = _date_rows(stack, dates, force=force)
        out = _output(stack, cases, force=force)
        listed = FaultList(each=SHOWN, sink=sink)
        answer = ImportAnswer(snapshot, source, opened, request, listed, dated)
        shown = _progress(stack, opened)
        for case in answer.cases():
            out.write(orjson.dumps(case.as_json(), option=orjson.OPT_APPEND_NEWLINE))
            shown(case)
        if sink is not None:
            for fault in listed.listed():
                sink(fault)
    _summary(answer)
    if listed.of_kind("unreadable"):
        raise typer.Exit(FAULTS)


def _check_paths(files: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Exit with a message where a file of the return is none, or would be overwritten."""
    for path in files:
        if path.exists() and not path.is_file():
            fail(f"{path} is no file: a return is read more than once", "name a file")
    written = [path.resolve() for path in outputs if str(path) != PIPE and (path.is_file() or not path.exists())]
    if {path.resolve() for path in files} & set(written):
        fail("the output would overwrite the input", "name another file")
    if len(set(written)) < len(written):
        fail("two outputs have one name", "name a file for each")


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror or error}")


def _output(stack: ExitStack, path: Path, *, force: bool) -> IO[bytes]:
    import sys

    return sys.stdout.buffer if str(path) == PIPE else cast(IO[bytes], stack.enter_context(_new(path, force=force)))


def _new(path: Path, *, force: bool) -> BinaryIO:
    try:
        return path.open("wb" if force else "xb")
    except FileExistsError:
        fail(f"{path} already exists", "name another file, or overwrite it with --force")
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror or error}")


def _rows(
    stack: ExitStack, path: Path | None, heading: Sequence[str], *, force: bool
) -> Callable[[Iterable[object]], None] | None:
    """Return what writes a row of a CSV file, after its heading; None where no file was named."""
    if path is None:
        return None
    from app.services.exports.csv_writer import CsvWriter

    out, writer = stack.enter_context(_new(path, force=force)), CsvWriter()

    def write(row: Iterable[object]) -> None:
        writer.write(row)
        out.write(writer.take())

    write(heading)
    return write


def _fault_rows(stack: ExitStack, path: Path | None, *, force: bool) -> Sink | None:
    from app.services.returns.faults import LineFault

    write = _rows(stack, path, [field.name for field in fields(LineFault)], force=force)
    return None if write is None else lambda fault: write(astuple(fault))


def _date_rows(stack: ExitStack, path: Path | None, *, force: bool) -> Callable[[CheckedDate], None] | None:
    from app.services.returns.stored_dates import CheckedDate

    write = _rows(stack, path, CheckedDate._fields, force=force)

    def row(checked: CheckedDate) -> None:
        assert write is not None
        causes = [cause["text"] for cause in checked.explained_by]
        write(checked._replace(explained_by=cast(Any, causes)))

    return None if write is None else row


def _progress(stack: ExitStack, files: Sequence[ReturnFile]) -> Callable[[ReturnCase], None]:
    """Return what shows on a terminal how far the files are read, and how many cases there are."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    where = console(err=True)
    columns = (BarColumn(), TextColumn("{task.fields[cases]:,} cases"), TimeElapsedColumn())
    bar = stack.enter_context(Progress(*columns, console=where, disable=not where.is_terminal))
    size = sum(file.content.seek(0, 2) for file in files)
    for file in files:
        file.content.seek(0)
    task = bar.add_task("", total=size or None, cases=0)
    number = 0

    def show(_case: ReturnCase) -> None:
        nonlocal number
        number += 1
        if number % 100 == 0:
            bar.update(task, completed=sum(file.content.tell() for file in files), cases=number)

    return show


def _summary(answer: ImportAnswer) -> None:
    counts = answer.counts()
    typer.echo(
        f"{counts['children']:,} children, {counts['cases']:,} cases, {counts['events']:,} events; "
        f"{counts['unreadable']:,} faults, {counts['remarks']:,} remarks, {counts['not_used']:,} not used; "
        f"{counts['checked_dates']:,} dates checked",
        err=True,
    )
    reasons = answer.imported.faults.reasons()
    if reasons:
        rows = [
            (f"{number:,}", kind.replace("_", " "), column or "", message)
            for (kind, column, message), number in reasons
        ]
        table(("Lines", "Kind", "Column", "Why"), rows[:SHOWN], err=True)
