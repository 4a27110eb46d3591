"""Clients in five languages come out natural: no class for a single fact or date, and the documented first call works."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.profiles.vocabulary import shared_vocabulary
from tests.house.files import ROOT

PAGE = ROOT / "docs" / "clients.md"
DOCUMENT = ROOT / "openapi" / "openapi-3.0.json"
ANSWER = "2026-01-13 within 15 working days of the strategy discussion 13.3"
ADDRESS = "http://127.0.0.1:8000"
GENERATORS = {"python": "python", "typescript": "typescript-fetch", "java": "java", "csharp": "csharp", "go": "go"}
# A class of this name would stand for one fact, one date or one instant.
SINGLE = re.compile(
    r"(ornull|until|asknownon|occurredat|recordedat|dueat|(?<!get)(?<!post)duedate|asof)\d*$", re.IGNORECASE
)
# Words of the languages and their own libraries; every other word of a call must be the generated client's.
LANGUAGE = {
    "java": "new for if equals System out println null true LocalDate of get",
    "csharp": "var new await foreach in if true Console WriteLine DateOnly api response request item event",
    "go": "nil if err for range log Fatal fmt Println context Background true openapi answer client request facts item "
    "configuration",
}
LOCAL = {"java": "client request answer item", "csharp": "", "go": ""}
STRINGS = re.compile(r'"[^"]*"')


def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program to its end and return what it wrote."""
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generate the client of each language, once."""
    if shutil.which("java") is None:
        pytest.skip("Java is not installed: the generator needs it (Debian: apt-get install default-jre-headless)")
    folder = tmp_path_factory.mktemp("clients")
    settings = [folder / f"{language}.json" for language in GENERATORS]
    for file in settings:
        of_one = {
            "generatorName": GENERATORS[file.stem],
            "inputSpec": str(DOCUMENT),
            "outputDir": str(folder / file.stem),
            "additionalProperties": {"importFileExtension": ".js"},
        }
        file.write_text(json.dumps(of_one), "utf-8")
    with resources.as_file(resources.files("openapi_generator_cli") / "openapi-generator.jar") as jar:
        # One Java for all: what it has compiled for one language it has for the next, and it does not compile it twice.
        java = ["java", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", str(jar)]
        done = run([*java, "batch", "--fail-fast", "--threads", "1", *map(str, settings)])
        assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
    return folder


def call(language: str) -> str:
    """Return the first call that the page shows in a language."""
    (code,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return str(code)


def model_files(folder: Path, language: str) -> list[str]:
    """Return the names of the classes that a client has for the shapes of the document."""
    patterns = {
        "python": "openapi_client/models/*.py",
        "typescript": "models/*.ts",
        "java": "src/main/java/**/model/*.java",
        "csharp": "src/*/Model/*.cs",
        "go": "model_*.go",
    }
    return [file.stem.removeprefix("model_").replace("_", "") for file in (folder / language).glob(patterns[language])]


@pytest.mark.parametrize("language", GENERATORS)
def test_no_class_stands_for_a_single_fact_or_date(clients: Path, language: str) -> None:
    facts = {key.replace("_", "") for key in shared_vocabulary().facts}
    names = model_files(clients, language)
    assert len(names) > 80
    single = [name for name in names if SINGLE.search(name) or re.sub(r"^duedaterequest", "", name.lower()) in facts]
    assert single == []


@pytest.mark.parametrize("language", ["java", "csharp", "go"])
def test_every_name_in_a_first_call_is_one_of_the_client(clients: Path, language: str) -> None:
    suffix = {"java": "*.java", "csharp": "*.cs", "go": "*.go"}[language]
    words = {
        word
        for file in (clients / language).rglob(suffix)
        for word in re.findall(r"\w+", file.read_text(encoding="utf-8"))
    }
    used = set(re.findall(r"[A-Za-z_]\w+", STRINGS.sub("", call(language))))
    own = set(f"{LANGUAGE[language]} {LOCAL[language]}".split())
    assert used - own - words == set()
    assert {"Facts", "NewFacts"} & used


def test_the_first_call_in_python_gives_the_date(clients: Path, service: str, tmp_path: Path) -> None:
    program = tmp_path / "first.py"
    program.write_text(call("python").replace(ADDRESS, service).replace(', api_key={"ApiKey": "pd_…"}', ""), "utf-8")
    done = run([sys.executable, str(program)], env=os.environ | {"PYTHONPATH": str(clients / "python")})
    assert (done.stdout.strip(), done.stderr) == (ANSWER, "")


def answers(service: str) -> Iterator[tuple[str, str]]:
    """Give the name and the text of each answer to a request that the document prints and that needs no key."""
    for path, methods in json.loads(DOCUMENT.read_text("utf-8"))["paths"].items():
        for method, operation in methods.items():
            answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
            name = answer.get("schema", {}).get("$ref", "").rpartition("/")[2]
            bodies = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("examples", {})
            if not name or method not in {"get", "post"} or (method == "post" and not bodies):
                continue
            needed = {each["name"]: each["example"] for each in operation.get("parameters", ()) if each.get("required")}
            query = {key: value for key, value in needed.items() if f"{{{key}}}" not in path}
            for body in [each["value"] for each in bodies.values()] or [None]:
                sent = httpx.request(method, service + path.format(**needed), params=query, json=body)
                if sent.status_code == 200:
                    yield name, sent.text


def test_the_client_in_python_reads_every_answer(clients: Path, service: str) -> None:
    program = "import json, sys, openapi_client\nfor name, text in json.load(sys.stdin):\n"
    program += "    getattr(openapi_client, name).from_json(text)"
    read = list(answers(service))
    done = run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(clients / "python")},
        input=json.dumps(read),
    )
    assert done.stderr == ""
    assert len({name for name, _ in read}) > 25


@pytest.fixture(scope="module")
def typescript() -> Path:
    """Find the TypeScript compiler that CI installs, or one on the PATH."""
    installed = ROOT / "build" / "typescript" / "node_modules" / ".bin" / "tsc"
    found = str(installed) if installed.exists() else shutil.which("tsc")
    if found is None or shutil.which("node") is None:
        pytest.skip("TypeScript is not installed (npm install --prefix build/typescript typescript@5)")
    return Path(found)


def test_the_first_call_in_typescript_is_sound_and_gives_the_date(
    clients: Path, service: str, typescript: Path, tmp_path: Path
) -> None:
    shutil.copytree(clients / "typescript", tmp_path / "client")
    code = call("typescript").replace(ADDRESS, service).replace(', apiKey: "pd_…"', "")
    (tmp_path / "first.ts").write_text(code, "utf-8")
    (tmp_path / "package.json").write_text('{"type": "module"}', "utf-8")
    options = "--strict --target es2022 --module nodenext --lib es2022,dom --skipLibCheck --outDir out"
    compiled = run([str(typescript), *options.split(), "first.ts"], cwd=tmp_path)
    assert (compiled.returncode, compiled.stdout) == (0, "")
    done = run(["node", "out/first.js"], cwd=tmp_path)
    assert (done.stdout.strip(), done.stderr) == (ANSWER, "")
