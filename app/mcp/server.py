"""Answer the protocol's requests: list tools and resources, call a tool, read a resource. Nothing is remembered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import mcp_types as types
import orjson
from mcp import MCPError
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server

from app import __version__
from app.mcp.resources import TEMPLATES, listed, read_resource
from app.mcp.tools import BY_NAME, TOOLS, Tool
from app.services.calculation.response import Json
from app.services.observability import metrics
from app.services.observability.logging import error_location
from app.services.observability.structured import get_logger
from app.services.problems import Problem, answer_too_long
from app.services.snapshot.snapshot import Snapshot
from app.services.work import CallerGone

log = get_logger("mcp")

NAME = "practice-deadlines"
TITLE = "Practice Deadlines"
INSTRUCTIONS = (
    "Due dates from English children's social care practice standards. First list_profiles, then find the event, then "
    "describe_event, then calculate. Send dates and facts only: never a name, an address or a case number. Quote the "
    "section of each date. Say what is undetermined, and which reading a date rests on; never count days yourself."
)
JSON = "application/json"
KIB = 1024
MAX_ANSWER_BYTES = 512 * KIB
"""More than an assistant can read; the HTTP API gives longer answers."""
READ = "get_form"

Context = ServerRequestContext[Any, Any]
Work = Callable[[], bytes]


Run = Callable[[Context, str, Work], Awaitable[bytes]]
"""How a request's work is run: in a thread, under the budget of an operation, within the limits of its transport."""


class Assistants:
    """Answers requests from a snapshot."""

    def __init__(self, snapshot: Callable[[], Snapshot], run: Run) -> None:
        self._snapshot = snapshot
        self._run = run

    async def list_tools(self, _: Context, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        """List every tool."""
        return types.ListToolsResult(tools=[_described(tool) for tool in TOOLS])

    async def call_tool(self, context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        """Call one tool. A problem is an answer too: it names each fault, so that the assistant can mend its call."""
        tool = BY_NAME.get(params.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"There is no such tool; use one of: {', '.join(BY_NAME)}.")
        sent = params.arguments or {}
        try:
            data = await self._answer(context, tool.operation, lambda snapshot: tool.answer(snapshot, sent))
        except Problem as problem:
            metrics.count_problem(problem.kind)
            return _result(orjson.dumps(problem.as_json()), is_error=True)
        return _result(data)

    async def list_resources(
        self, context: Context, _: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        """List the profiles; their events and rules are addressed by the templates."""
        data = await self._readable(context, lambda snapshot: {"listed": listed(snapshot)})
        named = [
            types.Resource(name=title, uri=uri, mime_type=JSON, description="Its versions and its events.")
            for uri, title in orjson.loads(data)["listed"]
        ]
        return types.ListResourcesResult(resources=named)

    async def list_templates(
        self, _: Context, __: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        """List how the resources of a profile are addressed."""
        return types.ListResourceTemplatesResult(
            resource_templates=[
                types.ResourceTemplate(
                    name=item.name, uri_template=item.uri_template, description=item.description, mime_type=JSON
                )
                for item in TEMPLATES
            ]
        )

    async def read_resource(
        self, context: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        """Read one resource."""
        data = await self._readable(context, lambda snapshot: read_resource(snapshot, params.uri))
        text = types.TextResourceContents(uri=params.uri, mime_type=JSON, text=data.decode())
        return types.ReadResourceResult(contents=[text])

    async def _readable(self, context: Context, answer: Callable[[Snapshot], Json]) -> bytes:
        try:
            return await self._answer(context, READ, answer)
        except Problem as problem:
            metrics.count_problem(problem.kind)
            raise MCPError(types.INVALID_PARAMS, problem.detail, problem.as_json()) from None

    async def _answer(self, context: Context, operation: str, answer: Callable[[Snapshot], Json]) -> bytes:
        """Return an answer as JSON. Raises Problem, and MCPError for anything unexpected, which repeats nothing."""
        try:
            return await self._run(context, operation, partial(_as_json, self._snapshot, answer))
        except (Problem, CallerGone):
            raise
        except Exception as error:
            # The protocol's package would answer and log the text of the error, which could repeat what was sent.
            log.error("failed", error=type(error).__name__, at=error_location(error))  # noqa: TRY400 - see above
            raise MCPError(types.INTERNAL_ERROR, "The request could not be answered.") from error


def build_server(snapshot: Callable[[], Snapshot], run: Run) -> Server[Any]:
    """Build the server that answers from the snapshot of the moment, its work run by `run`."""
    answers = Assistants(snapshot, run)
    server: Server[Any] = Server(
        NAME,
        version=__version__,
        title=TITLE,
        instructions=INSTRUCTIONS,
        on_list_tools=answers.list_tools,
        on_call_tool=answers.call_tool,
        on_list_resources=answers.list_resources,
        on_list_resource_templates=answers.list_templates,
        on_read_resource=answers.read_resource,
    )
    # The package's own telemetry, which is on by default.
    server.middleware.clear()
    return server


def _as_json(snapshot: Callable[[], Snapshot], answer: Callable[[Snapshot], Json]) -> bytes:
    data = orjson.dumps(answer(snapshot()))
    if len(data) > MAX_ANSWER_BYTES:
        raise answer_too_long(
            f"An answer to an assistant has at most {MAX_ANSWER_BYTES // KIB} KiB.",
            "until",
            "the answer has too many bytes",
            "send an earlier until, fewer events, or leave out explain",
            budget="answer_bytes",
            limit=MAX_ANSWER_BYTES,
        )
    return data


def _described(tool: Tool) -> types.Tool:
    hints = types.ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.input_schema(),
        annotations=hints,
    )


def _result(data: bytes, *, is_error: bool = False) -> types.CallToolResult:
    """Return an answer as text and as data: some clients show their assistant the one, some the other."""
    text = types.TextContent(type="text", text=data.decode())
    return types.CallToolResult(content=[text], structured_content=orjson.loads(data), is_error=is_error)
