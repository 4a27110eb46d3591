"""Files as systems and spreadsheets write them, and the list of what could not be used of them."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from app.services.problems import Problem
from app.services.returns.cases import ReturnCase
from app.services.returns.faults import FaultList, LineFault, Place
from app.services.returns.files import ReturnFile
from tests.returns.reading import FILES, S903, Read, read, read_text

HEADER = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC\n"


def test_excel_s_own_csv_is_read_with_semicolons_a_mark_and_windows_letters() -> None:
    row = HEADER + "1,01/05/2025,S,V2,N1,U6,PR1,,\n"
    forms = {
        "semicolons": row.replace(",", ";").encode(),
        "mark": row.encode("utf-8-sig"),
        "sixteen": row.encode("utf-16"),
        "windows": row.replace("PR1", "PR1é").encode("cp1252"),
    }
    for name, content in forms.items():
        care = Read("ssda903", [ReturnFile(f"{name}.csv", io.BytesIO(content))])
        assert [case.reference for case in care.cases] == ["1/2025-05-01"], name


def test_the_xml_of_the_return_has_the_events_of_its_csv_files() -> None:
    groups = {"header": "HEADER", "episodes": "EPISODE", "reviews": "AREVIEW", "missing": "AMISSING"}
    children: dict[str, str] = {}
    for path in S903:
        rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
        for row in rows if path.stem in groups else ():
            cells = {"PL" if name == "PLACE" else name: text for name, text in row.items() if text and name != "CHILD"}
            inside = "".join(f"<{name}>{text}</{name}>" for name, text in cells.items())
            group = groups[path.stem]
            children[row["CHILD"]] = children.get(row["CHILD"], "") + f"<{group}>{inside}</{group}>\n"
    body = "\n".join(
        f"<CHILD><HEADER><CHILDID>{key}</CHILDID></HEADER>{each}</CHILD>" for key, each in children.items()
    )
    sent = io.BytesIO(f"<EXPSSDA903>{body}</EXPSSDA903>".encode())
    xml = Read("ssda903", [ReturnFile("return.xml", sent)])
    assert xml.counted() == read("ssda903", [path for path in S903 if path.stem in groups]).counted()
    assert not [fault for fault in xml.faults if "no such element" in fault.message and fault.column != "DOB"]


@pytest.mark.parametrize(
    ("source", "content"),
    [("ssda903", b"a,b\n1,2\n"), ("ssda903", b"<x/>"), ("ssda903", b""), ("annex-a", b"PK\x03\x04broken"),
     ("ssda903", b"PAR1broken"), ("annex-a", b"\xd0\xcf\x11\xe0rest"), ("cin-census", b"CHILD,DOB\n"),
     ("cin-census", b"<Message><Children/></Message>"),
     ("cin-census", b"<Message><Header><Collection>SC</Collection></Header></Message>"),
     ("ssda903", HEADER.encode() + b'1,"' + b"01/05/2025\n" * 200_000)],
)  # fmt: skip
def test_a_file_that_is_not_the_return_is_refused_by_its_name(source: str, content: bytes) -> None:
    with pytest.raises(Problem) as refused:
        Read(source, [ReturnFile("sent.csv", io.BytesIO(content))])
    assert refused.value.faults[0].path.startswith("sent.csv")
    assert refused.value.faults[0].remedy


def test_faults_are_listed_line_by_line_up_to_a_number_and_then_counted() -> None:
    faults = FaultList(each=2)
    for line in range(5):
        faults.add("unreadable", Place("f", line + 1, "DOB"), "there is no such day", "mend it")
    faults.add("not_used", Place("f", 9), "no date", "")
    listed = [(fault.line, fault.count) for fault in faults.listed()]
    assert listed == [(1, 1), (2, 1), (3, 3), (9, 1)]
    assert faults.total == 6 == sum(count for _, count in listed)


def test_with_a_sink_every_line_is_listed() -> None:
    taken: list[LineFault] = []
    faults = FaultList(each=2, sink=taken.append)
    for line in range(5):
        faults.add("unreadable", Place("f", line + 1), "there is no such day", "mend it")
    assert [fault.line for fault in taken] == [1, 2, 3, 4, 5]
    assert faults.listed() == []


def test_a_case_says_nothing_of_what_it_does_not_know() -> None:
    case = ReturnCase("1", "1", "other", {})
    assert case.as_json() == {"reference": "1", "events": []}


def test_a_file_of_nothing_but_wrong_names_is_counted_in_an_answer_of_bounded_length() -> None:
    header = "CHILD,DECOM,RNE," + ",".join(f"X{place}" for place in range(5_000))
    wrong = read_text("ssda903", episodes_csv=f"{header}\n1,01/05/2025,S\n")
    assert wrong.imported.faults.total == 5_000 == sum(fault.count for fault in wrong.faults)
    assert len(wrong.faults) < 1_500


def test_each_census_ends_on_its_own_day_whatever_is_sent_with_it() -> None:
    later, earlier = FILES / "cin" / "census-2026.xml", FILES / "cin" / "census-2024.xml"
    late = earlier.read_text(encoding="utf-8").replace("2024-02-20", "2024-05-20").encode()
    both = Read(
        "cin-census", [ReturnFile("1.xml", io.BytesIO(later.read_bytes())), ReturnFile("2.xml", io.BytesIO(late))]
    )
    assert any(fault.found == "2024-05-20" for fault in both.faults)
    assert (both.imported.observed.first, both.imported.observed.last) == (date(2023, 4, 1), date(2026, 3, 31))
