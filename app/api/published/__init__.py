"""The OpenAPI document said again for tools that read other dialects: pure functions from document to document."""
