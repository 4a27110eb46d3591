"""The project's own files, for the house tests to read."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("build", "dev", "runtime", "serve", "spark")


@cache
def project_files() -> tuple[Path, ...]:
    """List what is tracked or about to be: everything that git does not ignore."""
    listing = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        check=True,
        capture_output=True,
    )
    paths = (ROOT / name for name in listing.stdout.decode().split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


@cache
def text_of(path: Path) -> str | None:
    """Read a file, or give None where it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def text_lines() -> list[tuple[str, int, str]]:
    """Give every line of every text file as (path, number, line)."""
    return [
        (path.relative_to(ROOT).as_posix(), number, line)
        for path in project_files()
        for number, line in enumerate((text_of(path) or "").splitlines(), start=1)
    ]


def python_files(*folders: str) -> list[Path]:
    """List the Python files, or those of some folders."""
    wanted = [ROOT / folder for folder in folders] or [ROOT]
    return [
        path for path in project_files() if path.suffix == ".py" and any(path.is_relative_to(top) for top in wanted)
    ]
