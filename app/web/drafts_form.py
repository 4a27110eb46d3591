"""The file that a reader sends on the page of drafts: pasted as text, or opened from the disk."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request

from app.services.calculation.json_body import parse_json_text
from app.services.problems import Fault, Problem
from app.services.publishing.profile_file import Form, SentFile
from app.web.forms import read_pairs

MAX_FILE_BYTES = 1024 * 1024
# Encoded in a form, a file is up to three times as long.
MAX_FORM_BYTES = 4 * MAX_FILE_BYTES
SUFFIXES: dict[str, Form] = {"toml": "toml", "xlsx": "xlsx", "csv": "csv", "json": "json"}
NO_TABLE = re.compile(r"\s*[#\[]|[^,;\t]*=")


@dataclass(frozen=True, slots=True)
class DraftForm:
    """The fields of the form as texts. `draft` and `revision` name the draft that is to be replaced."""

    text: str = ""
    workbook: str = ""
    """The bytes of a workbook in Base64."""
    name: str = ""
    """The file's name on the reader's disk."""
    day: str = ""
    """The day for which changes are tried."""
    profile: str = ""
    draft: str = ""
    revision: str = ""
    act: str = "check"

    @property
    def form(self) -> Form:
        """Return the form of the file: by its name, and of pasted text by what it looks like."""
        if self.workbook:
            return "xlsx"
        named = SUFFIXES.get(self.name.rpartition(".")[2].lower())
        return sniff(self.text) if named is None or named == "xlsx" else named

    def sent(self) -> SentFile:
        """Return the file. Raises Problem where it is too large."""
        try:
            data = base64.b64decode(self.workbook, validate=True) if self.workbook else self.text.encode()
        except binascii.Error:
            fault = Fault("workbook", "the workbook did not arrive whole", "open the file once more")
            raise Problem("invalid-request", "The workbook cannot be read.", [fault]) from None
        if len(data) > MAX_FILE_BYTES:
            fault = Fault("text", "the file is too large", "send at most 1 MiB")
            raise Problem("body-too-large", "The file is too large.", [fault])
        return SentFile(data, self.form)


async def read_draft_form(request: Request) -> DraftForm:
    """Read the form. Raises Problem where it is too large, or sent from another site."""
    require_same_origin(request)
    fields = dict(await read_pairs(request, MAX_FORM_BYTES))
    # A browser sends the lines of a text as CR and LF.
    sent = {name: fields.get(name, "").replace("\r\n", "\n") for name in DraftForm.__dataclass_fields__}
    return DraftForm(**sent)


def sniff(text: str) -> Form:
    """Return the form that a pasted text looks like."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    if first.lstrip().startswith("{"):
        try:
            parse_json_text(text)
        except Problem:
            return "toml" if "=" in first.partition("{")[0] else "json"
        return "json"
    table = NO_TABLE.match(first) is None and re.search(r"[,;\t]", first) is not None
    return "csv" if table else "toml"


def require_same_origin(request: Request) -> None:
    """Raise Problem for a form of another site: the browser adds the key to it, whoever wrote it."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        foreign = site not in {"same-origin", "none"}
    else:
        foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
    if foreign:
        raise Problem("forbidden", "A form of another site is not accepted here.")
