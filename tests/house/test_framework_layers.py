"""The application leaves out layers of the framework by name: a new one has to be looked at before it is left out too."""

from fastapi import FastAPI

from app.api.application import Application

LEFT_OUT = {
    "ServerErrorMiddleware": "RequestContextMiddleware answers what no handler has caught.",
    "ExceptionTelemetryMiddleware": "It records what an error says, and so what was sent.",
    "AppBodyLimitMiddleware": "Each route bounds its body as it arrives.",
}


def layers(app: FastAPI) -> list[str]:
    """List the layers from the outermost to the router."""
    layer, names = app.build_middleware_stack(), []
    while layer is not app.router:
        names.append(type(layer).__name__)
        layer = layer.app  # type: ignore[attr-defined]  # every layer calls the one that it holds
    return names


def test_the_application_has_the_layers_of_the_framework_but_those_named() -> None:
    framework = layers(FastAPI())
    assert set(framework) > set(LEFT_OUT)
    assert layers(Application()) == [name for name in framework if name not in LEFT_OUT]
