"""Files that are made to harm: entities, document types, depth, workbooks that unpack without end."""

from __future__ import annotations

import io
import socket
import tracemalloc
import zipfile

import pytest

from app.services.problems import Problem
from app.services.returns.census_xml import read_pieces
from app.services.returns.files import ReturnFile
from tests.returns.reading import Read, read_text

LAUGHS = (
    '<!DOCTYPE m [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + place)} "{f"&{chr(97 + place)};" * 10}">' for place in range(20))
    + "]><Message><Children><Child>&u;</Child></Children></Message>"
)
OUTSIDE = '<!DOCTYPE m [<!ENTITY a SYSTEM "{where}">]><Message><Children><Child>&a;</Child></Children></Message>'


def refusal(text: str | bytes) -> str:
    content = text.encode() if isinstance(text, str) else text
    with pytest.raises(Problem) as refused:
        Read("cin-census", [ReturnFile("census.xml", io.BytesIO(content))])
    return refused.value.faults[0].message


@pytest.mark.parametrize(
    "text",
    [LAUGHS, OUTSIDE.format(where="file:" + "///etc/hostname"), '<!DOCTYPE m SYSTEM "m.dtd"><m/>', "<!DOCTYPE m><m/>",
     '<!DOCTYPE m [<!ENTITY % p SYSTEM "p.dtd">%p;]><m/>'],
)  # fmt: skip
def test_a_document_type_is_refused_before_anything_is_expanded(text: str) -> None:
    assert "document type" in refusal(text)


def test_nothing_is_fetched_for_a_document_type() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        refusal(f'<!DOCTYPE m SYSTEM "http://127.0.0.1:{port}/m.dtd"><m/>')
        refusal(OUTSIDE.format(where=f"http://127.0.0.1:{port}/a"))
        with pytest.raises(TimeoutError):
            server.accept()


def test_an_entity_that_nobody_declared_is_no_xml() -> None:
    assert "not XML" in refusal("<Message><Children><Child>&a;</Child></Children></Message>")


@pytest.mark.parametrize("depth", [30, 300, 100_000])
def test_endless_depth_is_refused(depth: int) -> None:
    assert "nest too deeply" in refusal("<a>" * depth)


def test_one_child_without_end_is_refused() -> None:
    assert "too many elements" in refusal("<Message><Children><Child>" + "<CINdetails/>" * 30_000)


def test_a_refusal_never_quotes_the_file() -> None:
    assert "secret" not in refusal("<Message><secret></Message>")


def test_memory_does_not_grow_with_the_number_of_children() -> None:
    child = b"<Child><ChildIdentifiers><LAchildID>%d</LAchildID></ChildIdentifiers></Child>"
    content = b"<Message><Children>" + b"".join(child % place for place in range(20_000)) + b"</Children></Message>"
    tracemalloc.start()
    number = sum(1 for _ in read_pieces("census.xml", io.BytesIO(content), frozenset({"Child"})))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert number == 20_000
    assert peak < 2_000_000


def packed(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [(packed("xl/worksheets/sheet1.xml", b" " * 100_000_000), "unpacks to too much"),
     (packed("xl/workbook.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"), "document type"),
     (packed("xl/workbook.xml", b"<a/>"), "cannot be read")],
)  # fmt: skip
def test_a_workbook_that_is_made_to_harm_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(Problem) as refused:
        Read("annex-a", [ReturnFile("lists.xlsx", io.BytesIO(content))])
    assert words in refused.value.faults[0].message


@pytest.mark.parametrize("content", [b"CHILD,DECOM,RNE\n\x81,1,S\n", "CHILD,DECOM,RNE\n".encode("utf-16")[:-1]])
def test_a_text_in_no_encoding_is_refused(content: bytes) -> None:
    with pytest.raises(Problem) as refused:
        Read("ssda903", [ReturnFile("episodes.csv", io.BytesIO(content))])
    assert "the text is not UTF-8" in refused.value.faults[0].message


def test_a_cell_without_end_is_refused() -> None:
    with pytest.raises(Problem):
        read_text("ssda903", episodes_csv='CHILD,DECOM,RNE\n1,"' + "x" * 2_000_000)
