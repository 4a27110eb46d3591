"""Run the steps of the Dockerfile without Docker, from a clean export of the last commit.

Carries out the build stage's ENV, WORKDIR, COPY and RUN in a temporary folder that stands for the image's root. Then
starts the final stage's command with the final stage's environment: it must pass the image's health check and /readyz,
and stop on SIGTERM. An instruction that this script does not support is an error, so that no step goes unchecked.
"""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

ROOT = Path(__file__).resolve().parents[1]
START_UP_SECONDS = 30
BUILD_INSTRUCTIONS = {"ENV", "WORKDIR", "COPY", "RUN"}
FINAL_INSTRUCTIONS = {"ENV", "WORKDIR", "COPY", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}


@dataclass
class Stage:
    """One FROM and what follows it."""

    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def only(self, instruction: str) -> str:
        """Return the argument of an instruction that occurs exactly once."""
        arguments = [argument for name, argument in self.steps if name == instruction]
        if len(arguments) != 1:
            sys.exit(f"Dockerfile: {instruction} occurs {len(arguments)} times in the stage from {self.base}, not once")
        return arguments[0]


def parse(text: str) -> list[Stage]:
    """Split a Dockerfile into stages of (instruction, argument)."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    stages: list[Stage] = []
    for line in filter(str.strip, re.sub(r"\\\n\s*", " ", lines).splitlines()):
        name, argument = line.split(maxsplit=1)
        if name == "FROM":
            stages.append(Stage(argument))
        else:
            stages[-1].steps.append((name, argument))
    return stages


def variables(argument: str) -> dict[str, str]:
    """Read ENV's NAME=value pairs."""
    return dict(pair.split("=", 1) for pair in shlex.split(argument))


def below(root: Path, value: str) -> str:
    """Move each absolute path in a value below the temporary root, including `sqlite:////data/x`."""
    return re.sub(r"(?<![\w.])/(opt|data|src)(?=/|:|$)", lambda match: f"{root}/{match[1]}", value)


def export(context: Path) -> None:
    """Unpack the last commit as the build context."""
    archive = context.with_suffix(".tar")
    with archive.open("wb") as out:
        subprocess.run(["git", "-C", str(ROOT), "archive", "HEAD"], check=True, stdout=out)  # noqa: S607 - git is the developer's own
    with tarfile.open(archive) as tar:
        tar.extractall(context, filter="data")


def copy(argument: str, context: Path, workdir: Path) -> None:
    """Carry out COPY from the build context into the working directory."""
    *sources, target = shlex.split(argument)
    for source in sources:
        place = workdir / target
        if (context / source).is_dir():
            shutil.copytree(context / source, place, dirs_exist_ok=True)
        else:
            shutil.copy2(context / source, place / source if place.is_dir() else place)


def build(stage: Stage, root: Path, context: Path) -> None:
    """Carry out the build stage below the root."""
    env = {"PATH": f"{Path(sys.executable).parent}:{os.defpath}", "HOME": str(root)}
    # The package index and the proxy are the environment's, as in `docker build`.
    env |= {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("PIP_", "SSL_")) or "proxy" in name.lower()
    }
    workdir = root
    for name, argument in stage.steps:
        if name not in BUILD_INSTRUCTIONS:
            sys.exit(f"Dockerfile: {name} in the build stage is not supported here: {argument}")
        print(f"--> {name} {argument}", flush=True)
        if name == "ENV":
            env |= {key: below(root, value) for key, value in variables(argument).items()}
        elif name == "WORKDIR":
            workdir = Path(Template(argument).substitute(env))
            workdir.mkdir(parents=True, exist_ok=True)
        elif name == "COPY":
            copy(argument, context, workdir)
        else:
            Path(env["VENV"]).parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["/bin/sh", "-c", argument], check=True, cwd=workdir, env=env)


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(probe: list[str], url: str, server: subprocess.Popen[bytes], env: dict[str, str]) -> None:
    """Wait until the health check passes, then ask for readiness."""
    deadline = time.monotonic() + START_UP_SECONDS
    while subprocess.run(probe, check=False, env=env, stderr=subprocess.DEVNULL).returncode:
        if server.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"image: the service did not become healthy within {START_UP_SECONDS} seconds")
        time.sleep(0.2)
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - the URL is a literal http address of this machine
        print(f"{url}: {answer.status} {answer.read(500).decode()}")


def serve(stage: Stage, root: Path) -> None:
    """Start the final stage's command, wait until it is healthy and ready, and stop it as an orchestrator does."""
    for name, argument in stage.steps:
        if name not in FINAL_INSTRUCTIONS:
            sys.exit(f"Dockerfile: {name} in the final stage is not supported here: {argument}")
    env: dict[str, str] = {"PATH": os.defpath}
    for name, argument in stage.steps:
        if name == "ENV":
            env |= {
                key: below(root, Template(value).safe_substitute(env)) for key, value in variables(argument).items()
            }
    port = env["PORT"] = str(free_port())
    probe = json.loads(stage.only("HEALTHCHECK").partition("CMD")[2])
    command = json.loads(stage.only("ENTRYPOINT")) + json.loads(stage.only("CMD"))
    for words in (probe, command):
        words[0] = shutil.which(words[0], path=env["PATH"]) or sys.exit(f"Dockerfile: {words[0]} is not in the image")
    print("-->", shlex.join(command), flush=True)
    server = subprocess.Popen(command, env=env, cwd=below(root, stage.only("WORKDIR")))
    try:
        wait_for(probe, f"http://127.0.0.1:{port}/readyz", server, env)
        server.send_signal(signal.SIGTERM)
        if server.wait(timeout=15) not in {0, -signal.SIGTERM}:
            sys.exit(f"image: the service ended with {server.returncode} on SIGTERM")
    finally:
        server.kill()
        server.wait()


def main() -> int:
    """Carry out the whole Dockerfile."""
    first, final = parse((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="image-") as folder:
        root, context = Path(folder) / "root", Path(folder) / "context"
        root.mkdir()
        export(context)
        build(first, root, context)
        if list((root / "opt/practice-deadlines/bin").glob("pip*")):
            sys.exit("image: pip was left in the final environment")
        serve(final, root)
    print("The Dockerfile's steps run.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
