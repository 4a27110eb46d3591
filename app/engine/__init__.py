"""How time is counted, and how a rule, an event, facts and a calendar become obligations.

Pure: no clock, file, environment or database is read here, and the time zone is passed in.
"""
