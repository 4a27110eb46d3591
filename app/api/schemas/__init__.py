"""What OpenAPI publishes of requests and answers. The service reads and writes them itself; tests hold the two together."""
