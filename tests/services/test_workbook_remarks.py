"""What a spreadsheet is hardly meant to say is remarked on, and what Excel calls a thing is what a remedy calls it."""

from app.services.publishing.profile_file import SentFile
from tests.services.workbooks import HEAD, one_row


def test_two_roles_with_a_comma_between_them_are_remarked_on() -> None:
    (remark,) = one_row(Who="Social worker, Team Manager").warnings
    assert remark.message == "'Social worker, Team Manager' is one entry, with a comma in it"
    assert remark.remedy == "put a semicolon between several, as in Social worker; Manager"
    assert remark.location is not None
    assert remark.location.sheet == "Rules"
    assert not one_row(Who="Social worker; Team Manager").warnings


def test_a_csv_in_another_encoding_is_to_be_saved_as_excel_calls_it() -> None:
    (fault,) = SentFile("Id,What\nx,caf\u00e9".encode("cp1252"), "csv").read(HEAD).faults
    assert fault.remedy == "save it as CSV UTF-8"
    (fault,) = SentFile('title = "caf\u00e9"'.encode("cp1252"), "toml").read({}).faults
    assert fault.remedy == "save it as UTF-8"
