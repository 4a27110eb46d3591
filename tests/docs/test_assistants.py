"""What the page for assistants shows connects to the service, and its table is the list of tools."""

import json
import re
import subprocess
import sys
from pathlib import Path

from mcp import Client, StdioServerParameters

from app.mcp.resources import TEMPLATES
from app.mcp.server import KIB, MAX_ANSWER_BYTES
from app.mcp.tools import TOOLS
from tests.api.conftest import filled_database, filled_url
from tests.docs.blocks import blocks
from tests.house.files import ROOT
from tests.mcp.calling import asking
from tests.serving import serving

__all__ = ["filled_database", "filled_url"]

PAGE = ROOT / "docs/assistants.md"
TEXT = PAGE.read_text(encoding="utf-8")
SHOWN = {block.name or block.language: block.text for block in blocks(PAGE)}


def test_the_table_lists_every_tool_in_order() -> None:
    assert re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE) == [tool.name for tool in TOOLS]


def test_the_resources_and_the_limit_are_those_of_the_code() -> None:
    assert all(f"`{item.uri_template}`" in TEXT for item in TEMPLATES)
    assert f"{MAX_ANSWER_BYTES // KIB} KiB" in TEXT


def test_the_command_in_the_settings_starts_a_server() -> None:
    (server,) = json.loads(SHOWN["stdio.json"])["mcpServers"].values()
    assert server["command"] == "deadlines"
    parameters = StdioServerParameters(command=sys.executable, args=["-m", "app.cli", *server["args"]])

    async def ask(client: Client) -> list[str]:
        return [tool.name for tool in (await client.list_tools()).tools]

    assert asking(parameters, ask) == [tool.name for tool in TOOLS]


def test_the_python_program_connects_and_prints_what_the_page_says(filled_url: str, tmp_path: Path) -> None:
    (server,) = json.loads(SHOWN["http.json"])["mcpServers"].values()
    assert server["url"] in SHOWN["python"]
    with serving(filled_url, tmp_path / "log", mcp="true") as served:
        program = SHOWN["python"].replace(server["url"], f"{served.origin}/mcp")
        ran = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path, timeout=60
        )
    assert f"It prints `{ran.stdout.strip()}`." in TEXT
