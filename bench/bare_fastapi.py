"""The peer of the service's start-up: a FastAPI application with one route and nothing else."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/readyz")
async def readyz() -> dict[str, str]:
    """Answer that the process is up."""
    return {"status": "ok"}
