"""The fenced blocks of a documentation page, in their order."""

import re
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One block: its language, what else its first line says (a file's name), its text, and where it stands."""

    language: str
    name: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    """Read every fenced block of a page."""
    source = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(source):
        language, _, name = match["info"].strip().partition(" ")
        found.append(Block(language, name, match["text"], source[: match.start()].count("\n") + 1))
    return found


def matches(printed: str, wanted: str) -> bool:
    """Whether an output is as the page shows it; a line of `…` stands for any lines, `…` after a space for its rest."""
    parts = re.split(r"^…\n?", wanted, flags=re.MULTILINE)
    pattern = r"(?s:.*)".join(re.escape(part).replace(re.escape(" …\n"), ".*\n") for part in parts)
    return re.fullmatch(pattern, printed) is not None
