"""A profile as a workbook for those who live in Excel: one row a rule, lists to choose from, faults by cell.

    result = read_workbook(data)                     # bytes of an .xlsx; Problem where it is no such file
    result = read_rule_sheet(text, head)             # the Rules sheet as CSV, the rest from `head`
    result.document                                  # the profile document as JSON, as far as it could be read
    result.faults, result.warnings                   # their paths are cells: "Rules!E7"
    result.located(validation.errors)                # the validator's faults, moved to their cells
    write_workbook(document)                         # bytes of an .xlsx; reading it gives the document again
    new_workbook("my-council", "My Council: …")      # an empty one to fill in

`read_table_text` decodes a CSV file. What needs more than a row (phases, several readings) stands on the sheet Phases
as TOML, so that nothing is lost. Importing this package does not import openpyxl.
"""
