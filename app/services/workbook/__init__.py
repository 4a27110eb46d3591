"""A profile as a workbook for those who live in Excel: one row a rule, lists to choose from, faults by cell.

    result = read_workbook(data)                     # bytes of an .xlsx; Problem where it is no such file
    result = read_rule_sheet(text, head)             # the Rules sheet as CSV, the rest from `head`
    result.document                                  # the profile document as JSON, as far as it could be read
    result.faults, result.warnings                   # each with a location: sheet and cell
    result.located(validation.errors)                # the validator's faults with their cells
    write_workbook(document)                         # bytes of an .xlsx; reading it gives the document again
    new_workbook("my-council", "My Council: …")      # an empty one to fill in

What needs more than a row (phases, several readings) stands on the sheet Phases
as TOML, so that nothing is lost. Importing this package does not import openpyxl.
"""

from app.services.workbook.faults_in_cells import WorkbookDocument
from app.services.workbook.reading import read_workbook
from app.services.workbook.rule_sheet import read_rule_sheet
from app.services.workbook.writing import new_workbook, write_workbook

__all__ = ["WorkbookDocument", "new_workbook", "read_rule_sheet", "read_workbook", "write_workbook"]
