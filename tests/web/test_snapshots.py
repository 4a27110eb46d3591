"""What each page looks like is compared with a snapshot: an unintended change of its parts or its style is seen.

Snapshots are of structure and computed style, not of pixels: the pages use the reader's own fonts, and so the pixels of
two machines differ where nothing has changed. Each line is one kind of element as it is laid out (its place in the
page, its display, colours, sizes and borders), and each heading, label and button with its words; figures and days are
masked. `UPDATE_SNAPSHOTS=1 pytest tests/web/test_snapshots.py` writes them anew, for a reviewer to read as a diff.
"""

import os
from pathlib import Path

import pytest

from tests.web.browsing import Browser
from tests.web.states import STATES

pytestmark = pytest.mark.browser
FOLDER = Path(__file__).with_name("snapshots")
WIDTHS = (1280, 375)
SNAPSHOT = """
const STYLE = ["display", "position", "color", "backgroundColor", "fontSize", "fontWeight", "textAlign", "borderTopWidth",
  "borderLeftWidth", "borderLeftColor", "paddingLeft", "marginTop", "fill", "stroke"];
const words = (each) => each.textContent.trim().replace(/\\s+/g, " ")
  .replace(/(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day \\d+ \\w+ \\d+/g, "DAY").replace(/\\d+/g, "#").slice(0, 80);
const name = (each) => each.localName + [...each.classList].filter((one) => one !== "script").sort()
  .map((one) => "." + one).join("");
const kinds = new Set();
const outline = [];
for (const each of document.querySelectorAll("body *")) {
  if (!each.checkVisibility() || each.closest("option, optgroup, script")) continue;
  const style = getComputedStyle(each);
  const tracks = style.display === "grid" ? " columns " + style.gridTemplateColumns.split(" ").length : "";
  const path = [each.parentElement?.parentElement, each.parentElement, each].filter(Boolean).map(name).join(" > ");
  kinds.add(path + ": " + STYLE.map((one) => style[one]).join(" ") + tracks);
  if (each.matches("h1, h2, h3, label, legend, button, summary, th[scope=col], nav a")) {
    outline.push(each.localName + " " + words(each));
  }
}
const unique = outline.filter((line, place) => line !== outline[place - 1]);
return ["# Outline", ...unique, "", "# Kinds", ...[...kinds].sort()].join("\\n") + "\\n";
"""


@pytest.mark.parametrize("name", [name for name in STATES if name != "case-long"])
def test_a_page_looks_as_it_did(browser: Browser, name: str) -> None:
    STATES[name](browser)
    for width in WIDTHS:
        browser.size(width)
        found = browser.run(SNAPSHOT)
        file = FOLDER / f"{name}-{width}.txt"
        if os.environ.get("UPDATE_SNAPSHOTS"):
            file.write_text(found, encoding="utf-8")
        assert found == file.read_text(encoding="utf-8"), f"{file.name}: UPDATE_SNAPSHOTS=1 writes it anew"
