"""Generate the folder `openapi/`, without a server or a database: `python -m tools.openapi`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from app.cli.generate import documents
from tools.openapi import connector, openapi30


def generate(folder: Path) -> None:
    """Write every document into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    generated: dict[str, Any] = documents()
    document = generated["openapi.json"]
    generated |= {"openapi-3.0.json": openapi30.convert(document), "power-platform.json": connector.convert(document)}
    for name, content in generated.items():
        (folder / name).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"wrote {folder / name}")


if __name__ == "__main__":
    generate(Path(sys.argv[1] if len(sys.argv) > 1 else "openapi"))
