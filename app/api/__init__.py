"""The HTTP contract on FastAPI: routes, what they publish in OpenAPI, and how refusals are told."""
