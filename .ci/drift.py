"""Run every generator and fail if a generated file was not up to date."""

import argparse
import hashlib
import subprocess
import sys
from pathlib import Path


def digests(paths: list[str]) -> dict[str, str]:
    """Digest every file at or below the paths."""
    files = [
        file
        for path in map(Path, paths)
        for file in ([path] if path.is_file() else sorted(path.rglob("*")))
        if file.is_file()
    ]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def main() -> int:
    """Compare the generated files before and after running the generators."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--make", required=True)
    parser.add_argument("--targets", required=True)
    parser.add_argument("--paths", required=True)
    options = parser.parse_args()
    targets, paths = options.targets.split(), options.paths.split()
    if bool(targets) != bool(paths):
        print("The Makefile names generators without the files they write, or files without their generator.")
        return 1
    if not targets:
        print("No generated files are declared.")
        return 0
    before = digests(paths)
    subprocess.run([*options.make.split(), *targets], check=True)
    after = digests(paths)
    missing = [path for path in paths if not any(name == path or name.startswith(f"{path}/") for name in after)]
    drifted = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    for path in missing:
        print(f"not generated: {path}")
    for name in drifted:
        print(f"out of date: {name} (generated again; review the difference and commit it)")
    if not missing and not drifted:
        print(f"{len(after)} generated files are up to date.")
    return 1 if missing or drifted else 0


if __name__ == "__main__":
    sys.exit(main())
