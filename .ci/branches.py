"""Show the coverage of each folder from coverage.py's report, its branches apart."""

import json
import sys
from collections import defaultdict
from pathlib import Path

KINDS = ("statements", "branches")
COUNTS = (("covered_lines", "num_statements"), ("covered_branches", "num_branches"))


def share(part: int, whole: int) -> str:
    """Write a share in per cent, with what it is a share of."""
    return f"{100 * part / whole:.1f}% of {whole}" if whole else "none"


def main() -> None:
    """Add up the files of each folder."""
    report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    folders: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for name, file in report["files"].items():
        parts = Path(name).parts
        counts = [file["summary"][count] for pair in COUNTS for count in pair]
        for folder in ("app", "/".join(parts[:2])):
            folders[folder] = [total + count for total, count in zip(folders[folder], counts, strict=True)]
    print(f"{'':16}{KINDS[0]:>18}{KINDS[1]:>18}{'together':>18}")
    for folder, (lines, of_lines, branches, of_branches) in sorted(folders.items()):
        columns = (
            share(lines, of_lines),
            share(branches, of_branches),
            share(lines + branches, of_lines + of_branches),
        )
        print(f"{folder:16}" + "".join(f"{column:>18}" for column in columns))


if __name__ == "__main__":
    main()
