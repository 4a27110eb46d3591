"""Write docs/returns from the mapping tables: what becomes of each column, and what a return evidences."""

from pathlib import Path

from app.services.exports.return_report import return_index, return_report
from app.services.returns.mapping import SOURCES
from app.services.returns.page import return_page
from app.services.snapshot.offline import packaged_snapshot

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "returns"


def pages() -> dict[str, str]:
    """Return each page by the name of its file."""
    snapshot = packaged_snapshot()
    return {"README.md": return_index(), **{f"{key}.md": return_report(return_page(snapshot, key)) for key in SOURCES}}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in pages().items():
        (FOLDER / name).write_text(page, encoding="utf-8")
        print(f"wrote docs/returns/{name}")
