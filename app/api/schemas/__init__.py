"""What OpenAPI publishes of requests and answers: the service reads and writes them, tests hold the two together."""
