"""The HTTP contract on FastAPI: routers, models, security, errors and the OpenAPI document."""
