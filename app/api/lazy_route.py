"""A route that FastAPI analyses when it is first used."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Self

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import compile_path


class LazyRoute(APIRoute):
    """A route that has its address at once, and the rest when something asks for it.

    FastAPI's analysis of an endpoint, its dependencies and models takes some 2 ms; a start that analyses sixty routes
    takes twice as long as a bare application's. The document, which shows every route, analyses them all.
    """

    _analysis = threading.RLock()

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self.path, self.endpoint, self.options = path, endpoint, options
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self.methods = {method.upper() for method in options.get("methods") or ("GET",)}
        self._begun = False
        self._unanalysed = dict(self.__dict__)

    def bound_to(self, app: FastAPI) -> Self:
        """Return this route as one of an application, whose overrides of dependencies it follows; not analysed yet."""
        bound = type(self).__new__(type(self))
        bound.__dict__ |= self._unanalysed | {"options": {**self.options, "dependency_overrides_provider": app}}
        return bound

    def __getattr__(self, name: str) -> Any:
        """Analyse the route for what it does not have yet."""
        with self._analysis:
            if not self.__dict__.get("_begun", True):
                self._begun = True
                super().__init__(self.path, self.endpoint, **self.options)
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(name) from None
