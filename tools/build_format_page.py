"""Write the table of every kind of timing into docs/profile-format.md, from the registry that the loader reads by."""

import re
from pathlib import Path

from app.profiles.timings import timing_table

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "profile-format.md"
MARKED = re.compile(r"(<!-- timings: generated -->\n).*?(\n<!-- end -->)", re.DOTALL)


def with_table(text: str) -> str:
    """Return the page with the table between its markers. Raises ValueError where the markers are missing."""
    if not MARKED.search(text):
        raise ValueError(f"{PAGE.name} has no markers for the table of timings")
    return MARKED.sub(lambda match: f"{match[1]}{timing_table()}{match[2]}", text)


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
