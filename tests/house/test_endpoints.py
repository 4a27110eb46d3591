"""An application that has ended is let go: no endpoint keeps it alive.

FastAPI remembers the endpoints that it has looked at, for as long as the process runs. One that is defined inside a
function refers to whatever that function has at hand: the application, its store, its snapshot.
"""

import ast
import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

from tests.api.application import fill, running_application
from tests.house.files import ROOT, python_files

# Where endpoints are defined inside a function -> what they refer to, which is no application.
ALLOWED = {
    "app/api/routers/draft_files.py: add_routes": "Called once for each format, on import; they refer to the format.",
    "app/mcp/discovery.py: add_metadata": "They refer to the settings and an address.",
}
DECORATORS = {
    *("get", "put", "post", "delete", "options", "head", "patch", "trace", "api_route", "route", "websocket"),
    *("exception_handler", "middleware", "on_event"),
}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def inner_endpoints(source: str) -> Iterator[tuple[str, str]]:
    """Give each outermost function with the endpoints that are defined inside it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Function):
            inside = [each for each in ast.walk(node) if each is not node]
            names = {each.name for each in inside if isinstance(each, Function)}
            yield from ((node.name, each.name) for each in inside if isinstance(each, Function) and is_decorated(each))
            for call in inside:
                if isinstance(call, ast.Call) and registers(call):
                    passed = [*call.args, *(each.value for each in call.keywords)]
                    yield from (
                        (node.name, each.id) for each in passed if isinstance(each, ast.Name) and each.id in names
                    )
                    yield from ((node.name, "lambda") for each in passed if isinstance(each, ast.Lambda))


def is_decorated(function: Function) -> bool:
    """Tell whether a decorator of a router or an application registers a function."""
    called = [each.func if isinstance(each, ast.Call) else each for each in function.decorator_list]
    return any(isinstance(each, ast.Attribute) and each.attr in DECORATORS for each in called)


def registers(call: ast.Call) -> bool:
    """Tell whether a call adds what it is passed to an application: it is named so, or is passed an address."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    addresses = [each for each in call.args if isinstance(each, ast.Constant) and str(each.value).startswith("/")]
    return (
        bool(addresses) or (name.startswith("add_") and name.endswith(("route", "handler"))) or name.endswith("Route")
    )


def test_endpoints_are_defined_where_no_application_is_at_hand() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}: {function}"
        for path in python_files("app")
        for function, _ in inner_endpoints(path.read_text(encoding="utf-8"))
    }
    assert found == set(ALLOWED)


def test_an_inner_endpoint_is_recognised() -> None:
    decorated = "def build(app):\n    @app.get('/x')\n    def x(): ..."
    added = "def build(app):\n    async def x(): ...\n    app.router.add_api_route('/x', endpoint=x)"
    nameless = "def build(app):\n    app.add_exception_handler(OSError, lambda request, error: app)"
    helped = "def build(app):\n    def x(): ...\n    add('GET', '/x', x)"
    outer = "def x(): ...\ndef build(app):\n    app.add_api_route('/x', x)"
    assert [list(inner_endpoints(each)) for each in (decorated, added, nameless, helped, outer)] == [
        [("build", "x")],
        [("build", "x")],
        [("build", "lambda")],
        [("build", "x")],
        [],
    ]


def test_an_application_that_has_ended_is_let_go(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/deadlines.db"
    fill(url)
    with running_application(url) as running:
        reader = running.key("admin")
        for path in ("/docs", "/openapi.json", "/v1/profiles", "/v1/audit"):
            assert running.client.get(path, headers=reader).status_code == 200
        remembered = [weakref.ref(each) for each in (running.client.app, running.live, running.store)]
    del running
    gc.collect()
    assert [each() for each in remembered] == [None, None, None]
