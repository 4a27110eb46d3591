"""The page that shows the OpenAPI document, its script and style from this service, under a policy that says so."""

from __future__ import annotations

import base64
import hashlib
import re

from fastapi import FastAPI, Security
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from app.api.routing import ContractRoute
from app.api.security import authorize_in_browser
from app.api.unexpected import refuse_query

ASSETS = "/static-offline-docs"
INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class PackagedFiles(StaticFiles):
    """Files of a package. Their addresses take no query, as no other does that declares none."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one file. Raises Problem for a query."""
        refuse_query(scope.get("query_string", b""))
        await super().__call__(scope, receive, send)


def mount(app: FastAPI) -> None:
    """Put `/docs` on the application, with its script and style. Whoever may read the catalogue may read it."""
    app.mount(ASSETS, PackagedFiles(packages=[("fastapi_offline", "static")]), name="docs-assets")
    may_read = [Security(authorize_in_browser, scopes=["read"])]
    app.router.add_api_route(
        "/docs", docs, include_in_schema=False, dependencies=may_read, route_class_override=ContractRoute
    )


# Not inside `mount`: the framework remembers every endpoint for good, and with it whatever it refers to.
async def docs(request: Request) -> HTMLResponse:
    """Return the page that shows the document of the application."""
    app, root = request.app, request.scope.get("root_path", "")
    page = get_swagger_ui_html(
        openapi_url=f"{root}{app.openapi_url}",
        title=app.title,
        oauth2_redirect_url=None,
        swagger_js_url=f"{root}{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{root}{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{root}{ASSETS}/favicon.png",
        swagger_ui_parameters={"validatorUrl": None},
    )
    page.headers["Content-Security-Policy"] = policy(bytes(page.body).decode())
    page.headers["Cache-Control"] = "no-cache"
    return page


def policy(html: str) -> str:
    """Return what the page may load: its own origin, and the inline scripts it has, each by its digest."""
    digests = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in INLINE.findall(html)
    )
    return (
        f"default-src 'none'; script-src 'self' {digests}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
