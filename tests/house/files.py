"""The project's own files, for the house tests to read."""

import re
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


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """List the lines of all text files in which something is found, each as path, number and how it begins.

    A text is searched whole first: line by line, a quarter of a million lines take ten times as long.
    """
    return [
        f"{path.relative_to(ROOT).as_posix()}:{number}: {line.strip()[:100]}"
        for path in project_files()
        if pattern.search(text := text_of(path) or "")
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def python_files(*folders: str) -> list[Path]:
    """List the Python files, or those of some folders."""
    wanted = [ROOT / folder for folder in folders] or [ROOT]
    return [
        path for path in project_files() if path.suffix == ".py" and any(path.is_relative_to(top) for top in wanted)
    ]
